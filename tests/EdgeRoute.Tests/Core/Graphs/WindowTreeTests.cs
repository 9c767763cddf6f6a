using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using static EdgeRoute.Tests.Core.Graphs.SampleGraphs;

namespace EdgeRoute.Tests.Core.Graphs;

/// <summary>Looks at parts of the frame as ways through a graph, and as options of the router.</summary>
public sealed class WindowTreeTests
{
    private static readonly FrameRegion Left = new(0, 0, 0.5, 1), Right = new(0.5, 0, 0.5, 1);

    [Fact]
    public void A_stage_is_come_back_to_once_for_each_look()
    {
        var tree = Tree(Edge(RouteGraph.Frame, 0), Look(0, 0, WindowSource.Doubt), Look(0, 0, WindowSource.Motion, 2), Edge(0, 1));
        Assert.Contains("light>light@doubt>light@motion*2>heavy", tree.PathNames);
        Assert.DoesNotContain(tree.PathNames, p => p.Split("@doubt").Length > 2 || p.Split(">heavy").Length > 2);
        Assert.True(tree.FindPath("light>light@doubt")!.WasEscalated);
    }

    [Fact]
    public void Two_parts_of_the_frame_are_two_options()
    {
        var tree = Tree(Edge(RouteGraph.Frame, 0), Edge(0, 1) with { Region = Left }, Edge(0, 1) with { Region = Right });
        Assert.Equal(["light", "light>heavy@0.5x1+0+0", "light>heavy@0.5x1+0.5+0"], tree.PathNames);
    }

    [Fact]
    public void What_goes_on_from_an_answer_is_of_one_path_alone()
    {
        var tree = Tree(Edge(RouteGraph.Frame, 0), Edge(RouteGraph.Frame, 1), Edge(0, 1), Look(1, 0, WindowSource.Doubt));
        var (own, other) = (tree.FindPath("heavy>light@doubt")!, tree.FindPath("light>heavy>light@doubt")!);
        Assert.NotEqual(own.VariantIndex, other.VariantIndex);
        Assert.Equal(tree.FindPath("heavy")!.VariantIndex, tree.Variants[own.VariantIndex].AfterVariantIndex);
        Assert.False(tree.SeesChange);
        Assert.True(Tree(Edge(RouteGraph.Frame, 0), Look(0, 0, WindowSource.Drift)).SeesChange);
    }

    [Fact]
    public void Paths_end_where_they_are_as_long_as_paths_may_be()
    {
        var looks = Enum.GetValues<WindowSource>().Select(s => Look(0, 0, s)).ToArray();
        var tree = Tree([Edge(RouteGraph.Frame, 0), .. looks]);
        Assert.Equal(RouteTree.DepthLimit - 1, tree.PathNames.Max(p => p.Split('>').Length));
    }

    [Fact]
    public void Features_come_from_the_look_at_the_whole_frame()
    {
        var tree = new RouteTree(new RouteGraph([Stage("light"), Stage("heavy", true, 0)],
            [Edge(RouteGraph.Frame, 0), Look(0, 0, WindowSource.Doubt), Edge(0, 1)]));
        int heavy = tree.FindPath("light>light@doubt>heavy")!.VariantIndex;
        Assert.Equal([tree.FindPath("light")!.VariantIndex], tree.Variants[heavy].FeatureVariantIndices);
        var graph = new RouteGraph([Stage("light"), Stage("heavy", true, 0), Stage("other")],
            [Edge(RouteGraph.Frame, 2), Look(2, 0, WindowSource.Doubt), Edge(0, 1)]);
        Assert.Contains("windows hand no features on", Assert.Throws<ArgumentException>(() => new RouteTree(graph)).Message);
    }

    [Fact]
    public void Looks_that_cannot_be_are_named()
    {
        Assert.Contains("'doubt' is that of an answer on this frame", Problem(Edge(RouteGraph.Frame, 0), Edge(0, 1),
            Look(RouteGraph.Frame, 1, WindowSource.Doubt)));
        Assert.Contains("every edge out of 'frame' looks at windows", Problem(Look(RouteGraph.Frame, 0, WindowSource.Motion), Edge(0, 1)));
        Assert.Contains("the edges form a cycle: light -> heavy -> light", Problem(Edge(RouteGraph.Frame, 0), Edge(0, 1), Edge(1, 0)));
    }

    [Theory]
    [InlineData(0, OptionDenial.NothingThere, 0)]
    [InlineData(1, OptionDenial.None, 3)]
    [InlineData(2, OptionDenial.None, 6)]
    public void A_look_costs_a_run_for_each_window_that_there_is(int windows, OptionDenial denial, float costMs)
    {
        var router = RouterOf("light>light@doubt*2");
        router.WindowCounts = new[] { 0, windows };
        var record = default(DecisionRecord);
        int node = router.Tree.FindPath("light")!.Index;
        var option = router.Decide(node, default, default, long.MaxValue, 0, ref record);
        Assert.Equal((denial, costMs), (record.Values[1].Denial, record.Values[1].CostMs));
        Assert.Equal(windows > 0 ? "light@doubt*2" : "stop", option.Name);
        Assert.Equal(DecisionReason.Policy, record.Reason);
        Assert.Equal((record.OptionIndex, record.Reason), router.DecideAgain(record, default));
        Assert.Equal(6, router.Costs.CostliestOnward(router.Tree.FindPath("light")!.Index), 3);
    }

    [Fact]
    public void A_lock_on_a_look_keeps_the_answer_where_there_is_nothing_to_look_at()
    {
        var router = RouterOf("light");
        (router.LockNodeIndex, router.WindowCounts) = (router.Tree.FindPath("light>light@doubt*2")!.Index, new[] { 0, 0 });
        var record = default(DecisionRecord);
        Assert.Equal(OptionKind.Stop, router.Decide(1, default, default, long.MaxValue, 0, ref record).Kind);
        Assert.Equal(DecisionReason.SafetyLock, record.Reason);
    }

    private static Router RouterOf(string path)
    {
        var tree = Tree(Edge(RouteGraph.Frame, 0), Look(0, 0, WindowSource.Doubt, 2));
        var costs = new CostTable(tree);
        for (int i = 0; i < tree.Variants.Count; i++)
        {
            costs.SetProfile(i, new StageCost(3, 4));
        }

        return new Router(tree, costs, new FixedPolicy(tree, path));
    }

    private static RouteEdge Look(int from, int to, WindowSource source, int count = 1) =>
        Edge(from, to) with { Windows = new WindowRule(source, 0.5, count), Merge = MergeKind.Union };

    /// <summary>Of a light stage and a heavy one, of which the second is reached from the frame where no edge leads to it.</summary>
    private static RouteTree Tree(params RouteEdge[] edges)
    {
        bool hasHeavy = edges.Any(e => e.ToStageIndex == 1);
        return new(new RouteGraph(hasHeavy ? [Stage("light"), Stage("heavy")] : [Stage("light")], edges));
    }

    private static string Problem(params RouteEdge[] edges) =>
        string.Join("; ", RouteGraphCheck.FindProblems([Stage("light"), Stage("heavy")], edges));
}
