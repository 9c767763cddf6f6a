using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Rules;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;

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

    private static StreamRule RuleOn(string name, string? path) => new(
        new Rule(name, new SignalWithin(s => s.Exposure, 0, 0.2f), default), "it is dark", path is null ? -1 : Tree.FindPath(path)!.Index);

    private LoopRig Rig(StreamRules rules, int lockNodeIndex = -1) => new(Tree, new FixedPolicy(Tree, "light"),
        LoopRig.LightAndHeavy(ScriptedStage.Steady(0.9f, 2), ScriptedStage.Steady(0.9f, 10)), with: parts =>
        {
            parts.Router.LockNodeIndex = lockNodeIndex;
            return parts with { Rules = rules, LockNodeIndex = lockNodeIndex, IsRecorded = () => false,
                OnEvent = (kind, text) => _events.AddRange(kind == EventKind.Rule ? [text] : []) };
        });
}
