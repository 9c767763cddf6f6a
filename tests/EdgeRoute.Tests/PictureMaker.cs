using EdgeRoute.Interop.Libpng;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Tests;

/// <summary>Pictures for tests: smooth colours, so that JPEG changes them little.</summary>
internal static class PictureMaker
{
    public static byte[] Rgb(int width, int height)
    {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0, at = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, at += 3)
            {
                rgb[at] = (byte)(40 + (160 * x / width));
                rgb[at + 1] = (byte)(60 + (120 * y / height));
                rgb[at + 2] = (byte)(200 - (100 * (x + y) / (width + height)));
            }
        }

        return rgb;
    }

    public static byte[] Jpeg(int width, int height, JpegSampling sampling = JpegSampling.HalfBoth, int quality = 95)
    {
        Skip.IfNot(JpegLibrary.TryLoad(out string reason), reason);
        using var encoder = JpegEncoder.Create();
        byte[] target = new byte[JpegEncoder.SizeLimitBytes(width, height, sampling)];
        int length = encoder.EncodeRgb(Rgb(width, height), width, height, width * 3, quality, target, sampling);
        return target[..length];
    }

    public static byte[] Png(int width, int height)
    {
        Skip.IfNot(PngLibrary.TryLoad(out string reason), reason);
        byte[] target = new byte[PngEncoder.SizeLimitBytes(width, height)];
        int length = PngEncoder.EncodeRgb(Rgb(width, height), width, height, width * 3, target);
        return target[..length];
    }

    public static double MeanDifference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Assert.Equal(a.Length, b.Length);
        long sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += Math.Abs(a[i] - b[i]);
        }

        return (double)sum / a.Length;
    }
}
