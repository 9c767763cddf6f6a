using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol;
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

    /// <inheritdoc cref="PublishedFrame.Names"/>
    public AnswerNames Names { get; private set; } = AnswerNames.None;

    /// <inheritdoc cref="FrameSlot.Name"/>
    public string? Name { get; private set; }

    /// <summary>Time of the source from the frame that the answer was computed from to this one, in milliseconds.</summary>
    public double AgeMs => (_record.Stamp.SourceNs - Answer.Stamp.SourceNs) / 1e6;

    /// <summary>The answer was computed from an earlier frame and brought up to this one.</summary>
    public bool IsCarried => Answer.Stamp.Sequence != _record.Stamp.Sequence;

    /// <summary>When the frame was captured, by the time of day that a clock has now, in nanoseconds since 1970.</summary>
    public long CaptureUtcNs(TimeProvider clock) => clock.UtcNs() - (clock.NowNs() - _record.Stamp.CaptureNs);

    internal void Take(in PublishedFrame frame, bool withPixels)
    {
        StreamIndex = frame.StreamIndex;
        _record = frame.Record;
        (Fault, Name, Names) = (frame.Fault, frame.Slot.Name, frame.Names);
        Answer.CopyFrom(frame.Answer);
        if (withPixels)
        {
            frame.Slot.Bytes.CopyTo(Slot.Prepare(frame.Slot.Layout));
            Slot.Commit(frame.Slot.Stamp);
            Slot.TellAs(frame.Slot);
        }
    }

    public void Dispose() => Slot.Dispose();
}
