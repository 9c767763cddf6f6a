using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Frames;

/// <summary>
/// A published frame copied out of the loop, for a consumer with a thread of its own. Reused; read it during the call only.
/// </summary>
public sealed class PublishedCopy(Answer room) : IDisposable
{
    private TraceRecord _record;

    public int StreamIndex { get; private set; }

    public Answer Answer { get; } = room;

    public FrameSlot Slot { get; } = new();

    public ref readonly TraceRecord Record => ref _record;

    /// <inheritdoc cref="PublishedFrame.Fault"/>
    public string? Fault { get; private set; }

    /// <inheritdoc cref="FrameSlot.Name"/>
    public string? Name { get; private set; }

    internal void Take(in PublishedFrame frame, bool withPixels)
    {
        StreamIndex = frame.StreamIndex;
        _record = frame.Record;
        (Fault, Name) = (frame.Fault, frame.Slot.Name);
        Answer.CopyFrom(frame.Answer);
        if (withPixels)
        {
            frame.Slot.Bytes.CopyTo(Slot.Prepare(frame.Slot.Layout));
            Slot.Commit(frame.Slot.Stamp);
        }
    }

    public void Dispose() => Slot.Dispose();
}
