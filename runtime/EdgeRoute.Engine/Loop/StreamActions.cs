using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// A policy's way out: one action for each frame of the stream that ended, from the plan that is followed, or a hold where there is none.
/// Nothing for other tasks.
/// </summary>
internal sealed class StreamActions(FrameStreamParts parts)
{
    /// <summary>The path of an action that came from no plan.</summary>
    private const string HoldPath = "hold";

    private const string StopReason = "emergency stop";

    private readonly float[] _hold = new float[parts.Plan?.DimensionCount ?? 0];

    /// <summary>The frame has ended: its action is given out, and the plan goes on by a step.</summary>
    public void Act(in FrameStamp frame, AnswerCarrier carrier)
    {
        if (_hold.Length == 0)
        {
            return;
        }

        if (parts.Executor is { } executor)
        {
            executor.Follow(frame, carrier, parts.Plan!, parts.Router.Tree);
            return;
        }

        if (parts.Stop is { IsPressed: true })
        {
            // The plan is not carried out, and what it was made for will be past when the stop is released.
            GiveHold(frame, StopReason);
            carrier.Forgo();
            return;
        }

        if (parts.Actuator is { } actuator)
        {
            GiveTo(actuator, frame, carrier);
        }

        carrier.CarryOut();
    }

    private void GiveHold(in FrameStamp frame, string? reason) =>
        parts.Actuator?.Act(new ActionOrigin(frame, frame, 0, HoldPath, float.NaN, true) { HoldReason = reason }, _hold);

    private void GiveTo(IActuator actuator, in FrameStamp frame, AnswerCarrier carrier)
    {
        if (!carrier.HasPrevious)
        {
            GiveHold(frame, null);
            return;
        }

        var rest = carrier.Answer;
        string path = parts.Router.Tree.Nodes[rest.NodeIndex].PathName;
        actuator.Act(new ActionOrigin(frame, rest.Stamp, rest.StepIndex, path, carrier.PlanConfidence, false), rest.Values[.._hold.Length]);
    }
}
