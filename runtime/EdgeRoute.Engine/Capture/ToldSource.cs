using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// A source whose frames are told the robot's state, and its task where one was put, by somebody else: each gets the freshest state there
/// is at its capture. It owns the source inside.
/// </summary>
internal sealed class ToldSource(IFrameSource inner, TaskMailbox mailbox, TimeProvider clock) : IFrameSource
{
    /// <summary>The source inside carries out actions.</summary>
    public bool Acts => inner is IActuator;

    public string Description =>
        $"{inner.Description}, told its robot's state {(mailbox.Topic is { } topic ? $"on the MQTT topic '{topic}'" : "over the channel")}";

    public bool IsLive => inner.IsLive;

    public bool Repeats => inner.Repeats;

    public bool SizesVary => inner.SizesVary;

    public bool TellsState => true;

    public bool TellsInstruction => mailbox.TellsInstruction || inner.TellsInstruction;

    public string? StatusText => inner.StatusText;

    public string? TakeNote() => inner.TakeNote();

    public SourceFault Fault => inner.Fault;

    public string? FindProblem() => inner.FindProblem();

    public bool Open() => inner.Open();

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        var outcome = inner.Read(slot, waitMs, out sourceNs);
        if (outcome == ReadOutcome.Frame)
        {
            mailbox.Tell(slot, clock.NowNs());
        }

        return outcome;
    }

    public void Close() => inner.Close();

    public void Dispose() => inner.Dispose();
}
