using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Looks at a shared library before the loader does: the loader maps what a header promises, and a file that was cut short ends the process
/// (SIGBUS) when a page behind its end is touched.
/// </summary>
internal static class ElfFile
{
    // elf.h, the same on both processors: a 64-bit header of 64 bytes, program headers of 56, section headers of 64.
    private const int HeaderBytes = 64, ProgramBytes = 56, SectionBytes = 64;
    private const byte Class64 = 2, LittleEndian = 1;
    private const ushort SharedObject = 3, MachineX64 = 62, MachineArm64 = 183;
    private const uint SectionOfNoBytes = 8;

    /// <summary>Why the loader must not be given this file; null where its headers and all that they name lie inside it.</summary>
    public static string? FindProblem(string path)
    {
        try
        {
            using var file = RegularFile.Open(path);
            return FindProblem(file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }

    /// <summary>In words that the file has another digest than is wanted, or cannot be read; null where it has that one.</summary>
    public static string? FindOtherDigest(string path, string sha256)
    {
        try
        {
            using var file = new FileStream(RegularFile.Open(path), FileAccess.Read);
            string found = Convert.ToHexStringLower(SHA256.HashData(file));
            return found == sha256 ? null : $"its SHA-256 is {found}, and {sha256} is wanted (runtime.library_sha256)";
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }

    private static string? FindProblem(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (!TryRead(file, header, 0) || !header.StartsWith("\u007fELF"u8))
        {
            return "it is no shared library (it has no ELF header)";
        }

        if (header[4] != Class64 || header[5] != LittleEndian || BinaryPrimitives.ReadUInt16LittleEndian(header[16..]) != SharedObject)
        {
            return "it is no shared library of a 64-bit little-endian machine";
        }

        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(header[18..]);
        ushort wanted = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? MachineArm64 : MachineX64;
        if (machine != wanted)
        {
            return $"it is for {NameOf(machine)}, and this machine is {NameOf(wanted)}";
        }

        return FindTorn(file, length, TableOf(header, 32, 54, ProgramBytes), ProgramBytes, SegmentEnd, "segment")
            ?? FindTorn(file, length, TableOf(header, 40, 58, SectionBytes), SectionBytes, SectionEnd, "section");
    }

    /// <summary>Offset and number of a table's entries; a negative number where their size is not the one known.</summary>
    private static (ulong Offset, int Count) TableOf(ReadOnlySpan<byte> header, int offsetAt, int sizeAt, int size)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[(sizeAt + 2)..]);
        bool isKnown = count == 0 || BinaryPrimitives.ReadUInt16LittleEndian(header[sizeAt..]) == size;
        return (BinaryPrimitives.ReadUInt64LittleEndian(header[offsetAt..]), isKnown ? count : -1);
    }

    private static string? FindTorn(SafeFileHandle file, long length, (ulong Offset, int Count) table, int size,
        Func<byte[], ulong?> endOf, string what)
    {
        if (table.Count < 0 || (what == "segment" && table.Count == 0))
        {
            return $"its table of {what}s is damaged";
        }

        var entry = new byte[size];
        for (int i = 0; i < table.Count; i++)
        {
            ulong at = table.Offset + (ulong)(i * size);
            bool isInside = at <= long.MaxValue - HeaderBytes && TryRead(file, entry, (long)at);
            if (!isInside || endOf(entry) is not { } end || end > (ulong)length)
            {
                return $"it is cut short: {what} {i} reaches beyond its {length} bytes. Copy it again";
            }
        }

        return null;
    }

    private static ulong? SegmentEnd(byte[] entry) => EndOf(BinaryPrimitives.ReadUInt64LittleEndian(entry.AsSpan(8)),
        BinaryPrimitives.ReadUInt64LittleEndian(entry.AsSpan(32)));

    private static ulong? SectionEnd(byte[] entry) => BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(4)) == SectionOfNoBytes ? 0
        : EndOf(BinaryPrimitives.ReadUInt64LittleEndian(entry.AsSpan(24)), BinaryPrimitives.ReadUInt64LittleEndian(entry.AsSpan(32)));

    /// <summary>Null where the numbers are beyond any file.</summary>
    private static ulong? EndOf(ulong offset, ulong size) => size <= ulong.MaxValue - offset ? offset + size : null;

    private static bool TryRead(SafeFileHandle file, Span<byte> target, long at)
    {
        int length = 0;
        for (int got = -1; got != 0 && length < target.Length; length += got)
        {
            got = RandomAccess.Read(file, target[length..], at + length);
        }

        return length == target.Length;
    }

    private static string NameOf(ushort machine) => machine switch
    {
        MachineX64 => "x64",
        MachineArm64 => "arm64",
        _ => $"machine {machine}",
    };
}
