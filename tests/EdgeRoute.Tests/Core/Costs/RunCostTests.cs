using EdgeRoute.Core.Costs;

namespace EdgeRoute.Tests.Core.Costs;

public sealed class RunCostTests
{
    [Fact]
    public void Steady_runs_are_foreseen_exactly_and_uneven_ones_with_room()
    {
        var (steady, uneven) = (new RunCost(), new RunCost());
        Assert.Equal(0, steady.LikelyMs);
        for (int i = 0; i < 100; i++)
        {
            steady.Observe(4);
            uneven.Observe(i % 2 == 0 ? 3 : 5);
        }

        Assert.Equal((4, 4), (steady.MeanMs, steady.LikelyMs));
        Assert.InRange(uneven.MeanMs, 3.7, 4.3);
        Assert.InRange(uneven.LikelyMs, 5, 7);
    }

    [Fact]
    public void One_slow_run_does_not_forbid_all_others_for_good()
    {
        var cost = new RunCost();
        cost.Observe(4);
        cost.Observe(4000);
        int frames = 0;
        while (cost.LikelyMs > 20)
        {
            cost.Fade();
            frames++;
        }

        Assert.InRange(frames, 100, 400);
    }
}
