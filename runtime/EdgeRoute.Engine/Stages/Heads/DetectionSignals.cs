using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>How sure a detection exit is, from what remained after suppression.</summary>
internal static class DetectionSignals
{
    /// <param name="remaining">Candidates after suppression, the surest first, none below the doubt floor.</param>
    /// <param name="count">How many of them are reported.</param>
    /// <param name="threshold">Confidence from which on a candidate is a detection.</param>
    /// <param name="order">Order of the Tsallis entropy.</param>
    public static ExitSignals Of(ReadOnlySpan<Detection> remaining, int count, float threshold,
        float order = TsallisEntropy.UsualOrder)
    {
        float margin = 1, entropy = 0, tsallis = 0, lowMass = 0;
        foreach (ref readonly var candidate in remaining)
        {
            margin = MathF.Min(margin, MathF.Abs(candidate.Confidence - threshold));
            entropy += BinaryEntropy(candidate.Confidence);
            tsallis += TsallisEntropy.OfBinary(candidate.Confidence, order);
            lowMass += candidate.Confidence < threshold ? candidate.Confidence : 0;
        }

        float most = remaining.Length > 0 && remaining[0].Confidence >= threshold ? remaining[0].Confidence : 0;
        int divisor = Math.Max(remaining.Length, 1);
        return new ExitSignals(most, margin, entropy / divisor, lowMass, count, tsallis / divisor);
    }

    /// <summary>Bits of surprise in a yes or no of this probability: 1 at one half, 0 when certain.</summary>
    public static float BinaryEntropy(float probability)
    {
        float yes = probability > 0 ? -probability * MathF.Log2(probability) : 0;
        float no = probability < 1 ? -(1 - probability) * MathF.Log2(1 - probability) : 0;
        return yes + no;
    }
}
