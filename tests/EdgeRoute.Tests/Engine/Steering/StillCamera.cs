using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Bright pictures without end, and nothing else.</summary>
internal sealed class StillCamera : IFrameSource
{
    private const int PeriodMs = 5;

    private readonly ManualResetEvent _closed = new(false);

    /// <summary>Of the thread that reads it; null before the first frame.</summary>
    public int? NiceSeen { get; private set; }

    public int? RealtimeSeen { get; private set; }

    public string Description => "a camera of the tests";

    public bool IsLive => false;

    public SourceFault Fault => SourceFault.None;

    public bool Open() => true;

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = -1;
        NiceSeen ??= ThreadNice.Current;
        RealtimeSeen ??= ThreadNice.Realtime;
        if (_closed.WaitOne(PeriodMs))
        {
            return ReadOutcome.Nothing;
        }

        slot.Prepare(FrameLayout.Packed(PixelFormat.Rgb, 8, 8)).Fill(200);
        return ReadOutcome.Frame;
    }

    public void Close() => _closed.Set();

    public void Dispose() => _closed.Dispose();
}
