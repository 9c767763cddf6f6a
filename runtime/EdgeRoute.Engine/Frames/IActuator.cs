using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Frames;

/// <summary>Where an action comes from, so that a robot's log can answer for every movement.</summary>
/// <param name="Frame">
/// The frame at whose end it is due; where steps have a rate of their own, the plan's frame with the time at which the step is due.
/// </param>
/// <param name="PlanFrame">The frame its plan was made from; equal to <paramref name="Frame"/> for a new plan.</param>
/// <param name="StepIndex">0-based step of the plan.</param>
/// <param name="PathName">The path that made the plan.</param>
/// <param name="Confidence">The plan's own confidence in [0, 1]; NaN where the pack has none.</param>
/// <param name="IsHold">There was no plan to follow: all values are zero, and the robot is to stay where it is.</param>
public readonly record struct ActionOrigin(FrameStamp Frame, FrameStamp PlanFrame, int StepIndex, string PathName, float Confidence,
    bool IsHold)
{
    /// <summary>When it is due, on the monotonic clock; 0 where it is due with its frame.</summary>
    public long AtNs { get; init; }

    /// <summary>Part of the plan before in its values, in [0, 1].</summary>
    public float OldWeight { get; init; }

    /// <summary>Why the robot is to stay where it is; null where it is not, or where there is simply no plan.</summary>
    public string? HoldReason { get; init; }

    /// <summary>Source time between the two frames, in nanoseconds.</summary>
    public long AgeNs => Frame.SourceNs - PlanFrame.SourceNs;
}

/// <summary>
/// Carries out the actions of a policy: one for each frame of its stream that ends, in the order of frames, or one for each step time. A
/// source that closes the loop implements it beside the frame source. Called on one thread at a time, the loop's or that of the steps: it
/// copies what it wants and returns at once, and never throws.
/// </summary>
public interface IActuator
{
    /// <summary>Actions that did not reach whoever moves.</summary>
    long LostCount => 0;

    /// <summary>Why nobody moves by its actions now; null where all is well.</summary>
    string? Fault => null;

    /// <param name="action">Values of one step, in the pack's own units; valid during the call only.</param>
    void Act(in ActionOrigin origin, ReadOnlySpan<float> action);
}
