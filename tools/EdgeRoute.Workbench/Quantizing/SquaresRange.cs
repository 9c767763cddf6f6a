namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// The range with the least sum of squared errors, of all values: those within it are rounded to its steps, those beyond it are cut off.
/// Every pair of ends is tried.
/// </summary>
internal static class SquaresRange
{
    /// <summary>Parts of each side that are tried.</summary>
    private const int Parts = 20;

    /// <summary>Steps of int8 from the least to the most.</summary>
    private const int Steps = 255;

    public static ValueRange Of(ValueHistogram seen, bool isGated)
    {
        var whole = new ValueRange(seen.Least, seen.Most);
        if (whole.Most <= whole.Least)
        {
            return whole;
        }

        var (values, counts) = Filled(seen);
        float[] wanted = [.. values.Select(v => Made(v, isGated))];
        var best = (Range: whole, Error: double.PositiveInfinity);
        foreach (float least in Ends(whole.Least))
        {
            foreach (float most in Ends(whole.Most))
            {
                var range = new ValueRange(least, most);
                double error = ErrorOf(range, values, wanted, counts, isGated);
                best = error < best.Error ? (range, error) : best;
            }
        }

        return best.Range;
    }

    /// <summary>The whole side first: of ranges that are as good, the widest stays.</summary>
    private static float[] Ends(float end) => end == 0 ? [0] : [.. Enumerable.Range(0, Parts).Select(i => end * (Parts - i) / Parts)];

    private static (float[] Values, long[] Counts) Filled(ValueHistogram seen)
    {
        var filled = Enumerable.Range(0, seen.Counts.Length).Zip(seen.Counts.ToArray()).Where(b => b.Second > 0).ToList();
        return ([.. filled.Select(b => Math.Clamp((b.First + 0.5f - ValueHistogram.SideBins) * seen.BinWidth, seen.Least, seen.Most))],
            [.. filled.Select(b => b.Second)]);
    }

    private static double ErrorOf(ValueRange range, float[] values, float[] wanted, long[] counts, bool isGated)
    {
        float step = (range.Most - range.Least) / Steps, zero = MathF.Round(-range.Least / step);
        float[] levels = [.. Enumerable.Range(0, Steps + 1).Select(i => Made((i - zero) * step, isGated))];
        double error = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float difference = levels[(int)Math.Clamp(MathF.Round(values[i] / step) + zero, 0, Steps)] - wanted[i];
            error += counts[i] * (double)(difference * difference);
        }

        return error;
    }

    private static float Made(float value, bool isGated) => isGated ? value / (1 + MathF.Exp(-value)) : value;
}
