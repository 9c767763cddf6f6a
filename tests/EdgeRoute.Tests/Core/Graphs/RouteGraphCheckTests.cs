using EdgeRoute.Core.Graphs;
using static EdgeRoute.Tests.Core.Graphs.SampleGraphs;

namespace EdgeRoute.Tests.Core.Graphs;

public sealed class RouteGraphCheckTests
{
    [Fact]
    public void A_good_graph_has_no_problems() =>
        Assert.Empty(RouteGraphCheck.FindProblems([Stage("a"), Stage("b", true, 0)], [Edge(RouteGraph.Frame, 0), Edge(0, 1)]));

    [Fact]
    public void A_cycle_is_named_stage_by_stage()
    {
        var problems = RouteGraphCheck.FindProblems([Stage("a"), Stage("b")], [Edge(RouteGraph.Frame, 0), Edge(0, 1), Edge(1, 0)]);
        Assert.Contains("the edges form a cycle: a -> b -> a", problems);
    }

    [Fact]
    public void An_exit_that_no_edges_lead_to_is_unreachable()
    {
        var problems = RouteGraphCheck.FindProblems([Stage("a"), Stage("lost")], [Edge(RouteGraph.Frame, 0)]);
        Assert.Contains(problems, p => p.Contains("exit 'lost' is unreachable", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stage_without_exit_and_without_a_way_on_is_a_dead_end()
    {
        var problems = RouteGraphCheck.FindProblems([Stage("a"), Stage("b", false, 0)], [Edge(RouteGraph.Frame, 0), Edge(0, 1)]);
        Assert.Contains(problems, p => p.Contains("'b' is a dead end", StringComparison.Ordinal));
    }

    [Fact]
    public void Features_must_have_been_made_on_every_path()
    {
        var problems = RouteGraphCheck.FindProblems([Stage("a"), Stage("b"), Stage("c", true, 0)],
            [Edge(RouteGraph.Frame, 0), Edge(RouteGraph.Frame, 1), Edge(0, 2), Edge(1, 2)]);
        Assert.Contains(problems, p => p.Contains("'c' takes features of 'a'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stage_cannot_take_features_of_itself()
    {
        var problems = RouteGraphCheck.FindProblems([Stage("a"), Stage("b", true, 1)], [Edge(RouteGraph.Frame, 0), Edge(0, 1)]);
        Assert.Equal("stage 'b' takes features of itself; they must come from a stage that has run before it", Assert.Single(problems));
    }

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        var problems = RouteGraphCheck.FindProblems([Stage("a", false), Stage("a", false)],
            [new RouteEdge(RouteGraph.Frame, 0, [0, 1.5], [-1], new FrameRegion(0.5, 0, 1, 1)), Edge(3, 0), Edge(0, RouteGraph.Previous)]);
        Assert.Contains("two stages are named 'a'", problems);
        Assert.Contains("no stage has an exit, so no path ends in an answer", problems);
        Assert.Contains(problems, p => p.Contains("keep ratio 1.5", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("input scale -1", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("does not lie inside the frame", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("leaves stage 3", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("from 'frame' only", StringComparison.Ordinal));
    }
}
