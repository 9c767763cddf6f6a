using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Rules;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Engine.Loop;

namespace EdgeRoute.Engine.Running;

/// <summary>From the rules of a config to those of a stream: names of classes and paths are looked up in the pack.</summary>
internal sealed class RuleBuilder
{
    private readonly WatchConfig _watch;
    private readonly Pack _pack;
    private readonly RouteTree _tree;
    private readonly int _room;
    private readonly DeviceLines? _lines;
    private readonly string _source;
    private readonly Action<RuleTurn>? _tell;
    private bool _readsSignals;

    private RuleBuilder(SourceConfig source, Pack pack, RouteTree tree, DeviceLines? lines, Action<RuleTurn>? tell)
    {
        (_watch, _pack, _tree) = (source.Watch, pack, tree);
        (_lines, _source, _tell) = (lines, source.Name, tell);
        // Objects that are out of sight for a moment are remembered beside those that are seen.
        _room = 2 * pack.Stages.Max(s => s.Exit?.Detection?.Limit ?? 1);
    }

    /// <param name="lines">What rules may drive; null leaves that out.</param>
    /// <param name="tell">Tells the output that a turn names; null leaves that out.</param>
    /// <returns>Null where the source has no rules.</returns>
    /// <exception cref="ArgumentException">A rule names what the pack does not have, or the pack's answers are of another kind.</exception>
    public static StreamRules? Build(SourceConfig source, Pack pack, RouteTree tree, DeviceLines? lines, Action<RuleTurn>? tell) =>
        source.Watch.Rules.Count == 0 ? null : new RuleBuilder(source, pack, tree, lines, tell).BuildAll();

    private StreamRules BuildAll()
    {
        List<StreamRule> rules = [.. _watch.Rules.Select(BuildOne)];
        return new StreamRules(rules, _readsSignals);
    }

    private StreamRule BuildOne(RuleConfig rule)
    {
        try
        {
            var timing = new RuleTiming((long)(rule.ForMs * 1e6), (long)(rule.HoldMs * 1e6));
            int lockNode = rule.Path is { } path ? NodeOf(path).Index : -1;
            return new StreamRule(new Rule(rule.Name, Condition(rule.When), timing), rule.Event, lockNode)
            {
                Line = rule.Gpio is { } action && _lines is not null
                    ? new LineAction(_lines.OutputNamed(action.Line), action.PulseMs ?? 0) : null,
                Output = rule.Output is { } output && _tell is not null ? new OutputAction(_source, output, _tell) : null,
            };
        }
        catch (ArgumentException refused)
        {
            throw new ArgumentException($"rule '{rule.Name}' {refused.Message}", refused);
        }
    }

    private RuleCondition Condition(ConditionConfig config) => config switch
    {
        JoinedConfig { IsAll: true } all => new AllOf([.. all.Parts.Select(Condition)]),
        JoinedConfig any => new AnyOf([.. any.Parts.Select(Condition)]),
        NotConfig not => new NotThat(Condition(not.Part)),
        CountConfig count => new ObjectCount(Filter(count.Objects), count.AtLeast, count.AtMost),
        DwellConfig dwell => new Dwell(Filter(dwell.Objects), (long)(dwell.AtLeastMs * 1e6), _room),
        CrossesConfig crosses => new Crosses(Filter(crosses.Objects), _watch.Lines.First(l => l.Name == crosses.Line), crosses.Direction,
            _room),
        SpeedConfig speed => new MovesAtLeast(Filter(speed.Objects), (float)speed.AtLeast),
        NearConfig near => new AreNear(Filter(near.Objects), Filter(near.Objects with { Class = near.Other }), (float)near.Within),
        PathConfig path => new PathTaken([NodeOf(path.Path).Index]),
        EndedConfig ended => new EndedAs(ended.End),
        SignalConfig signal => Signal(signal),
        _ => throw new ArgumentException($"has a condition of no known kind, {config.GetType().Name}"),
    };

    private SignalWithin Signal(SignalConfig config)
    {
        _readsSignals = true;
        return new SignalWithin(RuleSignals.Of(config.Name), (float)config.AtLeast, (float)config.AtMost);
    }

    private ObjectFilter Filter(ObjectsConfig objects)
    {
        if (_pack.Task != TaskKind.Detection)
        {
            throw new ArgumentException($"is about objects, but the pack '{_pack.Name}' answers with "
                + ManifestEnums.Of(ManifestEnums.Tasks, _pack.Task));
        }

        int index = objects.Class is null ? -1 : _pack.Labels.ToList().IndexOf(objects.Class);
        if (objects.Class is { } name && index < 0)
        {
            throw new ArgumentException($"names the class '{name}', which the pack '{_pack.Name}' does not have"
                + NearestName.Hint(name, _pack.Labels));
        }

        return new ObjectFilter(index, (float)objects.Confidence, _watch.Zones.FirstOrDefault(z => z.Name == objects.Zone));
    }

    private RouteNode NodeOf(string path) => _tree.FindPath(path) is { VariantIndex: >= 0 } node ? node
        : throw new ArgumentException($"names the path '{path}', which the pack '{_pack.Name}' does not have; it has "
            + string.Join(", ", _tree.PathNames));
}
