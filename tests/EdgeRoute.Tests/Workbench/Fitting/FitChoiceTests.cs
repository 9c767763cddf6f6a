using EdgeRoute.Core.Gains;
using EdgeRoute.Workbench.Fitting;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static EdgeRoute.Tests.Workbench.Fitting.SampleRows;

namespace EdgeRoute.Tests.Workbench.Fitting;

public sealed class FitChoiceTests
{
    [Fact]
    public void Targets_that_no_signal_tells_of_get_a_constant()
    {
        var (estimator, quality) = FitChoice.Best(Of(4_000, 5, 1, (_, r) => r.Draw(0.7)));
        Assert.Equal(0.7, Assert.IsType<ConstantGain>(estimator).Value, 0.03);
        Assert.InRange(quality.R2, -0.01, 0.01);
    }

    [Fact]
    public void One_telling_signal_gets_a_table_of_it()
    {
        Func<float, double> step = signal => signal switch
        {
            < -0.2f => 0.1,
            < 0.5f => 0.6,
            _ => 0.95,
        };
        var (estimator, quality) = FitChoice.Best(Of(8_000, 5, 2, (f, r) => r.Draw(step(f[3]))));
        Assert.Equal(3, Assert.IsType<IsotonicGain>(estimator).FeatureIndex);
        Assert.True(quality.R2 > 0.3, $"R2 {quality.R2}");
    }

    [Fact]
    public void Several_telling_signals_get_a_logistic()
    {
        var (estimator, _) = FitChoice.Best(Of(8_000, 5, 3, (f, r) => r.Draw(Logistic(f[0] + f[1] - f[2] + f[3]))));
        Assert.IsType<LogisticGain>(estimator);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void What_is_chosen_is_calibrated_on_rows_it_has_not_seen(int seed)
    {
        Func<float[], Random, float> rule = (f, r) => r.Draw(Logistic(1 + (2 * f[0]) - f[1] + f[4] + f[10]));
        var (estimator, quality) = FitChoice.Best(Of(20_000, 10, seed, rule));
        var fresh = FitJudge.Judge(estimator, Of(20_000, 10, seed + 100, rule));
        Assert.True(quality.Ece < 0.02, $"ECE {quality.Ece} in cross-validation");
        Assert.True(fresh.Ece < 0.02, $"ECE {fresh.Ece} on other rows");
        Assert.Equal(fresh.Brier, quality.Brier, 0.005);
    }

    [Fact]
    public void The_same_rows_give_the_same_choice_to_the_bit()
    {
        Func<float[], Random, float> rule = (f, r) => r.Draw(Logistic(f[0] - f[1]));
        int featureCount = Of(9_000, 3, 5, rule).FeatureCount;
        var a = FitChoice.Best(Of(9_000, 3, 5, rule));
        var b = FitChoice.Best(Of(9_000, 3, 5, rule));
        var random = new Random(1);
        for (int i = 0; i < 100; i++)
        {
            float[] features = [.. Enumerable.Range(0, featureCount).Select(_ => (2 * random.NextSingle()) - 1)];
            Assert.Equal(a.Estimator.Estimate(features), b.Estimator.Estimate(features));
        }

        Assert.Equal(a.OutOfSample with { Bins = [] }, b.OutOfSample with { Bins = [] });
    }

    [Fact]
    public void Rows_of_one_block_justify_nothing_but_the_simplest()
    {
        var rows = Pairs((-1, 0), (0, 0.5f), (1, 1));
        Assert.Equal(0.5f, Assert.IsType<ConstantGain>(FitChoice.Best(rows).Estimator).Value);
    }

    /// <summary>
    /// Losses that are rare and small until two signals come together: tables take most such frames for alike, so a share of looks is lost
    /// on frames that are as good as sure.
    /// </summary>
    [Fact]
    public void Without_tables_frames_that_differ_get_estimates_that_differ()
    {
        Func<float[], Random, float> rule = (f, r) => r.Draw(Logistic(6 - (2 * f[0]) - (2 * f[1])));
        var (estimator, _) = FitChoice.BestSmooth(Of(6_000, 5, 4, rule));
        float[] places = [.. Enumerable.Range(0, 21).Select(i => (i / 10f) - 1)];
        float[] smooth = [.. places.Select(p => estimator.Estimate(At(p, p)))];
        Assert.True(smooth.Zip(smooth.Skip(1)).All(s => s.First > s.Second), "each step towards the loss costs some of the estimate");
    }

    /// <summary>Where the usual choice would take the constant, because nothing is better by more than chance.</summary>
    [Fact]
    public void Without_tables_what_little_a_signal_tells_is_kept()
    {
        var rows = Of(1_500, 5, 6, (f, r) => r.Draw(Logistic(3 - (0.5 * f[0]))));
        Assert.IsType<ConstantGain>(FitChoice.Best(rows).Estimator);
        var (estimator, _) = FitChoice.BestSmooth(rows);
        Assert.True(estimator.Estimate(At(-1, 0)) > estimator.Estimate(At(1, 0)), "the signal's direction is known");
        Assert.IsType<ConstantGain>(FitChoice.BestSmooth(Pairs((-1, 0), (0, 0.5f), (1, 1))).Estimator);
    }

    private static float[] At(float first, float second) => [first, second, 0, 0, 0, 0, 0, 0, 0, 0];

    private static class AnyRows
    {
        /// <summary>Few rows of coarse values and weights that may all be 0, where fits are most easily led astray.</summary>
        public static Arbitrary<(FitRows Rows, float[] Features)> Cases() => Arb.From(
            from count in Gen.Choose(1, 40)
            from places in Gen.Choose(-4, 4).ArrayOf(count * 4)
            from targets in Gen.Choose(0, 4).ArrayOf(count)
            from weights in Gen.Choose(0, 2).ArrayOf(count)
            from blocks in Gen.Choose(0, 6).ArrayOf(count)
            from features in Gen.Choose(-100, 100).ArrayOf(4)
            select (RowsOf(places, targets, weights, blocks), features.Select(f => f / 100f).ToArray()));

        private static FitRows RowsOf(int[] places, int[] targets, int[] weights, int[] blocks)
        {
            var rows = new FitRows(4);
            for (int i = 0; i < targets.Length; i++)
            {
                rows.Add([.. places.Skip(4 * i).Take(4).Select(p => p / 4f)], targets[i] / 4f, i == 0 ? 1 : weights[i], blocks[i]);
            }

            return rows;
        }
    }

    [Property(MaxTest = 200)]
    public Property Whatever_is_fitted_estimates_a_share() => Prop.ForAll(AnyRows.Cases(), x =>
        FitChoice.UsualTiers(4).SelectMany(t => t).Append(new LogisticFit(LogisticFit.LeastStrength)).Select(f => f.Fit(x.Rows))
            .Append(FitChoice.Best(x.Rows).Estimator).Append(FitChoice.BestSmooth(x.Rows).Estimator)
            .All(e => e.Estimate(x.Features) is >= 0 and <= 1));
}
