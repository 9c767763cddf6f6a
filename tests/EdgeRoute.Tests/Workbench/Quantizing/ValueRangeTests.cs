using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>Ranges out of many values in little memory.</summary>
public sealed class ValueRangeTests
{
    private static ValueHistogram Seen(params float[][] frames)
    {
        var seen = new ValueHistogram();
        Assert.All(frames, f => Assert.True(seen.TryAdd(f)));
        return seen;
    }

    private static float[] Normal(int count, float deviation, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => deviation
            * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    [Fact]
    public void The_least_and_the_most_are_kept_and_zero_is_inside()
    {
        Assert.Equal(new ValueRange(-2, 5), RangeChoice.Of(Seen([1, 5], [-2, 3]), RangeMethod.MinMax));
        Assert.Equal(new ValueRange(0, 5), RangeChoice.Of(Seen([3, 5]), RangeMethod.MinMax));
    }

    [Fact]
    public void Bins_widen_and_no_value_is_lost()
    {
        var seen = Seen([0.1f, -0.1f, 0], [1000, -7, 3]);
        Assert.Equal(6, seen.Counts.ToArray().Sum());
        Assert.True(seen.BinWidth * ValueHistogram.SideBins >= 1000);
        Assert.Equal(3, seen.Magnitudes()[0]);
    }

    [Theory]
    [InlineData(RangeMethod.MinMax, 45, 55)]
    [InlineData(RangeMethod.Percentile, 3, 6)]
    [InlineData(RangeMethod.Entropy, 2, 12)]
    [InlineData(RangeMethod.Squares, 3, 45)]
    public void One_far_value_counts_for_the_whole_range_only_by_minmax(RangeMethod method, double least, double most)
    {
        var range = RangeChoice.Of(Seen(Normal(200_000, 1), [50]), method);
        Assert.InRange(range.Most, least, most);
        Assert.InRange(range.Least, -7, -2);
    }

    [Theory]
    [InlineData(RangeMethod.Percentile)]
    [InlineData(RangeMethod.Entropy)]
    [InlineData(RangeMethod.Squares)]
    public void Without_outliers_all_methods_come_near_each_other(RangeMethod method)
    {
        float[] even = [.. Enumerable.Range(0, 100_000).Select(i => (i / 50_000f) - 1)];
        var range = RangeChoice.Of(Seen(even), method);
        Assert.InRange(range.Most, 0.9f, 1.01f);
        Assert.InRange(range.Least, -1.01f, -0.9f);
    }

    [Theory]
    [InlineData(RangeMethod.MinMax)]
    [InlineData(RangeMethod.Percentile)]
    [InlineData(RangeMethod.Entropy)]
    [InlineData(RangeMethod.Squares)]
    public void Nothing_but_zeros_is_a_range_too(RangeMethod method) =>
        Assert.Equal(new ValueRange(0, 0), RangeChoice.Of(Seen(new float[100]), method));

    /// <summary>SiLU makes next to nothing of values far below zero, so that a range need not reach there.</summary>
    [Fact]
    public void In_front_of_a_gate_only_what_passes_it_counts()
    {
        var seen = Seen([.. Enumerable.Range(0, 100_000).Select(i => (i / 2500f) - 35)]);
        Assert.InRange(RangeChoice.Of(seen, RangeMethod.Squares).Least, -35, -31);
        Assert.InRange(RangeChoice.Of(seen, RangeMethod.Squares, isGated: true).Least, -9, -2);
        Assert.InRange(RangeChoice.Of(seen, RangeMethod.Squares, isGated: true).Most, 4.5f, 5);
    }

    [Fact]
    public void Outliers_are_told_by_how_far_they_stand_out()
    {
        Assert.InRange(Seen(Normal(100_000, 3)).OutlierRatio, 3.5, 6);
        Assert.True(Seen(Normal(100_000, 3), [600]).OutlierRatio > 50);
        Assert.Equal(0, Seen(new float[10]).OutlierRatio);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_a_number_is_refused_whole(float value)
    {
        var seen = Seen([1, 2]);
        Assert.False(seen.TryAdd([3, value, 4]));
        Assert.Equal((2L, 2f), (seen.Count, seen.Most));
    }
}
