using System.Runtime.InteropServices;
using System.Text;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Renames a file to a name that must be free, in one step (renameat2(2)). The base library looks first and renames then, and so replaces
/// what another process put there between the two.
/// </summary>
internal static unsafe partial class FreeName
{
    // fcntl.h, linux/fs.h, errno.h.
    private const int CurrentFolder = -100;
    private const uint NoReplace = 1;
    private const int ErrorInvalid = 22;
    private const int ErrorNoCall = 38;

    /// <summary>Where the kernel or the file system (NFS) has no such step, the base library's two are taken.</summary>
    /// <exception cref="IOException">The name is taken, or the disk refused; the words are the kernel's.</exception>
    public static void Take(string from, string to)
    {
        int error = OperatingSystem.IsLinux() ? TryRename(BytesOf(from), BytesOf(to)) : ErrorNoCall;
        if (error is ErrorInvalid or ErrorNoCall)
        {
            File.Move(from, to);
        }
        else if (error != 0)
        {
            throw new IOException($"'{from}' cannot become '{to}': {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    private static int TryRename(byte[] fromBytes, byte[] toBytes)
    {
        fixed (byte* from = fromBytes, to = toBytes)
        {
            return renameat2(CurrentFolder, from, CurrentFolder, to, NoReplace) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    private static byte[] BytesOf(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat2(int fromFolder, byte* from, int toFolder, byte* to, uint flags);
}
