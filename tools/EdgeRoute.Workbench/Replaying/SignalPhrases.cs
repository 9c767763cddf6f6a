using EdgeRoute.Core.Signals;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>One signal of a frame, in words.</summary>
/// <param name="Name">As calibrations name it.</param>
/// <param name="Value">Null where it is no number.</param>
/// <param name="Rank">Share of the recording's frames with less of it; null where there are too few to compare with.</param>
public sealed record SignalLine(string Name, double? Value, double? Rank, string Words);

/// <summary>Says what a frame's signals mean.</summary>
internal static class SignalPhrases
{
    /// <summary>Ranks up to which a frame has very little, little, the usual, and much of something.</summary>
    private static readonly double[] Steps = [0.1, 0.35, 0.65, 0.9];

    /// <summary>By signal: very little, little, the usual, much, very much.</summary>
    private static readonly Dictionary<string, string[]> Phrases = new(StringComparer.Ordinal)
    {
        ["motion"] = Moved("moved since the frame before"),
        ["sharpness"] = ["very blurred", "rather blurred", "as sharp as usual", "rather sharp", "very sharp"],
        ["exposure"] = ["very dark", "rather dark", "as bright as usual", "rather bright", "very bright"],
        ["contrast"] = ["very flat", "rather flat", "the usual contrast", "rather high contrast", "very high contrast"],
        ["noise"] = ["very little noise", "little noise", "the usual noise", "much noise", "very much noise"],
        ["drift"] = Moved("moved since the last answer"),
        ["drift_peak"] = Moved("moved in the place that changed most since then"),
        ["drift_outside"] = Moved("moved since then where no carried box is"),
    };

    /// <summary>As where nobody looked at the picture: no number stands for what was not measured.</summary>
    public static FrameSignals WithoutPicture(in FrameSignals frame) => frame with
    {
        Motion = float.NaN, Sharpness = float.NaN, Exposure = float.NaN, Contrast = float.NaN, Noise = float.NaN, Drift = float.NaN,
        DriftPeak = float.NaN, DriftOutside = float.NaN,
    };

    /// <summary>The signals worth saying on this frame, in the order in which people ask.</summary>
    /// <param name="hasPicture">Somebody looked at it; else its signals are left out.</param>
    public static IReadOnlyList<SignalLine> Of(in FrameSignals frame, SignalRanks ranks, bool hasPicture)
    {
        var values = new float[SignalVector.FrameCount];
        SignalVector.Fill(frame, default, values);
        bool hasAnswer = float.IsFinite(frame.AgeMs);
        string[] names = hasAnswer ? ["age_ms", "drift", "drift_peak", "drift_outside", "motion"] : ["age_ms", "motion"];
        string[] carried = hasAnswer && frame.CarriedCount > 0 ? ["carried_count", "carried_doubt", "carried_shift", "expected_agreement"]
            : [];
        string[] tier = [.. hasAnswer && frame.CarriedTier > 0 ? new[] { "carried_tier" } : [],
            .. hasAnswer ? new[] { "last_margin", "last_low_confidence_mass" } : []];
        string[] all = [.. names, .. carried, .. tier, "sharpness", "exposure", "contrast", "noise"];
        return [.. all.Where(n => hasPicture || !Phrases.ContainsKey(n)).Select(n => Line(n, values[IndexOf(n)], ranks))];
    }

    private static SignalLine Line(string name, float value, SignalRanks ranks)
    {
        double rank = ranks.RankOf(IndexOf(name), value);
        string words = name switch
        {
            "age_ms" => float.IsFinite(value) ? $"the last answer is {Figures.Short(value)} ms old" : "there is no earlier answer to reuse",
            "carried_count" => $"{Figures.Short(value)} {(value is 1 ? "box is" : "boxes are")} carried over from it",
            "carried_doubt" => $"{Figures.Percent(value)} of them are doubtful",
            "carried_shift" => $"none should have moved by more than {Figures.Percent(value)} of its size",
            "expected_agreement" => $"lately such boxes agreed to {Figures.Percent(value)} with new ones",
            "carried_tier" => $"it came from a path that costs {Figures.Percent(value)} of the costliest",
            "last_margin" => "how far that answer was from being another",
            "last_low_confidence_mass" => "the confidences of its doubtful candidates, added up",
            _ => RankWords(name, value, rank),
        };
        return new SignalLine(name, Figures.Finite(value), Figures.Finite(rank), words);
    }

    private static string RankWords(string name, float value, double rank)
    {
        if (float.IsNaN(value))
        {
            return "could not be measured";
        }

        return double.IsNaN(rank) ? Plain(name) : Phrases[name][Steps.Count(s => rank > s)];
    }

    private static string Plain(string name) => name switch
    {
        "motion" => "what moved since the frame before",
        "drift" => "what moved since the last answer",
        "drift_outside" => "the same where no carried box is",
        "drift_peak" => "the same in the place that changed most",
        "exposure" => "brightness",
        _ => name,
    };

    private static string[] Moved(string what) =>
        [.. new[] { "almost nothing ", "little ", "about as much as usual ", "much ", "very much " }.Select(w => w + what)];

    private static int IndexOf(string name) => SignalVector.Names.ToList().IndexOf(name);
}
