using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Changes of the running engine: one after the other, each checked, applied between two frames and journaled; those on trial are watched
/// and taken back by themselves.
/// </summary>
/// <param name="readingSince">What was measured on a stream since an instant of the engine's clock.</param>
internal sealed class ChangeControl(RunningEngine engine, JournalFile journal, Func<int, long, TrialReading> readingSince) : IDisposable
{
    /// <summary>A trial is for minutes; what needs a day is a decision.</summary>
    public const double TrialSecondsMost = 3600;

    /// <summary>Who takes a change back, in the journal.</summary>
    public const string Device = "device";

    private readonly ChangePlanner _planner = new(engine);
    private readonly SemaphoreSlim _gate = new(1);
    private volatile Trial? _trial;
    private TrialStatus? _ended;

    /// <summary>The trial that runs, or how the last one ended; null where there was none.</summary>
    public TrialStatus? LastTrial => _trial is { } trial ? trial.Status("running", engine.Clock.NowNs()) : _ended;

    /// <summary>The trial that runs; null while none does.</summary>
    public TrialStatus? RunningTrial => _trial is null ? null : LastTrial;

    /// <inheritdoc cref="ChangePlanner.Find"/>
    public LiveStream Find(string stream) => _planner.Find(stream);

    /// <exception cref="RpcRefusedException">The change does not fit, or a trial is in the way.</exception>
    public async Task<ChangeReply> Change(ChangeRequest request, ControlCaller caller, CancellationToken cancel)
    {
        CheckTrial(request.Trial);
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var plan = _planner.Plan(request.Stream, request.Set);
            var reply = new ChangeReply { Differences = plan.Differences, Effects = _planner.Effects(plan) };
            if (request.IsDryRun || plan.Differences.Count == 0)
            {
                bool isSame = plan.Differences.Count == 0;
                string? trial = isSame ? null : InTheWay(plan.Before.Name, request.Trial is not null);
                reply.Effects.AddRange(isSame ? ["nothing changes: the settings are so already"] : []);
                reply.Effects.AddRange(trial is null ? [] : [$"it would be refused now: {trial}"]);
                return reply;
            }

            RefuseDuringTrial(plan.Before.Name, request.Trial is not null);
            await ApplyJournaled(plan, request, caller, reply).ConfigureAwait(false);
            return reply;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the trial in favour of the change, or, where conditions stay to be watched, confirms it.</summary>
    public async Task<TrialStatus> Keep(ControlCaller caller)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var trial = _trial ?? throw NoTrial();
            End(trial, "kept", $"kept by {caller}");
            return _ended!;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<TrialStatus> Cancel(ControlCaller caller)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await RollBack(_trial ?? throw NoTrial(), $"cancelled by {caller}").ConfigureAwait(false);
            return _ended!;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Judges the trial that runs; called several times a second, one call at a time.</summary>
    public async Task Watch()
    {
        if (_trial is not { } trial || !await _gate.WaitAsync(0).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            long now = engine.Clock.NowNs();
            if (trial != _trial)
            {
                return;
            }

            if (trial.Judge(ReadingSince(trial.StreamIndex, trial.StartNs), now) is { } why)
            {
                await RollBack(trial, why).ConfigureAwait(false);
            }
            else if (trial.IsOver(now))
            {
                End(trial, "kept", "kept: every condition held");
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The engine has ended, and what was on trial with it: the next begins with the config.</summary>
    public void Dispose()
    {
        if (_trial is { } trial)
        {
            const string Undecided = "not decided: the run ended during the trial; the next begins with the config";
            journal.Note(EntryOf(trial.Stream, Device, [], Undecided, trial.Name));
        }

        _gate.Dispose();
    }

    private async Task ApplyJournaled(ChangePlan plan, ChangeRequest request, ControlCaller caller, ChangeReply reply)
    {
        var start = ReadingSince(plan.StreamIndex, engine.Clock.NowNs());
        string stream = plan.Next.Source.Name;
        var entry = EntryOf(stream, caller.ToString(), plan.Differences, request.Trial is null ? "applied" : "on trial", request.Reason);
        if (IsLocking(plan))
        {
            // A lock must come about on a full disk too: it is written down when it is in force.
            await Apply(plan, entry).ConfigureAwait(false);
            journal.Note(entry);
        }
        else
        {
            await journal.Make(entry, async () => await Apply(plan, entry).ConfigureAwait(false)).ConfigureAwait(false);
        }

        (reply.IsApplied, reply.JournalNumber) = (true, entry.Number);
        if (request.Trial is { } wanted)
        {
            var subject = new TrialSubject(plan.StreamIndex, stream, (outcome, reason) => TakeBack(plan, outcome, reason));
            _trial = new Trial(subject, wanted, reply.JournalNumber, engine.Clock.NowNs(), start);
            reply.Trial = RunningTrial;
        }
    }

    private async Task TakeBack(ChangePlan made, string outcome, string reason)
    {
        var plan = _planner.Plan(made.StreamIndex, made.Before);
        var entry = EntryOf(made.Before.Name, Device, plan.Differences, outcome, reason);
        await Apply(plan, entry).ConfigureAwait(false);
        journal.Note(entry);
    }

    /// <summary>
    /// Carries out a change of which streams there are: alone, journaled, and on trial where that is wanted. None begins while a trial
    /// runs, which would measure it too.
    /// </summary>
    /// <param name="entry">With the outcome that it is to have.</param>
    /// <param name="change">Returns what is on trial then.</param>
    /// <exception cref="RpcRefusedException">A trial is in the way, or the change does not come about.</exception>
    public async Task<TrialStatus?> Carry(JournalEntry entry, TrialRequest? wanted, Func<Task<TrialSubject>> change,
        CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            RefuseDuringTrial(entry.Stream, wantsTrial: true);
            var subject = await journal.Make(entry, change).ConfigureAwait(false);
            if (wanted is null)
            {
                return null;
            }

            long now = engine.Clock.NowNs();
            _trial = new Trial(subject, wanted, entry.Number, now, ReadingSince(subject.StreamIndex, now));
            return RunningTrial;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static bool IsLocking(ChangePlan plan) =>
        plan.Next.Source.LockPath is { } path && path != plan.Before.LockPath;

    private async Task<ChangePlan> Apply(ChangePlan plan, JournalEntry entry)
    {
        List<EdgeRoute.Engine.Tracing.Recording> ended;
        try
        {
            ended = await _planner.Apply(plan).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, "the engine is stopping; nothing was changed");
        }
        catch (Exception failed) when (failed is EngineRefusedException or InvalidOperationException or ArgumentException)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, $"nothing was changed: {failed.Message}");
        }

        string words = string.Join(", ", plan.Differences.Select(d => $"{d.Name} {d.Before} -> {d.After}"));
        engine.Recordings.PushEvent(new RecordedEvent(engine.Clock.NowNs(), plan.StreamIndex, EventKind.CommandApplied,
            $"{entry.Who}: {words}"));
        ended.ForEach(r => engine.Recordings.Close(r));
        return plan;
    }

    private async Task RollBack(Trial trial, string why)
    {
        await trial.Subject.TakeBack($"rolled back: {why}", trial.Name).ConfigureAwait(false);
        Finish(trial, "rolled_back", why);
    }

    private void End(Trial trial, string state, string outcome)
    {
        string measured = string.Join("; ", trial.Status(state, engine.Clock.NowNs()).Conditions);
        string words = measured.Length == 0 ? outcome : $"{outcome} ({measured})";
        string settled = trial.Subject.Settle?.Invoke() is { } more ? $"; {more}" : "";
        journal.Note(EntryOf(trial.Stream, Device, [], words + settled, trial.Name));
        Finish(trial, state, outcome + settled);
    }

    private void Finish(Trial trial, string state, string why)
    {
        var status = trial.Status(state, engine.Clock.NowNs());
        status.Conditions.Insert(0, why);
        _ended = status;
        _trial = null;
    }

    private JournalEntry EntryOf(string stream, string who, List<SettingDifference> differences, string outcome, string reason) => new()
    {
        UtcNs = engine.Clock.UtcNs(),
        Who = who,
        Method = ControlMethod.Change,
        Stream = stream,
        Differences = differences,
        Outcome = outcome,
        Reason = reason,
    };

    private TrialReading ReadingSince(int streamIndex, long sinceNs) => streamIndex >= 0 ? readingSince(streamIndex, sinceNs)
        : new TrialReading(new WindowStatus(), default, 0, double.NaN, null);

    /// <summary>What keeps a change from being made now; null for nothing.</summary>
    public string? InTheWay(string stream, bool wantsTrial) => _trial is { } trial
        && (wantsTrial || trial.Stream == stream) ? $"a change of stream {trial.Stream} is on trial" : null;

    private void RefuseDuringTrial(string stream, bool wantsTrial)
    {
        if (InTheWay(stream, wantsTrial) is { } why)
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, why,
                "wait for its end, or keep or cancel it: 'edgeroute trial keep', 'edgeroute trial cancel'");
        }
    }

    /// <exception cref="RpcRefusedException">It has no time that it can end at.</exception>
    public static void CheckTrial(TrialRequest? trial)
    {
        if (trial is not null && !(trial.Seconds is > 0 and <= TrialSecondsMost))
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest,
                $"a trial of {trial.Seconds} s; give more than 0 and at most {TrialSecondsMost} s");
        }
    }

    private static RpcRefusedException NoTrial() => new(RpcErrorCode.NotFound, "no change is on trial");
}
