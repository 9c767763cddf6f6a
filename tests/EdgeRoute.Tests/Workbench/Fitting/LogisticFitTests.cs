using EdgeRoute.Core.Gains;
using EdgeRoute.Workbench.Fitting;
using static EdgeRoute.Tests.Workbench.Fitting.SampleRows;

namespace EdgeRoute.Tests.Workbench.Fitting;

public sealed class LogisticFitTests
{
    [Theory]
    [InlineData(5_000)]
    [InlineData(20_000)]
    public void Shares_that_follow_the_rule_give_its_weights_back(int count)
    {
        var rows = Of(count, 3, 1, (f, _) => Logistic(0.4 + (1.5 * f[0]) - (0.7 * f[1]) + (0.9 * f[3])));
        var fit = Fit(1e-6, rows);
        Assert.Equal(0.4, fit.Bias, 2e-3);
        double[] expected = [1.5, -0.7, 0, 0.9, 0, 0];
        Assert.All(expected.Zip(fit.Weights), p => Assert.Equal(p.First, p.Second, 2e-3));
    }

    [Fact]
    public void Draws_by_the_rule_give_its_weights_back_within_chance()
    {
        var rows = Of(20_000, 3, 2, (f, r) => r.Draw(Logistic(0.4 + (1.5 * f[0]) - (0.7 * f[1]))));
        var fit = Fit(1e-6, rows);
        double[] expected = [1.5, -0.7, 0, 0, 0, 0];
        // The standard error of a square's weight is about sqrt(1 / (20,000 * 0.2 * 0.089)) = 0.05.
        Assert.Equal(0.4, fit.Bias, 0.08);
        Assert.All(expected.Zip(fit.Weights), p => Assert.Equal(p.First, p.Second, 0.2));
    }

    [Theory]
    [InlineData(1e-4)]
    [InlineData(1e-1)]
    public void The_fit_is_where_the_penalised_loss_is_flat(double strength)
    {
        var rows = Of(9_000, 4, 3, (f, r) => r.NextSingle() * Logistic(2 * f[1]));
        var fit = Fit(strength, rows);
        for (int j = 0; j < rows.FeatureCount; j++)
        {
            double slope = strength * fit.Weights[j];
            for (int i = 0; i < rows.Count; i++)
            {
                slope += (fit.Estimate(rows.Features(i)) - rows.Target(i)) * rows.Features(i)[j] / rows.Count;
            }

            Assert.Equal(0, slope, 1e-5);
        }
    }

    [Fact]
    public void Separable_rows_stay_finite_and_are_told_apart()
    {
        var fit = Fit(1e-4, Of(2_000, 2, 4, (f, _) => f[0] > 0.1f ? 1 : 0));
        Assert.All(fit.Weights, w => Assert.InRange(MathF.Abs(w), 0, 120));
        Assert.True(fit.Estimate([0.6f, 0, 0, 0]) > 0.98f);
        Assert.True(fit.Estimate([-0.4f, 0, 0, 0]) < 0.02f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Targets_that_are_all_the_same_stay_finite(int target)
    {
        var fit = Fit(1e-3, Of(500, 2, 5, (_, _) => target));
        Assert.True(float.IsFinite(fit.Bias));
        Assert.Equal(target, fit.Estimate([0.3f, -0.9f, 0.2f, 0.1f]), 1e-3);
    }

    [Fact]
    public void Copies_of_a_column_share_its_weight_and_constant_columns_keep_the_estimate()
    {
        var rows = new FitRows(4);
        foreach (var (x, y) in from i in Enumerable.Range(0, 2000) let x = (i / 1000f) - 1 select (x, Logistic(0.5 + x)))
        {
            rows.Add([x, x, 0, 1], y, 1, 0);
        }

        var fit = Fit(1e-5, rows);
        Assert.Equal(fit.Weights[0], fit.Weights[1], 1e-3);
        Assert.Equal(1, fit.Weights[0] + fit.Weights[1], 1e-2);
        Assert.Equal(0, fit.Weights[2]);
        Assert.Equal(Logistic(0.5), fit.Estimate([0, 0, 0, 1]), 1e-3);
    }

    [Fact]
    public void A_weight_of_two_is_a_row_twice_and_a_weight_of_none_is_no_row()
    {
        var rows = Of(300, 2, 6, (f, r) => r.Draw(Logistic(f[0])));
        var (weighted, repeated) = (new FitRows(4), new FitRows(4));
        for (int i = 0; i < rows.Count; i++)
        {
            weighted.Add(rows.Features(i), rows.Target(i), i % 3, 0);
            for (int k = 0; k < i % 3; k++)
            {
                repeated.Add(rows.Features(i), rows.Target(i), 1, 0);
            }
        }

        var (a, b) = (Fit(1e-3, weighted), Fit(1e-3, repeated));
        Assert.All(a.Weights.Zip(b.Weights), p => Assert.Equal(p.First, p.Second, 1e-4));
    }

    [Fact]
    public void A_penalty_too_weak_to_hold_the_weights_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new LogisticFit(0));

    private static LogisticGain Fit(double strength, FitRows rows) => (LogisticGain)new LogisticFit(strength).Fit(rows);
}
