using EdgeRoute.Core.Costs;

namespace EdgeRoute.Tests.Core.Costs;

public sealed class PlaceChoiceTests
{
    private const double Limit = 1000, Never = double.PositiveInfinity;

    [Theory]
    // Slack, here, there (steady), always: how long the server is waited for.
    [InlineData(Never, 50, 20, false, Limit)]
    [InlineData(Never, 20, 50, false, PlaceChoice.Here)]
    [InlineData(Never, 20, 50, true, Limit)]
    [InlineData(100, 50, 20, false, 50)]
    // One after the other does not fit: this machine makes the deadline alone.
    [InlineData(60, 50, 20, false, PlaceChoice.Here)]
    // Only the server makes it.
    [InlineData(40, 50, 20, false, 40)]
    // Nobody makes it: the quicker is the least late.
    [InlineData(10, 50, 20, false, 20)]
    [InlineData(10, 20, 50, true, PlaceChoice.Here)]
    public void The_server_is_waited_for_as_long_as_leaves_time_to_run_here(double slackMs, double hereMs, double thereMs, bool isAlways,
        double expectedMs) =>
        Assert.Equal(expectedMs, PlaceChoice.WaitMs(slackMs, Steady(hereMs), Steady(thereMs), Limit, isAlways), 1);

    [Fact]
    public void An_unmeasured_way_is_not_taken() =>
        Assert.Equal(PlaceChoice.Here, PlaceChoice.WaitMs(Never, Steady(50), new TimeEstimate(), Limit, isAlways: true));

    [Fact]
    public void What_goes_there_falls_with_the_link_and_never_rises()
    {
        // A tensor of 0.44 MB, a server that takes 5 ms, stages of 2 to 200 ms here: the share of stages that go there.
        double[] shares = [.. new double[] { 1000, 100, 50, 20, 10, 5, 1 }.Select(megabits =>
        {
            double thereMs = 5 + (0.44 * 8000 / megabits);
            return Enumerable.Range(1, 100).Average(i =>
                PlaceChoice.WaitMs(Never, Steady(2 * i), Steady(thereMs), Limit, isAlways: false) > 0 ? 1 : 0);
        })];
        Assert.Equal(shares.OrderDescending(), shares);
        Assert.True(shares[0] > 0.9 && shares[^1] == 0, string.Join(", ", shares));
    }

    [Fact]
    public void An_estimate_follows_and_knows_how_much_it_varies()
    {
        var estimate = Steady(10);
        Assert.InRange(estimate.HighMs, 10, 10.5);
        Enumerable.Range(0, 40).ToList().ForEach(_ => estimate.Add(30));
        Assert.InRange(estimate.MeanMs, 29, 30);
        Assert.True(estimate.HighMs > estimate.MeanMs);
        estimate.Forget();
        estimate.Add(5);
        Assert.Equal(5, estimate.MeanMs);
    }

    private static TimeEstimate Steady(double ms)
    {
        var estimate = new TimeEstimate();
        Enumerable.Range(0, 100).ToList().ForEach(_ => estimate.Add(ms));
        return estimate;
    }
}
