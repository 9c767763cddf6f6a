using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Native memory on a 64-byte boundary: it does not move, the collector does not scan it, and vector loads do not split cache lines.
/// </summary>
public sealed unsafe class AlignedMemory : SafeHandle
{
    /// <summary>Alignment and spare room behind the last byte, so that a vector load at the end stays inside.</summary>
    public const int AlignmentBytes = 64;

    private readonly SharedMemory? _shared;

    private AlignedMemory(int lengthBytes)
        : base(0, ownsHandle: true)
    {
        LengthBytes = lengthBytes;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)lengthBytes + AlignmentBytes, AlignmentBytes));
        NativeMemory.Clear((void*)handle, (nuint)lengthBytes + AlignmentBytes);
    }

    private AlignedMemory(SharedMemory shared, long offsetBytes, int lengthBytes)
        : base(0, ownsHandle: true)
    {
        bool isHeld = false;
        shared.DangerousAddRef(ref isHeld);
        (_shared, LengthBytes) = (shared, lengthBytes);
        SetHandle(shared.AddressOf(offsetBytes, lengthBytes + AlignmentBytes));
    }

    public int LengthBytes { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>All bytes. Valid until disposal; do not keep it beyond the call.</summary>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new Span<byte>((void*)handle, LengthBytes);
        }
    }

    /// <summary>The first bytes as a stream. Valid until disposal of this memory; do not keep it beyond the call.</summary>
    public Stream OpenRead(int lengthBytes)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, LengthBytes);
        return new UnmanagedMemoryStream((byte*)handle, lengthBytes);
    }

    /// <summary>Zeroed memory of the given length.</summary>
    public static AlignedMemory Allocate(int lengthBytes) => new(lengthBytes);

    /// <summary>A part of memory that another process reads; it stays mapped until this is disposed.</summary>
    /// <param name="offsetBytes">A multiple of the alignment; as many bytes as it have to be there behind the last byte.</param>
    public static AlignedMemory PartOf(SharedMemory shared, long offsetBytes, int lengthBytes) => new(shared, offsetBytes, lengthBytes);
    /// <summary>
    /// Puts larger memory, zeroed, in the place of some that is let go first, because there may be no room for both. Where there is none
    /// for the new one either, empty memory is left, and the next try finds things in order.
    /// </summary>
    public static void Grow(ref AlignedMemory memory, int lengthBytes)
    {
        var none = Allocate(0);
        memory.Dispose();
        memory = none;
        memory = Allocate(lengthBytes);
        none.Dispose();
    }

    protected override bool ReleaseHandle()
    {
        if (_shared is null)
        {
            NativeMemory.AlignedFree((void*)handle);
        }

        _shared?.DangerousRelease();
        return true;
    }
}
