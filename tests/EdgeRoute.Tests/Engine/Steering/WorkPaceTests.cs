using EdgeRoute.Engine.Steering;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Work that is asked for without end.</summary>
public sealed class WorkPaceTests
{
    private readonly ScriptedClock _clock = new();

    [Fact]
    public void A_persons_requests_go_at_once_and_a_flood_gets_its_share_of_the_time()
    {
        var pace = new WorkPace(_clock);
        int workMs = 40, doneMs = 0;
        for (; pace.Rest() == TimeSpan.Zero; doneMs += workMs)
        {
            Work(pace, workMs);
        }

        Assert.InRange(doneMs, WorkPace.BurstMs, WorkPace.BurstMs + (2 * workMs));
        long beganNs = _clock.GetTimestamp();
        for (doneMs = 0; doneMs < 100 * workMs; doneMs += workMs)
        {
            _clock.AdvanceMs((long)Math.Ceiling(pace.Rest().TotalMilliseconds));
            Work(pace, workMs);
        }

        Assert.InRange(doneMs * 1e6 / (_clock.GetTimestamp() - beganNs), WorkPace.Share * 0.9, WorkPace.Share * 1.1);
        _clock.AdvanceMs(10_000);
        Assert.Equal(TimeSpan.Zero, pace.Rest());
    }

    [Fact]
    public void What_fails_has_taken_its_time_too()
    {
        var pace = new WorkPace(_clock);
        Assert.Throws<InvalidOperationException>(() => pace.Do<int>(() =>
        {
            _clock.AdvanceMs(1_000);
            throw new InvalidOperationException();
        }));
        Assert.InRange(pace.Rest().TotalSeconds, 15, 17);
    }

    private void Work(WorkPace pace, int ms) => pace.Do(() =>
    {
        _clock.AdvanceMs(ms);
        return 0;
    });
}
