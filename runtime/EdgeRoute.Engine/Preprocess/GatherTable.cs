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

    private readonly int _rowBytes, _pixelBytes, _lastOffset;
    private readonly int[] _channelOffsets;
    private int _blockCount;

    /// <param name="countLimit">Outputs at most.</param>
    /// <param name="rowBytes">Bytes of a row that hold pixels.</param>
    /// <param name="channelOffsets">Byte of each channel inside a pixel.</param>
    public GatherTable(int countLimit, int rowBytes, int pixelBytes, int[] channelOffsets)
    {
        (_rowBytes, _pixelBytes) = (rowBytes, pixelBytes);
        (_channelOffsets, _lastOffset) = (channelOffsets, channelOffsets.Max());
        // A block never has more windows than outputs.
        int windows = SampleMap.PadToBlock(countLimit);
        (Offsets, Masks) = (new int[windows], new byte[windows * channelOffsets.Length * WindowBytes]);
    }

    /// <summary>Loads per block; 0 when a row is shorter than one load and the table cannot be used.</summary>
    public int WindowCount { get; private set; }

    /// <summary>Byte offset in the row of each block's windows.</summary>
    public int[] Offsets { get; }

    /// <summary>Masks of 16 bytes: channel, then block, then window.</summary>
    public byte[] Masks { get; }

    public int ChannelMaskBytes => _blockCount * WindowCount * WindowBytes;

    /// <summary>Makes the table anew, in place.</summary>
    public void Aim(AxisTaps columns)
    {
        (_blockCount, WindowCount) = (columns.PaddedCount / SampleMap.PixelBlock, 0);
        int span = (columns.Reach * _pixelBytes) + _lastOffset + 1;
        if (_rowBytes < WindowBytes || span > WindowBytes)
        {
            return;
        }

        Span<int> starts = stackalloc int[SampleMap.PixelBlock];
        for (int block = 0; block < _blockCount; block++)
        {
            WindowCount = Math.Max(WindowCount, FindWindows(columns, block, span, starts));
        }

        Masks.AsSpan(0, ChannelMaskBytes * _channelOffsets.Length).Fill(Nothing);
        for (int block = 0; block < _blockCount; block++)
        {
            Fill(block, starts[..FindWindows(columns, block, span, starts)], columns, span);
        }
    }

    /// <summary>
    /// Windows of a block: each starts at the first output not covered yet, or earlier where the row ends. Returns how many.
    /// </summary>
    private int FindWindows(AxisTaps columns, int block, int span, Span<int> starts)
    {
        int count = 0;
        for (int j = 0; j < SampleMap.PixelBlock; j++)
        {
            int at = columns.First[(block * SampleMap.PixelBlock) + j] * _pixelBytes;
            if (count == 0 || at + span > starts[count - 1] + WindowBytes)
            {
                starts[count++] = Math.Min(at, _rowBytes - WindowBytes);
            }
        }

        return count;
    }

    private void Fill(int block, ReadOnlySpan<int> starts, AxisTaps columns, int span)
    {
        for (int window = 0; window < WindowCount; window++)
        {
            Offsets[(block * WindowCount) + window] = starts[Math.Min(window, starts.Length - 1)];
        }

        for (int j = 0; j < SampleMap.PixelBlock; j++)
        {
            int at = columns.First[(block * SampleMap.PixelBlock) + j] * _pixelBytes, window = 0;
            while (at < starts[window] || at + span > starts[window] + WindowBytes)
            {
                window++;
            }

            for (int channel = 0; channel < _channelOffsets.Length; channel++)
            {
                int mask = (channel * ChannelMaskBytes) + (((block * WindowCount) + window) * WindowBytes);
                int from = at - starts[window] + _channelOffsets[channel];
                Masks[mask + (2 * j)] = (byte)from;
                Masks[mask + (2 * j) + 1] = (byte)(from + (columns.Reach * _pixelBytes));
            }
        }
    }
}
