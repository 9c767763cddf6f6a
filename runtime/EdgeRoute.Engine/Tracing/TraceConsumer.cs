using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Tracing;

/// <summary>Hands every ended frame's trace, and where asked for its pixels as they came, to a recording.</summary>
public sealed class TraceConsumer(TraceSink sink, bool withFrames) : IAnswerConsumer
{
    public void Publish(in PublishedFrame frame)
    {
        sink.PushTrace(frame.Record);
        if (withFrames)
        {
            sink.PushFrame(frame.Slot.Stamp, frame.Slot.Layout, frame.Slot.Bytes);
        }
    }
}
