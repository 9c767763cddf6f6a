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

    private readonly Dictionary<(int Stream, string Rule), Followed> _followed = [];

    /// <summary>A rule with orders, as it was followed last.</summary>
    private sealed class Followed
    {
        public long RecordedCount;

        /// <summary>What its settings were before; null while it has set none.</summary>
        public List<SettingActionConfig>? Before;

        public string? ToldRefusal;

        public long RetryNs = long.MinValue;
    }

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
        if (!_followed.TryGetValue(key, out var known))
        {
            _followed[key] = known = new Followed();
        }

        var caller = new ControlCaller($"rule {config.Name} of {live.Stream.Name}", ControlRole.Operator, ChangeControl.Device);
        try
        {
            if (config.Record is { } asked && rule.OnCount > known.RecordedCount)
            {
                known.RecordedCount = rule.OnCount;
                await record(string.Create(CultureInfo.InvariantCulture,
                    $"{live.Stream.Name}-{config.Name}-{engine.Clock.GetUtcNow():yyyyMMdd-HHmmss}"), asked, caller).ConfigureAwait(false);
            }

            if (config.Settings.Count > 0 && rule.IsOn != known.Before is not null)
            {
                await (rule.IsOn ? Set(live, config, known, caller) : Restore(live, config, known, caller)).ConfigureAwait(false);
            }

            known.ToldRefusal = null;
        }
        catch (RpcRefusedException refused)
        {
            Tell(live, config, known, refused);
        }
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

    /// <summary>Told once; settings are tried again as long as the rule wants them, a recording that cannot begin is lost.</summary>
    private void Tell(LiveStream live, RuleConfig config, Followed known, RpcRefusedException refused)
    {
        known.RetryNs = engine.Clock.NowNs() + RetryNs;
        if (known.ToldRefusal != refused.Message)
        {
            known.ToldRefusal = refused.Message;
            engine.Reports.Warn($"source {live.Stream.Name}: rule '{config.Name}' cannot have it done: {refused.Message}");
        }
    }
}
