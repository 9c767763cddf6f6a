namespace EdgeRoute.Core.Signals;

/// <summary>All signals of a decision in one fixed order, as estimators take them and calibration files name them.</summary>
public static class SignalVector
{
    /// <summary>Signals known at the frame; they come first.</summary>
    public const int FrameCount = 16;

    /// <summary>Signals known at an exit.</summary>
    public const int Count = 25;

    private static readonly string[] AllNames =
    [
        "motion", "sharpness", "exposure", "contrast", "noise", "age_ms", "drift", "drift_peak", "drift_outside", "carried_count",
        "carried_doubt", "carried_shift",
        "expected_agreement", "carried_tier", "last_margin", "last_low_confidence_mass",
        "max_probability", "margin", "entropy", "low_confidence_mass", "count", "tsallis_entropy", "energy", "carried_agreement",
        "consistency",
    ];

    public static IReadOnlyList<string> Names => AllNames;

    /// <summary>Writes the first <see cref="FrameCount"/> or, with room for them, all <see cref="Count"/> signals.</summary>
    public static void Fill(in FrameSignals frame, in ExitSignals exit, Span<float> into)
    {
        into[0] = frame.Motion;
        into[1] = frame.Sharpness;
        into[2] = frame.Exposure;
        into[3] = frame.Contrast;
        into[4] = frame.Noise;
        into[5] = frame.AgeMs;
        into[6] = frame.Drift;
        into[7] = frame.DriftPeak;
        into[8] = frame.DriftOutside;
        into[9] = frame.CarriedCount;
        into[10] = frame.CarriedDoubt;
        into[11] = frame.CarriedShift;
        into[12] = frame.ExpectedAgreement;
        into[13] = frame.CarriedTier;
        into[14] = frame.LastMargin;
        into[15] = frame.LastLowConfidenceMass;
        if (into.Length < Count)
        {
            return;
        }

        into[16] = exit.MaxProbability;
        into[17] = exit.Margin;
        into[18] = exit.Entropy;
        into[19] = exit.LowConfidenceMass;
        into[20] = exit.Count;
        into[21] = exit.TsallisEntropy;
        into[22] = exit.Energy;
        into[23] = exit.CarriedAgreement;
        into[24] = exit.Consistency;
    }
}
