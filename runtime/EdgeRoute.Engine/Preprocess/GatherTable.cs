namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// How to collect the tap pairs of eight neighbouring outputs with 16-byte loads and byte shuffles. Each block of eight has
/// <see cref="WindowCount"/> loads ("windows"), all inside the row; a shuffle mask per channel and window moves the two taps of output j to
/// bytes 2j and 2j+1, zero elsewhere, so that the windows can be joined by OR. Loading neighbours together beats one load per output up to
/// reductions of about ten.
/// </summary>
public sealed class GatherTable
{
    public const int WindowBytes = 16;
    private const byte Nothing = 0x80;

    private readonly int _channelCount;

    private GatherTable(int blockCount, int windowCount, int channelCount)
    {
        (WindowCount, _channelCount) = (windowCount, channelCount);
        Offsets = new int[blockCount * windowCount];
        Masks = new byte[blockCount * channelCount * windowCount * WindowBytes];
        Array.Fill(Masks, Nothing);
    }

    /// <summary>Loads per block; 0 when a row is shorter than one load and the table cannot be used.</summary>
    public int WindowCount { get; }

    /// <summary>Byte offset in the row of each block's windows.</summary>
    public int[] Offsets { get; }

    /// <summary>Masks of 16 bytes: channel, then block, then window.</summary>
    public byte[] Masks { get; }

    public int ChannelMaskBytes => Offsets.Length * WindowBytes;

    public static GatherTable Create(AxisTaps columns, int rowBytes, int pixelBytes, int[] channelOffsets)
    {
        int blockCount = columns.First.Length / SampleMap.PixelBlock;
        int span = (columns.Reach * pixelBytes) + channelOffsets.Max() + 1;
        if (rowBytes < WindowBytes || span > WindowBytes)
        {
            return new GatherTable(0, 0, channelOffsets.Length);
        }

        int windowCount = Enumerable.Range(0, blockCount).Max(block => Windows(columns, block, rowBytes, pixelBytes, span).Count);
        var table = new GatherTable(blockCount, windowCount, channelOffsets.Length);
        for (int block = 0; block < blockCount; block++)
        {
            table.Fill(block, Windows(columns, block, rowBytes, pixelBytes, span), columns, pixelBytes, channelOffsets);
        }

        return table;
    }

    /// <summary>Windows of a block: each starts at the first output not covered yet, or earlier where the row ends.</summary>
    private static List<int> Windows(AxisTaps columns, int block, int rowBytes, int pixelBytes, int span)
    {
        var starts = new List<int>();
        for (int j = 0; j < SampleMap.PixelBlock; j++)
        {
            int at = columns.First[(block * SampleMap.PixelBlock) + j] * pixelBytes;
            if (starts.Count == 0 || at + span > starts[^1] + WindowBytes)
            {
                starts.Add(Math.Min(at, rowBytes - WindowBytes));
            }
        }

        return starts;
    }

    private void Fill(int block, List<int> starts, AxisTaps columns, int pixelBytes, int[] channelOffsets)
    {
        int span = (columns.Reach * pixelBytes) + channelOffsets.Max() + 1;
        for (int window = 0; window < WindowCount; window++)
        {
            Offsets[(block * WindowCount) + window] = starts[Math.Min(window, starts.Count - 1)];
        }

        for (int j = 0; j < SampleMap.PixelBlock; j++)
        {
            int at = columns.First[(block * SampleMap.PixelBlock) + j] * pixelBytes;
            int window = starts.FindIndex(start => at >= start && at + span <= start + WindowBytes);
            for (int channel = 0; channel < _channelCount; channel++)
            {
                int mask = (channel * ChannelMaskBytes) + (((block * WindowCount) + window) * WindowBytes);
                int from = at - starts[window] + channelOffsets[channel];
                Masks[mask + (2 * j)] = (byte)from;
                Masks[mask + (2 * j) + 1] = (byte)(from + (columns.Reach * pixelBytes));
            }
        }
    }
}
