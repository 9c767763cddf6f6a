using EdgeRoute.Workbench.Frontiers;

namespace EdgeRoute.Tests.Workbench.Frontiers;

public sealed class OracleBoundTests
{
    private static readonly OracleBound Bound = new([Point(1, 10), Point(0.9, 2), Point(0.95, 9), Point(0.8, 1), Point(0.7, 1),
        Point(1, 12)]);

    /// <summary>From 0.9 for 2 ms to 1 for 10 ms by mixing: the point between, 0.95 for 9 ms, lies above that line.</summary>
    [Theory]
    [InlineData(1, 10)]
    [InlineData(0.95, 6)]
    [InlineData(0.9, 2)]
    [InlineData(0.85, 1.5)]
    [InlineData(0.2, 1)]
    public void Between_two_points_an_oracle_mixes(double quality, double ms) => Assert.Equal(ms, Bound.MsAt(quality), 1e-9);

    [Theory]
    [InlineData(0.95, 6, 0)]
    [InlineData(0.95, 20, 1)]
    [InlineData(0.95, 13, 0.5)]
    [InlineData(1, 30, 2)]
    public void Regret_is_the_share_of_the_saving_that_is_left(double quality, double ms, double regret) =>
        Assert.Equal(regret, Bound.RegretOf(Point(quality, ms), 20)!.Value, 1e-9);

    [Fact]
    public void Where_an_oracle_saves_nothing_there_is_no_regret() => Assert.Null(Bound.RegretOf(Point(1, 30), 10));

    private static FrontierPoint Point(double quality, double ms) => new("time_oracle", "", quality, ms, ms / 20, null, null);
}
