using System.Text;
using EdgeRoute.Cli.Top;
using EdgeRoute.Protocol.Control;
using EdgeRoute.TestBench.Robots;

namespace EdgeRoute.Tests.Cli.Top;

public sealed class TopScreenTests
{
    public static TheoryData<string> Scenes { get; } = ["80x24", "160x50", "80x24-ascii", "80x24-dial", "80x24-lost", "80x24-help"];

    /// <summary>
    /// Pictures as files, so that a change of them is seen in review. Set EDGEROUTE_REDRAW to draw them anew, then look at each.
    /// </summary>
    [Theory]
    [MemberData(nameof(Scenes))]
    public void A_screen_looks_as_it_did(string scene)
    {
        string drawn = Scene(scene).ToString();
        string path = TestPlaces.Fixture("top", scene + ".txt");
        if (Environment.GetEnvironmentVariable("EDGEROUTE_REDRAW") is { Length: > 0 })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, drawn);
        }

        Assert.Equal(File.ReadAllText(path), drawn);
    }

    [Theory]
    [InlineData(60, 18)]
    [InlineData(80, 24)]
    [InlineData(119, 30)]
    [InlineData(120, 40)]
    [InlineData(300, 100)]
    public void Every_mode_is_drawn_at_every_size(int width, int height)
    {
        foreach (var mode in Enum.GetValues<TopMode>())
        {
            var model = TopModels.Robot();
            (model.Mode, model.Input, model.Choices) = (mode, "", ["value", "none"]);
            var canvas = TopScreen.Render(model, width, height, Glyphs.Unicode);
            Assert.Equal((width, height), (canvas.Width, canvas.Height));
        }
    }

    [Fact]
    public void A_terminal_that_is_too_small_is_told_so() =>
        Assert.Contains("59x24 is too small", TopScreen.Render(TopModels.Robot(), 59, 24, Glyphs.Unicode).ToString(),
            StringComparison.Ordinal);

    [Fact]
    public void Ascii_is_ascii() => Assert.All(TopScreen.Render(TopModels.Robot(), 160, 50, Glyphs.Ascii).ToString(),
        c => Assert.True(char.IsAscii(c), $"'{c}'"));

    [Fact]
    public void Control_characters_of_a_device_do_not_reach_the_terminal()
    {
        var model = TopModels.Robot();
        model.Take(new EventEntry { Number = 9, Text = "evil \e[2J\u009b text", Level = "notice" });
        Assert.DoesNotContain(TopScreen.Render(model, 160, 50, Glyphs.Unicode).ToString(), c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void Only_rows_that_changed_are_painted()
    {
        var model = TopModels.Robot();
        using var painter = new TerminalPainter(Stream.Null, hasColour: true);
        var before = TopScreen.Render(model, 80, 24, Glyphs.Unicode);
        Assert.Equal("", painter.Changes(before, TopScreen.Render(model, 80, 24, Glyphs.Unicode)));
        model.Say("one word");
        string changes = painter.Changes(before, TopScreen.Render(model, 80, 24, Glyphs.Unicode));
        Assert.Equal(1, changes.Split(";1H").Length - 1);
    }

    [Fact]
    public void The_terminal_is_given_back()
    {
        using var output = new MemoryStream();
        using (var painter = new TerminalPainter(output, hasColour: false))
        {
            painter.Open();
            painter.Paint(TopScreen.Render(TopModels.Robot(), 80, 24, Glyphs.Ascii));
        }

        string text = Encoding.UTF8.GetString(output.ToArray());
        Assert.StartsWith("\e[?1049h\e[?25l", text, StringComparison.Ordinal);
        Assert.EndsWith("\e[?25h\e[?1049l", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[0;3", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 0, 1, 1 }, 3)]
    [InlineData(new long[] { 7, 2, 1 }, 5)]
    [InlineData(new long[] { 0, 0, 9 }, 4)]
    public void A_column_is_filled_by_shares(long[] counts, int rows)
    {
        int[] heights = PathHistory.Heights(counts, rows);
        Assert.Equal(rows, heights.Sum());
        Assert.All(counts.Zip(heights), p => Assert.True(p.First > 0 || p.Second == 0));
    }

    [Fact]
    public void Columns_move_without_changing()
    {
        var history = new PathHistory();
        history.Add(new PathHistory.Interval([0, 1], 0, 0, 0));
        history.Add(new PathHistory.Interval([0, 2], 1, 0, 0));
        var before = history.Columns(10);
        history.Add(new PathHistory.Interval([0, 4], 0, 0, 1));
        var after = history.Columns(10);
        Assert.Equal((1, 3, 1), (before.Count, before[0].FrameCount, before[0].Dropped));
        Assert.Equal((2, 3, 4), (after.Count, after[0].FrameCount, after[1].FrameCount));
    }

    [Theory]
    [InlineData(-1, 11.9)]
    [InlineData(0.00125, 10.5)]
    [InlineData(0.0075, 6.1)]
    [InlineData(1, 3.1)]
    public void A_preview_lies_on_the_curve(double price, double deviceMs) => Assert.Equal(deviceMs,
        CurvePreview.At(RobotScript.Curve, price)!.DeviceMs, 9);

    [Fact]
    public void A_preview_finds_the_price_of_a_device_time() => Assert.Equal(0.01, CurvePreview.AtDeviceMs(RobotScript.Curve, 5.2)!.Price,
        9);

    private static Canvas Scene(string scene)
    {
        var model = TopModels.Robot();
        switch (scene)
        {
            case "80x24-dial":
                TopKeys.Press(model, TopModels.Key('+'));
                TopKeys.Press(model, TopModels.Key('+'));
                break;
            case "80x24-lost":
                model.LinkProblem = "the connection is lost: timed out; again in 2 s";
                break;
            case "80x24-help":
                TopKeys.Press(model, TopModels.Key('?'));
                break;
        }

        return scene == "160x50" ? TopScreen.Render(model, 160, 50, Glyphs.Unicode)
            : TopScreen.Render(model, 80, 24, scene == "80x24-ascii" ? Glyphs.Ascii : Glyphs.Unicode);
    }
}
