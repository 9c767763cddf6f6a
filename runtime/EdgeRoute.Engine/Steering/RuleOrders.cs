using System.Collections.Concurrent;
using System.Globalization;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Core.Rules;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// What rules have done that takes a file or a change: recordings begin, settings are others while a rule is on. Looked at some dozens of
/// times a second, beside the frames, which are not kept; journaled under the rule's name as a client's would be.
/// </summary>
/// <param name="record">Begins a recording of a name.</param>
internal sealed class RuleOrders(RunningEngine engine, ChangeControl changes,
    Func<string, RecordActionConfig, ControlCaller, Task> record)
{
    /// <summary>Between two tries of what was refused: a trial in the way lasts for minutes.</summary>
    private const long RetryNs = 1_000_000_000;

    private readonly ConcurrentDictionary<(int Stream, string Rule), Followed> _followed = [];

    /// <summary>A rule with orders, as it was followed last.</summary>
    private sealed class Followed
    {
        public long RecordedCount, LostCount;

        /// <summary>When the recording that is due was first to begin; null while none is due.</summary>
        public long? DueSinceNs;

        /// <summary>What its settings were before; null while it has set none.</summary>
        public List<SettingActionConfig>? Before;

        public string? ToldRefusal;

        /// <summary>As the status has it.</summary>
        public volatile string? Fault;

        public long RetryNs = long.MinValue;
    }

    /// <summary>
    /// A recording that cannot begin is tried for so long, and as long as its rule is on: a full disk or another recording may give way.
    /// Later what was to be seen is over, and it is lost.
    /// </summary>
    public long RecordTriesNs { get; init; } = 60_000_000_000;

    /// <summary>Whether there is something to be done; asked often.</summary>
    public bool IsDue()
    {
        foreach (var live in engine.State.Live)
        {
            foreach (var config in live.Setup.Source.Watch.Rules)
            {
                if ((config.Record is not null || config.Settings.Count > 0) && RuleOf(live, config.Name) is { } rule
                    && IsDue(live.Stream.Index, config, rule))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Adds what became of a rule's orders; any thread.</summary>
    public void AddTo(RuleStatus status, int stream)
    {
        if (_followed.TryGetValue((stream, status.Name), out var known))
        {
            (status.LostCount, status.Fault) = (Interlocked.Read(ref known.LostCount), known.Fault);
        }
    }

    /// <summary>Does what is due; one call at a time.</summary>
    public async Task Follow()
    {
        foreach (var live in engine.State.Live)
        {
            foreach (var config in live.Setup.Source.Watch.Rules.Where(r => r.Record is not null || r.Settings.Count > 0))
            {
                if (RuleOf(live, config.Name) is { } rule && IsDue(live.Stream.Index, config, rule))
                {
                    await Follow(live, config, rule).ConfigureAwait(false);
                }
            }
        }
    }

    private static Rule? RuleOf(LiveStream live, string name)
    {
        foreach (var rule in live.Setup.Parts.Rules?.Rules ?? [])
        {
            if (rule.Rule.Name == name)
            {
                return rule.Rule;
            }
        }

        return null;
    }

    private bool IsDue(int stream, RuleConfig config, Rule rule)
    {
        var known = _followed.GetValueOrDefault((stream, config.Name));
        if (known?.RetryNs > engine.Clock.NowNs())
        {
            return false;
        }

        bool isRecordDue = config.Record is not null && rule.OnCount > (known?.RecordedCount ?? 0);
        return isRecordDue || (config.Settings.Count > 0 && rule.IsOn != known?.Before is not null);
    }

    private async Task Follow(LiveStream live, RuleConfig config, Rule rule)
    {
        var key = (live.Stream.Index, config.Name);
        var known = _followed.GetOrAdd(key, _ => new Followed());
        var caller = new ControlCaller($"rule {config.Name} of {live.Stream.Name}", ControlRole.Operator, ChangeControl.Device);
        try
        {
            if (config.Settings.Count > 0 && rule.IsOn != known.Before is not null)
            {
                await (rule.IsOn ? Set(live, config, known, caller) : Restore(live, config, known, caller)).ConfigureAwait(false);
            }

            if (config.Record is { } asked && rule.OnCount > known.RecordedCount)
            {
                await Record(live, config, rule, known, asked, caller).ConfigureAwait(false);
            }

            (known.ToldRefusal, known.Fault) = (null, null);
        }
        catch (RpcRefusedException refused)
        {
            Tell(live, config, known, refused);
        }
    }

    /// <summary>One recording for however often the rule has turned on since the last.</summary>
    private async Task Record(LiveStream live, RuleConfig config, Rule rule, Followed known, RecordActionConfig asked, ControlCaller caller)
    {
        long nowNs = engine.Clock.NowNs(), wantedCount = rule.OnCount;
        known.DueSinceNs ??= nowNs;
        try
        {
            await record(string.Create(CultureInfo.InvariantCulture,
                $"{live.Stream.Name}-{config.Name}-{engine.Clock.GetUtcNow():yyyyMMdd-HHmmss}"), asked, caller).ConfigureAwait(false);
        }
        catch (RpcRefusedException refused) when (!rule.IsOn && nowNs - known.DueSinceNs >= RecordTriesNs)
        {
            (known.RecordedCount, known.DueSinceNs) = (wantedCount, null);
            Interlocked.Increment(ref known.LostCount);
            throw new RpcRefusedException(refused.Error.Code, $"its recording is lost: {refused.Message}");
        }

        (known.RecordedCount, known.DueSinceNs) = (wantedCount, null);
    }

    private async Task Set(LiveStream live, RuleConfig config, Followed known, ControlCaller caller)
    {
        var source = live.Setup.Source;
        List<SettingActionConfig> before = [.. config.Settings.Select(s => s with { Value = s.Setting.Get(source) })];
        await Change(live, config.Settings, "while the rule is on", caller).ConfigureAwait(false);
        known.Before = before;
    }

    /// <summary>What somebody else has set meanwhile stays.</summary>
    private async Task Restore(LiveStream live, RuleConfig config, Followed known, ControlCaller caller)
    {
        var source = live.Setup.Source;
        var own = known.Before!.Where((s, i) => s.Setting.Get(source).ToString() == config.Settings[i].Value.ToString()).ToList();
        if (own.Count > 0)
        {
            await Change(live, own, "the rule is off again", caller).ConfigureAwait(false);
        }

        known.Before = null;
    }

    private Task<ChangeReply> Change(LiveStream live, IEnumerable<SettingActionConfig> settings, string reason, ControlCaller caller)
    {
        var set = new SettingSet();
        foreach (var (setting, value) in settings)
        {
            setting.Field(set) = value;
        }

        return changes.Change(new ChangeRequest { Stream = live.Stream.Name, Set = set, Reason = reason }, caller, CancellationToken.None);
    }

    /// <summary>Told once, in the status as long as it lasts, and tried again.</summary>
    private void Tell(LiveStream live, RuleConfig config, Followed known, RpcRefusedException refused)
    {
        known.RetryNs = engine.Clock.NowNs() + RetryNs;
        known.Fault = refused.Message;
        if (known.ToldRefusal != refused.Message)
        {
            known.ToldRefusal = refused.Message;
            engine.Reports.Warn($"source {live.Stream.Name}: rule '{config.Name}' cannot have it done: {refused.Message}");
        }
    }
}
