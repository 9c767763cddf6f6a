using System.Buffers;
using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Tests.Cli.Commands;

public sealed class WordsTests
{
    [Theory]
    [InlineData("device_ms=6", 6)]
    [InlineData("device_ms=6.5ms", 6.5)]
    [InlineData("budget.device_ms=0.5s", 500)]
    public void Milliseconds_may_carry_their_unit(string word, double expected) => Assert.Equal(SettingValue.Of(expected),
        SettingParser.Read([word]).DeviceMs);

    [Fact]
    public void Units_are_those_of_the_setting()
    {
        var set = SettingParser.Read(["floor=97%", "watts=12500mW", "energy_mj=1.2J", "frames_per_second=15fps", "policy=fixed:light>heavy",
            "lock=none", "price=0"]);
        Assert.Equal((0.97, 12.5, 1200.0, 15.0), (set.Floor.Number, set.Watts.Number, set.EnergyMillijoules.Number,
            set.FramesPerSecond.Number));
        Assert.Equal(("fixed:light>heavy", 0.0), (set.Policy.Text, set.Price.Number));
        Assert.True(set.Lock.IsNone);
        Assert.False(set.DeviceMs.IsGiven);
    }

    [Fact]
    public void A_whole_change_is_the_same_after_the_wire()
    {
        var buffer = new ArrayBufferWriter<byte>();
        FieldWriter.Write(buffer, new ChangeRequest { Stream = "front", Set = SettingParser.Read(["watts=none", "price=0.01"]) });
        var read = FieldReader.ReadStrict<ChangeRequest>(buffer.WrittenMemory);
        Assert.True(read.Set.Watts.IsNone);
        Assert.Equal(0.01, read.Set.Price.Number);
        Assert.False(read.Set.Floor.IsGiven);
    }

    [Theory]
    [InlineData("devise_ms=6", "did you mean 'device_ms'")]
    [InlineData("device_ms=", "write 'device_ms=none'")]
    [InlineData("device_ms=six", "'six' is no value for 'device_ms'")]
    [InlineData("device_ms=6W", "'6W' is no value for 'device_ms'")]
    [InlineData("watts=1e999", "is no value for 'watts'")]
    [InlineData("price=0,01", "is no value for 'price'")]
    public void A_wrong_setting_is_refused_with_what_is_right(string word, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => SettingParser.Read([word])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_setting_given_twice_is_refused() =>
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => SettingParser.Read(["device_ms=6", "budget.device_ms=7"])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void The_first_word_may_be_the_stream()
    {
        Assert.Equal("front", StreamArguments.SplitSettings(["front", "device_ms=6"]).Stream);
        Assert.Equal("", StreamArguments.SplitSettings(["device_ms=6", "watts=9"]).Stream);
        Assert.Throws<ArgumentException>(() => StreamArguments.SplitSettings(["front"]));
        Assert.Throws<ArgumentException>(() => StreamArguments.SplitSettings(["front", "rear", "device_ms=6"]));
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("1.5m", 90)]
    [InlineData("1h", 3600)]
    public void Durations_have_units(string text, double seconds) => Assert.Equal(seconds, DurationText.Seconds(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("0")]
    [InlineData("-5s")]
    [InlineData("5d")]
    public void What_is_no_duration_is_refused(string text) => Assert.Throws<ArgumentException>(() => DurationText.Seconds(text));

    [Theory]
    [InlineData("robot.local", "robot.local:7420")]
    [InlineData("robot:7500", "robot:7500")]
    [InlineData("[fe80::1]:7500", "[fe80::1]:7500")]
    [InlineData("fe80::1", "[fe80::1]:7420")]
    [InlineData("unix:/run/x.sock", "unix:/run/x.sock")]
    public void Addresses_are_read_and_written(string text, string expected) => Assert.Equal(expected,
        DeviceAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("robot:0")]
    [InlineData("robot:70000")]
    [InlineData("robot:x")]
    [InlineData("unix:")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<ArgumentException>(() => DeviceAddress.Parse(text));

    [Fact]
    public void A_diff_is_what_diff_would_print()
    {
        Assert.Empty(UnifiedDiff.Of("a", "x\ny\n", "b", "x\ny\n"));
        string before = string.Join('\n', Enumerable.Range(1, 20)) + "\n";
        string after = before.Replace("\n10\n", "\nten\n", StringComparison.Ordinal);
        Assert.Equal(["--- a", "+++ b", "@@ -7,7 +7,7 @@", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13"],
            UnifiedDiff.Of("a", before, "b", after));
        Assert.Equal(["--- a", "+++ b", "@@ -0,0 +1,1 @@", "+x"], UnifiedDiff.Of("a", "", "b", "x\n"));
    }

    [Fact]
    public void A_table_is_aligned_without_control_characters()
    {
        var table = new TextTable("name", ">ms");
        table.Add("front", "6.1");
        table.Add("a", "12.25");
        Assert.Equal(["name      ms", "front    6.1", "a      12.25"], table.Plain());
    }
}
