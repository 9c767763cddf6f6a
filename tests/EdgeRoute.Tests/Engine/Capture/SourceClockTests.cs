using EdgeRoute.Engine.Capture;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>Clocks of cameras: good ones, hasty ones, and those that lie.</summary>
public class SourceClockTests
{
    private const long Ms = 1_000_000, Second = 1000 * Ms;

    private readonly SourceClock _clock = new();

    [Fact]
    public void A_source_without_a_time_of_its_own_is_timed_by_arrival() => Assert.Equal(77, _clock.TimeOf(-1, 77));

    [Fact]
    public void A_steady_clock_is_taken_through_skew_and_late_arrivals()
    {
        for (int i = 0; i < 100_000; i++)
        {
            long source = (i * 33 * Ms) + (i * 33 * Ms / 10_000);
            long late = i % 500 < 30 ? 900 * Ms : 0;
            Assert.Equal(source, _clock.TimeOf(source, (i * 33 * Ms) + late));
        }

        Assert.False(_clock.IsDistrusted);
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(5)]
    [InlineData(86_400)]
    public void After_a_jump_time_goes_on_by_arrival(long seconds)
    {
        _clock.TimeOf(5000 * Second, 100 * Second);
        Assert.Equal(5001 * Second, _clock.TimeOf(5001 * Second, 101 * Second));
        Assert.Equal(5002 * Second, _clock.TimeOf((5002 + seconds) * Second, 102 * Second));
        Assert.True(_clock.IsDistrusted);
        Assert.Equal(5005 * Second, _clock.TimeOf(5002 * Second, 105 * Second));
    }

    [Fact]
    public void A_clock_that_stands_still_is_found_out()
    {
        for (int i = 0; i < 200; i++)
        {
            _clock.TimeOf(10 * Second, i * 33 * Ms);
        }

        Assert.True(_clock.IsDistrusted);
    }

    [Fact]
    public void A_source_opened_again_may_begin_anywhere()
    {
        _clock.TimeOf(10 * Second, 100 * Second);
        _clock.Begin();
        Assert.Equal(0, _clock.TimeOf(0, 101 * Second));
        Assert.False(_clock.IsDistrusted);
    }
}
