using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// What stands at a place: kind, owner and mode, by statx(2), whose record is the same on every processor. The base library tells neither
/// kind nor owner.
/// </summary>
public static unsafe partial class FileStatus
{
    // linux/stat.h: the record, and what of it is asked for (type, mode, owner, group).
    private const int RecordBytes = 256;
    private const int OwnerOffset = 20;
    private const int GroupOffset = 24;
    private const int ModeOffset = 28;
    private const uint Wanted = 0x1 | 0x2 | 0x8 | 0x10;

    // fcntl.h: relative to nothing; the descriptor itself; a link itself.
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const int NotFollowing = 0x100;

    private const int KindMask = 0xf000;
    private const uint GroupAndOthers = 0x3f;

    /// <exception cref="IOException">The kernel does not tell.</exception>
    public static FileFacts Of(SafeFileHandle file) => Ask((int)file.DangerousGetHandle(), [0], EmptyPath);

    /// <param name="followsLink">False: a link is told as a link.</param>
    /// <exception cref="IOException">Nothing is there, or the kernel does not tell.</exception>
    public static FileFacts Of(string path, bool followsLink = false) =>
        Ask(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), followsLink ? 0 : NotFollowing);

    /// <summary>The user that this process acts as.</summary>
    public static uint CurrentUser => geteuid();

    /// <summary>
    /// From now on nothing that this process makes is open to others, unless it is opened to them on purpose, as the Unix
    /// socket is.
    /// </summary>
    public static void KeepToOwner()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = umask(GroupAndOthers);
        }
    }

    private static FileFacts Ask(int descriptor, ReadOnlySpan<byte> pathBytes, int flags)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        fixed (byte* path = pathBytes, target = record)
        {
            if (statx(descriptor, path, flags, Wanted, target) != 0)
            {
                throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
            }
        }

        int mode = BinaryPrimitives.ReadUInt16LittleEndian(record[ModeOffset..]);
        return new FileFacts((FileKind)(mode & KindMask), (UnixFileMode)(mode & ~KindMask),
            BinaryPrimitives.ReadUInt32LittleEndian(record[OwnerOffset..]), BinaryPrimitives.ReadUInt32LittleEndian(record[GroupOffset..]));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int descriptor, byte* path, int flags, uint wanted, byte* target);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);
}

/// <summary>Kinds of what a path can name, with the numbers of sys/stat.h.</summary>
public enum FileKind
{
    Pipe = 0x1000,
    CharacterDevice = 0x2000,
    Folder = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    Link = 0xa000,
    Socket = 0xc000,
}

/// <summary>Kind, mode, owner and group of what stands at a place.</summary>
public readonly record struct FileFacts(FileKind Kind, UnixFileMode Mode, uint Owner, uint Group)
{
    public bool IsRegular => Kind == FileKind.Regular;

    /// <summary>For messages: "a pipe".</summary>
    public string KindText => Kind switch
    {
        FileKind.Pipe => "a pipe",
        FileKind.CharacterDevice or FileKind.BlockDevice => "a device",
        FileKind.Folder => "a folder",
        FileKind.Regular => "a file",
        FileKind.Link => "a link",
        FileKind.Socket => "a socket",
        _ => "of an unknown kind",
    };
}
