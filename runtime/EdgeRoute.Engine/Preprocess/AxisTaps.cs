namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Bilinear taps along one axis: output i blends sample <c>First[i]</c> with sample <c>First[i] + Reach</c> in the proportion
/// <c>Fraction[i]</c>. Both taps always lie inside the axis, so a kernel never needs a border case.
/// </summary>
public sealed class AxisTaps
{
    /// <summary>Fixed-point one of <see cref="WeightPairs"/>: 255 times it, summed over two taps, is exact in a float's 24 bits.</summary>
    public const int WeightOne = 1 << 14;

    /// <param name="countLimit">Outputs at most.</param>
    public AxisTaps(int countLimit)
    {
        int padded = SampleMap.PadToBlock(countLimit);
        (First, Fraction, WeightPairs) = (new int[padded], new float[padded], new short[padded * 2]);
    }

    /// <summary>
    /// Outputs that are wanted; the tables run on to a multiple of <see cref="SampleMap.PixelBlock"/>, repeating the last.
    /// </summary>
    public int Count { get; private set; }

    /// <summary><see cref="Count"/> with what the tables run on to.</summary>
    public int PaddedCount => SampleMap.PadToBlock(Count);

    /// <summary>Distance of the second tap: 1, or 0 when the axis has a single sample.</summary>
    public int Reach { get; private set; }

    public int[] First { get; }

    public float[] Fraction { get; }

    /// <summary>For each output the weights of both taps, which sum to <see cref="WeightOne"/>.</summary>
    public short[] WeightPairs { get; }

    /// <summary>Makes the tables anew, in place.</summary>
    public void Aim(in AxisAim aim)
    {
        var (low, high) = (aim.LowSample, aim.HighSample);
        (Count, Reach) = (aim.Count, high > low ? 1 : 0);
        for (int i = 0; i < PaddedCount; i++)
        {
            Set(i, Math.Clamp(aim.PositionOf(Math.Min(i, Count - 1)), low, high), low, high);
        }
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

/// <summary>Where the outputs along one axis take their samples from.</summary>
/// <param name="Start">Tensor pixel of the first output.</param>
/// <param name="Scale">Frame pixels for each tensor pixel.</param>
/// <param name="Offset">Frame pixel at the edge of tensor pixel 0.</param>
/// <param name="Low">First frame pixel that may be read; <paramref name="High"/> the last.</param>
/// <param name="Divisor">Frame pixels for each sample: 1, or 2 of a chroma grid of half the size.</param>
public readonly record struct AxisAim(int Start, int Count, double Scale, double Offset, int Low, int High, int Divisor)
{
    public int LowSample => Low / Divisor;

    public int HighSample => High / Divisor;

    /// <summary>In samples, 0 at the centre of the first.</summary>
    public double PositionOf(int output)
    {
        double luma = Math.Clamp(((Start + output + 0.5) * Scale) + Offset - 0.5, Low, High);
        return Divisor == 1 ? luma : (luma - 0.5) / 2;
    }
}
