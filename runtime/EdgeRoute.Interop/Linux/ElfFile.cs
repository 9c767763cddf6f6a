using System.Buffers.Binary;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Looks at a shared library before the loader does: that one maps what is cut off all the same, and whoever touches what is missing gets
/// SIGBUS; and it waits at a pipe for ever. What else is wrong with a file the loader says itself.
/// </summary>
internal static class ElfFile
{
    // elf.h: sizes of Elf64_Ehdr and Elf64_Phdr, and where in them stands what is read here.
    private const int HeaderBytes = 64;
    private const int SegmentBytes = 56;
    private const int ClassAt = 4;
    private const int Class64 = 2;
    private const int SegmentsAt = 32;
    private const int SegmentSizeAt = 54;
    private const int SegmentCountAt = 56;
    private const int OffsetAt = 8;
    private const int FileSizeAt = 32;

    /// <summary>Why it must not be loaded; null where nothing speaks against it.</summary>
    public static string? FindProblem(string path)
    {
        try
        {
            using var file = RegularFile.Open(path);
            Span<byte> header = stackalloc byte[HeaderBytes];
            if (RandomAccess.Read(file, header, 0) < HeaderBytes || !header.StartsWith("\u007fELF"u8) || header[ClassAt] != Class64)
            {
                return null;
            }

            long length = RandomAccess.GetLength(file), needed = EndOfSegments(file, header);
            return needed > length ? $"it is cut off: it has {length} of {needed} bytes" : null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }

    private static long EndOfSegments(Microsoft.Win32.SafeHandles.SafeFileHandle file, ReadOnlySpan<byte> header)
    {
        long at = BinaryPrimitives.ReadInt64LittleEndian(header[SegmentsAt..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header[SegmentSizeAt..]);
        long end = at + ((long)size * BinaryPrimitives.ReadUInt16LittleEndian(header[SegmentCountAt..]));
        Span<byte> segment = stackalloc byte[SegmentBytes];
        for (long next = at, last = end - SegmentBytes; size >= SegmentBytes && next >= 0 && next <= last; next += size)
        {
            if (RandomAccess.Read(file, segment, next) == SegmentBytes)
            {
                end = Math.Max(end, BinaryPrimitives.ReadInt64LittleEndian(segment[OffsetAt..])
                    + BinaryPrimitives.ReadInt64LittleEndian(segment[FileSizeAt..]));
            }
        }

        return end;
    }
}
