using EdgeRoute.Core.Budgets;
using EdgeRoute.Tests.Routing;

namespace EdgeRoute.Tests.Budgets;

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
    public void One_run_is_enough_for_a_first_prediction()
    {
        var costs = new CostTable(SampleGraphs.Cascade());
        costs.Observe(1, 7);
        Assert.Equal(new StageCost(7, 7), costs.OfVariant(1));
        Assert.Equal(new StageCost(7, 7), costs.ToNextExit(SampleGraphs.Cascade().FindPath("heavy")!.Index));
    }
}
