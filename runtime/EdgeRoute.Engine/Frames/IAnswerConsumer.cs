using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Frames;

/// <summary>One frame that has ended, as consumers see it during the call.</summary>
/// <param name="streamIndex">0-based index of the source.</param>
/// <param name="slot">The frame's pixels; valid during the call only.</param>
/// <param name="answer">The answer; has no value when the frame failed. Valid during the call only.</param>
/// <param name="record">All that was decided and measured.</param>
public readonly ref struct PublishedFrame(int streamIndex, FrameSlot slot, Answer answer, ref readonly TraceRecord record)
{
    private readonly ref readonly TraceRecord _record = ref record;

    public int StreamIndex { get; } = streamIndex;

    public FrameSlot Slot { get; } = slot;

    public Answer Answer { get; } = answer;

    public ref readonly TraceRecord Record => ref _record;

    /// <summary>What went wrong first on this frame, in words; null where nothing did.</summary>
    public string? Fault { get; init; }
}

/// <summary>
/// Receives ended frames on the loop's thread. Copies what it wants and returns at once: it never blocks and never throws.
/// </summary>
public interface IAnswerConsumer
{
    void Publish(in PublishedFrame frame);
}
