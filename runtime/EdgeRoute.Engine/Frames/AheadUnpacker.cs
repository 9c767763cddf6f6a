using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Engine.Frames;

/// <summary>
/// Unpacks JPEG frames on the thread that captured them, so that the loop does not wait for it. Where newest wins and a frame waits
/// already, the loop is behind and may never take this one: then it is left packed, and the loop unpacks what it takes. Used by one
/// thread; allocates nothing per frame once the slots are large enough.
/// </summary>
internal sealed class AheadUnpacker(SlotExchange exchange) : IDisposable
{
    private JpegUnpacker? _unpacker;

    /// <summary>A frame about to be published. What cannot be unpacked stays packed: the loop finds the same, and tells it.</summary>
    public void Unpack(FrameSlot slot)
    {
        bool isWanted = exchange.Delivery == DeliveryMode.EveryFrame || exchange.WaitingSinceNs < 0;
        if (slot.Layout.Format != PixelFormat.Jpeg || !isWanted || exchange.UnpackedSize is not { } sizeOf || !JpegLibrary.TryLoad(out _))
        {
            return;
        }

        try
        {
            _unpacker ??= new JpegUnpacker();
            slot.TryUnpack(_unpacker, sizeOf(slot.Layout));
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            // No fault of the source: its frame is there, and fails on the loop for the same reason.
        }
    }

    public void Dispose() => _unpacker?.Dispose();
}

/// <summary>Sides of a picture in pixels; 0 by 0 for whatever it has.</summary>
public readonly record struct PictureSize(int Width, int Height);
