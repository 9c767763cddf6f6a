using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Memory that a process shares with its child: a file without a name (memfd_create(2)) whose size is sealed, because a side that could
/// shorten it would crash the other one. A page takes room once it is written.
/// </summary>
public sealed unsafe partial class SharedMemory : SafeHandle
{
    // sys/mman.h and fcntl.h of Linux; the same on x64 and arm64.
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int SealOfSeals = 1;
    private const int SealOfShrinking = 2;
    private const int SealOfGrowing = 4;
    private const int ProtectRead = 1;
    private const int ProtectWrite = 2;
    private const int MapShared = 1;
    private const int MapFailed = -1;

    private readonly long _lengthBytes;

    private SharedMemory(nint address, long lengthBytes)
        : base(MapFailed, ownsHandle: true)
    {
        _lengthBytes = lengthBytes;
        SetHandle(address);
    }

    public override bool IsInvalid => handle == MapFailed;

    /// <summary>Makes it, to be read here. The file is for the process that writes.</summary>
    /// <exception cref="IOException">The kernel refuses; the words are its own.</exception>
    public static SharedMemory Create(long lengthBytes, out SafeFileHandle file)
    {
        file = new SafeFileHandle(MakeFile(), ownsHandle: true);
        if (file.IsInvalid || ftruncate(file, lengthBytes) != 0
            || Control(file, AddSeals, SealOfSeals | SealOfShrinking | SealOfGrowing) != 0)
        {
            var refused = Refused();
            file.Dispose();
            throw refused;
        }

        return Map(file, lengthBytes, ProtectRead);
    }

    /// <summary>What another process made, to be written here.</summary>
    /// <exception cref="IOException">The file is no such memory, or the kernel refuses.</exception>
    public static SharedMemory Open(SafeFileHandle file, long lengthBytes) => Map(file, lengthBytes, ProtectRead | ProtectWrite);

    /// <summary>Some of the bytes; the other process may change them at any time. Valid until disposal.</summary>
    public ReadOnlySpan<byte> Read(long offsetBytes, int lengthBytes) => new((byte*)AddressOf(offsetBytes, lengthBytes), lengthBytes);

    internal nint AddressOf(long offsetBytes, int lengthBytes)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offsetBytes, _lengthBytes - lengthBytes);
        return handle + (nint)offsetBytes;
    }

    protected override bool ReleaseHandle() => munmap(handle, (nuint)_lengthBytes) == 0;

    private static SharedMemory Map(SafeFileHandle file, long lengthBytes, int protection)
    {
        nint address = mmap(0, (nuint)lengthBytes, protection, MapShared, file, 0);
        return address == MapFailed ? throw Refused() : new SharedMemory(address, lengthBytes);
    }

    private static int MakeFile()
    {
        fixed (byte* name = "edgeroute-frames\0"u8)
        {
            return memfd_create(name, CloseOnExec | AllowSealing);
        }
    }

    private static IOException Refused() =>
        new($"memory cannot be shared with another process: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int memfd_create(byte* name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(SafeFileHandle file, long lengthBytes);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int value);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint lengthBytes, int protection, int flags, SafeFileHandle file, long offsetBytes);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint lengthBytes);
}
