namespace EdgeRoute.Core.Floors;

/// <summary>
/// Cuts the frames of recordings into blocks that are longer than the correlation of their losses, so that the means of blocks may be taken
/// as independent. One plan serves all prices: the blocks follow the longest correlation of any of them.
/// </summary>
/// <remarks>
/// The correlation is measured inside recordings, around each recording's own mean: a certificate made from these blocks speaks of footage
/// like these recordings, in these proportions, and not of places that none of them shows.
/// </remarks>
public sealed class BlockMeans
{
    /// <summary>Block length in integrated autocorrelation times. At two, neighbouring blocks of an autoregressive loss still correlate by
    /// one eighth, which the bounds' own reserve covers; longer blocks would leave fewer of them.</summary>
    public const double BlockTimes = 2;

    private readonly int[] _starts;
    private readonly int[] _lengths;

    private BlockMeans(int frameCount, CorrelationTime time, int[] starts, int[] lengths)
    {
        FrameCount = frameCount;
        Correlation = time;
        _starts = starts;
        _lengths = lengths;
        LeftOutFrameCount = frameCount - lengths.Sum();
    }

    public int FrameCount { get; }

    /// <summary>Independent blocks that the frames are worth.</summary>
    public int BlockCount => _starts.Length;

    /// <summary>Frames of recordings that are shorter than one block.</summary>
    public int LeftOutFrameCount { get; }

    /// <summary>The longest correlation found at any price.</summary>
    public CorrelationTime Correlation { get; }

    /// <summary>Says what the frames are worth, in words.</summary>
    public string Summary =>
        $"{FrameCount} frames are worth {BlockCount} independent blocks (losses stay alike for {Correlation.Frames:0.0} frames)"
        + (LeftOutFrameCount > 0 ? $"; {LeftOutFrameCount} frames of recordings shorter than one block are left out" : "")
        + (Correlation.IsSettled ? ""
            : "; the correlation is as long as the recordings, so there are really fewer: longer recordings are needed");

    /// <param name="frameLosses">[price index][frame], in [0, 1]; the frames of each recording in order, recordings one after
    /// another.</param>
    /// <param name="recordingFrameCounts">Frames of each recording; they add up to the frames of each price.</param>
    /// <exception cref="ArgumentException">The counts do not add up, or a loss is not in [0, 1].</exception>
    public static BlockMeans Plan(IReadOnlyList<double[]> frameLosses, IReadOnlyList<int> recordingFrameCounts)
    {
        int frames = recordingFrameCounts.Sum();
        var longest = new CorrelationTime(1, true);
        for (int i = 0; i < frameLosses.Count; i++)
        {
            CheckRow(frameLosses[i], frames, i);
            var time = CorrelationTime.Of(frameLosses[i], recordingFrameCounts);
            longest = new CorrelationTime(Math.Max(longest.Frames, time.Frames), longest.IsSettled && time.IsSettled);
        }

        return Cut(frames, longest, recordingFrameCounts);
    }

    /// <summary>Means of the losses of one price, one per block, in the order of the frames.</summary>
    public double[] Of(ReadOnlySpan<double> frameLosses)
    {
        CheckRow(frameLosses, FrameCount, 0);
        var means = new double[_starts.Length];
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = Math.Clamp(LossBounds.SumOf(frameLosses.Slice(_starts[i], _lengths[i])) / _lengths[i], 0, 1);
        }

        return means;
    }

    /// <summary>
    /// Each recording is divided evenly into as many blocks as fit, so that no frame is left over but those of recordings that hold no
    /// block.
    /// </summary>
    private static BlockMeans Cut(int frames, CorrelationTime time, IReadOnlyList<int> recordings)
    {
        int shortest = time.Frames <= 1 ? 1 : (int)Math.Ceiling(BlockTimes * time.Frames);
        var starts = new List<int>();
        var lengths = new List<int>();
        int first = 0;
        foreach (int count in recordings)
        {
            int blocks = count / shortest;
            for (int i = 0; i < blocks; i++)
            {
                int start = (int)((long)count * i / blocks), end = (int)((long)count * (i + 1) / blocks);
                starts.Add(first + start);
                lengths.Add(end - start);
            }

            first += count;
        }

        return new BlockMeans(frames, time, [.. starts], [.. lengths]);
    }

    private static void CheckRow(ReadOnlySpan<double> losses, int frames, int priceIndex)
    {
        if (losses.Length != frames)
        {
            throw new ArgumentException($"Price {priceIndex} has {losses.Length} losses, the recordings have {frames} frames.",
                nameof(losses));
        }

        _ = LossBounds.SumOf(losses);
    }
}
