using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// A descriptor that is written to at its own place, as programs of a pipeline share one: a stream of .NET would keep a place of its own in
/// a file, and would not say that a reader has gone.
/// </summary>
public sealed unsafe partial class OutputDescriptor(SafeFileHandle handle) : IDisposable
{
    // fcntl.h, poll.h and errno.h of Linux, the same on x64 and arm64.
    private const int DuplicateCloseOnExec = 1030;
    private const short WaitForRoom = 4;
    private const short ReaderGone = 8;
    private const int OpenWriteOnly = 1;
    private const int OpenCloseOnExec = 0x80000;
    private const int ErrorInterrupted = 4;
    private const int ErrorFull = 11;

    /// <summary>Of an exception of <see cref="Write"/>.</summary>
    public const int ErrorReaderGone = 32;

    /// <summary>Links of the machine's own, such as those of descriptors, are followed; elsewhere one could lead anywhere.</summary>
    private const string Devices = "/dev/";

    private const int Output = 1;
    private const int Error = 2;

    /// <summary>
    /// Standard output for the caller alone: what others write there, native libraries among them, goes to standard error from now on.
    /// </summary>
    /// <exception cref="IOException">There is no standard output.</exception>
    public static OutputDescriptor TakeStandardOutput()
    {
        int own = fcntl(Output, DuplicateCloseOnExec, Error + 1);
        if (own < 0)
        {
            throw new IOException($"standard output cannot be used: {Words(Marshal.GetLastPInvokeError())}");
        }

        _ = dup2(Error, Output);
        OutputPipe.NeverWait(Output);
        return new OutputDescriptor(new SafeFileHandle(own, ownsHandle: true));
    }

    /// <summary>
    /// Opens a pipe or a device, such as one of a shell's, and waits for the reader of a pipe. Null where the path names anything else.
    /// </summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static OutputDescriptor? TryOpen(string path)
    {
        string full = Path.GetFullPath(path);
        if (!OperatingSystem.IsLinux() || KindOf(full) is not (FileKind.Pipe or FileKind.CharacterDevice))
        {
            return null;
        }

        int descriptor;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(full + '\0'))
        {
            descriptor = open(bytes, OpenWriteOnly | OpenCloseOnExec);
        }

        return descriptor >= 0
            ? new OutputDescriptor(new SafeFileHandle(descriptor, ownsHandle: true))
            : throw new IOException($"'{path}' cannot be written: {Words(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>
    /// Whether nobody reads standard output any more. Streams of .NET pass over that, and a program that shows things as they come would go
    /// on for ever before one that has ended.
    /// </summary>
    public static bool HasStandardOutputNoReader()
    {
        var asked = new PollEntry { Descriptor = Output };
        return OperatingSystem.IsLinux() && poll(&asked, 1, 0) > 0 && (asked.Returned & ReaderGone) != 0;
    }

    /// <summary>Writes all of it, and waits for whoever reads.</summary>
    /// <exception cref="IOException">There is no reader any more, or the disk takes no more.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint done;
            fixed (byte* start = bytes)
            {
                done = write((int)handle.DangerousGetHandle(), start, (nuint)bytes.Length);
            }

            int error = done < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == ErrorFull)
            {
                WaitUntilWritable();
            }
            else if (error is not (0 or ErrorInterrupted))
            {
                throw new IOException(Words(error), error);
            }

            bytes = bytes[(int)Math.Max(done, 0)..];
        }
    }

    public void Dispose() => handle.Dispose();

    /// <summary>A descriptor that another program set not to block says that it is full.</summary>
    private void WaitUntilWritable()
    {
        var wanted = new PollEntry { Descriptor = (int)handle.DangerousGetHandle(), Events = WaitForRoom };
        _ = poll(&wanted, 1, -1);
    }

    private static FileKind KindOf(string path)
    {
        try
        {
            return FileStatus.Of(path, followsLink: path.StartsWith(Devices, StringComparison.Ordinal)).Kind;
        }
        catch (IOException)
        {
            // Nothing is there yet: a file will be made.
            return FileKind.Regular;
        }
    }

    private static string Words(int error) => Marshal.GetPInvokeErrorMessage(error);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc")]
    private static partial int poll(PollEntry* entries, nuint count, int timeoutMs);
}
