using EdgeRoute.Workbench.Benching;

namespace EdgeRoute.Tests.Workbench.Benching;

/// <summary>The search for the top rate, against machines of a known one.</summary>
public sealed class RateSearchTests
{
    [Theory]
    [InlineData(30.0)]
    [InlineData(1.0)]
    [InlineData(7.3)]
    [InlineData(29.9)]
    [InlineData(412.0)]
    [InlineData(5000.0)]
    public void The_top_rate_is_found_within_three_percent(double top)
    {
        var tried = new List<double>();
        double found = RateSearch.Find(30, rate =>
        {
            tried.Add(rate);
            return rate <= top;
        });
        Assert.InRange(found, top / 1.031, top);
        Assert.Equal(tried.Count, tried.Distinct().Count());
        Assert.InRange(tried.Count, 2, 15);
    }

    [Fact]
    public void A_machine_that_is_never_fast_enough_has_none()
    {
        int count = 0;
        Assert.Equal(0, RateSearch.Find(30, _ => ++count < 0));
        Assert.InRange(count, 2, 10);
    }

    [Fact]
    public void A_machine_that_nothing_is_too_much_for_ends_at_the_highest_rate() =>
        Assert.InRange(RateSearch.Find(30, _ => true), RateSearch.RateMost, 2 * RateSearch.RateMost);

    [Fact]
    public void A_search_that_is_stopped_says_what_held_so_far() =>
        Assert.Equal(60, RateSearch.Find(30, rate => rate > 60 ? null : true));
}
