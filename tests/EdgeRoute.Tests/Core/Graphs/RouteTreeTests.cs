using EdgeRoute.Core.Graphs;
using static EdgeRoute.Tests.Core.Graphs.SampleGraphs;

namespace EdgeRoute.Tests.Core.Graphs;

public sealed class RouteTreeTests
{
    [Fact]
    public void Every_path_has_a_name_and_its_own_node()
    {
        Assert.Equal(["light", "light>heavy", "heavy", "previous"], Cascade().PathNames);
        Assert.Equal(["s1", "s1>s2>s3", "s1>s2@keep=0.5>s3"], EarlyExit().PathNames);
    }

    [Fact]
    public void Options_out_of_a_stage_escalate_when_they_start_from_the_frame_and_continue_when_they_take_features()
    {
        Assert.Equal(OptionKind.Escalate, Cascade().FindPath("light")!.Options[1].Kind);
        Assert.Equal(OptionKind.Continue, EarlyExit().FindPath("s1")!.Options[1].Kind);
        Assert.True(Cascade().FindPath("light>heavy")!.WasEscalated);
        Assert.False(EarlyExit().FindPath("s1>s2>s3")!.WasEscalated);
    }

    [Fact]
    public void A_stage_fed_by_the_frame_is_one_variant_however_it_is_reached()
    {
        var tree = Cascade();
        Assert.Equal(2, tree.Variants.Count);
        Assert.Equal(tree.FindPath("heavy")!.VariantIndex, tree.FindPath("light>heavy")!.VariantIndex);
    }

    [Fact]
    public void A_stage_fed_by_features_is_a_variant_for_each_shape_of_them()
    {
        var tree = EarlyExit();
        Assert.Equal(5, tree.Variants.Count); // s1, s2, s2@0.5, and s3 after each of them
        Assert.NotEqual(tree.FindPath("s1>s2>s3")!.VariantIndex, tree.FindPath("s1>s2@keep=0.5>s3")!.VariantIndex);
    }

    [Fact]
    public void A_node_without_an_exit_offers_no_stop()
    {
        var tree = EarlyExit();
        var trunk = tree.Nodes.First(n => n.PathName == "s1>s2");
        Assert.False(trunk.CanStop);
        Assert.DoesNotContain(trunk.Options, o => o.Kind == OptionKind.Stop);
    }

    [Fact]
    public void Too_many_options_are_refused_with_the_limit()
    {
        double[] scales = [.. Enumerable.Range(1, RouteTree.OptionLimit + 1).Select(i => i / 20.0)];
        var graph = new RouteGraph([Stage("a")], [Edge(RouteGraph.Frame, 0, scale: scales)]);
        Assert.Contains("at most 16", Assert.Throws<ArgumentException>(() => new RouteTree(graph)).Message);
    }

    [Fact]
    public void Too_long_a_chain_is_refused_by_name()
    {
        var stages = Enumerable.Range(0, 7).Select(i => Stage("s" + i, true, i == 0 ? [] : [i - 1])).ToList();
        var edges = Enumerable.Range(0, 7).Select(i => Edge(i - 1, i)).ToList();
        Assert.Contains("s0>s1", Assert.Throws<ArgumentException>(() => new RouteTree(new RouteGraph(stages, edges))).Message);
    }
}
