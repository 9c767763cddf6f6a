using EdgeRoute.Workbench.Fitting;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Workbench.Fitting;

public sealed class MonotoneRegressionTests
{
    /// <summary>Up to seven cells of small whole weights and means in eighths, so that ties are frequent.</summary>
    private static Arbitrary<MonotoneStep[]> Cells() => Arb.From(
        from count in Gen.Choose(1, 7)
        from weights in Gen.Choose(1, 4).ArrayOf(count)
        from means in Gen.Choose(0, 8).ArrayOf(count)
        select Enumerable.Range(0, count).Select(i => new MonotoneStep(i, i, weights[i], means[i] / 8.0)).ToArray());

    [Property(MaxTest = 500)]
    public Property Pooling_finds_the_least_squares_of_all_monotone_functions() =>
    Prop.ForAll(Cells(), ArbMap.Default.ArbFor<bool>(), (cells, isRising) =>
    {
        var steps = MonotoneRegression.Pool(cells, isRising);
        return IsMonotone(steps, isRising) && Math.Abs(MonotoneRegression.LossOf(cells, steps) - LeastOfAll(cells, isRising)) < 1e-9;
    });

    [Property]
    public Property Thinned_steps_fit_their_limit_and_keep_order_and_mean() =>
    Prop.ForAll(Cells(), ArbMap.Default.ArbFor<bool>(), (cells, isRising) =>
    {
        var steps = MonotoneRegression.Pool(cells, isRising);
        MonotoneRegression.Thin(steps, 3);
        double before = cells.Sum(c => c.Weight * c.Mean), after = steps.Sum(s => s.Weight * s.Mean);
        return steps.Sum(s => s.From < s.To ? 2 : 1) <= 3 && IsMonotone(steps, isRising) && Math.Abs(before - after) < 1e-9;
    });

    [Fact]
    public void Steps_are_joined_where_that_loses_least()
    {
        List<MonotoneStep> steps = [new(0, 0, 1, 0.1), new(1, 1, 1, 0.2), new(2, 2, 1, 0.9)];
        MonotoneRegression.Thin(steps, 2);
        Assert.Equal(2, steps.Sum(s => s.From < s.To ? 2 : 1));

        List<MonotoneStep> four = [new(0, 0.5f, 1, 0.1), new(1, 1.5f, 1, 0.2), new(2, 2.5f, 1, 0.9)];
        MonotoneRegression.Thin(four, 4);
        Assert.Equal([new(0, 1.5f, 2, 0.15), new(2, 2.5f, 1, 0.9)], four.Select(s => s with { Mean = Math.Round(s.Mean, 9) }));
    }

    private static bool IsMonotone(List<MonotoneStep> steps, bool isRising) =>
        steps.Zip(steps.Skip(1)).All(p => isRising ? p.First.Mean <= p.Second.Mean + 1e-12 : p.First.Mean >= p.Second.Mean - 1e-12);

    /// <summary>The best monotone function is constant on some stretches, at the mean of each: all ways to cut are tried.</summary>
    private static double LeastOfAll(MonotoneStep[] cells, bool isRising)
    {
        double least = double.PositiveInfinity;
        for (int cuts = 0; cuts < 1 << (cells.Length - 1); cuts++)
        {
            var steps = new List<MonotoneStep> { cells[0] };
            for (int i = 1; i < cells.Length; i++)
            {
                if ((cuts >> (i - 1) & 1) == 1)
                {
                    steps.Add(cells[i]);
                }
                else
                {
                    steps[^1] = steps[^1].With(cells[i]);
                }
            }

            least = IsMonotone(steps, isRising) ? Math.Min(least, MonotoneRegression.LossOf(cells, steps)) : least;
        }

        return least;
    }
}
