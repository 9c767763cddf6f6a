namespace EdgeRoute.Interop.Libpng;

/// <summary>
/// Decodes PNG (gray, RGB, RGBA, palette; 1 to 16 bits) to packed 8-bit RGB. Transparent pixels are laid over black.
/// <see cref="PngLibrary.TryLoad"/> comes first. Allocates nothing unless it fails.
/// </summary>
public static unsafe class PngDecoder
{
    /// <summary>Reads width and height. False: <paramref name="error"/> says why this is no PNG.</summary>
    public static bool TryReadSize(ReadOnlySpan<byte> png, out int width, out int height, out string error)
    {
        PngImage image = default;
        bool isRead = Begin(ref image, png, out error);
        PngNative.png_image_free(&image);
        (width, height) = isRead ? ((int)image.Width, (int)image.Height) : (0, 0);
        return isRead;
    }

    /// <summary>Decodes to <paramref name="rgb"/>, which holds <c>height</c> rows <paramref name="strideBytes"/> apart.</summary>
    public static bool TryDecodeRgb(ReadOnlySpan<byte> png, Span<byte> rgb, int strideBytes, out string error)
    {
        PngImage image = default;
        if (!Begin(ref image, png, out error))
        {
            PngNative.png_image_free(&image);
            return false;
        }

        CheckRoom(image, rgb.Length, strideBytes);
        image.Format = PngNative.FormatRgb;
        image.Flags |= PngNative.Flag16BitSrgb;
        byte* black = stackalloc byte[3] { 0, 0, 0 };
        fixed (byte* pixels = rgb)
        {
            // Finishing frees the image in every case.
            int isDone = PngNative.png_image_finish_read(&image, black, pixels, strideBytes, null);
            return isDone != 0 || Fail(ref image, out error);
        }
    }

    private static bool Begin(ref PngImage image, ReadOnlySpan<byte> png, out string error)
    {
        error = "";
        image.Version = PngNative.ImageVersion;
        fixed (PngImage* control = &image)
        fixed (byte* start = png)
        {
            return PngNative.png_image_begin_read_from_memory(control, start, (nuint)png.Length) != 0 || Fail(ref image, out error);
        }
    }

    private static bool Fail(ref PngImage image, out string error)
    {
        error = $"this PNG cannot be decoded: {PngNative.MessageOf(ref image)}";
        return false;
    }

    private static void CheckRoom(PngImage image, int lengthBytes, int strideBytes)
    {
        long rowBytes = (long)image.Width * 3, needed = (strideBytes * ((long)image.Height - 1)) + rowBytes;
        if (strideBytes < rowBytes || lengthBytes < needed)
        {
            PngNative.png_image_free(&image);
            throw new ArgumentException($"A {image.Width}x{image.Height} PNG with rows {strideBytes} bytes apart does not fit into "
                + $"{lengthBytes} bytes.");
        }
    }
}
