using System.Runtime.InteropServices;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Interop.TurboJpeg;

/// <summary>
/// Encodes pictures to JPEG into memory that the caller brings. One handle encodes any number of pictures. Not thread-safe.
/// </summary>
public sealed unsafe class JpegEncoder : SafeHandle
{
    private AlignedMemory? _padded;

    private JpegEncoder()
        : base(0, ownsHandle: true)
    {
        SetHandle(JpegNative.tjInitCompress());
    }

    public override bool IsInvalid => handle == 0;

    /// <exception cref="DllNotFoundException">The library is absent; the message names the package.</exception>
    public static JpegEncoder Create() => JpegLibrary.TryLoad(out string reason) ? new JpegEncoder()
        : throw new DllNotFoundException(reason);

    /// <summary>Bytes that a JPEG of this size can need at most: what the destination of an encoding must hold.</summary>
    public static int SizeLimitBytes(int width, int height, JpegSampling sampling) => (int)JpegNative.tjBufSize(width, height,
        (int)sampling).Value;

    /// <summary>Encodes packed RGB; returns the length of the JPEG.</summary>
    /// <exception cref="InvalidDataException">The library refused; the message holds its words.</exception>
    public int EncodeRgb(
        ReadOnlySpan<byte> rgb, int width, int height, int strideBytes, int quality, Span<byte> destination,
        JpegSampling sampling = JpegSampling.HalfBoth) =>
        EncodePacked(rgb, width * 3, width, height, strideBytes, JpegNative.PixelsRgb, sampling, quality, destination);

    /// <summary>Encodes a luma plane as a gray JPEG; returns its length.</summary>
    public int EncodeGray(ReadOnlySpan<byte> luma, int width, int height, int strideBytes, int quality, Span<byte> destination) =>
        EncodePacked(luma, width, width, height, strideBytes, JpegNative.PixelsGray, JpegSampling.Gray, quality, destination);

    /// <summary>
    /// Encodes I420 planes as 4:2:0 without touching their colours (full-range BT.601 by the JPEG convention); returns the length.
    /// </summary>
    public int EncodeI420(
        ReadOnlySpan<byte> luma, int lumaStrideBytes, ReadOnlySpan<byte> u, ReadOnlySpan<byte> v, int chromaStrideBytes,
        int width, int height, int quality, Span<byte> destination)
    {
        CheckRoom(luma.Length, width, height, lumaStrideBytes, nameof(luma));
        CheckRoom(u.Length, (width + 1) / 2, (height + 1) / 2, chromaStrideBytes, nameof(u));
        CheckRoom(v.Length, (width + 1) / 2, (height + 1) / 2, chromaStrideBytes, nameof(v));
        CheckDestination(width, height, JpegSampling.HalfBoth, quality, destination);
        if (((width | height) & 1) != 0)
        {
            // The library reads the luma plane with sides rounded up to even.
            luma = PadToEven(luma, width, height, lumaStrideBytes);
            lumaStrideBytes = (width + 1) & ~1;
        }

        fixed (byte* y = luma, first = u, second = v, target = destination)
        {
            byte** planes = stackalloc byte*[3] { y, first, second };
            int* strides = stackalloc int[3] { lumaStrideBytes, chromaStrideBytes, chromaStrideBytes };
            byte* start = target;
            var size = new CULong((nuint)destination.Length);
            int result = JpegNative.tjCompressFromYUVPlanes(
                handle, planes, width, strides, height, (int)JpegSampling.HalfBoth, &start, ref size, quality, JpegNative.FlagNoRealloc);
            return Length(result, size);
        }
    }

    protected override bool ReleaseHandle() => JpegNative.tjDestroy(handle) == 0;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _padded?.Dispose();
        }

        base.Dispose(disposing);
    }

    private int EncodePacked(
        ReadOnlySpan<byte> pixels, int rowBytes, int width, int height, int strideBytes, int pixelFormat,
        JpegSampling sampling, int quality, Span<byte> destination)
    {
        CheckRoom(pixels.Length, rowBytes, height, strideBytes, nameof(pixels));
        CheckDestination(width, height, sampling, quality, destination);
        fixed (byte* source = pixels, target = destination)
        {
            byte* start = target;
            var size = new CULong((nuint)destination.Length);
            int result = JpegNative.tjCompress2(
                handle, source, width, strideBytes, height, pixelFormat, &start, ref size, (int)sampling, quality,
                JpegNative.FlagNoRealloc);
            return Length(result, size);
        }
    }

    /// <summary>A copy of the plane with its last column and row repeated where a side is odd.</summary>
    private ReadOnlySpan<byte> PadToEven(ReadOnlySpan<byte> luma, int width, int height, int strideBytes)
    {
        int stride = (width + 1) & ~1, rows = (height + 1) & ~1;
        if (_padded is null || _padded.LengthBytes < stride * rows)
        {
            _padded?.Dispose();
            _padded = null;
            _padded = AlignedMemory.Allocate(stride * rows);
        }

        var padded = _padded.Span[..(stride * rows)];
        for (int row = 0; row < rows; row++)
        {
            var from = luma.Slice(Math.Min(row, height - 1) * strideBytes, width);
            var to = padded.Slice(row * stride, stride);
            from.CopyTo(to);
            to[^1] = width < stride ? from[^1] : to[^1];
        }

        return padded;
    }

    private int Length(int result, CULong size) =>
        result == 0 ? (int)size.Value : throw new InvalidDataException("libjpeg-turbo cannot encode this picture: "
            + $"{JpegNative.ErrorOf(handle)}");

    private static void CheckDestination(int width, int height, JpegSampling sampling, int quality, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        int limit = SizeLimitBytes(width, height, sampling);
        if (destination.Length < limit)
        {
            throw new ArgumentException($"A {width}x{height} JPEG can need {limit} bytes; {destination.Length} were given.",
                nameof(destination));
        }
    }

    private static void CheckRoom(int lengthBytes, int rowBytes, int rows, int strideBytes, string name)
    {
        if (rows < 1 || strideBytes < rowBytes || lengthBytes < ((long)strideBytes * (rows - 1)) + rowBytes)
        {
            throw new ArgumentException($"{rows} rows of {rowBytes} bytes, {strideBytes} apart, are not in {lengthBytes} bytes.", name);
        }
    }
}
