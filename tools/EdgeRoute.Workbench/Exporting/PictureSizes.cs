using System.Buffers.Binary;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>Sides of a picture in pixels.</summary>
internal readonly record struct PictureSize(int Width, int Height);

/// <summary>
/// The size of one source's pictures over time: answers place boxes by fractions of it, and a camera that is set anew may change it.
/// </summary>
internal sealed class PictureSizes
{
    /// <summary>Changes kept; a camera that changes more often than answers lag behind pictures is none.</summary>
    private const int ChangeLimit = 16;

    private readonly List<(long CaptureNs, PictureSize Size)> _changes = [];

    /// <summary>Capture of the last picture.</summary>
    public long LastNs { get; private set; } = long.MinValue;

    public void Add(long captureNs, PictureSize size)
    {
        LastNs = captureNs;
        if (_changes.Count > 0 && _changes[^1].Size == size)
        {
            return;
        }

        if (_changes.Count == ChangeLimit)
        {
            _changes.RemoveAt(0);
        }

        _changes.Add((captureNs, size));
    }

    /// <summary>That of the picture at or before it, else of the earliest known; null before the first picture.</summary>
    public PictureSize? At(long captureNs)
    {
        int at = _changes.FindLastIndex(c => c.CaptureNs <= captureNs);
        return _changes.Count == 0 ? null : _changes[Math.Max(0, at)].Size;
    }

    /// <summary>Null where a JPEG's header cannot be read.</summary>
    public static PictureSize? Of(in FrameLayout layout, ReadOnlySpan<byte> bytes) =>
        layout is { Width: > 0, Height: > 0 } ? new PictureSize(layout.Width, layout.Height) : OfJpeg(bytes);

    /// <summary>From the frame header (SOF0 to SOF15 but the three that are none) that every JPEG has before its first scan.</summary>
    public static PictureSize? OfJpeg(ReadOnlySpan<byte> jpeg)
    {
        const byte Lead = 0xFF, FirstFrame = 0xC0, LastFrame = 0xCF, Huffman = 0xC4, Reserved = 0xC8, Arithmetic = 0xCC;
        for (int at = 2; at + 9 <= jpeg.Length && jpeg[at] == Lead;)
        {
            byte marker = jpeg[at + 1];
            if (marker == Lead)
            {
                at++;
                continue;
            }

            if (marker is >= FirstFrame and <= LastFrame and not (Huffman or Reserved or Arithmetic))
            {
                int height = BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 5)..]);
                int width = BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 7)..]);
                return width > 0 && height > 0 ? new PictureSize(width, height) : null;
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        }

        return null;
    }
}
