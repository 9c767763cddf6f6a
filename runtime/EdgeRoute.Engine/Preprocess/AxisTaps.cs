namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Bilinear taps along one axis: output i blends sample <c>First[i]</c> with sample <c>First[i] + Reach</c> in the proportion
/// <c>Fraction[i]</c>. Both taps always lie inside the axis, so a kernel never needs a border case.
/// </summary>
public sealed class AxisTaps
{
    /// <summary>Fixed-point one of <see cref="WeightPairs"/>: 255 times it, summed over two taps, is exact in a float's 24 bits.</summary>
    public const int WeightOne = 1 << 14;

    private AxisTaps(int count, int paddedCount, int reach)
    {
        (Count, Reach) = (count, reach);
        (First, Fraction, WeightPairs) = (new int[paddedCount], new float[paddedCount], new short[paddedCount * 2]);
    }

    /// <summary>
    /// Outputs that are wanted; the tables run on to a multiple of <see cref="SampleMap.PixelBlock"/>, repeating the last.
    /// </summary>
    public int Count { get; }

    /// <summary>Distance of the second tap: 1, or 0 when the axis has a single sample.</summary>
    public int Reach { get; }

    public int[] First { get; }

    public float[] Fraction { get; }

    /// <summary>For each output the weights of both taps, which sum to <see cref="WeightOne"/>.</summary>
    public short[] WeightPairs { get; }

    /// <summary>
    /// Taps at the positions the function gives (in samples, 0 at the centre of the first), clamped to
    /// <paramref name="low"/>..<paramref name="high"/>.
    /// </summary>
    public static AxisTaps Create(int count, Func<int, double> position, int low, int high)
    {
        int padded = SampleMap.PadToBlock(count);
        var taps = new AxisTaps(count, padded, high > low ? 1 : 0);
        for (int i = 0; i < padded; i++)
        {
            taps.Set(i, Math.Clamp(position(Math.Min(i, count - 1)), low, high), low, high);
        }

        return taps;
    }

    private void Set(int index, double position, int low, int high)
    {
        // A position on the last sample becomes "the one before, fraction 1", which keeps the second tap inside.
        int first = Math.Max(low, Math.Min((int)Math.Floor(position), high - 1));
        double fraction = Reach == 0 ? 0 : position - first;
        int weight = (int)Math.Round(fraction * WeightOne);
        (First[index], Fraction[index]) = (first, (float)fraction);
        (WeightPairs[2 * index], WeightPairs[(2 * index) + 1]) = ((short)(WeightOne - weight), (short)weight);
    }
}
