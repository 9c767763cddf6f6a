using EdgeRoute.Core.Frames;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Engine.Frames;

/// <summary>
/// Unpacks a JPEG into a slot: 4:2:0 to I420, gray to Gray8, anything else to RGB; scaled down while it decodes when fewer pixels are
/// wanted. Allocates nothing per picture once the slot is large enough. Not thread-safe.
/// </summary>
public sealed class JpegUnpacker(bool acceptsDamaged = false) : IDisposable
{
    /// <summary>
    /// Pixels of a decoded picture at most: twice 8K video. A header of a few bytes can claim a hundred times that, and would be given it.
    /// </summary>
    private const long PixelLimit = 1 << 26;

    private string? _refusal;
    private readonly JpegDecoder _decoder = JpegDecoder.Create(acceptsDamaged);

    /// <inheritdoc cref="JpegDecoder.IsDamaged"/>
    public bool IsDamaged => _refusal is null && _decoder.IsDamaged;

    /// <inheritdoc cref="JpegDecoder.DamageText"/>
    public string DamageText => _decoder.DamageText;

    /// <summary>Why the last call returned false.</summary>
    public string ErrorText => _refusal ?? _decoder.ErrorText;

    /// <summary>
    /// Fills <paramref name="slot"/> with the picture at the smallest of 1/1, 1/2, 1/4, 1/8 that still has <paramref name="widthWanted"/>
    /// by <paramref name="heightWanted"/> pixels; 0 by 0 asks for the full size. The caller commits the slot.
    /// </summary>
    public bool TryUnpack(ReadOnlySpan<byte> jpeg, int widthWanted, int heightWanted, FrameSlot slot)
    {
        _refusal = null;
        if (!_decoder.TryReadHeader(jpeg, out var header))
        {
            return false;
        }

        int denominator = DenominatorFor(header, widthWanted, heightWanted);
        int width = header.WidthAt(denominator), height = header.HeightAt(denominator);
        if (width > FrameLayout.SideLimit || height > FrameLayout.SideLimit || (long)width * height > PixelLimit)
        {
            _refusal = $"this JPEG cannot be decoded: its header claims {header.Width} x {header.Height} pixels; sides of "
                + $"{FrameLayout.SideLimit} and {PixelLimit} pixels in all are the most";
            return false;
        }

        if (header.IsI420)
        {
            return TryPlanes(jpeg, header, denominator, width, height, slot);
        }

        var layout = FrameLayout.Packed(header.IsGray ? PixelFormat.Gray8 : PixelFormat.Rgb, width, height, ColorSpace.Bt601Full);
        var target = slot.Prepare(layout);
        return header.IsGray
            ? _decoder.TryDecodePlanes(jpeg, header, denominator, target, layout.Plane0.StrideBytes, default, default, 0)
            : _decoder.TryDecodeRgb(jpeg, header, denominator, target, layout.Plane0.StrideBytes);
    }

    /// <summary>The largest denominator whose picture is not smaller than wanted in either direction.</summary>
    public static int DenominatorFor(in JpegHeader header, int widthWanted, int heightWanted)
    {
        if (widthWanted <= 0 || heightWanted <= 0)
        {
            return 1;
        }

        int denominator = 8;
        while (denominator > 1 && (header.WidthAt(denominator) < widthWanted || header.HeightAt(denominator) < heightWanted))
        {
            denominator /= 2;
        }

        return denominator;
    }

    public void Dispose() => _decoder.Dispose();

    private bool TryPlanes(ReadOnlySpan<byte> jpeg, in JpegHeader header, int denominator, int width, int height, FrameSlot slot)
    {
        // The library writes whole 2x2 groups, so the luma plane has even sides whatever the picture has.
        int stride = (width + 1) & ~1, rows = (height + 1) & ~1, chroma = stride / 2;
        int u = stride * rows, v = u + (chroma * (rows / 2));
        var layout = new FrameLayout(PixelFormat.I420, width, height, ColorSpace.Bt601Full, new(0, stride), new(u, chroma), new(v, chroma));
        var target = slot.Prepare(layout);
        return _decoder.TryDecodePlanes(jpeg, header, denominator, target[..u], stride, target[u..v], target[v..], chroma);
    }
}
