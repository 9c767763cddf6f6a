using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.TestBench.Simulated;

/// <summary>
/// Someone who changes settings, tries changes out, keeps and cancels them, and asks for what cannot be. What the device says it did is
/// compared with what it is, and with its journal.
/// </summary>
internal sealed class SimulatedLaptop(RunningEngine engine, ChangeControl changes, JournalFile journal, Random random)
{
    private static readonly ControlCaller Caller = new("laptop", ControlRole.Operator, "simulated");

    private static readonly string[] Policies = ["cascade", "fixed:light", "fixed:heavy_1", "value", "fixed:nowhere", "dice"];
    private static readonly string?[] Locks = [null, null, null, "light", "heavy_1>heavy_2", "nowhere"];
    private static readonly double[] Deadlines = [1, 20, 200, 2000, -5, 0];

    private Task? _pending;
    private Action _verify = () => { };

    /// <summary>The source as it was before the change on trial.</summary>
    private (int Index, SourceConfig Before)? _trial;

    /// <summary>Settings that hold, by stream: what was applied and not taken back.</summary>
    private readonly List<SourceConfig> _expected = [.. engine.State.Config.Sources];

    public int AppliedCount { get; private set; }

    public int RefusedCount { get; private set; }

    public int RolledBackCount { get; private set; }

    public int KeptCount { get; private set; }

    /// <summary>Something was handed to the loop and waits for the end of a frame.</summary>
    public bool Waits => _pending is not null;

    /// <summary>Since when, on the engine's clock.</summary>
    public long WaitsSinceNs { get; private set; }

    /// <summary>One request, drawn at random; nothing while the last one waits.</summary>
    public void Ask()
    {
        if (_pending is not null)
        {
            return;
        }

        int stream = random.Next(engine.State.Streams.Count);
        switch (random.Next(8))
        {
            case 0 when _trial is not null:
                Begin(changes.Keep(Caller), () => EndTrial("kept"));
                break;
            case 1 when _trial is not null:
                Begin(changes.Cancel(Caller), () => EndTrial("rolled_back"));
                break;
            default:
                Change(stream);
                break;
        }
    }

    /// <summary>As the device's own watch does, several times a second.</summary>
    public void WatchTrial()
    {
        if (_pending is null && _trial is not null)
        {
            Begin(changes.Watch(), () =>
            {
                if (changes.RunningTrial is null)
                {
                    EndTrial(changes.LastTrial!.State);
                }
            });
        }
    }

    /// <summary>The loop has come round since the request was made: it must have been carried out.</summary>
    public void Settle()
    {
        if (_pending is not { } pending)
        {
            return;
        }

        _pending = null;
        try
        {
            if (!pending.Wait(TimeSpan.FromMinutes(1)))
            {
                throw new BrokenLawException("a change that was handed to the loop was not carried out at the end of a frame");
            }
        }
        catch (AggregateException failed) when (failed.InnerException is RpcRefusedException)
        {
            RefusedCount++;
            CheckSettings("a refused change");
            return;
        }

        _verify();
        CheckSettings("a change");
    }

    private void Change(int stream)
    {
        var set = Drawn();
        var trial = random.Next(4) != 0 ? null : new TrialRequest
        {
            Seconds = random.Next(5) == 0 ? -1 : random.Next(1, 120),
            FailedMost = random.Next(2) == 0 ? null : random.Next(3),
            LatencyMsP99 = random.Next(2) == 0 ? null : random.Next(1, 500),
            NeedsConfirmation = random.Next(4) == 0,
        };
        long number = journal.LastNumber;
        var before = engine.State.Config.Sources[stream];
        var change = changes.Change(new ChangeRequest { Stream = engine.State.Streams[stream].Name, Set = set, Trial = trial,
            IsDryRun = random.Next(8) == 0 }, Caller, CancellationToken.None);
        Begin(change, () =>
        {
            var reply = change.Result;
            if (journal.LastNumber != number + (reply.IsApplied ? 1 : 0))
            {
                throw new BrokenLawException($"a change that was {(reply.IsApplied ? "" : "not ")}applied has taken the journal from "
                    + $"number {number} to {journal.LastNumber}");
            }

            if (reply.IsApplied)
            {
                AppliedCount++;
                _expected[stream] = engine.State.Config.Sources[stream];
                _trial = trial is null ? _trial : (stream, before);
                CheckJournal(trial is null ? "applied" : "on trial");
            }
        });
    }

    private SettingSet Drawn()
    {
        var set = new SettingSet();
        switch (random.Next(5))
        {
            case 4:
                set.MaxAgeMs = SettingValue.Of(Math.Exp(random.NextDouble() * 10));
                break;
            case 0:
                set.Policy = SettingValue.Of(Policies[random.Next(Policies.Length)]);
                break;
            case 1:
                set.Lock = Locks[random.Next(Locks.Length)] is { } path ? SettingValue.Of(path) : SettingValue.None;
                break;
            case 2:
                set.DeadlineMs = random.Next(4) == 0 ? SettingValue.None : SettingValue.Of(Deadlines[random.Next(Deadlines.Length)]);
                break;
            default:
                set.Price = SettingValue.Of(random.Next(3) - 1 + random.NextDouble());
                break;
        }

        return set;
    }

    private void Begin(Task asked, Action verify) => (_pending, _verify, WaitsSinceNs) = (asked, verify, engine.Clock.NowNs());

    private void EndTrial(string state)
    {
        var (index, before) = _trial!.Value;
        _trial = null;
        bool isBack = state == "rolled_back";
        (KeptCount, RolledBackCount) = (KeptCount + (isBack ? 0 : 1), RolledBackCount + (isBack ? 1 : 0));
        _expected[index] = isBack ? before : _expected[index];
        CheckJournal(isBack ? "rolled back" : "kept");
    }

    private void CheckJournal(string outcome)
    {
        var last = journal.Recent()[^1];
        if (!last.Outcome.StartsWith(outcome, StringComparison.Ordinal) || last.Number != journal.LastNumber)
        {
            throw new BrokenLawException($"the journal's last entry is number {last.Number}, '{last.Outcome}'; wanted '{outcome}'");
        }
    }

    private void CheckSettings(string after)
    {
        for (int i = 0; i < _expected.Count; i++)
        {
            if (SettingChanges.Differences(_expected[i], engine.State.Config.Sources[i]) is [var first, ..])
            {
                throw new BrokenLawException($"after {after} '{first.Name}' of {_expected[i].Name} is {first.After}, not {first.Before}");
            }
        }
    }
}
