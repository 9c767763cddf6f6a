using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Names of files as the kernel has them, which are bytes: a name from another system's disk need not be UTF-8, and what .NET makes of such
/// a one names no file any more.
/// </summary>
public static unsafe partial class FolderNames
{
    // dirent.h of glibc 2.36: inode, offset, length of the entry, kind, name. The same on x64 and arm64.
    private const int KindAt = 18;
    private const int NameAt = 19;
    private const byte KindFolder = 4;

    /// <summary>What stands in a text for bytes that are not UTF-8.</summary>
    private const char Replaced = '\uFFFD';

    /// <summary>Why a path that <see cref="IsLossy"/> finds names nothing, and what to do.</summary>
    public const string LossyHint = "its name holds bytes that are not UTF-8; rename it, or reach it by a link that has a name in UTF-8";

    /// <summary>Whether a name was read that is not UTF-8, so that its text names no file.</summary>
    public static bool IsLossy(string path) => OperatingSystem.IsLinux() && path.Contains(Replaced);

    /// <summary>The names of what is in a folder, but for folders; of too many, as many as asked for.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static List<byte[]> FilesIn(string folder, Predicate<string> isWanted, int most)
    {
        var names = new List<byte[]>();
        fixed (byte* path = Encoding.UTF8.GetBytes(folder + '\0'))
        {
            nint stream = opendir(path);
            if (stream == 0)
            {
                throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
            }

            try
            {
                Read(stream, isWanted, most, names);
            }
            finally
            {
                _ = closedir(stream);
            }
        }

        return names;
    }

    private static void Read(nint stream, Predicate<string> isWanted, int most, List<byte[]> names)
    {
        for (byte* entry = readdir(stream); entry != null && names.Count < most; entry = readdir(stream))
        {
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameAt);
            if (entry[KindAt] != KindFolder && isWanted(TextOf(name)))
            {
                names.Add(name.ToArray());
            }
        }
    }

    /// <summary>A name for people: what is not UTF-8 as <c>\xe9</c>.</summary>
    public static string TextOf(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            bool isText = Rune.DecodeFromUtf8(name, out var rune, out int length) == OperationStatus.Done;
            for (int i = 0; i < length && !isText; i++)
            {
                text.Append("\\x").Append(Convert.ToHexStringLower([name[i]]));
            }

            text.Append(isText ? rune.ToString() : "");
            name = name[length..];
        }

        return text.ToString();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint opendir(byte* path);

    [LibraryImport("libc")]
    private static partial byte* readdir(nint stream);

    [LibraryImport("libc")]
    private static partial int closedir(nint stream);
}
