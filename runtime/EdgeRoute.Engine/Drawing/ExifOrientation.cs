using System.Buffers.Binary;

namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// How the camera was held, from the EXIF data of a picture. Read here because it happens for every picture of a folder, and a reader of
/// whole EXIF profiles allocates each time.
/// </summary>
internal static class ExifOrientation
{
    /// <summary>Upright: also where nothing is told, or it cannot be read.</summary>
    public const int Upright = 1;

    private const int Application1 = 0xE1, StartOfScan = 0xDA;
    private const ushort OrientationTag = 0x0112, ShortType = 3;
    private const int EntryBytes = 12;

    /// <summary>Of a JPEG: 1..8, as EXIF counts them.</summary>
    public static int Read(ReadOnlySpan<byte> jpeg)
    {
        // Segments begin with 0xFF, a marker and their length, up to the one that the compressed pixels follow. Some cameras put stray
        // bytes between them.
        for (int at = MarkerFrom(jpeg, 2); at + 4 <= jpeg.Length && jpeg[at + 1] != StartOfScan;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
            var rest = jpeg[(at + 4)..];
            if (jpeg[at + 1] == Application1 && rest.StartsWith("Exif\0\0"u8))
            {
                return ReadDirectory(rest[6..Math.Max(6, Math.Min(length - 2, rest.Length))]);
            }

            at = MarkerFrom(jpeg, at + 2 + length);
        }

        return Upright;
    }

    /// <summary>Where the next marker begins: 0xFF and what is neither 0 nor 0xFF. The length where none does.</summary>
    private static int MarkerFrom(ReadOnlySpan<byte> jpeg, int at)
    {
        while (at + 1 < jpeg.Length && !(jpeg[at] == 0xFF && jpeg[at + 1] is not (0 or 0xFF)))
        {
            at++;
        }

        return Math.Min(at, jpeg.Length);
    }

    /// <summary>The first directory of a TIFF structure: a byte order, the directory's place, and entries of twelve bytes.</summary>
    public static int ReadDirectory(ReadOnlySpan<byte> tiff)
    {
        bool isLittle = tiff.StartsWith("II"u8);
        if (tiff.Length < 8 || !(isLittle || tiff.StartsWith("MM"u8)))
        {
            return Upright;
        }

        uint place = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (place > tiff.Length - 2)
        {
            return Upright;
        }

        var entries = tiff[((int)place + 2)..];
        int count = Math.Min(Short(tiff[(int)place..], isLittle), entries.Length / EntryBytes);
        for (int i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * EntryBytes, EntryBytes);
            if (Short(entry, isLittle) == OrientationTag && Short(entry[2..], isLittle) == ShortType)
            {
                int value = Short(entry[8..], isLittle);
                return value is >= 1 and <= 8 ? value : Upright;
            }
        }

        return Upright;
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
