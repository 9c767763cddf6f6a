using EdgeRoute.Workbench.Choosing;

namespace EdgeRoute.Tests.Workbench.Choosing;

/// <summary>Which of several points is taken.</summary>
public sealed class ChoiceGoalTests
{
    /// <param name="doubt">What some frames may have made the quality seem too low by.</param>
    private static ChoicePoint Point(double quality, double ms, double doubt = 0)
    {
        var figures = new PointFigures(100, quality, ms, ms, ms, ms, 1e6, double.NaN);
        return new ChoicePoint(new Chain([]), [], 1, figures, figures with { Quality = quality + (2 * doubt) }, doubt is 0)
        {
            Careful = figures with { Quality = quality - doubt },
        };
    }

    [Theory]
    [InlineData(0.9949, 0, 1)]
    [InlineData(0.9949, 0.002, 0.1)]
    [InlineData(0.9931, 0.001, 1)]
    [InlineData(0.9901, 0.03, 0.1)]
    [InlineData(0.9899, 0.03, 1)]
    public void A_cheap_point_counts_as_good_enough_as_far_as_chance_may_have_made_it_seem_worse(double quality, double doubt, double ms)
    {
        var goal = new ChoiceGoal(Constraint.ParseAll("latency_mean<=2ms"));
        Assert.Equal(ms, goal.Chosen([Point(1, 1), Point(quality, 0.1, doubt)])!.Figures.LatencyMean);
    }

    [Fact]
    public void A_bound_on_quality_is_kept_even_by_what_chance_may_have_flattered()
    {
        var goal = new ChoiceGoal(Constraint.ParseAll("quality>=0.95"));
        Assert.Equal(1, goal.Chosen([Point(0.98, 1), Point(0.951, 0.1, 0.002)])!.Figures.LatencyMean);
        Assert.Equal(0.1, goal.Chosen([Point(0.98, 1), Point(0.953, 0.1, 0.002)])!.Figures.LatencyMean);
    }

    [Theory]
    [InlineData("latency_mean<=2ms", 0.98, 2.1, true)]
    [InlineData("latency_mean<=2ms", 0.98, 2.3, false)]
    [InlineData("latency_mean<=2ms", 0.952, 2.1, false)]
    [InlineData("quality>=0.9", 0.95, 1.03, true)]
    [InlineData("quality>=0.9", 0.95, 1.06, false)]
    [InlineData("quality>=0.96", 0.95, 0.5, false)]
    public void Times_of_few_frames_leave_a_point_close_to_the_best_within_a_tenth(string under, double quality, double ms, bool isClose) =>
        Assert.Equal(isClose, new ChoiceGoal(Constraint.ParseAll(under)).IsClose(Point(quality, ms), Point(0.95, 1)));
}
