using EdgeRoute.Core.Frames;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// Frames as JPEG. One that came as a JPEG stays as it is. Buffers grow to the largest frame and are kept, so that frames of one size
/// allocate nothing. Not thread-safe.
/// </summary>
/// <param name="quality">Of the JPEG, 1 to 100.</param>
public sealed class FrameCompressor(int quality = FrameCompressor.Quality) : IDisposable
{
    /// <summary>
    /// Of the JPEG: a 640x480 frame is about 80 KiB, a twelfth of its RGB, and what a detector finds in it hardly changes.
    /// </summary>
    public const int Quality = 90;

    private readonly JpegEncoder _encoder = JpegEncoder.Create();
    private byte[] _pixels = [];
    private byte[] _jpeg = [];

    /// <summary>The frame's JPEG; valid until the next call.</summary>
    /// <exception cref="InvalidDataException">libjpeg-turbo refuses the picture; the message holds its words.</exception>
    public ReadOnlySpan<byte> Compress(scoped in FrameLayout layout, ReadOnlySpan<byte> bytes)
    {
        if (layout.Format == PixelFormat.Jpeg)
        {
            return bytes[..layout.SizeBytes];
        }

        var first = bytes[layout.Plane0.OffsetBytes..];
        Grow(ref _jpeg, JpegEncoder.SizeLimitBytes(layout.Width, layout.Height, JpegSampling.HalfBoth));
        return _jpeg.AsSpan(0, layout.Format switch
        {
            PixelFormat.Rgb => _encoder.EncodeRgb(first, layout.Width, layout.Height, layout.Plane0.StrideBytes, quality, _jpeg),
            PixelFormat.Bgr => EncodeBgr(layout, bytes),
            PixelFormat.Gray8 => _encoder.EncodeGray(first, layout.Width, layout.Height, layout.Plane0.StrideBytes, quality, _jpeg),
            _ => EncodeYuv(layout, bytes),
        });
    }

    public void Dispose() => _encoder.Dispose();

    private int EncodeYuv(in FrameLayout layout, ReadOnlySpan<byte> bytes)
    {
        int lumaCount = layout.Width * layout.Height, chromaCount = layout.ChromaWidth * layout.ChromaHeight;
        Grow(ref _pixels, lumaCount + (chromaCount * 2));
        new JpegColors(layout.ColorSpace).Convert(layout, bytes, _pixels);
        return _encoder.EncodeI420(
            _pixels.AsSpan(0, lumaCount), layout.Width, _pixels.AsSpan(lumaCount, chromaCount),
            _pixels.AsSpan(lumaCount + chromaCount, chromaCount), layout.ChromaWidth, layout.Width, layout.Height, quality, _jpeg);
    }

    private int EncodeBgr(in FrameLayout layout, ReadOnlySpan<byte> bytes)
    {
        int rowBytes = layout.Width * 3;
        Grow(ref _pixels, rowBytes * layout.Height);
        for (int y = 0; y < layout.Height; y++)
        {
            var from = bytes.Slice(layout.Plane0.OffsetBytes + (y * layout.Plane0.StrideBytes), rowBytes);
            var to = _pixels.AsSpan(y * rowBytes, rowBytes);
            for (int x = 0; x < rowBytes; x += 3)
            {
                (to[x], to[x + 1], to[x + 2]) = (from[x + 2], from[x + 1], from[x]);
            }
        }

        return _encoder.EncodeRgb(_pixels, layout.Width, layout.Height, rowBytes, quality, _jpeg);
    }

    private static void Grow(ref byte[] room, int wantedBytes) => room = room.Length < wantedBytes ? new byte[wantedBytes] : room;
}
