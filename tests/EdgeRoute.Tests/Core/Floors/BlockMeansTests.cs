using EdgeRoute.Core.Floors;

namespace EdgeRoute.Tests.Core.Floors;

public sealed class BlockMeansTests
{
    [Theory]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void The_correlation_time_of_an_autoregressive_loss_is_found(double persistence)
    {
        var random = new Random(3);
        double state = 0.5;
        var losses = SyntheticLosses.Many(100_000, () => state = (persistence * state) + ((1 - persistence) * random.NextDouble()));
        var time = CorrelationTime.Of(losses, [100_000]);
        Assert.True(time.IsSettled);
        Assert.InRange(time.Frames / ((1 + persistence) / (1 - persistence)), 0.85, 1.15);
    }

    [Fact]
    public void Independent_frames_are_blocks_by_themselves()
    {
        int correlated = Enumerable.Range(0, 100).Count(seed =>
        {
            var random = new Random(seed);
            var losses = SyntheticLosses.Many(2000, () => SyntheticLosses.ZeroOne(random, 0.03));
            return BlockMeans.Plan([losses], [2000]).BlockCount != 2000;
        });
        Assert.InRange(correlated, 0, 10);
    }

    [Fact]
    public void Blocks_never_straddle_recordings_and_use_every_frame()
    {
        int[] recordings = [1000, 7, 1501];
        double[] losses = [.. SyntheticLosses.Scenes(new Random(5), 1000, 0.9, 1), .. new double[7],
            .. SyntheticLosses.Scenes(new Random(6), 1501, 0.9, 1)];
        var plan = BlockMeans.Plan([losses], recordings);
        double[] ofRecording = [.. Enumerable.Repeat(0.0, 1000), .. Enumerable.Repeat(0.5, 7), .. Enumerable.Repeat(1.0, 1501)];
        var means = plan.Of(ofRecording);
        Assert.All(means, m => Assert.True(m is 0 or 1));
        Assert.Equal(7, plan.LeftOutFrameCount);
        Assert.InRange(plan.BlockCount, 20, 2501 / (2 * plan.Correlation.Frames));
        Assert.Contains("2508 frames are worth", plan.Summary, StringComparison.Ordinal);
        Assert.Contains("7 frames of recordings shorter than one block are left out", plan.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mean_over_blocks_is_close_to_the_mean_over_frames()
    {
        var losses = SyntheticLosses.Scenes(new Random(7), 20_000, 0.95, 1);
        var plan = BlockMeans.Plan([losses], [20_000]);
        Assert.Equal(losses.Average(), plan.Of(losses).Average(), 0.002);
        Assert.Equal(0, plan.LeftOutFrameCount);
    }

    [Fact]
    public void One_plan_follows_the_longest_correlation_of_all_prices()
    {
        var random = new Random(8);
        var independent = SyntheticLosses.Many(5000, () => SyntheticLosses.ZeroOne(random, 0.1));
        var lasting = SyntheticLosses.Scenes(random, 5000, 0.97, 1);
        Assert.Equal(BlockMeans.Plan([lasting], [5000]).BlockCount, BlockMeans.Plan([independent, lasting], [5000]).BlockCount);
    }

    [Fact]
    public void A_correlation_as_long_as_the_recording_leaves_hardly_any_block()
    {
        double[] halves = [.. new double[100], .. Enumerable.Repeat(1.0, 100)];
        Assert.InRange(BlockMeans.Plan([halves], [200]).BlockCount, 0, 2);
        Assert.InRange(BlockMeans.Plan([[0, 0, 0, 0.1, 0.9, 1, 1, 1]], [8]).BlockCount, 0, 2);
    }

    [Fact]
    public void Recordings_too_short_to_show_a_correlation_say_so()
    {
        var plan = BlockMeans.Plan([[0, 0.1, 0, 0.3, 0.1, 0]], [2, 2, 2]);
        Assert.False(plan.Correlation.IsSettled);
        Assert.Contains("longer recordings are needed", plan.Summary, StringComparison.Ordinal);
        Assert.True(BlockMeans.Plan([[0, 0.1, 0]], [1, 1, 1]).Correlation.IsSettled);
    }

    [Fact]
    public void A_loss_that_does_not_vary_has_no_correlation()
    {
        Assert.Equal(50, BlockMeans.Plan([new double[50]], [50]).BlockCount);
        Assert.Equal(0, BlockMeans.Plan([[]], []).BlockCount);
    }

    [Fact]
    public void Frames_that_do_not_add_up_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => BlockMeans.Plan([new double[5], new double[4]], [5]));
        Assert.Contains("Price 1 has 4 losses, the recordings have 5 frames", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => BlockMeans.Plan([[0, double.NaN]], [2]));
    }
}
