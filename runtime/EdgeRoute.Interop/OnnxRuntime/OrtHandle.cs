using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>A native object of ONNX Runtime with the function that releases it.</summary>
public abstract class OrtHandle : SafeHandle
{
    private readonly int _releaseSlot;

    private protected OrtHandle(int releaseSlot)
        : base(0, ownsHandle: true) => _releaseSlot = releaseSlot;

    public override bool IsInvalid => handle == 0;

    /// <summary>The native pointer; the caller keeps this object referenced while it is used.</summary>
    internal nint Native
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>
    /// Makes the native object outlive its Dispose until <see cref="SafeHandle.DangerousRelease"/>; throws when it is already gone.
    /// </summary>
    internal void Keep()
    {
        bool added = false;
        DangerousAddRef(ref added);
    }

    protected override bool ReleaseHandle()
    {
        OrtNative.Release(_releaseSlot, handle);
        return true;
    }
}
