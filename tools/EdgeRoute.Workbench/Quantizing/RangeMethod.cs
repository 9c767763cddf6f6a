using System.Text.Json.Serialization;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>How the range of a tensor is chosen from the values that it had.</summary>
public enum RangeMethod : byte
{
    /// <summary>From the least to the most.</summary>
    [JsonStringEnumMemberName("minmax")]
    MinMax = 1,

    /// <summary>All but one value in ten thousand.</summary>
    [JsonStringEnumMemberName("percentile")]
    Percentile = 2,

    /// <summary>The range in which the rounded values are spread most like the values themselves.</summary>
    [JsonStringEnumMemberName("entropy")]
    Entropy = 3,

    /// <summary>The range in which rounding changes the values least, by squares; in front of a gate, what it makes of them.</summary>
    [JsonStringEnumMemberName("squares")]
    Squares = 4,
}

/// <summary>The range of a tensor's values; it holds zero, which int8 then has exactly.</summary>
internal readonly record struct ValueRange(float Least, float Most);

/// <summary>Ranges of tensors out of what was seen of them.</summary>
public static class RangeChoice
{
    /// <summary>Of values, on both sides together.</summary>
    private const double LeftOut = 1e-4;

    /// <summary>Values of one side of int8.</summary>
    private const int Levels = 128;

    /// <summary>Bins between two ranges that are compared.</summary>
    private const int Step = 16;

    /// <summary>As manifests and command lines write them.</summary>
    public static string WordOf(RangeMethod method) => method.ToString().ToLowerInvariant();

    /// <param name="isGated">All that reads the values is their own gate (SiLU): far below zero nothing is left of them.</param>
    internal static ValueRange Of(ValueHistogram seen, RangeMethod method, bool isGated = false) => method switch
    {
        RangeMethod.Squares => SquaresRange.Of(seen, isGated),
        RangeMethod.Percentile => Percentile(seen),
        RangeMethod.Entropy => Within(seen, EntropyLimit(seen)),
        _ => new ValueRange(seen.Least, seen.Most),
    };

    private static ValueRange Percentile(ValueHistogram seen)
    {
        var counts = seen.Counts;
        long allowed = (long)(seen.Count * LeftOut / 2);
        int low = 0, high = counts.Length - 1;
        for (long passed = counts[0]; passed <= allowed && low < ValueHistogram.SideBins; passed += counts[low])
        {
            low++;
        }

        for (long passed = counts[high]; passed <= allowed && high >= ValueHistogram.SideBins; passed += counts[high])
        {
            high--;
        }

        float least = (low - ValueHistogram.SideBins) * seen.BinWidth, most = (high + 1 - ValueHistogram.SideBins) * seen.BinWidth;
        return new ValueRange(Math.Max(Math.Min(least, 0), seen.Least), Math.Min(Math.Max(most, 0), seen.Most));
    }

    private static ValueRange Within(ValueHistogram seen, float limit) =>
        new(Math.Max(seen.Least, -limit), Math.Min(seen.Most, limit));

    /// <summary>
    /// The magnitude at which the divergence of Kullback and Leibler between the values, cut there, and the same in 128 levels is least
    /// (the calibration that TensorRT made known). Zeros are of activations that are off: they are kept whatever the range.
    /// </summary>
    private static float EntropyLimit(ValueHistogram seen)
    {
        long[] magnitudes = seen.Magnitudes();
        magnitudes[0] = magnitudes[1];
        int used = Array.FindLastIndex(magnitudes, c => c > 0) + 1, best = used;
        double least = double.PositiveInfinity;
        for (int bins = Math.Min(Levels, used); bins <= used; bins += Step)
        {
            double divergence = Divergence(magnitudes, bins, used);
            (least, best) = divergence < least ? (divergence, bins) : (least, best);
        }

        return best * seen.BinWidth;
    }

    private static double Divergence(long[] magnitudes, int bins, int used)
    {
        double[] cut = new double[bins], rounded = new double[bins];
        for (int i = 0; i < used; i++)
        {
            cut[Math.Min(i, bins - 1)] += magnitudes[i];
        }

        for (int level = 0; level < Levels; level++)
        {
            int from = level * bins / Levels, to = (level + 1) * bins / Levels;
            Spread(magnitudes, rounded, from, to);
        }

        double total = cut.Sum(), roundedTotal = rounded.Sum(), sum = 0;
        for (int i = 0; i < bins; i++)
        {
            if (cut[i] > 0)
            {
                // A bin that the levels lose altogether counts as one value in it.
                double p = cut[i] / total, q = Math.Max(rounded[i], 1) / Math.Max(roundedTotal, 1);
                sum += p * Math.Log(p / q);
            }
        }

        return sum;
    }

    /// <summary>The values of a level lie evenly over those of its bins that are not empty.</summary>
    private static void Spread(long[] magnitudes, double[] rounded, int from, int to)
    {
        long values = 0;
        int filled = 0;
        for (int i = from; i < to; i++)
        {
            values += magnitudes[i];
            filled += magnitudes[i] > 0 ? 1 : 0;
        }

        for (int i = from; i < to; i++)
        {
            rounded[i] = magnitudes[i] > 0 ? (double)values / filled : 0;
        }
    }
}
