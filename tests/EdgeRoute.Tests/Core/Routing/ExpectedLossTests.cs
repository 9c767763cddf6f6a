using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Tests.Core.Gains;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Core.Routing;

/// <summary>What a frame's decisions say was expected to be lost: reuse is worth 0.8 here, light its confidence of 0.6.</summary>
public sealed class ExpectedLossTests
{
    private static readonly RouteTree Tree = SampleGraphs.Cascade();
    private static readonly int Heavy = Tree.FindPath("heavy")!.VariantIndex;

    [Fact]
    public void The_heaviest_path_loses_nothing_and_shows_what_was_at_hand()
    {
        var found = ExpectedLoss.Of(Tree, Decided("light", "light>heavy"), Tree.FindPath("light>heavy")!.Index, Heavy, 0.3f, 0.5f);
        Assert.True(found is { IsKnown: true, Expected: 0, WasCarried: false });
        Assert.Equal((0.2, 0.3), (Math.Round(found.Carried!.Value.Expected, 5), Math.Round(found.Carried.Value.Loss, 5)));
        Assert.Equal((0.4, 0.5), (Math.Round(found.Lighter!.Value.Expected, 5), Math.Round(found.Lighter.Value.Loss, 5)));
    }

    [Fact]
    public void An_answer_that_was_published_loses_what_was_expected_of_it()
    {
        var carried = ExpectedLoss.Of(Tree, Decided("previous"), Tree.FindPath("previous")!.Index, Heavy, float.NaN, float.NaN);
        Assert.Equal((true, 0.2, null, null), (carried.WasCarried, Math.Round(carried.Expected, 5), carried.Carried, carried.Lighter));
        var light = ExpectedLoss.Of(Tree, Decided("light", "light"), Tree.FindPath("light")!.Index, Heavy, float.NaN, float.NaN);
        Assert.Equal((false, 0.4), (light.WasCarried, Math.Round(light.Expected, 5)));
    }

    [Fact]
    public void An_answer_too_old_to_be_carried_shows_nothing_and_a_failed_frame_neither()
    {
        int heavy = Tree.FindPath("heavy")!.Index;
        Assert.Null(ExpectedLoss.Of(Tree, Decided(ageMs: 5000, "heavy"), heavy, Heavy, 0.3f, float.NaN).Carried);
        Assert.False(ExpectedLoss.Of(Tree, Decided("heavy"), -1, Heavy, 0.3f, float.NaN).IsKnown);
        Assert.False(ExpectedLoss.Of(Tree, [], heavy, Heavy, 0.3f, float.NaN).IsKnown);
    }

    [Fact]
    public void What_audits_made_of_it_is_taken_off_again()
    {
        var decisions = Decided("previous");
        decisions[0].LossFactor = 2;
        Assert.Equal(0.1, ExpectedLoss.Of(decisions[0], decisions[0].OptionIndex), 5);
    }

    private static DecisionRecord[] Decided(params string[] paths) => Decided(40, paths);

    /// <summary>Decisions of the value rule, one at the frame and one at each node after it, each then led along the paths.</summary>
    private static DecisionRecord[] Decided(float ageMs, params string[] paths)
    {
        var costs = new CostTable(Tree);
        costs.SetProfile(Tree.FindPath("light")!.VariantIndex, new(2, 2));
        costs.SetProfile(Heavy, new(10, 10));
        var router = new Router(Tree, costs, new ValuePolicy(HandCalibration.Of(Tree, reuseGain: 0.8f)));
        var frame = default(FrameSignals) with { AgeMs = ageMs };
        var exit = default(ExitSignals) with { MaxProbability = 0.6f };
        var decisions = new DecisionRecord[paths.Length];
        for (int i = 0, at = 0; i < paths.Length; i++)
        {
            router.Decide(at, frame, exit, long.MaxValue, 0, ref decisions[i]);
            var target = Tree.FindPath(paths[i])!;
            decisions[i].OptionIndex = Array.FindIndex(Tree.Nodes[at].Options, o => o.NodeIndex == target.Index);
            at = target.Index;
        }

        return decisions;
    }
}
