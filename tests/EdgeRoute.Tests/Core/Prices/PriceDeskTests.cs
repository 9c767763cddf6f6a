using EdgeRoute.Core.Prices;

namespace EdgeRoute.Tests.Core.Prices;

public sealed class PriceDeskTests
{
    private static readonly DualPriceSettings Settings = new(new PriceScale(1e-4, 0.2));
    private static readonly FloorLimit Floor = new(0.97, 0.003, 9.1, 31);

    [Fact]
    public void The_largest_price_asked_for_is_in_force()
    {
        var desk = new PriceDesk([new FixedPrice(0.01), new FixedPrice(0.03), new FixedPrice(0.02)]);
        Assert.Equal((0.03, 1), (desk.Price, desk.AskerIndex));
        Assert.Equal((0, -1), (new PriceDesk([]).Price, new PriceDesk([]).AskerIndex));
    }

    [Fact]
    public void The_floor_holds_the_price_and_the_report_says_what_it_would_take()
    {
        var controller = new DualPrice(new(BudgetKind.DeviceMsMean, 6), Settings);
        var desk = new PriceDesk([controller]);
        desk.SetFloor(Floor);
        Settle(desk, 9.3, 200);
        var conflict = Assert.Single(desk.FindConflicts());
        Assert.True(desk.HasConflict);
        Assert.Equal(0.003, desk.Price, 1e-9);
        Assert.Equal((Constraint.QualityFloor, Constraint.Price), (conflict.Kept, conflict.GaveWay));
        Assert.Equal("floor 97 % needs 9.1 ms a frame; the budget is 6 ms a frame; the floor wins. Set the budget to 9.1 ms a frame, or "
            + "lower the floor", conflict.Words);
    }

    [Fact]
    public void Without_a_floor_the_cheapest_path_is_named()
    {
        var desk = new PriceDesk([new DualPrice(new(BudgetKind.HeavyShare, 0.05), Settings),
            new DualPrice(new(BudgetKind.DeviceMsMean, 6), Settings)]);
        Settle(desk, 7.25, 300);
        Assert.Equal("even the cheapest path takes 7.25 ms a frame; the budget is 6 ms a frame. Set the budget to 7.25 ms a frame, or use "
            + "a cheaper pack",
            Assert.Single(desk.FindConflicts()).Words);
    }

    [Fact]
    public void A_budget_that_is_being_settled_is_no_conflict()
    {
        var desk = new PriceDesk([new DualPrice(new(BudgetKind.DeviceMsMean, 6), Settings)]);
        Settle(desk, 9, 20);
        Assert.False(desk.HasConflict);
        Assert.Empty(desk.FindConflicts());
    }

    [Fact]
    public void The_dial_yields_to_the_floor_and_the_report_says_so()
    {
        var desk = new PriceDesk([new FixedPrice(0.05)]);
        desk.SetFloor(Floor);
        Assert.Equal((0.003, 0.05), (desk.Price, desk.AskedPrice));
        Assert.Contains("floor 97 % allows a price of 0.003 a ms at most; the dial is at 0.05", Assert.Single(desk.FindConflicts()).Words);
    }

    [Theory]
    [InlineData(0.001, 0.001)]
    [InlineData(0, 0)]
    [InlineData(double.NaN, 0)]
    [InlineData(-1, 0)]
    [InlineData(double.PositiveInfinity, 0.05)]
    public void A_ceiling_may_retreat_and_recover_at_run_time(double ceiling, double price)
    {
        var desk = new PriceDesk([new FixedPrice(0.05)]);
        desk.SetFloor(Floor);
        desk.SetCeiling(ceiling);
        Assert.Equal(price, desk.Price);
        desk.SetFloor(null);
        Assert.Equal(0.05, desk.Price);
    }

    [Theory]
    [InlineData(40, 6, 3, "floor 97 % needs 9.1 ms a frame; the budget is 6 ms a frame; the floor wins. Raise the budget to 9.1 ms or "
        + "lower the floor", Constraint.Price)]
    [InlineData(25, 12, 3, "floor 97 % needs 31 ms (p95); the deadline is 25 ms; the deadline wins. Raise the deadline to 31 ms or lower "
        + "the floor", Constraint.QualityFloor)]
    [InlineData(40, 6, 7, "even the cheapest path takes 7 ms a frame; the budget is 6 ms a frame. Raise the budget to 7 ms or use a "
        + "cheaper pack", Constraint.Price)]
    [InlineData(6, 12, 3, "the cheapest path needs 8 ms (p95); the deadline is 6 ms; frames will be late. Raise the deadline to 8 ms or "
        + "use a cheaper pack", Constraint.Deadline)]
    public void Predictions_show_conflicts_before_anything_runs(double deadlineMs, double budgetMs, double cheapestMs, string words,
        Constraint gaveWay)
    {
        var conflict = Assert.Single(ConstraintWords.Predict(Floor, deadlineMs, [new(BudgetKind.DeviceMsMean, budgetMs)], cheapestMs, 8));
        Assert.Equal((words, gaveWay), (conflict.Words, conflict.GaveWay));
    }

    private static void Settle(PriceDesk desk, double deviceMs, int frameCount)
    {
        for (int i = 1; i <= frameCount; i++)
        {
            desk.Observe(new FrameSpend(i * 33_333_333L, deviceMs + 2, deviceMs, double.NaN, false, 0));
        }
    }
}
