namespace EdgeRoute.Interop.Libpng;

/// <summary>Encodes packed 8-bit RGB to PNG.</summary>
public static unsafe class PngEncoder
{
    /// <summary>Bytes that a PNG of this size can need at most (zlib's worst case plus chunks).</summary>
    public static long SizeLimitBytes(int width, int height)
    {
        long raw = (((long)width * 3) + 1) * height;
        return raw + (raw / 1000) + 1024 + (raw / 8192 * 12);
    }

    /// <summary>Encodes to <paramref name="destination"/> and returns the length of the PNG.</summary>
    /// <exception cref="InvalidDataException">The picture cannot be encoded or does not fit; the message holds the library's
    /// words.</exception>
    public static int EncodeRgb(ReadOnlySpan<byte> rgb, int width, int height, int strideBytes, Span<byte> destination)
    {
        if (width < 1 || height < 1 || strideBytes < width * 3 || rgb.Length < ((long)strideBytes * (height - 1)) + (width * 3))
        {
            throw new ArgumentException($"A {width}x{height} RGB picture with rows {strideBytes} bytes apart is not in {rgb.Length} bytes.",
                nameof(rgb));
        }

        PngImage image = new() { Version = PngNative.ImageVersion, Width = (uint)width, Height = (uint)height,
            Format = PngNative.FormatRgb };
        nuint size = (nuint)destination.Length;
        fixed (byte* pixels = rgb, png = destination)
        {
            if (PngNative.png_image_write_to_memory(&image, png, ref size, 0, pixels, strideBytes, null) == 0)
            {
                throw new InvalidDataException($"libpng cannot encode this picture into {destination.Length} bytes: "
                    + $"{PngNative.MessageOf(ref image)}");
            }
        }

        return (int)size;
    }
}
