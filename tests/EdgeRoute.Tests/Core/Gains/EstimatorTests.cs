using EdgeRoute.Core.Gains;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Core.Gains;

public sealed class EstimatorTests
{
    private const int FeatureCount = 50;

    [Property(MaxTest = 2000)]
    public void An_isotonic_look_up_equals_a_slow_search(int seed)
    {
        var random = new Random(seed);
        var table = RandomCalibration.Table(random, FeatureCount);
        var features = Features(random);
        foreach (float x in RandomCalibration.Floats(random, 20, -1, 1).Concat(table.At).Concat([-1, 1, 0, -1.5f, 1.5f]))
        {
            features[table.FeatureIndex] = x;
            Assert.Equal(SlowLookUp(table, x), table.Estimate(features), 1e-5f);
        }
    }

    [Property(MaxTest = 1000)]
    public void An_isotonic_table_is_monotone_between_its_points_too(int seed)
    {
        var random = new Random(seed);
        var table = RandomCalibration.Table(random, 1);
        float[] values = [.. RandomCalibration.Floats(random, 50, -1, 1).Order().Select(x => table.Estimate([x]))];
        int direction = Math.Sign(table.Values[^1] - table.Values[0]);
        Assert.All(values.Zip(values.Skip(1)), p => Assert.True((p.Second - p.First) * direction >= -1e-6f, $"seed {seed}"));
    }

    [Property(MaxTest = 1000)]
    public void A_logistic_estimate_equals_the_plain_formula(int seed)
    {
        var random = new Random(seed);
        foreach (int count in new[] { FeatureCount, 32, 1, 3, 5 })
        {
            var estimator = RandomCalibration.Logistic(random, count);
            float[] features = [.. RandomCalibration.Floats(random, count, -1, 1)];
            double sum = estimator.Bias + estimator.Weights.Zip(features, (w, f) => (double)w * f).Sum(),
                size = estimator.Weights.Sum(w => Math.Abs((double)w));
            // The sum is rounded as floats are; a logistic function is nowhere steeper than a quarter.
            Assert.Equal(1 / (1 + Math.Exp(-sum)), estimator.Estimate(features), 1e-6 + (size * 1e-7));
        }
    }

    [Property(MaxTest = 1000)]
    public void An_average_is_the_weighted_mean_of_its_members(int seed)
    {
        var random = new Random(seed);
        var average = RandomCalibration.Average(random, FeatureCount);
        var features = Features(random);
        double mean = average.Members.Zip(average.Shares, (m, s) => (double)s * m.Estimate(features)).Sum();
        Assert.Equal(Math.Clamp(mean, 0, 1), average.Estimate(features), 1e-5);
        Assert.Equal(1, average.Shares.Sum(), 1e-3);
    }

    [Property(MaxTest = 2000)]
    public void Every_estimate_is_a_share(int seed)
    {
        var random = new Random(seed);
        var estimator = RandomCalibration.Estimator(random, FeatureCount);
        float estimate = estimator.Estimate(Features(random));
        Assert.InRange(estimate, 0, 1);
        Assert.Equal(estimate, estimator is ConstantGain constant ? constant.Value : estimate);
    }

    [Fact]
    public void Members_without_shares_count_alike() =>
        Assert.Equal(0.4f, new AveragedGain([new ConstantGain(0), new ConstantGain(0.2f), new ConstantGain(1)]).Estimate([]), 6);

    public static TheoryData<Action> Refused => new(
        () => _ = new ConstantGain(1.01f),
        () => _ = new ConstantGain(float.NaN),
        () => _ = new IsotonicGain(-1, [0], [0]),
        () => _ = new IsotonicGain(0, [], []),
        () => _ = new IsotonicGain(0, [0, 0], [0, 1]),
        () => _ = new IsotonicGain(0, [0, 1], [0]),
        () => _ = new IsotonicGain(0, [0, float.PositiveInfinity], [0, 1]),
        () => _ = new IsotonicGain(0, [0, 0.5f, 1], [0, 1, 0.5f]),
        () => _ = new IsotonicGain(0, [0, 1], [0, float.NaN]),
        () => _ = new IsotonicGain(0, [.. Enumerable.Range(0, IsotonicGain.PointLimit + 1)], new float[IsotonicGain.PointLimit + 1]),
        () => _ = new LogisticGain(float.NaN, []),
        () => _ = new LogisticGain(0, [float.NaN]),
        () => _ = new LogisticGain(0, [1e6f]),
        () => _ = new AveragedGain([]),
        () => _ = new AveragedGain([new AveragedGain([new ConstantGain(1)])]),
        () => _ = new AveragedGain([new ConstantGain(1)], [0.5f]),
        () => _ = new AveragedGain([new ConstantGain(1), new ConstantGain(1)], [1]),
        () => _ = new AveragedGain([new ConstantGain(1), new ConstantGain(1)], [0, 1]),
        () => _ = new AveragedGain([new ConstantGain(1), new ConstantGain(1)], [float.NaN, 1]),
        () => _ = new AveragedGain([.. Enumerable.Repeat(new ConstantGain(1), AveragedGain.MemberLimit + 1)]));

    [Theory]
    [MemberData(nameof(Refused))]
    public void Numbers_that_are_no_estimator_are_refused(Action make) => Assert.ThrowsAny<ArgumentException>(make);

    private static float[] Features(Random random) => [.. RandomCalibration.Floats(random, FeatureCount, -1, 1)];

    private static float SlowLookUp(IsotonicGain table, float x)
    {
        int above = table.At.Count(a => a < x);
        if (above == 0 || above == table.At.Count)
        {
            return table.Values[above == 0 ? 0 : above - 1];
        }

        double part = ((double)x - table.At[above - 1]) / ((double)table.At[above] - table.At[above - 1]);
        return (float)(table.Values[above - 1] + (part * ((double)table.Values[above] - table.Values[above - 1])));
    }
}
