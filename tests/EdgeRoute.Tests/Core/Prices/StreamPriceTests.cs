using EdgeRoute.Core.Prices;

namespace EdgeRoute.Tests.Core.Prices;

public sealed class StreamPriceTests
{
    private static readonly DualPriceSettings Settings = new(new PriceScale(1e-4, 0.2));
    private static readonly FloorLimit Floor = new(0.97, 0.003, 9.1, 31);

    [Fact]
    public void The_largest_price_asked_for_is_in_force()
    {
        var streamPrice = new StreamPrice([new FixedPrice(0.01), new FixedPrice(0.03), new FixedPrice(0.02)]);
        Assert.Equal((0.03, 1), (streamPrice.Price, streamPrice.AskerIndex));
        Assert.Equal((0, -1), (new StreamPrice([]).Price, new StreamPrice([]).AskerIndex));
    }

    [Fact]
    public void The_floor_holds_the_price_and_the_report_says_what_it_would_take()
    {
        var controller = new DualPrice(new(BudgetKind.DeviceMsMean, 6), Settings);
        var streamPrice = new StreamPrice([controller]);
        streamPrice.SetFloor(Floor);
        Settle(streamPrice, 9.3, 200);
        var conflict = Assert.Single(streamPrice.FindConflicts());
        Assert.True(streamPrice.HasConflict);
        Assert.Equal(0.003, streamPrice.Price, 1e-9);
        Assert.Equal((Constraint.QualityFloor, Constraint.Price), (conflict.Kept, conflict.GaveWay));
        Assert.Equal("floor 97 % needs 9.1 ms a frame; the budget is 6 ms a frame; the floor wins. Set the budget to 9.1 ms a frame, or "
            + "lower the floor", conflict.Words);
    }

    [Fact]
    public void Without_a_floor_the_cheapest_path_is_named()
    {
        var streamPrice = new StreamPrice([new DualPrice(new(BudgetKind.HeavyShare, 0.05), Settings),
            new DualPrice(new(BudgetKind.DeviceMsMean, 6), Settings)]);
        Settle(streamPrice, 7.25, 300);
        Assert.Equal("even the cheapest path takes 7.25 ms a frame; the budget is 6 ms a frame. Set the budget to 7.25 ms a frame, or use "
            + "a cheaper pack",
            Assert.Single(streamPrice.FindConflicts()).Words);
    }

    [Fact]
    public void A_budget_that_is_being_settled_is_no_conflict()
    {
        var streamPrice = new StreamPrice([new DualPrice(new(BudgetKind.DeviceMsMean, 6), Settings)]);
        Settle(streamPrice, 9, 20);
        Assert.False(streamPrice.HasConflict);
        Assert.Empty(streamPrice.FindConflicts());
    }

    [Fact]
    public void The_dial_yields_to_the_floor_and_the_report_says_so()
    {
        var streamPrice = new StreamPrice([new FixedPrice(0.05)]);
        streamPrice.SetFloor(Floor);
        Assert.Equal((0.003, 0.05), (streamPrice.Price, streamPrice.AskedPrice));
        Assert.Contains("floor 97 % allows a price of 0.003 a ms at most; the dial is at 0.05",
            Assert.Single(streamPrice.FindConflicts()).Words);
    }

    [Theory]
    [InlineData(0.001, 0.001)]
    [InlineData(0, 0)]
    [InlineData(double.NaN, 0)]
    [InlineData(-1, 0)]
    [InlineData(double.PositiveInfinity, 0.05)]
    public void A_ceiling_may_retreat_and_recover_at_run_time(double ceiling, double price)
    {
        var streamPrice = new StreamPrice([new FixedPrice(0.05)]);
        streamPrice.SetFloor(Floor);
        streamPrice.SetCeiling(ceiling);
        Assert.Equal(price, streamPrice.Price);
        streamPrice.SetFloor(null);
        Assert.Equal(0.05, streamPrice.Price);
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
        var conflict = Assert.Single(ConstraintText.Predict(Floor, deadlineMs, [new(BudgetKind.DeviceMsMean, budgetMs)], cheapestMs, 8));
        Assert.Equal((words, gaveWay), (conflict.Words, conflict.GaveWay));
    }

    private static void Settle(StreamPrice streamPrice, double deviceMs, int frameCount)
    {
        for (int i = 1; i <= frameCount; i++)
        {
            streamPrice.Observe(new FrameSpend(i * 33_333_333L, deviceMs + 2, deviceMs, double.NaN, false, 0));
        }
    }
}
