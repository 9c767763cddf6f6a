using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Rules;

/// <summary>What rules look at: a frame that has ended, and what is published of it. One per source, filled anew for each frame.</summary>
public sealed class RuleScene
{
    /// <summary>What is published: looked at now, or carried.</summary>
    public required Answer Answer { get; set; }

    /// <summary>Of the frame.</summary>
    public FrameSignals Signals { get; set; }

    /// <summary>The source's time of the frame, in nanoseconds.</summary>
    public long SourceNs { get; set; }

    /// <summary>Node of the route tree that the answer came from; -1 for none.</summary>
    public int NodeIndex { get; set; } = -1;

    public FrameEnd End { get; set; }

    /// <summary>Whether what is published tells anything: a failed frame says nothing of the objects before the camera.</summary>
    public bool HasAnswer => Answer.HasValue && End is not (FrameEnd.Failed or FrameEnd.Dropped or FrameEnd.None);
}

/// <summary>Which of the objects a condition is about.</summary>
/// <param name="ClassIndex">-1 for any.</param>
/// <param name="ConfidenceAtLeast">0 for any.</param>
/// <param name="Zone">Null for the whole frame.</param>
public sealed record ObjectFilter(int ClassIndex, float ConfidenceAtLeast, Zone? Zone)
{
    public static ObjectFilter Any { get; } = new(-1, 0, null);

    public bool Takes(in Detection box) => (ClassIndex < 0 || box.ClassIndex == ClassIndex) && box.Confidence >= ConfidenceAtLeast
        && (Zone is null || Zone.Contains(FramePoint.FootOf(box)));
}
