using EdgeRoute.Core.Frames;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// Frames as JPEG for screens: made smaller by whole steps where they are wider than asked. Buffers grow to the largest and are kept. Not
/// thread-safe, and not for the frame's road.
/// </summary>
internal sealed class ScreenPicture : IDisposable
{
    /// <summary>A 640x480 picture is about 40 KiB; on a moving picture the difference to 90 is not seen.</summary>
    private const int Quality = 75;

    private readonly FrameCompressor _whole = new(Quality);
    private readonly JpegEncoder _encoder = JpegEncoder.Create();
    private readonly JpegDecoder _decoder = JpegDecoder.Create(acceptsDamaged: true);
    private byte[] _decoded = [], _small = [], _jpeg = [];

    /// <param name="width">Pixels at most.</param>
    /// <exception cref="InvalidDataException">The frame is a JPEG that cannot be decoded, or cannot be encoded; the message says
    /// why.</exception>
    public byte[] Encode(in FrameLayout layout, ReadOnlySpan<byte> bytes, int width)
    {
        if (layout.Format != PixelFormat.Jpeg)
        {
            return layout.Width <= width ? _whole.Compress(layout, bytes).ToArray() : Shrink(layout, bytes, width);
        }

        if (!_decoder.TryReadHeader(bytes, out var header))
        {
            throw new InvalidDataException($"the frame is no JPEG that can be read: {_decoder.ErrorText}");
        }

        return header.Width <= width ? bytes.ToArray() : ShrinkDecoded(bytes, header, width);
    }

    public void Dispose()
    {
        _whole.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
    }

    /// <summary>The library decodes an eighth, a quarter or a half in less time than the whole.</summary>
    private byte[] ShrinkDecoded(ReadOnlySpan<byte> jpeg, in JpegHeader header, int width)
    {
        int denominator = 8;
        while (denominator > 1 && header.WidthAt(denominator) < width)
        {
            denominator /= 2;
        }

        var layout = FrameLayout.Packed(PixelFormat.Rgb, header.WidthAt(denominator), header.HeightAt(denominator));
        Grow(ref _decoded, layout.SizeBytes);
        return _decoder.TryDecodeRgb(jpeg, header, denominator, _decoded, layout.Plane0.StrideBytes)
            ? Shrink(layout, _decoded, width)
            : throw new InvalidDataException($"the frame cannot be decoded: {_decoder.ErrorText}");
    }

    private byte[] Shrink(in FrameLayout layout, ReadOnlySpan<byte> bytes, int width)
    {
        int step = (layout.Width + width - 1) / width;
        int smallWidth = Math.Max(1, layout.Width / step), smallHeight = Math.Max(1, layout.Height / step);
        Grow(ref _small, smallWidth * smallHeight * 3);
        var colors = new FrameColors(layout, bytes);
        int at = 0;
        for (int y = 0; y < smallHeight; y++)
        {
            for (int x = 0; x < smallWidth; x++, at += 3)
            {
                PutMean(colors, x * step, y * step, step / 2, _small.AsSpan(at, 3));
            }
        }

        Grow(ref _jpeg, JpegEncoder.SizeLimitBytes(smallWidth, smallHeight, JpegSampling.HalfBoth));
        return _jpeg[.._encoder.EncodeRgb(_small, smallWidth, smallHeight, smallWidth * 3, Quality, _jpeg)];
    }

    /// <summary>Of two pixels across a square: enough that edges do not crawl, at a fraction of the work of all of them.</summary>
    private static void PutMean(in FrameColors colors, int x, int y, int apart, Span<byte> target)
    {
        var (first, second) = (colors.At(x, y), colors.At(x + apart, y + apart));
        target[0] = (byte)((first.Red + second.Red) / 2);
        target[1] = (byte)((first.Green + second.Green) / 2);
        target[2] = (byte)((first.Blue + second.Blue) / 2);
    }

    private static void Grow(ref byte[] room, int wantedBytes) => room = room.Length < wantedBytes ? new byte[wantedBytes] : room;
}
