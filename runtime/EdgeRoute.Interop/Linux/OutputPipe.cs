using System.Runtime.InteropServices;
using System.Text;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// A pipe at standard output or error that nobody reads blocks whoever writes to it, and native libraries write there by themselves. Opened
/// anew without blocking (open(2), fifo(7)), a full pipe refuses them instead; whoever shares the old descriptor notices nothing.
/// </summary>
public static unsafe partial class OutputPipe
{
    // fcntl.h of Linux, the same on x64 and arm64.
    private const int OpenWriteOnly = 1;
    private const int OpenNonBlocking = 0x800;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Where the descriptor is an unnamed pipe, what is written to it from now on never waits. Else nothing changes.</summary>
    public static void NeverWait(int descriptor)
    {
        string link = $"/proc/self/fd/{descriptor}";
        if (!IsPipe(link))
        {
            return;
        }

        fixed (byte* path = Encoding.UTF8.GetBytes(link + '\0'))
        {
            // A pipe that another user made cannot be opened; it stays as it is.
            int own = open(path, OpenWriteOnly | OpenNonBlocking | OpenCloseOnExec);
            if (own >= 0)
            {
                _ = dup2(own, descriptor);
                _ = close(own);
            }
        }
    }

    private static bool IsPipe(string link)
    {
        try
        {
            return OperatingSystem.IsLinux() && new FileInfo(link).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true;
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
