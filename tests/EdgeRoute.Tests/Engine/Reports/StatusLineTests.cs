using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Tests.Engine.Outputs;

namespace EdgeRoute.Tests.Engine.Reports;

public sealed class StatusLineTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Terminal_line_is_redrawn_in_place_at_five_hertz()
    {
        using var output = new StringWriter();
        var line = new StatusLine(output, isTerminal: true, width: 200);
        var sources = Sources(100);
        int drawn = 0;
        for (long ns = 0; ns <= 2 * Second; ns += 10_000_000)
        {
            drawn += line.Update(ns, sources) ? 1 : 0;
        }

        Assert.Equal(10, drawn);
        Assert.DoesNotContain('\n', output.ToString());
        Assert.StartsWith("\r\u001b[2K   0.2 s  100 frames  500.0/s  light 100%  p50 5.0  p99 5.0 ms  drops 3  failed 0  faults 1\r",
            output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_goes_takes_nothing_from_the_rate()
    {
        using var output = new StringWriter();
        var line = new StatusLine(output, isTerminal: false, width: 10);
        line.Update(0, Sources(100));
        line.Update(5 * Second, Sources(100));
        line.Update(10 * Second, []);
        line.Update(15 * Second, Sources(100));
        var words = output.ToString().Split('\n').SkipLast(1).Select(l => l.Split("  "));
        Assert.Equal(["20.0/s", "0.0/s", "20.0/s"], words.Select(l => l.First(w => w.EndsWith("/s", StringComparison.Ordinal))));
    }

    [Fact]
    public void Plain_lines_come_seldom_and_without_control_characters()
    {
        using var output = new StringWriter();
        var line = new StatusLine(output, isTerminal: false, width: 10);
        for (long ns = 0; ns <= 11 * Second; ns += Second)
        {
            line.Update(ns, Sources(100));
        }

        line.Clear();
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, l => Assert.DoesNotContain(l, char.IsControl));
    }

    [Fact]
    public void Long_line_is_cut_to_the_terminal()
    {
        using var output = new StringWriter();
        var line = new StatusLine(output, isTerminal: true, width: 40);
        line.Update(0, Sources(1));
        line.Update(Second, Sources(1));
        Assert.Equal(39, output.ToString().Length - "\r\u001b[2K".Length);
        line.Clear();
        Assert.EndsWith("\r\u001b[2K", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_board_tells_stands_at_the_end_and_nothing_where_it_tells_nothing()
    {
        var board = new BoardReading { Watts = 6.24, HottestCelsius = 61.5, HottestZone = "tj-thermal", ThrottleCount = 2 };
        Assert.EndsWith("faults 1  6.2 W  62 C  throttled 2\n", Line(board), StringComparison.Ordinal);
        Assert.EndsWith("faults 1\n", Line(new BoardReading { ThrottleCount = 0 }), StringComparison.Ordinal);

        static string Line(BoardReading board)
        {
            using var output = new StringWriter();
            var line = new StatusLine(output, isTerminal: false, width: 200);
            line.Update(0, Sources(1), board);
            line.Update(6 * Second, Sources(1), board);
            return output.ToString();
        }
    }

    private static List<SourceStatus> Sources(long count)
    {
        var tree = PublishSamples.Tree();
        var tally = new RunTally("front", tree);
        tally.Add(PublishSamples.Record(tree, "light", FrameEnd.Exited, 5));
        return [new SourceStatus(tally, new EndTally(count, 0, count - 3, 0, 0, 3, 0), 1, 0)];
    }
}
