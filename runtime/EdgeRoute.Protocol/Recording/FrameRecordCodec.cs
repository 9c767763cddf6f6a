using System.Buffers.Binary;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Protocol.Recording;

/// <summary>
/// Stamp and layout of a recorded frame to bytes and back: the 64 bytes before the frame itself, RECORDING.md section 6.
/// </summary>
public static class FrameRecordCodec
{
    private const byte RawEncoding = 1;
    private const byte JpegEncoding = 2;

    public static void Encode(in FrameStamp stamp, in FrameLayout layout, Span<byte> at)
    {
        at[..RecordingFormat.FrameHeaderBytes].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(at, stamp.SourceIndex);
        at[4] = layout.Format == PixelFormat.Jpeg ? JpegEncoding : RawEncoding;
        at[5] = (byte)layout.Format;
        at[6] = (byte)layout.ColorSpace;
        BinaryPrimitives.WriteInt64LittleEndian(at[8..], stamp.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(at[16..], stamp.CaptureNs);
        BinaryPrimitives.WriteInt64LittleEndian(at[24..], stamp.SourceNs);
        BinaryPrimitives.WriteInt32LittleEndian(at[32..], layout.Width);
        BinaryPrimitives.WriteInt32LittleEndian(at[36..], layout.Height);
        WritePlane(at[40..], layout.Plane0);
        WritePlane(at[48..], layout.Plane1);
        WritePlane(at[56..], layout.Plane2);
    }

    /// <summary>
    /// Reads the 64 bytes. Returns what is wrong with a frame of <paramref name="byteCount"/> bytes behind them, or null.
    /// </summary>
    public static string? Decode(ReadOnlySpan<byte> at, int byteCount, out FrameStamp stamp, out FrameLayout layout)
    {
        stamp = new FrameStamp(I32(at, 0), I64(at, 8), I64(at, 16), I64(at, 24));
        layout = new FrameLayout(
            (PixelFormat)at[5], I32(at, 32), I32(at, 36), (ColorSpace)at[6], ReadPlane(at[40..]), ReadPlane(at[48..]), ReadPlane(at[56..]));
        byte encoding = layout.Format == PixelFormat.Jpeg ? JpegEncoding : RawEncoding;
        return at[4] != encoding ? $"encoding {at[4]} does not go with pixel format {at[5]}" : FindProblem(stamp, layout, byteCount);
    }

    /// <summary>
    /// What keeps a frame of <paramref name="byteCount"/> bytes out of a recording, or null. Allocates nothing when there is nothing.
    /// </summary>
    public static string? FindProblem(in FrameStamp stamp, in FrameLayout layout, int byteCount)
    {
        if (stamp.SourceIndex < 0 || stamp.Sequence < 0)
        {
            return $"source index {stamp.SourceIndex} or sequence {stamp.Sequence} is below zero";
        }

        if (layout.Format is < PixelFormat.Nv12 or > PixelFormat.Jpeg || layout.ColorSpace > ColorSpace.Bt709Full)
        {
            return $"pixel format {(byte)layout.Format} or color space {(byte)layout.ColorSpace} does not exist";
        }

        if (byteCount is < 1 or > RecordingFormat.FrameBytesLimit)
        {
            return $"a frame of {byteCount} bytes; 1..{RecordingFormat.FrameBytesLimit} are possible";
        }

        return layout.Format == PixelFormat.Jpeg ? FindJpegProblem(layout, byteCount) : FindRawProblem(layout, byteCount);
    }

    private static string? FindJpegProblem(in FrameLayout layout, int byteCount)
    {
        bool isWhole = layout.Plane0 == new PlaneLayout(0, byteCount) && layout.Plane1 == default && layout.Plane2 == default;
        bool hasSides = (uint)layout.Width <= FrameLayout.SideLimit && (uint)layout.Height <= FrameLayout.SideLimit;
        return isWhole && hasSides ? null
            : $"a JPEG of {byteCount} bytes with sides {layout.Width} x {layout.Height} and {layout.Plane0.StrideBytes} bytes declared";
    }

    private static string? FindRawProblem(in FrameLayout layout, int byteCount)
    {
        if (layout.Width is < 1 or > FrameLayout.SideLimit || layout.Height is < 1 or > FrameLayout.SideLimit)
        {
            return $"sides {layout.Width} x {layout.Height}; each may be 1..{FrameLayout.SideLimit}";
        }

        // In the last plane's own formula and in 64 bits: a damaged stride must not wrap around to a size that seems to fit.
        var (end0, end1, end2) = layout.Format switch
        {
            PixelFormat.Nv12 => (LumaEnd(layout), EndOf(layout.Plane1, layout.ChromaHeight, layout.ChromaWidth * 2), 0),
            PixelFormat.I420 => (LumaEnd(layout), EndOf(layout.Plane1, layout.ChromaHeight, layout.ChromaWidth),
                EndOf(layout.Plane2, layout.ChromaHeight, layout.ChromaWidth)),
            PixelFormat.Yuy2 => (EndOf(layout.Plane0, layout.Height, layout.ChromaWidth * 4), 0L, 0L),
            PixelFormat.Rgb or PixelFormat.Bgr => (EndOf(layout.Plane0, layout.Height, layout.Width * 3), 0, 0),
            _ => (LumaEnd(layout), 0, 0),
        };
        long end = (end1, end2) switch
        {
            (_, not 0) => end2,
            (not 0, _) => end1,
            _ => end0,
        };
        bool isInside = end0 > 0 && end0 <= byteCount && end1 >= 0 && end1 <= byteCount && end2 >= 0 && end == byteCount;
        return isInside ? null : $"planes of {layout.Width} x {layout.Height} {layout.Format} do not lie in {byteCount} bytes";
    }

    private static long LumaEnd(in FrameLayout layout) => EndOf(layout.Plane0, layout.Height, layout.Width);

    /// <summary>First byte after the last row; negative where the plane starts below zero or its rows overlap.</summary>
    private static long EndOf(PlaneLayout plane, int rows, int rowBytes) =>
        plane.OffsetBytes < 0 || plane.StrideBytes < rowBytes ? -1 : plane.OffsetBytes + ((long)plane.StrideBytes * (rows - 1)) + rowBytes;

    private static void WritePlane(Span<byte> at, PlaneLayout plane)
    {
        BinaryPrimitives.WriteInt32LittleEndian(at, plane.OffsetBytes);
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], plane.StrideBytes);
    }

    private static PlaneLayout ReadPlane(ReadOnlySpan<byte> at) => new(I32(at, 0), I32(at, 4));

    private static int I32(ReadOnlySpan<byte> at, int offset) => BinaryPrimitives.ReadInt32LittleEndian(at[offset..]);

    private static long I64(ReadOnlySpan<byte> at, int offset) => BinaryPrimitives.ReadInt64LittleEndian(at[offset..]);
}
