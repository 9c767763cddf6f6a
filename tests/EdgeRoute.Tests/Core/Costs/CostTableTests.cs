using EdgeRoute.Core.Costs;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Core.Costs;

public sealed class CostTableTests
{
    [Fact]
    public void Quantiles_follow_the_latest_runs_and_forget_the_old_ones()
    {
        var costs = new CostTable(SampleGraphs.Cascade());
        for (int i = 0; i < 200; i++)
        {
            costs.Observe(0, 100);
        }

        for (int i = 0; i < CostTable.WindowLength + 8; i++)
        {
            costs.Observe(0, i % 10 == 0 ? 9 : 2);
        }

        Assert.Equal(2, costs.OfVariant(0).MsP50);
        Assert.Equal(9, costs.OfVariant(0).MsP95);
    }

    [Fact]
    public void A_bound_is_the_longest_of_the_latest_runs_with_a_margin_at_once()
    {
        var tree = SampleGraphs.Cascade();
        var costs = new CostTable(tree);
        int heavy = tree.FindPath("heavy")!.Index;
        costs.SetProfile(1, new StageCost(20, 24));
        Assert.Equal(30, costs.BoundToNextExit(heavy));
        costs.Observe(1, 40);
        Assert.Equal(50, costs.BoundToNextExit(heavy));
        for (int i = 0; i < 2 * CostTable.WindowLength; i++)
        {
            costs.Observe(1, 20);
        }

        Assert.Equal(25, costs.BoundToNextExit(heavy));
    }

    [Fact]
    public void Another_clock_changes_every_cost_at_once_and_samples_have_the_last_word()
    {
        var tree = SampleGraphs.Cascade();
        var costs = new CostTable(tree);
        int heavy = tree.FindPath("heavy")!.Index;
        costs.SetProfile(0, new StageCost(2, 3));
        costs.SetProfile(1, new StageCost(20, 24));
        costs.EndFrame(1, 1020);
        Assert.Equal((20f, 24f), (costs.ToNextExit(heavy).MsP50, costs.ToNextExit(heavy).MsP95));
        costs.EndFrame(2, 510);
        Assert.Equal((40f, 48f, 60f), (costs.ToNextExit(heavy).MsP50, costs.ToNextExit(heavy).MsP95, costs.BoundToNextExit(heavy)));
        Assert.Equal(2f, costs.Pace, 3);
        Assert.Equal(2f / 22, costs.TierOf(tree.FindPath("light")!.Index), 3);
        // A clock that nobody tells, or that trembles, is no news; the old one again takes all back.
        costs.EndFrame(3);
        costs.EndFrame(4, 511);
        Assert.Equal(40, costs.ToNextExit(heavy).MsP50);
        costs.EndFrame(5, 1020);
        Assert.InRange(costs.ToNextExit(heavy).MsP50, 19.9f, 20.1f);
        for (int i = 0; i < 2 * CostTable.WindowLength; i++)
        {
            costs.Observe(1, 25);
        }

        Assert.Equal(25, costs.ToNextExit(heavy).MsP50);
    }

    /// <summary>The clocks fall by half: what still runs shows it, and what does not is believed to take twice as long, too.</summary>
    [Fact]
    public void What_does_not_run_is_predicted_from_what_does()
    {
        var tree = SampleGraphs.Cascade();
        var costs = new CostTable(tree);
        int heavy = tree.FindPath("heavy")!.Index;
        costs.SetProfile(0, new StageCost(4, 4));
        costs.SetProfile(1, new StageCost(20, 24));
        Assert.Equal(1, costs.Pace);
        RunLight(costs, 8, 0);
        Assert.Equal((2, 40), (costs.Pace, costs.ToNextExit(heavy).MsP50));
        // Its own longest sample is doubted meanwhile.
        Assert.InRange(costs.ToNextExit(heavy).MsP95, 36, 48);
        Assert.InRange(costs.BoundToNextExit(heavy), 45, 60);

        for (int i = 0; i < CostTable.WindowLength; i++)
        {
            costs.Observe(1, 30);
        }

        Assert.Equal(new StageCost(30, 30), costs.ToNextExit(heavy));
        RunLight(costs, 4, 20);
        Assert.InRange(costs.ToNextExit(heavy).MsP50, 14.9f, 15 * CostTable.Steadiness);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Medians_that_wander_leave_paths_as_costly_beside_each_other_as_they_were(float slower)
    {
        var tree = SampleGraphs.Cascade();
        var costs = new CostTable(tree);
        costs.SetProfile(0, new StageCost(4, 4));
        costs.SetProfile(1, new StageCost(20, 24));
        int light = tree.FindPath("light")!.Index, heavy = tree.FindPath("heavy")!.Index;
        foreach (var (lightMs, heavyMs) in new[] { (4.2f, 19f), (3.9f, 21.5f), (4.3f, 20f) })
        {
            for (int i = 0; i < CostTable.WindowLength; i++)
            {
                // One run in eight is held up.
                float busy = i % 8 == 0 ? 1.3f * slower : slower;
                costs.Observe(0, busy * lightMs);
                costs.Observe(1, busy * heavyMs);
            }

            Assert.InRange(costs.Pace, 0.9f * slower, 1.1f * slower);
            Assert.Equal(5, costs.ToNextExit(heavy).MsP50 / costs.ToNextExit(light).MsP50, 0.001);
            Assert.Equal(20 * costs.Pace, costs.ToNextExit(heavy).MsP50, 0.001 * slower);
        }

        for (int i = 0; i < CostTable.WindowLength; i++)
        {
            costs.Observe(0, slower * 2);
            costs.Observe(1, slower * 20);
        }

        // One that has become costlier beside the other is seen to, but for what may be chance.
        float chance = CostTable.Steadiness * CostTable.Steadiness;
        Assert.InRange(costs.ToNextExit(heavy).MsP50 / costs.ToNextExit(light).MsP50, 10 / chance, 10);
    }

    private static void RunLight(CostTable costs, float ms, int fromSecond)
    {
        for (int i = 0; i < 2 * CostTable.WindowLength; i++)
        {
            costs.Observe(0, ms);
            costs.EndFrame((fromSecond * 1_000_000_000L) + ((i + 1) * 33_000_000L));
        }
    }

    [Fact]
    public void One_run_is_enough_for_a_first_prediction()
    {
        var costs = new CostTable(SampleGraphs.Cascade());
        costs.Observe(1, 7);
        Assert.Equal(new StageCost(7, 7), costs.OfVariant(1));
        Assert.Equal(new StageCost(7, 7), costs.ToNextExit(SampleGraphs.Cascade().FindPath("heavy")!.Index));
    }

    [Fact]
    public void One_slow_second_does_not_deny_an_option_for_good()
    {
        var costs = new CostTable(SampleGraphs.Cascade());
        for (int i = 0; i < 12; i++)
        {
            costs.Observe(0, i < 4 ? 100 : 5);
        }

        Assert.Equal(100, costs.OfVariant(0).MsP95);
        for (int second = 0; second < 10; second++)
        {
            costs.EndFrame((second + 1) * CostTable.DoubtNs);
        }

        Assert.InRange(costs.OfVariant(0).MsP95, 2.5f, 5);
    }

    [Fact]
    public void What_is_run_is_believed_and_what_is_not_keeps_half_of_what_was_measured()
    {
        var costs = new CostTable(SampleGraphs.Cascade());
        costs.Observe(0, 8);
        costs.Observe(1, 8);
        for (int second = 1; second <= 10_000; second++)
        {
            costs.Observe(0, 8);
            costs.EndFrame(second * CostTable.DoubtNs);
        }

        Assert.Equal(new StageCost(8, 8), costs.OfVariant(0));
        Assert.Equal(new StageCost(4, 4), costs.OfVariant(1));
    }
}
