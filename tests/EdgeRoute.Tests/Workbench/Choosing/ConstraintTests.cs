using EdgeRoute.Workbench.Choosing;

namespace EdgeRoute.Tests.Workbench.Choosing;

public sealed class ConstraintTests
{
    [Fact]
    public void Constraints_are_read_with_their_units()
    {
        var all = Constraint.ParseAll("latency_p95<=30ms,memory<=2GB, watts<=10 latency_mean<0.5s;quality>=95%,energy<=1.5J");
        Assert.Equal([(PointFigure.LatencyP95, 30), (PointFigure.Memory, 2e9), (PointFigure.Watts, 10), (PointFigure.LatencyMean, 500),
            (PointFigure.Quality, 0.95), (PointFigure.Energy, 1500)], all.Select(c => (c.Figure, Math.Round(c.Limit, 9))));
        Assert.Equal("latency_p95 <= 30 ms", all[0].ToString());
        Assert.Equal("memory <= 2000 MB", all[1].ToString());
        Assert.Empty(Constraint.ParseAll(""));
    }

    [Theory]
    [InlineData("latency_p95<=30", "write a number above 0 in ms, us, s, such as latency_p95<=30ms")]
    [InlineData("latency_p95<=30GB", "write a number above 0 in ms, us, s")]
    [InlineData("latncy_p95<=30ms", "did you mean 'latency_p95'?")]
    [InlineData("latency_p95>=30ms", "'latency_p95' is bounded by <=, such as latency_p95<=30ms")]
    [InlineData("quality<=0.9", "'quality' is bounded by >=, such as quality>=0.95")]
    [InlineData("quality", "'quality' is bounded by >=")]
    [InlineData("watts<=-3", "write a number above 0 in W, mW")]
    [InlineData("watts<=NaN", "write a number above 0 in W, mW")]
    [InlineData("frames_per_second>=x", "write a number above 0 in fps")]
    [InlineData("memory<=1GB,memory<=2GB", "bounds 'memory' twice")]
    [InlineData("<=5ms", "--under has '<=5ms'")]
    public void What_cannot_be_read_is_told_with_how_to_write_it(string text, string words) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(() => Constraint.ParseAll(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_lack_is_told_in_parts_of_the_limit()
    {
        var latency = new Constraint(PointFigure.LatencyP95, 10);
        Assert.Equal(0, latency.Excess(10));
        Assert.Equal(0.25, latency.Excess(12.5), 9);
        Assert.Equal("latency_p95 is 12.5 ms, above 10 ms by 25 %", latency.Lack(12.5));
        var quality = new Constraint(PointFigure.Quality, 0.9);
        Assert.Equal(0, quality.Excess(0.95));
        Assert.Equal("quality is 0.6000, below 0.9000 by 50 %", quality.Lack(0.6));
        Assert.Equal(double.PositiveInfinity, new Constraint(PointFigure.Watts, 5).Excess(double.NaN));
    }
}
