using EdgeRoute.Core.Costs;

namespace EdgeRoute.Tests.Core.Costs;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Quantiles_are_within_one_percent_of_the_exact_ones(int seed)
    {
        var random = new Random(seed);
        var histogram = new LatencyHistogram();
        // From microseconds to minutes, as many per decade.
        long[] values = [.. Enumerable.Range(0, 20_000).Select(_ => (long)Math.Pow(10, 3 + (8 * random.NextDouble())))];
        foreach (long value in values)
        {
            histogram.Add(value);
        }

        Array.Sort(values);
        foreach (double fraction in (double[])[0.01, 0.25, 0.5, 0.95, 0.99, 0.999])
        {
            double exact = values[(int)Math.Ceiling(fraction * values.Length) - 1];
            Assert.InRange(histogram.QuantileNs(fraction) / exact, 0.99, 1.01);
        }

        Assert.Equal(values[^1], histogram.QuantileNs(1));
        Assert.Equal((values[^1], values.Length, values.Sum()), (histogram.MaxNs, histogram.Count, histogram.TotalNs));
    }

    [Fact]
    public void Every_duration_lands_near_itself()
    {
        for (long ns = 1; ns < LatencyHistogram.LongestNs / 2; ns = (ns * 21 / 20) + 1)
        {
            var histogram = new LatencyHistogram();
            histogram.Add(ns);
            histogram.Add(LatencyHistogram.LongestNs);
            Assert.InRange(histogram.QuantileNs(0.5), (ns * (127.0 / 128)) - 8, (ns * (129.0 / 128)) + 8);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(long.MaxValue)]
    public void Extremes_are_counted(long ns)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(ns);
        Assert.Equal((1, Math.Max(0, ns)), (histogram.Count, histogram.MaxNs));
    }

    [Fact]
    public void Nothing_recorded_is_not_a_number()
    {
        Assert.True(double.IsNaN(new LatencyHistogram().QuantileNs(0.5)));
        Assert.True(double.IsNaN(new LatencyHistogram().MeanNs));
    }

    [Fact]
    public void Sum_of_two_is_as_if_one_had_recorded_all()
    {
        var (a, b, both) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (int i = 1; i < 1000; i++)
        {
            (i % 3 == 0 ? a : b).Add(i * 10_000L);
            both.Add(i * 10_000L);
        }

        a.Add(b);
        Assert.Equal((both.Count, both.TotalNs, both.MaxNs, both.QuantileNs(0.9)), (a.Count, a.TotalNs, a.MaxNs, a.QuantileNs(0.9)));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var histogram = new LatencyHistogram();
        long i = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => histogram.Add(i++ * 1000L), 1000));
    }
}
