using System.Runtime.InteropServices;
using System.Text;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Puts a folder's entries on the disk. Flushing a file makes its content durable; that it was renamed or removed is written in its folder,
/// which has to be flushed as well (fsync(2)). The base library offers no way to open a folder.
/// </summary>
internal static unsafe partial class FolderSync
{
    // fcntl.h of Linux. O_DIRECTORY is 0x10000 on x64 and 0x4000 on arm64; without it a folder opens for reading just as well.
    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExec = 0x80000;
    private const int ErrorInterrupted = 4;
    private const int ErrorInvalid = 22;

    /// <summary>Waits until renames and removals in the folder are on the disk.</summary>
    /// <exception cref="IOException">It cannot be opened, or the disk refused; the words are the kernel's.</exception>
    public static void Flush(string folder)
    {
        int error = TryFlush(Encoding.UTF8.GetBytes(folder + '\0'));

        // EINVAL: a file system without such a disk (fsync(2)); there is nothing to wait for.
        if (error is not (0 or ErrorInvalid))
        {
            throw new IOException($"the folder '{folder}' cannot be flushed to the disk: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    private static int TryFlush(byte[] pathBytes)
    {
        fixed (byte* path = pathBytes)
        {
            int descriptor = open(path, OpenReadOnly | OpenCloseOnExec);
            if (descriptor < 0)
            {
                return Marshal.GetLastPInvokeError();
            }

            int error = Sync(descriptor);
            _ = close(descriptor);
            return error;
        }
    }

    private static int Sync(int descriptor)
    {
        while (fsync(descriptor) != 0)
        {
            if (Marshal.GetLastPInvokeError() is not ErrorInterrupted and var error)
            {
                return error;
            }
        }

        return 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
