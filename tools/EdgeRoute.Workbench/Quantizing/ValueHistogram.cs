namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// How the values of one tensor are spread, over any number of frames in the same memory: bins of one width on both sides of zero, which
/// become twice as wide where a value lies beyond them.
/// </summary>
internal sealed class ValueHistogram
{
    /// <summary>Bins on each side of zero. Their width fits the first frame with half of them to spare.</summary>
    public const int SideBins = 2048;

    private readonly long[] _counts = new long[2 * SideBins];
    private double _sum, _squares;

    public long Count { get; private set; }

    public float Least { get; private set; }

    public float Most { get; private set; }

    /// <summary>Of a bin; 0 as long as every value was zero.</summary>
    public float BinWidth { get; private set; }

    public float LargestMagnitude => Math.Max(-Least, Most);

    /// <summary>
    /// How far the values that make the range stand out of the others: largest magnitude by standard deviation. The measure by which
    /// operands with outliers are told from the rest; those of the last blocks of vision transformers reach hundreds.
    /// </summary>
    public double OutlierRatio
    {
        get
        {
            double mean = _sum / Math.Max(Count, 1), variance = (_squares / Math.Max(Count, 1)) - (mean * mean);
            return variance > 0 ? LargestMagnitude / Math.Sqrt(variance) : 0;
        }
    }

    /// <summary>Counts in order, from the most negative bin on.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>False where a value is not a number; then nothing of it counts.</summary>
    public bool TryAdd(ReadOnlySpan<float> values)
    {
        float least = 0, most = 0;
        double sum = 0, squares = 0;
        foreach (float value in values)
        {
            least = Math.Min(least, value);
            most = Math.Max(most, value);
            sum += value;
            squares += (double)value * value;
        }

        if (!double.IsFinite(sum))
        {
            return false;
        }

        (Least, Most) = (Math.Min(Least, least), Math.Max(Most, most));
        (_sum, _squares, Count) = (_sum + sum, _squares + squares, Count + values.Length);
        FitBins();
        Fill(values);
        return true;
    }

    /// <summary>Counts of magnitudes: both sides of zero together, from zero on.</summary>
    public long[] Magnitudes()
    {
        long[] sides = new long[SideBins];
        for (int i = 0; i < SideBins; i++)
        {
            sides[i] = _counts[SideBins + i] + _counts[SideBins - 1 - i];
        }

        return sides;
    }

    private void FitBins()
    {
        if (BinWidth == 0)
        {
            BinWidth = LargestMagnitude / (SideBins / 2);
        }

        while (BinWidth > 0 && LargestMagnitude > BinWidth * SideBins)
        {
            Widen();
        }
    }

    private void Widen()
    {
        long[] wider = new long[2 * SideBins];
        for (int i = 0; i < SideBins; i++)
        {
            wider[SideBins + (i / 2)] += _counts[SideBins + i];
            wider[SideBins - 1 - (i / 2)] += _counts[SideBins - 1 - i];
        }

        wider.CopyTo(_counts, 0);
        BinWidth *= 2;
    }

    private void Fill(ReadOnlySpan<float> values)
    {
        float perBin = BinWidth > 0 ? 1 / BinWidth : 0;
        foreach (float value in values)
        {
            _counts[Math.Clamp((int)((value * perBin) + SideBins), 0, _counts.Length - 1)]++;
        }
    }
}
