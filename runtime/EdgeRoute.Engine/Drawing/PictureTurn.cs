namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// Brings the pixels of a photo upright. Cameras store them as the sensor gives them and note in EXIF how they were held (orientation 1..8
/// of EXIF 2.32, tag 0x0112); any other number counts as 1, which is upright.
/// </summary>
internal readonly record struct PictureTurn(int Orientation)
{
    private const int PixelBytes = 3;

    public bool IsUpright => Orientation is < 2 or > 8;

    private bool SwapsSides => Orientation is >= 5 and <= 8;

    /// <summary>Width and height after the turn.</summary>
    public (int Width, int Height) SizeOf(int width, int height) => SwapsSides ? (height, width) : (width, height);

    /// <summary>From packed RGB of the stored size to packed RGB of the upright size.</summary>
    public void Copy(ReadOnlySpan<byte> stored, int width, int height, Span<byte> upright)
    {
        if (IsUpright)
        {
            stored[..(width * height * PixelBytes)].CopyTo(upright);
            return;
        }

        bool fromRight = Orientation is 2 or 3 or 7 or 8, fromBottom = Orientation is 3 or 4 or 6 or 7;
        int along = fromRight ? -PixelBytes : PixelBytes, down = width * (fromBottom ? -PixelBytes : PixelBytes);
        int row = ((fromRight ? width - 1 : 0) + (fromBottom ? (height - 1) * width : 0)) * PixelBytes;
        var (across, next) = SwapsSides ? (down, along) : (along, down);
        var (uprightWidth, uprightHeight) = SizeOf(width, height);
        for (int y = 0, to = 0; y < uprightHeight; y++, row += next)
        {
            for (int x = 0, from = row; x < uprightWidth; x++, from += across, to += PixelBytes)
            {
                stored.Slice(from, PixelBytes).CopyTo(upright[to..]);
            }
        }
    }
}
