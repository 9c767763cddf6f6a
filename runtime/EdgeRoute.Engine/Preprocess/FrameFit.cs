using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>The region of the frame in whole pixels; only these pixels reach the tensor.</summary>
public readonly record struct PixelWindow(int Left, int Top, int Width, int Height)
{
    public int Right => Left + Width;

    public int Bottom => Top + Height;
}

/// <summary>
/// Where the picture lies in the tensor and where its pixels come from. Frame x of tensor x = x * ScaleX + OffsetX (edges, not centres),
/// likewise y.
/// </summary>
public readonly record struct FrameFit(
    PixelWindow Source, PixelWindow Picture, double ScaleX, double OffsetX, double ScaleY, double OffsetY)
{
    /// <summary>
    /// The fit of a frame. The region is rounded to whole pixels and cut first, as if the frame ended there; then it is stretched,
    /// letterboxed or centre-cropped. A letterboxed picture's free side is rounded down, as YOLOX does. A centre crop keeps the share of
    /// the shorter side that the nominal input keeps (<c>Width / ResizeShorter</c>), whatever the input scale.
    /// </summary>
    public static FrameFit Create(FrameInputSpec spec, int tensorWidth, int tensorHeight, in FrameRegion region, int frameWidth,
        int frameHeight)
    {
        var source = Cut(region, frameWidth, frameHeight);
        var whole = new PixelWindow(0, 0, tensorWidth, tensorHeight);
        return spec.Fit switch
        {
            FitKind.Stretch => Spread(source, whole, source.Left, source.Top, source.Width, source.Height),
            FitKind.Letterbox => Spread(
                source, Inside(source, whole, spec.Placement), source.Left, source.Top, source.Width, source.Height),
            FitKind.CenterCrop => Center(spec, source, whole),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Fit, "Not a fit kind."),
        };
    }

    private static PixelWindow Cut(in FrameRegion region, int width, int height)
    {
        var (left, right) = Side(region.Left, region.Width, width);
        var (top, bottom) = Side(region.Top, region.Height, height);
        return new PixelWindow(left, top, right - left, bottom - top);
    }

    private static (int Start, int End) Side(double start, double length, int size)
    {
        int from = Math.Clamp((int)Math.Round(start * size), 0, size - 1);
        return (from, Math.Clamp((int)Math.Round((start + length) * size), from + 1, size));
    }

    /// <summary>
    /// The largest window of the source's shape inside the tensor, in whole numbers so that no rounding error loses a row.
    /// </summary>
    private static PixelWindow Inside(in PixelWindow source, in PixelWindow whole, PadPlacement placement)
    {
        bool widthBinds = (long)whole.Width * source.Height <= (long)whole.Height * source.Width;
        int width = widthBinds ? whole.Width : Math.Max(1, (int)((long)source.Width * whole.Height / source.Height));
        int height = widthBinds ? Math.Max(1, (int)((long)source.Height * whole.Width / source.Width)) : whole.Height;
        bool centered = placement == PadPlacement.Center;
        return new PixelWindow(centered ? (whole.Width - width) / 2 : 0, centered ? (whole.Height - height) / 2 : 0, width, height);
    }

    private static FrameFit Center(FrameInputSpec spec, in PixelWindow source, in PixelWindow whole)
    {
        double pixel = (double)Math.Min(source.Width, source.Height) / spec.ResizeShorter;
        double width = spec.Width * pixel, height = spec.Height * pixel;
        double left = source.Left + ((source.Width - width) / 2), top = source.Top + ((source.Height - height) / 2);
        return Spread(source, whole, left, top, width, height);
    }

    private static FrameFit Spread(in PixelWindow source, in PixelWindow picture, double left, double top, double width, double height)
    {
        double scaleX = width / picture.Width, scaleY = height / picture.Height;
        return new FrameFit(source, picture, scaleX, left - (picture.Left * scaleX), scaleY, top - (picture.Top * scaleY));
    }
}
