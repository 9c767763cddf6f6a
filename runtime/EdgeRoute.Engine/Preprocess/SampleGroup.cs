using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Samples that lie together in the frame's bytes: one plane, one grid, one to three interleaved channels. Every pixel format is one to
/// three of these, and the kernels know nothing else of formats.
/// </summary>
public sealed class SampleGroup
{
    private SampleGroup(PlaneLayout plane, int planeHeight, int rowBytes, int pixelBytes, int[] channelOffsets, AxisTaps columns,
        AxisTaps rows)
    {
        Plane = plane;
        RowBytes = rowBytes;
        PixelBytes = pixelBytes;
        ChannelOffsets = channelOffsets;
        Columns = columns;
        Rows = rows;
        EndBytes = plane.OffsetBytes + ((long)plane.StrideBytes * (planeHeight - 1)) + rowBytes;
        Gather = GatherTable.Create(columns, rowBytes, pixelBytes, channelOffsets);
        Cache = new RowCache(channelOffsets.Length, SampleMap.PadToBlock(columns.Count));
        PixelLoadBlocks = CountPixelLoadBlocks();
    }

    public PlaneLayout Plane { get; }

    /// <summary>Bytes of a row that hold pixels; the stride may be larger.</summary>
    public int RowBytes { get; }

    /// <summary>Where the last byte that may be read ends, in the frame.</summary>
    public long EndBytes { get; }

    public int PixelBytes { get; }

    /// <summary>Byte of each channel inside a pixel.</summary>
    public int[] ChannelOffsets { get; }

    public AxisTaps Columns { get; }

    public AxisTaps Rows { get; }

    public GatherTable Gather { get; }

    public RowCache Cache { get; }

    /// <summary>
    /// Blocks at the row's start that may be loaded pixel by pixel, 8 bytes from each: the reads stay inside the row. Worth it for
    /// three-byte pixels far apart, where a window would hold one or two of them.
    /// </summary>
    public int PixelLoadBlocks { get; }

    public bool UsesPixelLoads => PixelLoadBlocks > 0;

    /// <summary>The channel that a byte of the pixel belongs to.</summary>
    public int ChannelOfByte(int offset) => Array.IndexOf(ChannelOffsets, offset);

    private int CountPixelLoadBlocks()
    {
        int block = 0;
        int limit = ChannelOffsets.Length == 3 && Columns.Reach == 1 ? Columns.First.Length / SampleMap.PixelBlock : 0;
        while (block < limit && (Columns.First[((block + 1) * SampleMap.PixelBlock) - 1] * PixelBytes)
            + BytePairs.PixelLoadBytes <= RowBytes)
        {
            block++;
        }

        return block;
    }

    /// <summary>
    /// The groups of a layout. Chroma is taken as lying in the centre of its luma pixels (as in JPEG, and as OpenCV's conversions treat
    /// every source): chroma position = (luma position - 0.5) / 2.
    /// </summary>
    /// <param name="lumaOnly">The tensor is grey: leave chroma out where it is apart.</param>
    public static SampleGroup[] ForLayout(in FrameLayout layout, in FrameFit fit, bool lumaOnly)
    {
        var grid = new SampleGrid(fit);
        int width = layout.Width, height = layout.Height, chroma = layout.ChromaWidth;
        SampleGroup[] all = layout.Format switch
        {
            PixelFormat.Nv12 => [
                new(layout.Plane0, height, width, 1, [0], grid.Columns(1), grid.Rows(1)),
                new(layout.Plane1, layout.ChromaHeight, chroma * 2, 2, [0, 1], grid.Columns(2), grid.Rows(2))],
            PixelFormat.I420 => [
                new(layout.Plane0, height, width, 1, [0], grid.Columns(1), grid.Rows(1)),
                new(layout.Plane1, layout.ChromaHeight, chroma, 1, [0], grid.Columns(2), grid.Rows(2)),
                new(layout.Plane2, layout.ChromaHeight, chroma, 1, [0], grid.Columns(2), grid.Rows(2))],
            PixelFormat.Yuy2 => [
                new(layout.Plane0, height, chroma * 4, 2, [0], grid.Columns(1), grid.Rows(1)),
                new(layout.Plane0, height, chroma * 4, 4, [1, 3], grid.Columns(2), grid.Rows(1))],
            PixelFormat.Rgb => [new(layout.Plane0, height, width * 3, 3, [0, 1, 2], grid.Columns(1), grid.Rows(1))],
            PixelFormat.Bgr => [new(layout.Plane0, height, width * 3, 3, [2, 1, 0], grid.Columns(1), grid.Rows(1))],
            PixelFormat.Gray8 => [new(layout.Plane0, height, width, 1, [0], grid.Columns(1), grid.Rows(1))],
            _ => throw new ArgumentException($"A {layout.Format} frame has no pixels to sample: unpack it first."),
        };
        return lumaOnly ? all[..1] : all;
    }

    /// <summary>Makes taps for the full grid (divisor 1) or a half one (divisor 2), from one fit.</summary>
    private readonly struct SampleGrid(FrameFit fit)
    {
        private readonly FrameFit _fit = fit;

        public AxisTaps Columns(int divisor) =>
            Taps(_fit.Picture.Left, _fit.Picture.Width, _fit.ScaleX, _fit.OffsetX, _fit.Source.Left, _fit.Source.Right - 1, divisor);

        public AxisTaps Rows(int divisor) =>
            Taps(_fit.Picture.Top, _fit.Picture.Height, _fit.ScaleY, _fit.OffsetY, _fit.Source.Top, _fit.Source.Bottom - 1, divisor);

        private static AxisTaps Taps(int start, int count, double scale, double offset, int low, int high, int divisor)
        {
            double Luma(int i) => Math.Clamp(((start + i + 0.5) * scale) + offset - 0.5, low, high);
            return divisor == 1
                ? AxisTaps.Create(count, Luma, low, high)
                : AxisTaps.Create(count, i => (Luma(i) - 0.5) / 2, low / 2, high / 2);
        }
    }
}
