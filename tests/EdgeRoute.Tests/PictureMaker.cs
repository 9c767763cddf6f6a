using EdgeRoute.Engine.Drawing;
using EdgeRoute.Interop.TurboJpeg;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Formats.Tiff.Constants;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

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

    public static byte[] Jpeg(int width, int height, JpegSampling sampling = JpegSampling.HalfBoth, int quality = 95) =>
        Jpeg(Rgb(width, height), width, height, sampling, quality);

    public static byte[] Jpeg(byte[] rgb, int width, int height, JpegSampling sampling = JpegSampling.HalfBoth, int quality = 95)
    {
        Skip.IfNot(JpegLibrary.TryLoad(out string reason), reason);
        using var encoder = JpegEncoder.Create();
        byte[] target = new byte[JpegEncoder.SizeLimitBytes(width, height, sampling)];
        int length = encoder.EncodeRgb(rgb, width, height, width * 3, quality, target, sampling);
        return target[..length];
    }

    public static byte[] Png(int width, int height) => Pictures.EncodePng(Rgb(width, height), width, height);

    /// <summary>A picture file of another type; without loss, but for the palette of a GIF.</summary>
    public static byte[] File(byte[] rgb, int width, int height, string extension, int orientation = 1, int count = 1)
    {
        using var image = Image.LoadPixelData<Rgb24>(rgb, width, height);
        for (int i = 1; i < count; i++)
        {
            image.Frames.AddFrame(image.Frames.RootFrame);
        }

        var exif = new ExifProfile();
        exif.SetValue(ExifTag.Orientation, (ushort)orientation);
        image.Metadata.ExifProfile = exif;
        image.Frames.RootFrame.Metadata.ExifProfile = exif.DeepClone();
        IImageEncoder encoder = extension.ToLowerInvariant() switch
        {
            ".webp" => new WebpEncoder { FileFormat = WebpFileFormatType.Lossless },
            ".bmp" => new BmpEncoder(),
            ".tif" or ".tiff" => new TiffEncoder { Compression = TiffCompression.Deflate },
            ".gif" => new GifEncoder(),
            _ => throw new ArgumentException($"no encoder for {extension}", nameof(extension)),
        };
        using var file = new MemoryStream();
        image.Save(file, encoder);
        return file.ToArray();
    }

    /// <summary>EXIF data that tell nothing but how the camera was held.</summary>
    public static byte[] Exif(int orientation, bool isLittle) => isLittle
        ? [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0]
        : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>The JPEG with EXIF data behind its first marker, as a camera writes it.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation, bool isLittle = true)
    {
        byte[] segment = [.. "Exif\0\0"u8, .. Exif(orientation, isLittle)];
        return [0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(segment.Length + 2), .. segment, .. jpeg[2..]];
    }

    /// <summary>The JPEG with bytes behind its first segment that belong to nothing, as some webcams write them.</summary>
    public static byte[] WithStrayBytes(byte[] jpeg)
    {
        int at = 4 + (jpeg[4] << 8) + jpeg[5];
        return [.. jpeg[..at], 0x12, 0x34, 0x00, .. jpeg[at..]];
    }

    /// <summary>
    /// Where a camera that was held so stores the pixels of an upright picture, said corner by corner as EXIF 2.32 does: which side of the
    /// scene the first row and the first column show.
    /// </summary>
    public static (byte[] Stored, int Width, int Height) Held(byte[] upright, int width, int height, int orientation)
    {
        var (storedWidth, storedHeight) = orientation >= 5 ? (height, width) : (width, height);
        byte[] stored = new byte[upright.Length];
        for (int y = 0; y < storedHeight; y++)
        {
            for (int x = 0; x < storedWidth; x++)
            {
                var (fromX, fromY) = orientation switch
                {
                    1 => (x, y),
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (width - 1 - y, x),
                    7 => (width - 1 - y, height - 1 - x),
                    _ => (y, height - 1 - x),
                };
                upright.AsSpan(((fromY * width) + fromX) * 3, 3).CopyTo(stored.AsSpan(((y * storedWidth) + x) * 3));
            }
        }

        return (stored, storedWidth, storedHeight);
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
