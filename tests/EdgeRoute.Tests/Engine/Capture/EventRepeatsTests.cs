using EdgeRoute.Engine.Capture;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Tests.Engine.Capture;

public sealed class EventRepeatsTests
{
    private const long Second = 1_000_000_000;

    private readonly EventRepeats _repeats = new();

    [Fact]
    public void The_same_fault_is_shown_once_per_quiet_time_with_the_number_left_out()
    {
        var lines = Enumerable.Range(0, 31).Select(i => _repeats.LineOf(0, EventKind.SourceFault, "no route", i * 2 * Second))
            .Where(l => l is not null);
        Assert.Equal(["no route", "no route (and 14 more like it)", "no route (and 14 more like it)"], lines);
        Assert.Empty(_repeats.Rest());
    }

    [Fact]
    public void Restarts_are_alike_whatever_their_number()
    {
        Assert.Equal("restart 1", _repeats.LineOf(0, EventKind.SourceRestarted, "restart 1", 0));
        Assert.Null(_repeats.LineOf(0, EventKind.SourceRestarted, "restart 2", Second));
        Assert.Equal([(0, EventKind.SourceRestarted, "restart 2 (the last of 1 like it, not shown)")], _repeats.Rest());
        Assert.Equal("restart 3 (and 1 more like it)", _repeats.LineOf(0, EventKind.SourceRestarted, "restart 3", EventRepeats.QuietNs));
    }

    [Fact]
    public void Other_faults_other_sources_and_other_events_are_shown_at_once()
    {
        Assert.Equal("rtspsrc0: no route", _repeats.LineOf(0, EventKind.SourceFault, "rtspsrc0: no route", 0));
        Assert.Null(_repeats.LineOf(0, EventKind.SourceFault, "rtspsrc1: no route", 0));
        Assert.Equal("a", _repeats.LineOf(0, EventKind.SourceFault, "a", 0));
        Assert.Equal("b", _repeats.LineOf(0, EventKind.SourceFault, "b", 1));
        Assert.Equal("a", _repeats.LineOf(1, EventKind.SourceFault, "a", 2));
        Assert.Equal("n", _repeats.LineOf(0, EventKind.Note, "n", 3));
        Assert.Equal("n", _repeats.LineOf(0, EventKind.Note, "n", 4));
        Assert.Null(_repeats.LineOf(0, EventKind.SourceFault, "a", 5));
    }

    [Fact]
    public void No_more_lines_are_remembered_than_the_limit()
    {
        for (int i = 0; i <= EventRepeats.LineLimit; i++)
        {
            Assert.NotNull(_repeats.LineOf(0, EventKind.SourceFault, "fault " + new string('x', i), i));
        }

        Assert.Null(_repeats.LineOf(0, EventKind.SourceFault, "fault x", Second));
        Assert.NotNull(_repeats.LineOf(0, EventKind.SourceFault, "fault ", Second));
    }
}
