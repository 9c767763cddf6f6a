using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// The emergency stop over the channel. All clients hold it as one cause, so that whoever is there can let go of what another pressed;
/// a button lets go of its own only.
/// </summary>
internal sealed class StopMethods(StopSwitch stop, JournalFile journal)
{
    public void AddTo(MethodTable table)
    {
        table.Add<StopRequest>(ControlMethod.Stop, ControlRole.Operator,
            (request, caller, _) => ValueTask.FromResult<IControlMessage?>(Press(request, caller)));
        table.Add<NoParameters>(ControlMethod.Release, ControlRole.Operator,
            async (_, caller, _) => await Release(caller).ConfigureAwait(false));
    }

    /// <summary>Null while it is released.</summary>
    public static StopStatus? StatusOf(StopSwitch stop) => stop.Causes is { Count: > 0 } causes ? new StopStatus
    {
        Causes = [.. causes.Select(c => new StopCauseEntry { Cause = c.Cause, Reason = c.Reason, SinceUtcNs = c.SinceUtcNs })],
    } : null;

    /// <summary>Stops first and writes down afterwards: no disk may keep a robot moving.</summary>
    private DoneReply Press(StopRequest request, ControlCaller caller)
    {
        string reason = request.Reason.Length == 0 ? caller.ToString() : $"{caller}: {request.Reason}";
        bool isNew = stop.Press(StopCauseEntry.Channel, reason);
        journal.Note(new JournalEntry
        {
            Who = caller.ToString(), Method = ControlMethod.Stop, Outcome = isNew ? "stopped" : "was stopped already",
            Reason = request.Reason,
        });
        return new DoneReply { Text = isNew ? "stopped: every actuator holds until 'release'"
            : $"it was stopped already, by {stop.Causes[0].Words}" };
    }

    private async Task<DoneReply> Release(ControlCaller caller)
    {
        if (!stop.Causes.Any(c => c.Cause == StopCauseEntry.Channel))
        {
            string holders = string.Join(", ", stop.Causes.Select(c => c.Words));
            throw new RpcRefusedException(RpcErrorCode.Conflict, holders.Length == 0 ? "the emergency stop is not pressed"
                : $"nobody holds the emergency stop over the channel; it is held by {holders}",
                holders.Length == 0 ? null : "it goes on when that lets go");
        }

        var entry = new JournalEntry { Who = caller.ToString(), Method = ControlMethod.Release, Outcome = "released" };
        await journal.Make(entry, () => Task.FromResult(stop.Release(StopCauseEntry.Channel))).ConfigureAwait(false);
        string left = string.Join(", ", stop.Causes.Select(c => c.Words));
        return new DoneReply { Text = left.Length == 0 ? "released: actions go on with the next plan"
            : $"the channel has let go; the emergency stop is still held by {left}" };
    }
}
