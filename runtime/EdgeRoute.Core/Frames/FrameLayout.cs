namespace EdgeRoute.Core.Frames;

/// <summary>One plane inside a frame's bytes: where it starts and how far apart its rows are, in bytes.</summary>
public readonly record struct PlaneLayout(int OffsetBytes, int StrideBytes);

/// <summary>
/// What the bytes of a frame mean: format, size in pixels and up to three planes. A value type without references, so a slot carries it for
/// free.
/// </summary>
public readonly record struct FrameLayout(
    PixelFormat Format, int Width, int Height, ColorSpace ColorSpace, PlaneLayout Plane0, PlaneLayout Plane1, PlaneLayout Plane2)
{
    /// <summary>Largest width or height accepted: 8K video is 7680 wide; beyond it a corrupt header is the likelier reason.</summary>
    public const int SideLimit = 16384;

    /// <summary>Chroma width of the half-width formats: an odd last column has a chroma sample of its own.</summary>
    public int ChromaWidth => (Width + 1) / 2;

    /// <summary>Chroma height of the half-height formats.</summary>
    public int ChromaHeight => (Height + 1) / 2;

    /// <summary>The layout with no padding between rows or planes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1 or above <see cref="SideLimit"/>, or the format has no rows
    /// (JPEG).</exception>
    public static FrameLayout Packed(PixelFormat format, int width, int height, ColorSpace colorSpace = ColorSpace.Bt601Limited)
    {
        CheckSide(width, nameof(width));
        CheckSide(height, nameof(height));
        int chromaWidth = (width + 1) / 2, chromaHeight = (height + 1) / 2, luma = width * height;
        var (first, second, third) = format switch
        {
            PixelFormat.Nv12 => (width, new PlaneLayout(luma, chromaWidth * 2), default(PlaneLayout)),
            PixelFormat.I420 => (width, new PlaneLayout(luma, chromaWidth), new PlaneLayout(luma + (chromaWidth * chromaHeight),
                chromaWidth)),
            PixelFormat.Yuy2 => (chromaWidth * 4, default, default),
            PixelFormat.Rgb or PixelFormat.Bgr => (width * 3, default, default),
            PixelFormat.Gray8 => (width, default, default),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "This format has no fixed rows."),
        };
        return new FrameLayout(format, width, height, colorSpace, new PlaneLayout(0, first), second, third);
    }

    /// <summary>
    /// The layout of a JPEG of <paramref name="byteCount"/> bytes; sides are those of its header, or 0 where not read yet.
    /// </summary>
    public static FrameLayout Compressed(int width, int height, int byteCount) =>
        new(PixelFormat.Jpeg, width, height, ColorSpace.Bt601Full, new PlaneLayout(0, byteCount), default, default);

    /// <summary>Bytes from the start of the first plane to the end of the last row of the last plane.</summary>
    public int SizeBytes => Format switch
    {
        PixelFormat.Nv12 => Plane1.OffsetBytes + (Plane1.StrideBytes * (ChromaHeight - 1)) + (ChromaWidth * 2),
        PixelFormat.I420 => Plane2.OffsetBytes + (Plane2.StrideBytes * (ChromaHeight - 1)) + ChromaWidth,
        PixelFormat.Jpeg => Plane0.StrideBytes,
        PixelFormat.Yuy2 => LastRowStart + (ChromaWidth * 4),
        PixelFormat.Rgb or PixelFormat.Bgr => LastRowStart + (Width * 3),
        _ => LastRowStart + Width,
    };

    private int LastRowStart => Plane0.OffsetBytes + (Plane0.StrideBytes * (Height - 1));

    private static void CheckSide(int side, string name)
    {
        if (side is < 1 or > SideLimit)
        {
            throw new ArgumentOutOfRangeException(name, side, $"A frame side must be 1..{SideLimit} pixels.");
        }
    }
}
