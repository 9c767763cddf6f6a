using EdgeRoute.Core.Frames;
using EdgeRoute.Interop.Gstreamer;

namespace EdgeRoute.Engine.Capture;

/// <summary>Turns what GStreamer says of a sample into a frame layout, and refuses what does not lie inside the sample's bytes.</summary>
public static class GstSampleLayout
{
    /// <summary>False: <paramref name="problem"/> says why the sample cannot be used. Allocates only then.</summary>
    public static bool TryMake(in GstSampleShape shape, int lengthBytes, out FrameLayout layout, out string problem)
    {
        (layout, problem) = (default, "");
        if (shape.Pixels == GstPixels.Jpeg)
        {
            layout = FrameLayout.Compressed(shape.Width, shape.Height, lengthBytes);
            return lengthBytes > 0 || Refuse("a JPEG sample is empty", out problem);
        }

        if (FormatOf(shape.Pixels) is not { } format)
        {
            return Refuse("frames must be NV12, I420, YUY2, RGB, BGR, GRAY8 or JPEG", out problem);
        }

        if (shape.Width is < 1 or > FrameLayout.SideLimit || shape.Height is < 1 or > FrameLayout.SideLimit)
        {
            return Refuse($"a frame of {shape.Width}x{shape.Height} pixels is not between 1 and {FrameLayout.SideLimit} a side", out problem);
        }

        layout = new FrameLayout(
            format, shape.Width, shape.Height, ColorSpaceOf(shape), PlaneOf(shape.Plane0), PlaneOf(shape.Plane1), PlaneOf(shape.Plane2));
        return FitsInto(layout, lengthBytes)
            || Refuse($"the planes of a {shape.Width}x{shape.Height} {format} frame do not lie in order inside {lengthBytes} bytes", out problem);
    }

    private static PixelFormat? FormatOf(GstPixels pixels) => pixels switch
    {
        GstPixels.Nv12 => PixelFormat.Nv12,
        GstPixels.I420 => PixelFormat.I420,
        GstPixels.Yuy2 => PixelFormat.Yuy2,
        GstPixels.Rgb => PixelFormat.Rgb,
        GstPixels.Bgr => PixelFormat.Bgr,
        GstPixels.Gray8 => PixelFormat.Gray8,
        _ => null,
    };

    // BT.2020 and the rarer matrices have no counterpart; BT.709 is the nearest to the former and BT.601 to the others.
    private static ColorSpace ColorSpaceOf(in GstSampleShape shape) => shape.Matrix is GstColorMatrix.Bt709 or GstColorMatrix.Bt2020
        ? (shape.IsFullRange ? ColorSpace.Bt709Full : ColorSpace.Bt709Limited)
        : (shape.IsFullRange ? ColorSpace.Bt601Full : ColorSpace.Bt601Limited);

    // A plane outside of int is refused by the check of the whole.
    private static PlaneLayout PlaneOf(GstPlane plane) => new(plane.OffsetBytes is >= 0 and <= int.MaxValue ? (int)plane.OffsetBytes : -1, plane.StrideBytes);

    private static bool FitsInto(in FrameLayout layout, int lengthBytes)
    {
        int chroma = layout.ChromaWidth, rows = layout.ChromaHeight;
        long end = layout.Format switch
        {
            PixelFormat.Nv12 => Math.Min(End(layout.Plane0, layout.Width, layout.Height), Inside(layout.Plane1, layout.Plane0)) < 0
                ? -1 : End(layout.Plane1, chroma * 2, rows),
            PixelFormat.I420 => Math.Min(Inside(layout.Plane1, layout.Plane0), Inside(layout.Plane2, layout.Plane1)) < 0
                || End(layout.Plane0, layout.Width, layout.Height) < 0 || End(layout.Plane1, chroma, rows) < 0
                ? -1 : End(layout.Plane2, chroma, rows),
            PixelFormat.Yuy2 => End(layout.Plane0, chroma * 4, layout.Height),
            PixelFormat.Gray8 => End(layout.Plane0, layout.Width, layout.Height),
            _ => End(layout.Plane0, layout.Width * 3, layout.Height),
        };
        return end >= 0 && end <= lengthBytes;
    }

    /// <summary>Where a plane's last row ends; -1 when its rows overlap or start nowhere.</summary>
    private static long End(PlaneLayout plane, int rowBytes, int rows) =>
        plane.OffsetBytes < 0 || plane.StrideBytes < rowBytes ? -1 : plane.OffsetBytes + ((long)plane.StrideBytes * (rows - 1)) + rowBytes;

    private static long Inside(PlaneLayout plane, PlaneLayout before) => plane.OffsetBytes > before.OffsetBytes ? 0 : -1;

    private static bool Refuse(string words, out string problem)
    {
        problem = words;
        return false;
    }
}
