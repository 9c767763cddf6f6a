using System.Runtime.InteropServices;
using System.Text;

namespace EdgeRoute.Interop.Linux;

/// <summary>Reads whole files into memory that the caller brings, without a managed handle per file.</summary>
public static unsafe partial class WholeFile
{
    // fcntl.h and unistd.h of Linux; the same on x64 and arm64.
    private const int OpenReadOnly = 0;
    private const int OpenNotBlocking = 0x800;
    private const int OpenCloseOnExec = 0x80000;
    private const int SeekEnd = 2;
    private const int ErrorInterrupted = 4;
    private const int ErrorIsFolder = 21;
    private const int ErrorTooBig = 27;
    private const int ErrorNoSeek = 29;

    /// <summary>The path as the kernel takes it: UTF-8 with a zero at the end. Made once per file, not per read.</summary>
    public static byte[] PathBytes(string path) => Encoding.UTF8.GetBytes(path + '\0');

    /// <summary>
    /// Reads the file when <paramref name="destination"/> can hold it. Returns 0 or the kernel's error number;
    /// <paramref name="lengthBytes"/> above the destination's length says how much room is needed, and nothing was read then.
    /// </summary>
    public static int Read(ReadOnlySpan<byte> pathBytes, Span<byte> destination, out int lengthBytes)
    {
        lengthBytes = 0;
        fixed (byte* path = pathBytes)
        {
            // A pipe would keep the reader until somebody writes to it; it has no length, and is refused for that.
            int descriptor = open(path, OpenReadOnly | OpenNotBlocking | OpenCloseOnExec);
            if (descriptor < 0)
            {
                return Marshal.GetLastPInvokeError();
            }

            int error = ReadAll(descriptor, destination, out lengthBytes);
            _ = close(descriptor);
            return error;
        }
    }

    /// <summary>The kernel's words for an error number, where they say enough.</summary>
    public static string ErrorText(int errorNumber) => errorNumber == ErrorNoSeek ? "it is a pipe or a socket, no file"
        : Marshal.GetPInvokeErrorMessage(errorNumber);

    /// <summary>Whether the same file may be read later: all but what it is itself stands in the way.</summary>
    public static bool MayPass(int errorNumber) => errorNumber is not (ErrorNoSeek or ErrorTooBig or ErrorIsFolder);

    private static int ReadAll(int descriptor, Span<byte> destination, out int lengthBytes)
    {
        lengthBytes = 0;
        long length = lseek(descriptor, 0, SeekEnd);
        if (length < 0 || length > int.MaxValue)
        {
            return length < 0 ? Marshal.GetLastPInvokeError() : ErrorTooBig;
        }

        lengthBytes = (int)length;
        return lengthBytes > destination.Length ? 0 : Fill(descriptor, destination[..lengthBytes], ref lengthBytes);
    }

    private static int Fill(int descriptor, Span<byte> destination, ref int lengthBytes)
    {
        int done = 0;
        while (done < destination.Length)
        {
            nint got;
            fixed (byte* target = destination[done..])
            {
                got = pread(descriptor, target, (nuint)(destination.Length - done), done);
            }

            if (got < 0 && Marshal.GetLastPInvokeError() != ErrorInterrupted)
            {
                return Marshal.GetLastPInvokeError();
            }

            if (got == 0)
            {
                break;
            }

            done += (int)Math.Max(got, 0);
        }

        lengthBytes = done;
        return 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(int descriptor, long offset, int origin);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(int descriptor, byte* target, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
