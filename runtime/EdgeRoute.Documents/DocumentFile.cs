using System.Text;
using System.Text.Unicode;
using EdgeRoute.Interop.Linux;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Documents;

/// <summary>The one way in which documents that people and tools write are read: regular files only, of limited size, as UTF-8.</summary>
public static class DocumentFile
{
    /// <exception cref="IOException">It is not a regular file, is too large, is missing, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static byte[] Read(string path, int bytesMax) => RegularFile.Read(path, bytesMax);

    /// <summary>Opens a file of any size, such as a model, that is read bit by bit.</summary>
    /// <exception cref="IOException">It is not a regular file, is missing, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static SafeFileHandle Open(string path) => RegularFile.Open(path);

    /// <summary>The text of a file, without a byte order mark.</summary>
    /// <exception cref="IOException">As of <see cref="Read"/>.</exception>
    /// <exception cref="InvalidDataException">It is not UTF-8; the message has the place.</exception>
    public static string ReadText(string path, int bytesMax)
    {
        byte[] bytes = Read(path, bytesMax);
        return FindFault(bytes) is { } fault ? throw new InvalidDataException($"{path}: {fault}")
            : Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
    }

    /// <summary>Where the bytes stop being UTF-8 text; null where all of them are.</summary>
    public static string? FindFault(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return null;
        }

        int at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int length) is System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        int line = 1 + bytes[..at].Count((byte)'\n');
        return FormattableString.Invariant($"line {line}: this is not UTF-8 text: byte {at} (0x{bytes[at]:x2}) cannot be read")
            + "; save the file as UTF-8";
    }
}
