using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Frames;

/// <summary>Where an action comes from, so that a robot's log can answer for every movement.</summary>
/// <param name="Frame">The frame at whose end it is due.</param>
/// <param name="PlanFrame">The frame its plan was made from; equal to <paramref name="Frame"/> for a new plan.</param>
/// <param name="StepIndex">0-based step of the plan.</param>
/// <param name="PathName">The path that made the plan.</param>
/// <param name="Confidence">The plan's own confidence in [0, 1]; NaN where the pack has none.</param>
/// <param name="IsHold">There was no plan to follow: all values are zero, and the robot is to stay where it is.</param>
public readonly record struct ActionOrigin(FrameStamp Frame, FrameStamp PlanFrame, int StepIndex, string PathName, float Confidence,
    bool IsHold)
{
    /// <summary>Source time between the two frames, in nanoseconds.</summary>
    public long AgeNs => Frame.SourceNs - PlanFrame.SourceNs;
}

/// <summary>
/// Carries out the actions of a policy: one for each frame of its stream that ends, in the order of frames. A source that closes the loop
/// implements it beside the frame source. Called on the loop's thread: it copies what it wants and returns at once, and
/// never throws.
/// </summary>
public interface IActuator
{
    /// <param name="action">Values of one step, in the pack's own units; valid during the call only.</param>
    void Act(in ActionOrigin origin, ReadOnlySpan<float> action);
}
