using EdgeRoute.Core.Gains;
using EdgeRoute.Workbench.Fitting;
using static EdgeRoute.Tests.Workbench.Fitting.SampleRows;

namespace EdgeRoute.Tests.Workbench.Fitting;

public sealed class IsotonicFitTests
{
    [Fact]
    public void A_table_is_the_regression_itself_at_every_place_seen()
    {
        var table = (IsotonicGain)new IsotonicFit(0).Fit(Pairs((-1, 0.1f), (-0.5f, 0.4f), (0, 0.2f), (0.5f, 0.9f)));
        Assert.Equal([-1, -0.5f, 0, 0.5f], table.At);
        Assert.Equal([0.1f, 0.3f, 0.3f, 0.9f], table.Values.Select(v => MathF.Round(v, 6)));
    }

    [Fact]
    public void The_direction_is_the_one_that_fits()
    {
        var falling = Of(4000, 1, 1, (f, r) => r.Draw(0.5 - (0.4 * f[0])));
        var table = (IsotonicGain)new IsotonicFit(0).Fit(falling);
        Assert.True(table.Values[0] > 0.75f && table.Values[^1] < 0.25f, $"{table.Values[0]} to {table.Values[^1]}");
    }

    [Fact]
    public void Many_distinct_steps_fit_the_limit_of_a_table_with_little_loss()
    {
        var rows = Of(20_000, 1, 2, (f, _) => (f[0] + 1) / 2);
        var table = (IsotonicGain)new IsotonicFit(0).Fit(rows);
        Assert.InRange(table.At.Count, IsotonicGain.PointLimit - 2, IsotonicGain.PointLimit);
        Assert.True(FitJudge.Judge(table, rows).Brier < 2e-4);
    }

    [Fact]
    public void Rows_at_one_place_are_one_point_and_rows_without_weight_are_none()
    {
        var rows = Pairs((0, 0), (0, 1), (0, 0.5f));
        rows.Add([1], 1, 0, 0);
        var table = (IsotonicGain)new IsotonicFit(0).Fit(rows);
        Assert.Equal([0f], table.At);
        Assert.Equal(0.5f, table.Values[0], 6);
    }

    [Fact]
    public void Nothing_to_fit_on_is_said()
    {
        var rows = new FitRows(1);
        rows.Add([0], 1, 0, 0);
        Assert.Contains("nothing to fit", Assert.Throws<ArgumentException>(() => new IsotonicFit(0).Fit(rows)).Message,
            StringComparison.Ordinal);
    }
}
