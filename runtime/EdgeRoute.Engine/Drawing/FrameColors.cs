using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// Reads single pixels of a frame in any format with rows. Clear rather than quick: pictures for people are not on the frame's road.
/// </summary>
internal readonly ref struct FrameColors(FrameLayout layout, ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly bool _isLimited = layout.ColorSpace is ColorSpace.Bt601Limited or ColorSpace.Bt709Limited;
    private readonly bool _isBt709 = layout.ColorSpace is ColorSpace.Bt709Limited or ColorSpace.Bt709Full;

    public RgbColor At(int x, int y)
    {
        int row = layout.Plane0.OffsetBytes + (y * layout.Plane0.StrideBytes);
        switch (layout.Format)
        {
            case PixelFormat.Rgb:
                return new RgbColor(_bytes[row + (x * 3)], _bytes[row + (x * 3) + 1], _bytes[row + (x * 3) + 2]);
            case PixelFormat.Bgr:
                return new RgbColor(_bytes[row + (x * 3) + 2], _bytes[row + (x * 3) + 1], _bytes[row + (x * 3)]);
            case PixelFormat.Gray8:
                return new RgbColor(_bytes[row + x], _bytes[row + x], _bytes[row + x]);
            case PixelFormat.Yuy2:
                int pair = row + (x / 2 * 4);
                return FromYuv(_bytes[row + (x * 2)], _bytes[pair + 1], _bytes[pair + 3]);
            case PixelFormat.Nv12:
                int both = layout.Plane1.OffsetBytes + (y / 2 * layout.Plane1.StrideBytes) + (x / 2 * 2);
                return FromYuv(_bytes[row + x], _bytes[both], _bytes[both + 1]);
            case PixelFormat.I420:
                int u = layout.Plane1.OffsetBytes + (y / 2 * layout.Plane1.StrideBytes) + (x / 2);
                int v = layout.Plane2.OffsetBytes + (y / 2 * layout.Plane2.StrideBytes) + (x / 2);
                return FromYuv(_bytes[row + x], _bytes[u], _bytes[v]);
            default:
                throw new NotSupportedException($"A frame of format {layout.Format} has no pixels to read.");
        }
    }

    /// <summary>The inverse of ITU-R BT.601 or BT.709; limited range is 16..235 for luma and 16..240 for chroma.</summary>
    private RgbColor FromYuv(byte luma, byte u, byte v)
    {
        double kr = _isBt709 ? 0.2126 : 0.299, kb = _isBt709 ? 0.0722 : 0.114, kg = 1 - kr - kb;
        double y = _isLimited ? (luma - 16) * (255.0 / 219) : luma;
        double scale = _isLimited ? 255.0 / 224 : 1;
        double blue = (u - 128) * scale * 2 * (1 - kb), red = (v - 128) * scale * 2 * (1 - kr);
        return new RgbColor(Clamp(y + red), Clamp(y - ((kr * red) + (kb * blue)) / kg), Clamp(y + blue));
    }

    private static byte Clamp(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}
