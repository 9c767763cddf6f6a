using EdgeRoute.Core.Frames;

namespace EdgeRoute.Tests.Engine.Preprocess;

/// <summary>Frames of any format with random bytes, at random strides, in arrays that end exactly where the last row does.</summary>
internal static class FrameMaker
{
    public static readonly PixelFormat[] Formats =
        [PixelFormat.Nv12, PixelFormat.I420, PixelFormat.Yuy2, PixelFormat.Rgb, PixelFormat.Bgr, PixelFormat.Gray8];

    public static FrameLayout Layout(PixelFormat format, int width, int height, ColorSpace space, Random random)
    {
        var packed = FrameLayout.Packed(format, width, height, space);
        int chromaRows = format is PixelFormat.Nv12 or PixelFormat.I420 ? packed.ChromaHeight : 0;
        var plane0 = Padded(packed.Plane0, random.Next(3), height, random, out int end);
        var plane1 = Padded(packed.Plane1, end, chromaRows, random, out end);
        var plane2 = Padded(packed.Plane2, end, format == PixelFormat.I420 ? chromaRows : 0, random, out _);
        return packed with { Plane0 = plane0, Plane1 = plane1, Plane2 = plane2 };
    }

    public static byte[] Noise(in FrameLayout layout, Random random)
    {
        byte[] frame = new byte[layout.SizeBytes];
        random.NextBytes(frame);
        return frame;
    }

    private static PlaneLayout Padded(PlaneLayout plane, int offset, int rows, Random random, out int end)
    {
        int stride = plane.StrideBytes + random.Next(9);
        end = rows == 0 ? offset : offset + (stride * rows);
        return rows == 0 ? default : new PlaneLayout(offset, stride);
    }
}
