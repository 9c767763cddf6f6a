using System.Buffers.Binary;

namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// What a picture file says beside its first picture: how the camera was held, where the decoder does not tell, and whether more pictures
/// follow. Only places and lengths are read; a file that is cut or damaged says nothing.
/// </summary>
/// <param name="Orientation">Of EXIF; null where the decoder tells it.</param>
/// <param name="HasMore">The file holds more pictures than one.</param>
/// <param name="IsCut">The file ends within its first picture; the decoders of these types fill up what is missing and say nothing.</param>
internal readonly record struct PictureChunks(int? Orientation, bool HasMore, bool IsCut = false)
{
    /// <summary>An EXIF directory of a camera is far smaller; what is longer is not looked at.</summary>
    private const int ExifBytes = 65536;

    /// <summary>Bytes in front of the first chunk, and around the data of each: length and kind, checksum.</summary>
    private const int PngStart = 8, PngHead = 8, PngTail = 4;

    private const int GifStart = 13, GifPicture = 0x2C, GifExtension = 0x21, GifPictureHead = 9, TiffEntryBytes = 12;

    private const int BmpStart = 34, BmpHeadBytes = 40, BmpPixels = 0, BmpPixelsWithMasks = 3;

    /// <summary>An animated WebP says so in the flags of its first chunk.</summary>
    private const int WebpFlagsAt = 20, WebpIsAnimated = 2;

    /// <summary>The decoder of PNG is kept from reading such chunks, because texts unpack to any size; this looks at EXIF alone.</summary>
    public static PictureChunks OfPng(Stream png)
    {
        Span<byte> head = stackalloc byte[PngHead];
        int orientation = ExifOrientation.Upright;
        bool hasMore = false;
        for (long at = PngStart; Fill(png, at, head);)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(head);
            var kind = head[4..];
            hasMore |= kind.SequenceEqual("acTL"u8);
            if (kind.SequenceEqual("eXIf"u8) && length is > 0 and <= ExifBytes)
            {
                byte[] exif = new byte[length];
                orientation = Fill(png, at + PngHead, exif) ? ExifOrientation.ReadDirectory(exif) : orientation;
            }

            at += PngHead + length + PngTail;
        }

        return new PictureChunks(orientation, hasMore);
    }

    public static PictureChunks OfWebp(Stream webp)
    {
        Span<byte> start = stackalloc byte[WebpFlagsAt + 1];
        bool isRead = Fill(webp, 0, start);
        bool hasMore = isRead && start[12..16].SequenceEqual("VP8X"u8) && (start[WebpFlagsAt] & WebpIsAnimated) != 0;
        return new PictureChunks(null, hasMore, !isRead || 8L + BinaryPrimitives.ReadUInt32LittleEndian(start[4..]) > webp.Length);
    }

    /// <summary>Rows of whole words, where nothing is packed; a height below 0 means that the uppermost row comes first.</summary>
    public static PictureChunks OfBmp(Stream bmp)
    {
        Span<byte> start = stackalloc byte[BmpStart];
        if (!Fill(bmp, 0, start) || BinaryPrimitives.ReadUInt32LittleEndian(start[14..]) < BmpHeadBytes)
        {
            return default;
        }

        long width = BinaryPrimitives.ReadInt32LittleEndian(start[18..]), height = BinaryPrimitives.ReadInt32LittleEndian(start[22..]);
        long rowBytes = ((width * BinaryPrimitives.ReadUInt16LittleEndian(start[28..])) + 31) / 32 * 4;
        long end = BinaryPrimitives.ReadUInt32LittleEndian(start[10..]) + (rowBytes * Math.Abs(height));
        bool isPlain = BinaryPrimitives.ReadUInt32LittleEndian(start[30..]) is BmpPixels or BmpPixelsWithMasks;
        return new PictureChunks(null, HasMore: false, isPlain && end > bmp.Length);
    }

    /// <summary>The first directory is followed by the place of the next one.</summary>
    public static PictureChunks OfTiff(Stream tiff)
    {
        Span<byte> start = stackalloc byte[8], count = stackalloc byte[2], next = stackalloc byte[4];
        if (!Fill(tiff, 0, start))
        {
            return default;
        }

        bool isLittle = start[0] == 'I';
        long at = UInt32(start[4..], isLittle);
        bool isRead = Fill(tiff, at, count) && Fill(tiff, at + 2 + (TiffEntryBytes * (isLittle
            ? BinaryPrimitives.ReadUInt16LittleEndian(count)
            : BinaryPrimitives.ReadUInt16BigEndian(count))), next);
        return new PictureChunks(null, isRead && UInt32(next, isLittle) != 0);
    }

    /// <summary>Blocks: extensions and pictures, each followed by parts of up to 255 bytes with their length in front.</summary>
    public static PictureChunks OfGif(Stream gif)
    {
        Span<byte> start = stackalloc byte[GifStart], head = stackalloc byte[GifPictureHead];
        long at = Fill(gif, 0, start) ? GifStart + TableBytes(start[10]) : gif.Length;
        int count = 0;
        bool isCut = false;
        while (count < 2 && !isCut && Byte(gif, at) is GifPicture or GifExtension)
        {
            bool isPicture = Byte(gif, at) == GifPicture;
            // A picture's head ends in flags that tell of its own table, and a byte of its own stands before the parts.
            at = isPicture && Fill(gif, at + 1, head) ? at + 2 + GifPictureHead + TableBytes(head[8]) : at + 2;
            int length = Byte(gif, at++);
            for (; length > 0; length = Byte(gif, at++))
            {
                at += length;
            }

            // What lacks at the end of a second picture is no loss, because the first is the one that is read.
            isCut = length < 0 && count == 0;
            count += isPicture ? 1 : 0;
        }

        return new PictureChunks(null, count > 1, isCut);
    }

    private static int TableBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    /// <summary>-1 behind the end.</summary>
    private static int Byte(Stream file, long at)
    {
        if (at >= file.Length)
        {
            return -1;
        }

        file.Position = at;
        return file.ReadByte();
    }

    private static bool Fill(Stream file, long at, Span<byte> target)
    {
        if (at > file.Length - target.Length)
        {
            return false;
        }

        file.Position = at;
        return file.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length;
    }
}
