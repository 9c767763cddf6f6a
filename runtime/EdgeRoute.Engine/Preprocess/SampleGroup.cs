using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Samples that lie together in the frame's bytes: one plane, one grid, one to three interleaved channels. Every pixel format is one to
/// three of these, and the kernels know nothing else of formats.
/// </summary>
public sealed class SampleGroup
{
    private readonly int _columnDivisor, _rowDivisor;

    private SampleGroup(PlaneLayout plane, int planeHeight, int rowBytes, in PixelForm pixel, in GridForm grid)
    {
        Plane = plane;
        RowBytes = rowBytes;
        (PixelBytes, ChannelOffsets) = (pixel.Bytes, pixel.ChannelOffsets);
        (_columnDivisor, _rowDivisor) = (grid.ColumnDivisor, grid.RowDivisor);
        EndBytes = plane.OffsetBytes + ((long)plane.StrideBytes * (planeHeight - 1)) + rowBytes;
        (Columns, Rows) = (new AxisTaps(grid.WidthLimit), new AxisTaps(grid.HeightLimit));
        Gather = new GatherTable(grid.WidthLimit, rowBytes, PixelBytes, ChannelOffsets);
        Cache = new RowCache(ChannelOffsets.Length, SampleMap.PadToBlock(grid.WidthLimit));
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
    public int PixelLoadBlocks { get; private set; }

    public bool UsesPixelLoads => PixelLoadBlocks > 0;

    /// <summary>The channel that a byte of the pixel belongs to.</summary>
    public int ChannelOfByte(int offset) => Array.IndexOf(ChannelOffsets, offset);

    /// <summary>Makes the tables anew for another part of the frame, in place.</summary>
    public void Aim(in FrameFit fit)
    {
        Columns.Aim(new AxisAim(fit.Picture.Left, fit.Picture.Width, fit.ScaleX, fit.OffsetX, fit.Source.Left, fit.Source.Right - 1,
            _columnDivisor));
        Rows.Aim(new AxisAim(fit.Picture.Top, fit.Picture.Height, fit.ScaleY, fit.OffsetY, fit.Source.Top, fit.Source.Bottom - 1,
            _rowDivisor));
        Gather.Aim(Columns);
        Cache.PaddedWidth = Columns.PaddedCount;
        Cache.Clear();
        PixelLoadBlocks = CountPixelLoadBlocks();
    }

    private int CountPixelLoadBlocks()
    {
        int block = 0;
        int limit = ChannelOffsets.Length == 3 && Columns.Reach == 1 ? Columns.PaddedCount / SampleMap.PixelBlock : 0;
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
    /// <param name="width">Of the tensor: no picture is wider.</param>
    /// <param name="height">Of the tensor.</param>
    /// <param name="lumaOnly">The tensor is grey: leave chroma out where it is apart.</param>
    public static SampleGroup[] ForLayout(in FrameLayout layout, int width, int height, bool lumaOnly)
    {
        GridForm full = new(width, height, 1, 1), half = new(width, height, 2, 2), halfAcross = new(width, height, 2, 1);
        int wide = layout.Width, high = layout.Height, chroma = layout.ChromaWidth;
        SampleGroup[] all = layout.Format switch
        {
            PixelFormat.Nv12 => [
                new(layout.Plane0, high, wide, new(1, [0]), full),
                new(layout.Plane1, layout.ChromaHeight, chroma * 2, new(2, [0, 1]), half)],
            PixelFormat.I420 => [
                new(layout.Plane0, high, wide, new(1, [0]), full),
                new(layout.Plane1, layout.ChromaHeight, chroma, new(1, [0]), half),
                new(layout.Plane2, layout.ChromaHeight, chroma, new(1, [0]), half)],
            PixelFormat.Yuy2 => [
                new(layout.Plane0, high, chroma * 4, new(2, [0]), full),
                new(layout.Plane0, high, chroma * 4, new(4, [1, 3]), halfAcross)],
            PixelFormat.Rgb => [new(layout.Plane0, high, wide * 3, new(3, [0, 1, 2]), full)],
            PixelFormat.Bgr => [new(layout.Plane0, high, wide * 3, new(3, [2, 1, 0]), full)],
            PixelFormat.Gray8 => [new(layout.Plane0, high, wide, new(1, [0]), full)],
            _ => throw new ArgumentException($"A {layout.Format} frame has no pixels to sample: unpack it first."),
        };
        return lumaOnly ? all[..1] : all;
    }

    /// <summary>How the samples of a pixel lie: bytes from one pixel to the next, and where in it each channel is.</summary>
    private readonly record struct PixelForm(int Bytes, int[] ChannelOffsets);

    /// <summary>Outputs at most, and frame pixels for each sample along both axes.</summary>
    private readonly record struct GridForm(int WidthLimit, int HeightLimit, int ColumnDivisor, int RowDivisor);
}
