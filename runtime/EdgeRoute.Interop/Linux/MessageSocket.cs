using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// One end of a pair of sockets that keep messages whole (unix(7), SOCK_SEQPACKET), between a process and its child. Sending and receiving
/// allocate nothing.
/// </summary>
public sealed unsafe partial class MessageSocket : SafeHandle
{
    /// <summary>What <see cref="Receive"/> returns when the other process has closed its end, or has ended.</summary>
    public const int Gone = -1;

    // sys/socket.h, poll.h and errno.h of Linux; the same on x64 and arm64.
    private const int UnixFamily = 1;
    private const int KeepingMessages = 5;
    private const int CloseOnExec = 0x80000;
    private const int WithoutWaiting = 0x40;
    private const int WithoutSignal = 0x4000;
    private const int WholeLength = 0x20;
    private const int EndOfSending = 1;
    private const int ErrorInterrupted = 4;
    private const int ErrorWouldWait = 11;
    private const int ErrorTooLong = 90;
    private const short Readable = 1;

    private MessageSocket(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    /// <summary>Both ends; the second is for the child.</summary>
    /// <exception cref="IOException">The kernel refuses, for want of descriptors for one.</exception>
    public static (MessageSocket Own, SafeFileHandle Others) CreatePair()
    {
        int* ends = stackalloc int[2];
        return socketpair(UnixFamily, KeepingMessages | CloseOnExec, 0, ends) == 0
            ? (new MessageSocket(ends[0]), new SafeFileHandle(ends[1], ownsHandle: true))
            : throw Refused("no pair of sockets can be made");
    }

    /// <summary>The end that a parent left at this descriptor; null where none did.</summary>
    public static MessageSocket? Inherit(int descriptor)
    {
        using var file = new SafeFileHandle(descriptor, ownsHandle: false);
        try
        {
            return FileStatus.Of(file).Kind == FileKind.Socket ? new MessageSocket(descriptor) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>False: the other end is gone or, where this one does not wait, has left too many messages unread.</summary>
    /// <exception cref="IOException">The message is longer than the kernel takes.</exception>
    public bool TrySend(ReadOnlySpan<byte> message, bool waits = false)
    {
        fixed (byte* bytes = message)
        {
            while (send(this, bytes, (nuint)message.Length, WithoutSignal | (waits ? 0 : WithoutWaiting)) < 0)
            {
                if (Marshal.GetLastPInvokeError() == ErrorTooLong)
                {
                    throw Refused($"a message of {message.Length} bytes cannot be sent");
                }

                if (Marshal.GetLastPInvokeError() != ErrorInterrupted)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The length of the next message, 0 when none came within the wait, or <see cref="Gone"/>.</summary>
    /// <param name="waitMs">-1: for ever.</param>
    /// <exception cref="IOException">The message is longer than the room for it.</exception>
    public int Receive(Span<byte> into, int waitMs)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (!IsReadable(this, waitMs))
        {
            return 0;
        }

        fixed (byte* bytes = into)
        {
            nint length = recv(this, bytes, (nuint)into.Length, WithoutWaiting | WholeLength);
            if (length <= 0)
            {
                return length < 0 && Marshal.GetLastPInvokeError() is (ErrorInterrupted or ErrorWouldWait) ? 0 : Gone;
            }

            return length <= into.Length ? (int)length
                : throw new IOException($"a message of {length} bytes came; at most {into.Length} are taken");
        }
    }

    /// <summary>The other end is told that nothing will follow; it may still send.</summary>
    public void FinishSending() => _ = shutdown(this, EndOfSending);

    /// <summary>Whether a descriptor can be read, or has ended, within the wait.</summary>
    internal static bool IsReadable(SafeHandle file, int waitMs)
    {
        var wanted = new PollRecord { Descriptor = (int)file.DangerousGetHandle(), Wanted = Readable };
        return poll(&wanted, 1, waitMs) > 0;
    }

    protected override bool ReleaseHandle() => close((int)handle) == 0;

    private static IOException Refused(string what) =>
        new($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    /// <summary>struct pollfd of poll.h.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 8)]
    private struct PollRecord
    {
        [FieldOffset(0)] public int Descriptor;
        [FieldOffset(4)] public short Wanted;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int family, int kind, int protocol, int* ends);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(MessageSocket socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(MessageSocket socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int shutdown(MessageSocket socket, int how);

    [LibraryImport("libc")]
    private static partial int poll(PollRecord* wanted, nuint count, int waitMs);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
