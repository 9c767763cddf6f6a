using EdgeRoute.Core.Prices;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Prices;

public sealed class CongestionPriceTests(ITestOutputHelper output)
{
    private static readonly PriceScale Scale = new(1e-4, 0.2);

    [Theory]
    [InlineData("smooth, elasticity 1")]
    [InlineData("3 options, mixed frames")]
    [InlineData("3 options, equal frames")]
    [InlineData("8 options, mixed frames")]
    public void Two_cameras_of_weight_one_and_three_share_the_lane_so_and_leave_nothing_idle(string plant)
    {
        var lane = new LaneCongestion();
        IPriceController[] prices = [new CongestionPrice(lane, 1, Scale), new CongestionPrice(lane, 3, Scale)];
        var cameras = new SimulatedLane(SimulatedPlant.Named(plant), prices, 3);
        cameras.Run(4000);
        double[] both = cameras.Run(20_000);
        cameras.IsIdle[1] = true;
        cameras.Run(3000);
        double alone = cameras.Run(10_000)[0];
        cameras.IsIdle[1] = false;
        cameras.Run(3000);
        double[] again = cameras.Run(20_000);
        double most = Math.Min(0.9, Unpriced(plant));
        output.WriteLine($"{plant,-24} | {both[0]:P1} : {both[1]:P1} = 1 : {both[1] / both[0]:0.00}"
            + $" | busy {both.Sum():P1} | alone {alone:P1} of {most:P1} | again 1 : {again[1] / again[0]:0.00}");
        Assert.InRange(both[0] / both.Sum() / 0.25, 0.95, 1.05);
        Assert.InRange(both[1] / both.Sum() / 0.75, 0.95, 1.05);
        Assert.InRange(again[0] / again.Sum() / 0.25, 0.95, 1.05);
        Assert.True(both.Sum() >= 0.8, $"the lane is idle for {1 - both.Sum():P1}");
        Assert.True(alone >= 0.9 * most, $"the camera left alone has {alone:P1} of the lane");
    }

    [Fact]
    public void A_lane_that_is_not_congested_asks_for_nothing()
    {
        var lane = new LaneCongestion();
        var price = new CongestionPrice(lane, 1, Scale);
        for (int i = 1; i < 300; i++)
        {
            price.Observe(new FrameSpend(i * 33_333_333L, 12, 10, double.NaN, false, 0));
        }

        Assert.Equal(0, price.Price);
        Assert.False(lane.IsCongested);
        Assert.InRange(lane.BusyShare, 0.27, 0.33);
    }

    [Fact]
    public void A_lane_takes_a_limited_number_of_streams_and_positive_weights()
    {
        var lane = new LaneCongestion();
        Assert.Throws<ArgumentException>(() => new CongestionPrice(lane, 0, Scale));
        for (int i = 0; i < LaneCongestion.StreamLimit; i++)
        {
            _ = new CongestionPrice(lane, 1, Scale);
        }

        Assert.Throws<ArgumentException>(() => new CongestionPrice(lane, 1, Scale));
    }

    /// <summary>What one camera would use of the lane if nothing had a price.</summary>
    private static double Unpriced(string plant) => new SimulatedLane(SimulatedPlant.Named(plant), [new FixedPrice(0)], 1).Run(5000)[0];
}
