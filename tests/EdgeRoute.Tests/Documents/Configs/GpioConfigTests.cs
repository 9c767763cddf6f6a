using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>The GPIO lines of a device config, and the rules that drive them.</summary>
public sealed class GpioConfigTests
{
    private const string Rest = "packs: { d: { manifest: m.json } }\n"
        + "sources: { front: { open: x.mp4, pack: d, rules: { r: { when: { count: {} }RULE } } }, rear: { open: y.mp4, pack: d } }\n";

    [Fact]
    public void Lines_are_read_and_written_back()
    {
        var config = Read("""
            gpio:
              board: jetson_orin_nano
              lines:
                estop: { use: stop, pin: 31, active_low: true, bias: pull_up, debounce_us: 2000, path: heavy, source: front }
                button: { use: trigger, line: PAC.06, source: rear }
                mode: { use: lock, chip: tegra234-gpio, line: 41, path: 'light>heavy' }
                lamp: { use: rule, pin: 33, drive: open_drain, safe: active }
                alive: { use: heartbeat, pin: 7, chip: tegra234-gpio, period_ms: 100, within_ms: 300 }
            """, ", gpio: lamp, pulse_ms: 250").Config!;
        Assert.Equal(("jetson_orin_nano", 5), (config.Gpio.Board, config.Gpio.Lines.Count));
        var lines = config.Gpio.Lines;
        Assert.Equal(new GpioLineConfig("estop", GpioUse.Stop, null, "PQ.06", 31)
        {
            IsActiveLow = true, Bias = GpioBias.PullUp, DebounceUs = 2000, Path = "heavy", Source = "front",
        }, lines[0]);
        Assert.Equal((GpioUse.Trigger, "PAC.06", "rear"), (lines[1].Use, lines[1].Line, lines[1].Source));
        Assert.Equal("line 41 of tegra234-gpio", lines[2].Place);
        Assert.Equal(("pin 33, PH.00", GpioDrive.OpenDrain, true), (lines[3].Place, lines[3].Drive, lines[3].IsSafeActive));
        Assert.Equal((100, 300, "pin 7, PAC.06 of tegra234-gpio"), (lines[4].PeriodMs, lines[4].WithinMs, lines[4].Place));
        Assert.Equal(new GpioActionConfig("lamp", 250), config.Sources[0].Watch.Rules[0].Gpio);
        var again = DeviceConfigReader.ReadText(config.Effective(), "/a/e.yaml", checkPaths: false);
        Assert.Empty(again.Problems);
        Assert.Equal(config.Gpio.Lines, again.Config!.Gpio.Lines);
        Assert.Equal(config.Effective(), again.Config.Effective());
    }

    [Fact]
    public void A_rule_without_a_pulse_drives_a_level_and_the_only_source_is_the_one_triggered()
    {
        string text = "packs: { d: { manifest: m.json } }\nsources: { front: { open: x.mp4, pack: d, rules: { r: { when: { count: {} }, "
            + "gpio: lamp } } } }\ngpio: { lines: { lamp: { use: rule, line: A }, go: { use: trigger, line: B } } }\n";
        var config = DeviceConfigReader.ReadText(text, "/a/d.yaml", checkPaths: false).Config!;
        Assert.Equal(new GpioActionConfig("lamp", null), config.Sources[0].Watch.Rules[0].Gpio);
        Assert.Equal("front", config.Gpio.Lines[1].Source);
    }

    [Fact]
    public void The_example_of_the_page_is_a_config()
    {
        string page = File.ReadAllText(Path.Combine(TestPlaces.Repository, "device-configs", "README.md"));
        string example = page[page.IndexOf("gpio:\n", StringComparison.Ordinal)..];
        example = example[..example.IndexOf("```", StringComparison.Ordinal)].Replace("  front:\n", "  front:\n"
            + "    open: x.mp4\n    pack: d\n    zones: { door: [[0, 0], [1, 0], [1, 1]] }\n    lines: { gate: [[0, 0], [1, 1]] }\n",
            StringComparison.Ordinal);
        var reading = DeviceConfigReader.ReadText("packs: { d: { manifest: m.json } }\n" + example, "/a/d.yaml", checkPaths: false);
        Assert.Empty(reading.Problems);
        Assert.Equal(["estop", "button", "careful", "lamp", "alive"], reading.Config!.Gpio.Lines.Select(l => l.Name));
    }

    [Fact]
    public void Every_pin_of_a_header_has_another_line()
    {
        foreach (string board in HeaderPins.Boards)
        {
            var names = HeaderPins.PinsOf(board).Select(p => HeaderPins.LineAt(board, p)).ToList();
            Assert.Equal(names.Count, names.Distinct().Count());
            Assert.Null(HeaderPins.LineAt(board, 6));
        }
    }

    [Theory]
    [InlineData("{}", "gpio needs 'lines'")]
    [InlineData("{ lines: {} }", "gpio.lines has 0 entries; 1 to 32 lines are possible")]
    [InlineData("{ board: jetson_nano, lines: { a: { use: rule, line: A } } }", "gpio.board is 'jetson_nano'; it must be one of "
        + "jetson_orin_nano, raspberry_pi; did you mean 'jetson_orin_nano'?")]
    [InlineData("{ lines: { a: { line: A } } }", "gpio.lines.a needs 'use'")]
    [InlineData("{ lines: { a: { use: rules, line: A } } }", "gpio.lines.a.use is 'rules'; it must be one of trigger, stop, lock, rule, "
        + "heartbeat, motor; did you mean 'rule'?")]
    [InlineData("{ lines: { a: { use: rule } } }", "gpio.lines.a needs 'line' (its name in the kernel, or 'chip' and its number) or "
        + "'pin'")]
    [InlineData("{ lines: { a: { use: rule, line: A, pin: 7 } } }", "gpio.lines.a has both 'pin' and 'line'; keep one")]
    [InlineData("{ lines: { a: { use: rule, pin: 7 } } }", "gpio.lines.a.pin is a pin of a board's header, and gpio.board does not say "
        + "which: give one of jetson_orin_nano, raspberry_pi")]
    [InlineData("{ board: jetson_orin_nano, lines: { a: { use: rule, pin: 6 } } }", "gpio.lines.a.pin is 6, which is no GPIO on "
        + "jetson_orin_nano; pins with a line are 7, 11, 12")]
    [InlineData("{ board: jetson_orin_nano, lines: { a: { use: rule, pin: 41 } } }", "gpio.lines.a.pin is '41'; it must be a whole number "
        + "from 1 to 40")]
    [InlineData("{ lines: { a: { use: rule, line: 4 } } }", "gpio.lines.a.line is 4, the number of a line within its chip; give 'chip' "
        + "too")]
    [InlineData("{ lines: { a: { use: rule, line: A }, b: { use: stop, line: A } } }", "gpio.lines.b is A, which gpio.lines.a is too; each "
        + "needs its own")]
    [InlineData("{ lines: { a: { use: trigger, line: A } } }", "gpio.lines.a needs 'source'")]
    [InlineData("{ lines: { a: { use: trigger, line: A, source: fron } } }", "gpio.lines.a.source names 'fron'; did you mean 'front'?")]
    [InlineData("{ lines: { a: { use: lock, line: A } } }", "gpio.lines.a needs 'path'")]
    [InlineData("{ lines: { a: { use: rule, line: A, debounce_us: 3 } } }", "unknown key 'debounce_us' in gpio.lines.a")]
    [InlineData("{ lines: { a: { use: stop, line: A, drive: open_drain } } }", "unknown key 'drive' in gpio.lines.a")]
    [InlineData("{ lines: { a: { use: stop, line: A, debounce_us: -1 } } }", "gpio.lines.a.debounce_us is '-1'; it must be a whole number "
        + "from 0 to 1000000 us")]
    [InlineData("{ lines: { a: { use: heartbeat, line: A, period_ms: 5 } } }", "gpio.lines.a.period_ms is '5'; it must be a whole number "
        + "from 20 to 60000 ms")]
    public void What_is_wrong_with_a_line_is_told(string gpio, string expected) =>
        Assert.Contains(expected, Assert.Single(Read($"gpio: {gpio}").Problems).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(", gpio: lamp", "", "sources.front.rules.r.gpio names 'lamp', but gpio.lines has no line of the use rule")]
    [InlineData(", gpio: lam", "gpio: { lines: { lamp: { use: rule, line: A } } }", "sources.front.rules.r.gpio names 'lam'; did you mean "
        + "'lamp'?")]
    [InlineData(", gpio: alive", "gpio: { lines: { alive: { use: heartbeat, line: A } } }", "sources.front.rules.r.gpio names 'alive', "
        + "whose use is heartbeat; a rule drives lines of the use rule")]
    [InlineData(", pulse_ms: 5", "", "sources.front.rules.r.pulse_ms is the length of a pulse, but the rule names no line: give 'gpio' "
        + "too")]
    [InlineData(", gpio: lamp, pulse_ms: 0", "gpio: { lines: { lamp: { use: rule, line: A } } }", "sources.front.rules.r.pulse_ms is "
        + "'0'; it must be a whole number from 1 to 60000 ms, or none")]
    public void What_is_wrong_with_a_rules_line_is_told_with_its_place(string rule, string gpio, string expected)
    {
        var problem = Assert.Single(Read(gpio, rule).Problems);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.Equal(2, problem.At.Line);
    }

    private static DeviceConfigReading Read(string gpio, string rule = "") =>
        DeviceConfigReader.ReadText(Rest.Replace("RULE", rule, StringComparison.Ordinal) + gpio + "\n", "/a/d.yaml", checkPaths: false);
}
