using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Outputs;

/// <summary>Sends a stream's actions to whoever has subscribed to them.</summary>
internal sealed class ChannelActuator(string stream, ActionWatch watch, TimeProvider clock) : IActuator
{
    private readonly ActionMessage _message = new() { Source = stream };

    public long LostCount => watch.LostCount;

    public string? Fault => watch.TakersOf(stream) > 0 ? null : "nobody moves: no client has subscribed to the actions of this stream";

    public void Act(in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        _message.AtNs = origin.AtNs;
        _message.AtUtcNs = clock.UtcNs() - (clock.NowNs() - origin.AtNs);
        _message.Values = _message.Values.Length == action.Length ? _message.Values : new float[action.Length];
        action.CopyTo(_message.Values);
        (_message.IsHold, _message.Reason) = (origin.IsHold, origin.HoldReason);
        _message.PlanSequence = origin.IsHold ? null : origin.PlanFrame.Sequence;
        _message.PlanPath = origin.IsHold ? null : origin.PathName;
        _message.Step = origin.StepIndex;
        _message.AgeMs = origin.IsHold ? null : origin.AgeNs / 1e6;
        _message.Blend = origin.OldWeight;
        watch.Publish(_message);
    }
}
