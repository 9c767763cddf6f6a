using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.Tests.ControlChannel.Journal;

public sealed class EventLogTests
{
    [Fact]
    public void The_latest_are_kept_and_numbered_from_one()
    {
        var log = new EventLog(new ScriptedClock(700));
        Enumerable.Range(1, EventLog.Capacity + 3).ToList().ForEach(i => log.Add(EventLevel.Notice, "", $"event {i}"));
        var all = log.After(0);
        Assert.Equal((EventLog.Capacity, 4L, 700L, "event 4"), (all.Count, all[0].Number, all[0].UtcNs, all[0].Text));
        Assert.Equal([log.LastNumber], log.After(log.LastNumber - 1).Select(e => e.Number));
        Assert.Empty(log.After(log.LastNumber));
    }

    [Fact]
    public void Texts_are_one_line_and_not_endless()
    {
        var log = new EventLog();
        log.Add(EventLevel.Notice, "", "a\u001b[2Jb\r\nc" + new string('x', 5000));
        string text = log.After(0)[0].Text;
        Assert.StartsWith("a [2Jb  cxxx", text, StringComparison.Ordinal);
        Assert.Equal(EventLog.TextLength, text.Length);
        Assert.Equal("ab", EventLog.OneLine("ab\U0001F600", 3));
    }

    [Fact]
    public void A_flood_of_refusals_is_a_line_now_and_then()
    {
        var log = new EventLog();
        var refusals = new RefusalLog(log);
        for (int i = 0; i < 100_000; i++)
        {
            refusals.Add(ConnectionRefusal.UnprovenFull, $"number {i}", i * 1_000_000L);
        }

        refusals.Tick(200_000_000_000);
        var lines = log.After(0);
        Assert.Equal(100_000, refusals.CountOf(ConnectionRefusal.UnprovenFull));
        Assert.Equal(6, lines.Count);
        Assert.Equal("number 0", lines[0].Text);
        Assert.Equal("number 20000 (and 19999 more like it)", lines[1].Text);
        Assert.EndsWith("more like it)", lines[^1].Text, StringComparison.Ordinal);
        refusals.Tick(900_000_000_000);
        Assert.Equal(6, log.After(0).Count);
    }
}
