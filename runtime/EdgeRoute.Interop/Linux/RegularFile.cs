using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Reads and makes files that somebody named. A pipe would keep the reader for ever and a device has no end, so neither is opened, and the
/// size is limited by what is read, not by what the folder says.
/// </summary>
public static unsafe partial class RegularFile
{
    // fcntl.h of Linux; the same on x64 and arm64. Not to block matters for pipes, whose opening waits for a writer.
    private const int OpenReadOnly = 0;
    private const int OpenWriteOnly = 1;
    private const int OpenCreating = 0x40;
    private const int OpenNotBlocking = 0x800;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>O_NOFOLLOW has another number on arm64.</summary>
    private static readonly int OpenNotFollowing = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    // errno.h.
    private const int ErrorNoEntry = 2;
    private const int ErrorAccess = 13;
    private const int ErrorNotFolder = 20;
    private const int ErrorLink = 40;

    /// <summary>For the owner alone; what the process's mask takes away is gone besides.</summary>
    private const uint CreatedMode = 0x180;

    /// <summary>The whole content.</summary>
    /// <exception cref="IOException">It is not a regular file, is longer than the maximum, is missing, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static byte[] Read(string path, int bytesMax)
    {
        using var file = Open(path);
        var bytes = new byte[(int)Math.Min(RandomAccess.GetLength(file) + 1, bytesMax + 1L)];
        int length = 0;
        for (int got = -1; got != 0 && length <= bytesMax; length += got)
        {
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(2L * bytes.Length, bytesMax + 1L));
            }

            got = RandomAccess.Read(file, bytes.AsSpan(length), length);
        }

        return length <= bytesMax ? bytes[..length] : throw new IOException($"it is larger than {bytesMax} bytes");
    }

    /// <summary>Opens it for reading.</summary>
    /// <exception cref="IOException">It is not a regular file, is missing, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static SafeFileHandle Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        return Open(path, OpenReadOnly);
    }

    /// <summary>
    /// Makes a file for its owner alone, or empties the one that is there. A link in its place is not followed: in a folder that others may
    /// write, it would lead to a file of theirs choosing.
    /// </summary>
    /// <exception cref="IOException">A link or something else than a file is there, or it cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static FileStream Create(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        }

        var file = new FileStream(Open(path, OpenWriteOnly | OpenCreating | OpenNotFollowing), FileAccess.Write);
        file.SetLength(0);
        return file;
    }

    /// <summary>As <see cref="Create"/>, but what is there stays and is written on.</summary>
    /// <exception cref="IOException">A link or something else than a file is there, or it cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static FileStream Append(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        }

        var file = new FileStream(Open(path, OpenWriteOnly | OpenCreating | OpenNotFollowing), FileAccess.Write);
        file.Seek(0, SeekOrigin.End);
        return file;
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        if ((flags & OpenCreating) != 0 && FolderNames.IsLossy(path))
        {
            throw new IOException($"'{path}' cannot be made: {FolderNames.LossyHint}");
        }

        int descriptor = Open(Encoding.UTF8.GetBytes(path + '\0'), flags, out int error);
        if (descriptor < 0)
        {
            throw Failure(path, error);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        var facts = FileStatus.Of(file);
        if (!facts.IsRegular)
        {
            file.Dispose();
            throw new IOException($"'{path}' is {facts.KindText}; a regular file is needed");
        }

        return file;
    }

    private static int Open(ReadOnlySpan<byte> pathBytes, int flags, out int error)
    {
        fixed (byte* path = pathBytes)
        {
            int descriptor = open(path, flags | OpenNotBlocking | OpenCloseOnExec, CreatedMode);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            return descriptor;
        }
    }

    private static Exception Failure(string path, int error) => error switch
    {
        ErrorNoEntry or ErrorNotFolder when FolderNames.IsLossy(path) =>
            new FileNotFoundException($"there is no file '{path}': {FolderNames.LossyHint}", path),
        ErrorNoEntry => new FileNotFoundException($"there is no file '{path}'", path),
        ErrorNotFolder => new DirectoryNotFoundException($"there is no folder for '{path}'"),
        ErrorAccess => new UnauthorizedAccessException($"'{path}' may not be opened by this user"),
        ErrorLink => new IOException($"'{path}' is a link, and links are not followed here; remove it"),
        _ => new IOException($"'{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}"),
    };

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, uint mode);
}
