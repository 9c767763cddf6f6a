using EdgeRoute.Workbench.Measuring;

namespace EdgeRoute.Tests.Workbench.Measuring;

/// <summary>What speaks against figures, on times made by hand.</summary>
public sealed class MeasureDoubtsTests
{
    [Fact]
    public void A_quiet_machine_is_not_doubted()
    {
        Assert.Empty(Find(Times(60, _ => 5), 3));
        Assert.Empty(Find(Times(60, _ => 5), null));
        Assert.Empty(Find(Times(60, i => 5 + (i % 7 * 0.2f)), 9));
    }

    [Fact]
    public void Work_of_others_is_told_first() =>
        Assert.StartsWith("other processes took 34 % of the processor", Find(Times(3, _ => 5), 34)[0], StringComparison.Ordinal);

    [Fact]
    public void A_wide_spread_is_told_with_both_figures() => Assert.StartsWith(
        "with CPU, 2 threads the heaviest path takes 5.00 ms on the median and 9.00 ms at p95",
        Assert.Single(Find(Times(100, i => i % 10 == 0 ? 9 : 5), 0)), StringComparison.Ordinal);

    [Theory]
    [InlineData(5f, 6f)]
    [InlineData(6f, 5f)]
    public void A_machine_that_becomes_slower_or_faster_is_told(float first, float last) => Assert.Contains(
        $"took {first}.00 ms in the first third of the time and {last}.00 ms in the last",
        Assert.Single(Find(Times(90, i => i < 45 ? first : last), 0)), StringComparison.Ordinal);

    [Fact]
    public void Too_few_runs_are_told_with_the_time_that_would_do() => Assert.Equal(
        "10 runs of the heaviest path with CPU, 2 threads are too few; give more time, such as --seconds 72",
        Assert.Single(Find(Times(10, _ => 5), 0)));

    private static IReadOnlyList<string> Find(float[] pathMs, double? others) =>
        MeasureDoubts.Find([new PathTimes("CPU, 2 threads", pathMs)], 30, others);

    private static float[] Times(int count, Func<int, float> of) => [.. Enumerable.Range(0, count).Select(of)];
}
