using EdgeRoute.Core.Floors;
using FsCheck.Xunit;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Floors;

public sealed class ConfidenceSequenceTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("zero-one", 0.02)]
    [InlineData("zero-one", 0.3)]
    [InlineData("partial", 0.03)]
    [InlineData("weighted", 0.03)]
    public void Limits_hold_under_continuous_peeking(string kind, double mean)
    {
        double missed = SyntheticLosses.Share(500, random =>
        {
            var limits = new ConfidenceSequence(0.95);
            bool hasMissed = false;
            for (int i = 0; i < 10_000; i++)
            {
                Observe(limits, kind, random, mean);
                hasMissed |= limits.Lower > mean || limits.Upper < mean;
            }

            return hasMissed;
        });
        output.WriteLine($"{kind}, mean {mean}: missed at some time in {missed:0.0%} of 500 runs of 10,000");
        Assert.InRange(missed, 0, 0.05);
    }

    [Fact]
    public void Limits_close_in_on_the_mean()
    {
        var random = new Random(1);
        var limits = new ConfidenceSequence(0.95);
        for (int i = 0; i < 10_000; i++)
        {
            limits.Observe(SyntheticLosses.ZeroOne(random, 0.02));
        }

        Assert.InRange(limits.Upper - limits.Lower, 0.002, 0.016);
        Assert.InRange(limits.Mean, limits.Lower, limits.Upper);
        Assert.Equal(10_000, limits.Count);
    }

    [Fact]
    public void Limits_that_cross_show_a_change()
    {
        var random = new Random(2);
        var limits = new ConfidenceSequence(0.95);
        for (int i = 0; i < 5000; i++)
        {
            limits.Observe(SyntheticLosses.Partial(random, 0.02));
        }

        Assert.False(limits.IsCrossed);
        for (int i = 0; i < 20_000; i++)
        {
            limits.Observe(SyntheticLosses.Partial(random, 0.3));
        }

        Assert.True(limits.IsCrossed);
        limits.Reset();
        Assert.False(limits.IsCrossed);
        Assert.Equal((0.0, 1.0, 0L), (limits.Lower, limits.Upper, limits.Count));
    }

    [Property]
    public bool Any_input_leaves_limits_in_order_or_is_counted(double[] losses, double weight)
    {
        var limits = new ConfidenceSequence(0.9);
        Array.ForEach(losses, x => limits.Observe(x, weight));
        Array.ForEach(losses, x => limits.Observe(x));
        bool isWeightFine = weight is > 0 and <= 1;
        long refused = losses.Count(x => double.IsNaN(x) || !isWeightFine) + losses.Count(double.IsNaN);
        return limits.RefusedCount == refused && limits.Count == (2 * losses.Length) - refused && limits.Lower is >= 0 and <= 1
            && limits.Upper is >= 0 and <= 1;
    }

    [Fact]
    public void Limits_only_ever_close_in()
    {
        var random = new Random(3);
        var limits = new ConfidenceSequence(0.95);
        double lower = 0, upper = 1;
        for (int i = 0; i < 3000; i++)
        {
            limits.Observe(random.NextDouble());
            Assert.True(limits.Lower >= lower && limits.Upper <= upper);
            (lower, upper) = (limits.Lower, limits.Upper);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_confidence_that_is_none_is_refused(double confidence) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfidenceSequence(confidence));

    [Fact]
    public void Observing_allocates_nothing()
    {
        var limits = new ConfidenceSequence(0.95);
        int i = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => limits.Observe(i++ % 10 * 0.1)));
    }

    /// <summary>Weighted: doubtful frames lose more and are audited four times as often.</summary>
    private static void Observe(ConfidenceSequence limits, string kind, Random random, double mean)
    {
        if (kind != "weighted")
        {
            limits.Observe(kind == "partial" ? SyntheticLosses.Partial(random, mean) : SyntheticLosses.ZeroOne(random, mean));
            return;
        }

        double uncertainty = random.NextDouble(), probability = 0.25 * (1 + (3 * uncertainty));
        if (random.NextDouble() < probability)
        {
            limits.Observe(SyntheticLosses.ZeroOne(random, 2 * mean * uncertainty), 0.25 / probability);
        }
    }
}
