using EdgeRoute.Core.Frames;
using EdgeRoute.Interop.Gstreamer;

namespace EdgeRoute.Engine.Capture;

/// <summary>Turns what GStreamer says of a sample into a frame layout, and refuses what does not lie inside the sample's bytes.</summary>
internal static class GstSampleLayout
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
            return Refuse($"a frame of {shape.Width}x{shape.Height} pixels is not between 1 and {FrameLayout.SideLimit} a side",
                out problem);
        }

        layout = new FrameLayout(
            format, shape.Width, shape.Height, ColorSpaceOf(shape), PlaneOf(shape.Plane0), PlaneOf(shape.Plane1), PlaneOf(shape.Plane2));
        return FitsInto(layout, lengthBytes)
            || Refuse($"the planes of a {shape.Width}x{shape.Height} {format} frame do not lie in order inside {lengthBytes} bytes",
                out problem);
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
    private static ColorSpace ColorSpaceOf(in GstSampleShape shape) => (shape.Matrix, shape.IsFullRange) switch
    {
        (GstColorMatrix.Bt709 or GstColorMatrix.Bt2020, true) => ColorSpace.Bt709Full,
        (GstColorMatrix.Bt709 or GstColorMatrix.Bt2020, false) => ColorSpace.Bt709Limited,
        (_, true) => ColorSpace.Bt601Full,
        _ => ColorSpace.Bt601Limited,
    };

    // A plane outside of int is refused by the check of the whole.
    private static PlaneLayout PlaneOf(GstPlane plane) => new(plane.OffsetBytes is >= 0 and <= int.MaxValue ? (int)plane.OffsetBytes : -1,
        plane.StrideBytes);

    /// <summary>Each plane lies inside the bytes and ends before the next begins.</summary>
    private static bool FitsInto(in FrameLayout layout, int lengthBytes)
    {
        int width = layout.Width, height = layout.Height, chroma = layout.ChromaWidth, rows = layout.ChromaHeight;
        return layout.Format switch
        {
            PixelFormat.Nv12 => Fits(layout.Plane0, width, height, layout.Plane1.OffsetBytes)
                && Fits(layout.Plane1, chroma * 2, rows, lengthBytes),
            PixelFormat.I420 => Fits(layout.Plane0, width, height, layout.Plane1.OffsetBytes)
                && Fits(layout.Plane1, chroma, rows, layout.Plane2.OffsetBytes) && Fits(layout.Plane2, chroma, rows, lengthBytes),
            PixelFormat.Yuy2 => Fits(layout.Plane0, chroma * 4, height, lengthBytes),
            PixelFormat.Gray8 => Fits(layout.Plane0, width, height, lengthBytes),
            _ => Fits(layout.Plane0, width * 3, height, lengthBytes),
        };
    }

    private static bool Fits(PlaneLayout plane, int rowBytes, int rows, int limitBytes) =>
        plane.OffsetBytes >= 0 && plane.StrideBytes >= rowBytes
        && plane.OffsetBytes + ((long)plane.StrideBytes * (rows - 1)) + rowBytes <= limitBytes;

    private static bool Refuse(string words, out string problem)
    {
        problem = words;
        return false;
    }
}
