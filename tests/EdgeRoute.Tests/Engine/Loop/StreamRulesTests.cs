using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Rules;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;
using EdgeRoute.Tests.Engine.Gpio;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>What rules tell and lock, in the real loop on scripted stages.</summary>
public sealed class StreamRulesTests
{
    private const int Bright = 200, Dark = 10;

    private static readonly RouteTree Tree = SampleGraphs.Cascade();

    private readonly List<string> _events = [];

    [Fact]
    public void A_rule_locks_the_frames_after_the_one_that_turned_it_on()
    {
        using var rig = Rig(new StreamRules([RuleOn("dark", "heavy")], readsSignals: true));
        rig.RunInStep(30, i => (byte)(i is >= 10 and < 20 ? Dark : Bright));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => i is > 10 and <= 20 ? "heavy" : "light"),
            rig.Records.Select(r => Tree.Nodes[r.NodeIndex].PathName));
        Assert.All(rig.Records.Skip(11).Take(10), r => Assert.Equal(DecisionReason.SafetyLock, r.Decisions[0].Reason));
        Assert.Equal(["rule 'dark' is on: it is dark", "rule 'dark' is off"], _events);
    }

    [Fact]
    public void A_lock_that_somebody_set_goes_before_a_rule()
    {
        int light = Tree.FindPath("light")!.Index;
        using var rig = Rig(new StreamRules([RuleOn("dark", "heavy")], readsSignals: true), light);
        rig.RunInStep(10, _ => Dark);
        Assert.All(rig.Records, r => Assert.Equal(light, r.NodeIndex));
        Assert.Single(_events);
    }

    [Fact]
    public void Of_several_rules_the_first_that_is_on_decides()
    {
        using var rig = Rig(new StreamRules([RuleOn("dark", null), RuleOn("dark too", "light"), RuleOn("dark as well", "heavy")],
            readsSignals: true));
        rig.RunInStep(10, _ => Dark);
        Assert.All(rig.Records.Skip(1), r => Assert.Equal((DecisionReason.SafetyLock, "light"),
            (r.Decisions[0].Reason, Tree.Nodes[r.NodeIndex].PathName)));
    }

    [Fact]
    public void A_rule_drives_a_line_and_lets_go_of_it_with_its_end()
    {
        var chip = new ScriptedGpioChip();
        var (level, pulse) = (Output(chip, "level"), Output(chip, "pulse"));
        using var rig = Rig(new StreamRules([RuleOn("dark", null) with { Line = new LineAction(level, 0) },
            RuleOn("dark too", null) with { Line = new LineAction(pulse, 100) }], readsSignals: true));
        rig.RunInStep(15, i =>
        {
            level.Step(rig.Clock.GetTimestamp(), isAlive: true);
            return (byte)(i is >= 5 and < 10 or 14 ? Dark : Bright);
        });
        level.Step(rig.Clock.GetTimestamp(), isAlive: true);
        pulse.Step(rig.Clock.GetTimestamp(), isAlive: true);
        Assert.Equal(["level 0", "level 1", "level 0", "level 1", "pulse 0", "pulse 1"], chip.Written);
        rig.Streams[0].Replace(rig.Streams[0].Parts with { Rules = null });
        rig.Clock.AdvanceMs(2);
        level.Step(rig.Clock.GetTimestamp(), isAlive: true);
        Assert.Equal("level 0", chip.Written.Last());
    }

    [Fact]
    public void A_rule_tells_an_output_of_each_turn_and_of_its_end()
    {
        var told = new List<(string Rule, bool IsOn, long Sequence)>();
        void Tell(RuleTurn turn) => told.Add((turn.Rule, turn.IsOn, turn.Sequence));
        OutputAction Telling(string? on) => new("front", new OutputActionConfig("home", "t") { OnText = on }, Tell);
        using var rig = Rig(new StreamRules([RuleOn("dark", null) with { Output = Telling(null) },
            RuleOn("silent", null) with { Output = Telling("x") }], readsSignals: true));
        rig.RunInStep(15, i => (byte)(i is >= 5 and < 10 or 14 ? Dark : Bright));
        rig.Streams[0].Replace(rig.Streams[0].Parts with { Rules = null });
        long first = told[0].Sequence;
        Assert.Equal([("dark", true, first), ("silent", true, first), ("dark", false, first + 5), ("dark", true, first + 9),
            ("silent", true, first + 9), ("dark", false, first + 9)], told);
    }

    [Fact]
    public void A_stop_goes_before_a_lock_that_somebody_set_and_that_before_the_lock_of_a_line()
    {
        var (stop, mode) = (new LineSwitch(), new LineSwitch());
        LineLock[] locks = [new(stop, NodeOf("heavy"), IsStop: true), new(mode, NodeOf("heavy"), IsStop: false)];
        Assert.Equal("light", PathWith(locks, NodeOf("light")));
        mode.IsOn = true;
        Assert.Equal("light", PathWith(locks, NodeOf("light")));
        Assert.Equal("heavy", PathWith(locks, -1));
        (stop.IsOn, mode.IsOn) = (true, false);
        Assert.Equal("heavy", PathWith(locks, NodeOf("light")));
        stop.IsOn = false;
        Assert.Equal("light", PathWith(locks, -1));
    }

    private static int NodeOf(string path) => Tree.FindPath(path)!.Index;

    private string PathWith(LineLock[] locks, int lockNodeIndex)
    {
        using var rig = Rig(null, lockNodeIndex, locks);
        rig.RunInStep(1, _ => Bright);
        return Tree.Nodes[rig.Records[0].NodeIndex].PathName;
    }

    private static OutputLine Output(ScriptedGpioChip chip, string name) => new(new DrivenLine(new HeldLine(
        new GpioLineConfig(name, GpioUse.Rule, null, name, null), chip.Open, (_, _) => { })), () => { }, new ScriptedClock());

    private static StreamRule RuleOn(string name, string? path) => new(
        new Rule(name, new SignalWithin(s => s.Exposure, 0, 0.2f), default), "it is dark", path is null ? -1 : Tree.FindPath(path)!.Index);

    private LoopRig Rig(StreamRules? rules, int lockNodeIndex = -1, LineLock[]? locks = null) => new(Tree, new FixedPolicy(Tree, "light"),
        LoopRig.LightAndHeavy(ScriptedStage.Steady(0.9f, 2), ScriptedStage.Steady(0.9f, 10)), with: parts =>
        {
            parts.Router.LockNodeIndex = lockNodeIndex;
            return parts with { Rules = rules, LockNodeIndex = lockNodeIndex, Locks = locks ?? [], IsRecorded = () => false,
                OnEvent = (kind, text) => _events.AddRange(kind == EventKind.Rule ? [text] : []) };
        });
}
