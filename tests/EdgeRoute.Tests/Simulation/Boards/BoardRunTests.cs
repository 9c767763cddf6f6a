using EdgeRoute.Documents.Configs;
using EdgeRoute.Simulation.Boards;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Simulation.Boards;

/// <summary>Configs on simulated boards: hot days, faults, and the same run again.</summary>
public sealed class BoardRunTests(ITestOutputHelper output)
{
    private const string Board = "sim:orin-nano-15w?ambient=45&sun=20&sink=4.5&cost=40";
    private const string Value = "policy: { kind: value }";
    private const string Cool = Value + ", budget: { temperature: 93 }";

    private readonly List<string> _told = [];

    [Fact]
    public void A_hot_noon_throttles_nothing_where_it_is_foreseen_and_answers_are_better()
    {
        var foreseen = Play(Cool, Board + "&hour=9", 6);
        var reacting = Play(Value, Board + "&hour=9", 6);
        var light = Play("policy: { kind: fixed, path: light }", Board + "&hour=9", 6);
        var heavy = Play("policy: { kind: fixed, path: 'heavy_1>heavy_2' }", Board + "&hour=9", 6);
        foreach (var (name, r) in new[] { ("foreseen", foreseen), ("reacting", reacting), ("light", light), ("heavy", heavy) })
        {
            output.WriteLine($"{name}: quality {r.Quality:0.0000}, {r.ThrottleCount} throttles for {r.ThrottledSeconds:0} s, "
                + $"at most {r.HottestCelsius:0.0} C, {r.WattsMean:0.00} W");
        }

        Assert.Equal((0, 0), (foreseen.ThrottleCount, light.ThrottleCount));
        Assert.InRange(foreseen.HottestCelsius, 91, 94.5);
        Assert.True(reacting.ThrottleCount > 0 && heavy.ThrottleCount > 0);
        Assert.True(foreseen.Quality >= reacting.Quality, $"{foreseen.Quality} foreseen, {reacting.Quality} reacting");
        Assert.True(foreseen.Quality > light.Quality && foreseen.Quality > heavy.Quality);
    }

    [Fact]
    public void Equal_seeds_give_the_same_trace_bit_for_bit_and_others_another()
    {
        string first = TraceOf(Board + "&seed=3"), again = TraceOf(Board + "&seed=3"), other = TraceOf(Board + "&seed=4");
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [InlineData("watts: 7.5", "W")]
    [InlineData("battery_hours: 1, battery_wh: 7.5", "W")]
    public void Power_budgets_are_held_on_every_board_that_measures_power(string budget, string unit)
    {
        using var run = Started($"{Value}, budget: {{ {budget} }}", "sim:orin-nano-15w?cost=6", framesPerSecond: 30);
        run.Advance(3600);
        var report = run.Report();
        output.WriteLine(BoardText.Of(report));
        Assert.InRange(report.WattsMean, 7.5 * 0.98, 7.5 * 1.02);
        Assert.Equal(unit, Assert.Single(report.Sources[0].Budgets).Unit);
        Assert.DoesNotContain(_told, t => t.Contains("cannot be held", StringComparison.Ordinal));
    }

    [Fact]
    public void A_board_without_a_power_sensor_holds_a_temperature_and_says_that_it_holds_no_watts()
    {
        using var run = Started($"{Value}, budget: {{ temperature: 70, watts: 6 }}", "sim:pi5?ambient=45&cost=12", framesPerSecond: 30);
        run.Advance(3600);
        var report = run.Report();
        output.WriteLine(BoardText.Of(report));
        Assert.InRange(report.HottestCelsius, 65, 72);
        Assert.Contains(_told, t => t.Contains("budget of 6 W cannot be held", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_scenario_breaks_is_felt_told_and_mended()
    {
        using var folder = new TemporaryFolder();
        folder.Write("day.txt", "# a bad hour\n0:10 power_sensor 0\n0:20 power_sensor 1\n0:30 brown_out 20\n0:40 fan 0\n");
        using var run = Started(Value, "sim:orin-nano-15w?cost=40&scenario=" + folder.File("day.txt"));
        run.Advance(39 * 60);
        double before = run.Minutes[^1].Celsius;
        run.Advance(21 * 60);
        var report = run.Report();
        Assert.Equal(1, report.BrownOutCount);
        Assert.Equal(0.5, run.Minutes.Min(m => m.Clock), 2);
        Assert.True(run.Minutes[^1].Celsius > before + 5, $"{before} C with the fan, {run.Minutes[^1].Celsius} C without");
        Assert.Contains(_told, t => t.StartsWith("power is not measured any more", StringComparison.Ordinal));
        Assert.Contains(_told, t => t.StartsWith("power is measured", StringComparison.Ordinal));
    }

    [Fact]
    public void A_board_that_becomes_too_hot_switches_itself_off()
    {
        using var run = Started("policy: { kind: fixed, path: 'heavy_1>heavy_2' }", "sim:orin-nano-15w?ambient=80&sink=6&cost=40");
        run.Advance(3600);
        Assert.True(run.IsOver && run.Seconds < 3600);
        Assert.Contains("switched itself off", BoardText.Of(run.Report()), StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_are_json_and_minutes_a_table()
    {
        using var run = Started(Cool, Board);
        run.Advance(180);
        Assert.Contains("\"quality\":", BoardText.ToJson(run.Report()), StringComparison.Ordinal);
        string[] lines = BoardTable.Of(run.Minutes).TrimEnd().Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.All(lines, l => Assert.Equal(lines[0].Split(',').Length, l.Split(',').Length));
        Assert.Contains(" C ", BoardText.Status(run), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sim:nano", "there is no board 'sim:nano'; write sim: and one of orin-nano-7w")]
    [InlineData("orin-nano-15w", "there is no board 'orin-nano-15w'")]
    [InlineData("sim:agx?heat=3", "a simulated board has no 'heat'; it has ambient")]
    [InlineData("sim:agx?ambient=hot", "'ambient=hot': give a number from -40 to 85 C")]
    [InlineData("sim:agx?scenario=/nowhere/day.txt", "the scenario '/nowhere/day.txt' cannot be read")]
    public void What_is_no_board_is_refused_with_what_is_possible(string text, string expected)
    {
        Assert.Null(BoardAddress.Parse(text, out string problem));
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fan 0", "line 1: 'fan 0' is not a time")]
    [InlineData("1:00 rain 1", "line 1: '1:00 rain 1' is not a time")]
    [InlineData("# fine\n\n25 fan 1", "line 3: '25' is no time")]
    [InlineData("1:00 fan 2", "line 1: '2' is no fan: give 0 to 1")]
    public void A_scenario_that_cannot_be_is_refused_by_line(string text, string expected)
    {
        BoardScenario.Parse(text.Split('\n'), out string? problem);
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_board_has_its_figures_from_somewhere_and_runs()
    {
        Assert.All(BoardProfile.All, p =>
        {
            Assert.True(p.Source.Length > 10 && p.IdleWatts < p.IdleWatts + p.BusyWatts && p.Megahertz.CostFactor >= 1, p.Name);
            var report = Play(Value, $"{BoardAddress.Prefix}{p.Name}?cost=10", 0.02);
            Assert.InRange(report.WattsMean, p.IdleWatts * 0.99, p.IdleWatts + p.BusyWatts);
            Assert.InRange(report.HottestCelsius, 25, p.TripCelsius);
        });
    }

    private string TraceOf(string board)
    {
        using var run = Started(Cool, board);
        run.Advance(900);
        return BoardText.ToJson(run.Report()) + BoardTable.Of(run.Minutes);
    }

    private BoardReport Play(string policy, string board, double hours)
    {
        using var run = Started(policy, board);
        run.Advance(hours * 3600);
        return run.Report();
    }

    /// <summary>Five frames a second, each as costly as six of a camera's: hours pass in a second.</summary>
    private BoardRun Started(string policy, string board, int framesPerSecond = 5)
    {
        string manifest = Path.Combine(TestPlaces.Repository, "models", "shapes", "manifest.json");
        var reading = DeviceConfigReader.ReadText($"packs: {{ d: {{ manifest: '{manifest}' }} }}\nsources: {{ s: {{ pack: d, "
            + $"open: 'sim://tabletop?fps={framesPerSecond}', deadline_ms: {1100 / framesPerSecond}, {policy} }} }}",
            "/robot/device.yaml", checkPaths: false);
        var address = BoardAddress.Parse(board, out string problem);
        Assert.True(address is not null && reading.Config is not null, problem + string.Join("; ", reading.Problems));
        return new BoardRun(reading.Config!, address!, (_, text) => _told.Add(text));
    }
}
