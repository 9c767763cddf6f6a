using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>What actuators of this machine drive.</summary>
public sealed class AxisConfigTests
{
    private const string Lines = "gpio: { lines: { ahead: { use: motor, line: A }, back: { use: motor, line: B }, lamp: { use: rule, "
        + "line: C } } }";

    private static DeviceConfigReading Read(string actions, string more = "") => DeviceConfigReader.ReadText(
        $"packs: {{ d: {{ manifest: m }} }}\nsources: {{ arm: {{ open: rtsp://camera/1, pack: d, actions: {{ hz: 30, {actions} }} }} "
            + $"{more} }}\n{Lines}\n", "/robot/d.yaml", checkPaths: false);

    private static DriveConfig Drive(string actions) => Read(actions).Config!.Sources[0].Actions!.Drive!;

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var drive = Drive("actuator: pca9685, pca9685: {}, axes: { a: { action: 2, channel: 5 } }");
        Assert.Equal(new Pca9685Config(1, 0x40, 50), drive.Chip);
        var axis = Assert.Single(drive.Axes);
        Assert.Equal(("a", 2, 5, null, new AxisRange(-1, 1), new AxisRange(1000, 2000)),
            (axis.Name, axis.Action, axis.Channel, axis.Chip, axis.From, axis.To));
        Assert.Equal((RestKind.Stay, RestKind.Release, null), (axis.Hold.Kind, axis.End.Kind, axis.By));
        axis = Assert.Single(Drive("actuator: servo, axes: { a: { action: 0, chip: 0, channel: 1 } }").Axes);
        Assert.Equal((new AxisRange(0, 180), new AxisRange(1000, 2000), 180d, 50), (axis.To, axis.PulseUs, axis.TravelDegrees, axis.Hz));
        axis = Assert.Single(Drive("actuator: dc_motor, axes: { a: { action: 0, chip: 0, channel: 1 } }").Axes);
        Assert.Equal((new AxisRange(0, 1), RestKind.Release, 20_000), (axis.To, axis.Hold.Kind, axis.Hz));
        axis = Assert.Single(Drive("actuator: dc_motor, axes: { a: { action: 0, chip: 0, channel: 1, forward: ahead, backward: back } }")
            .Axes);
        Assert.Equal((new AxisRange(-1, 1), "ahead back"), (axis.To, string.Join(' ', axis.Lines.Select(l => l.Name))));
    }

    [Theory]
    [InlineData("actuator: pca9685, pca9685: { bus: 7, address: 0x41, frequency_hz: 60 }, axes: { a: { action: 2, from: [1, -1], "
        + "channel: 5, pulse_us: [500.5, 2500], by: [-20, 20], start: 700, hold: release, end: 1000 }, b: { action: 0, channel: 6, "
        + "hold: 1500 } }")]
    [InlineData("actuator: servo, pca9685: {}, axes: { a: { action: 0, channel: 0, degrees: [10, 260], travel_degrees: 270, end: stay }, "
        + "b: { action: 0, chip: 3, channel: 0, frequency_hz: 100 } }")]
    [InlineData("actuator: dc_motor, axes: { a: { action: 0, chip: 3, channel: 0, direction: ahead, speed: [-0.5, 0.75] }, "
        + "b: { action: 1, chip: 3, channel: 1, speed: [0.2, 0.5], hold: 0.2 } }")]
    [InlineData("actuator: dc_motor, axes: { a: { action: 0, chip: 3, channel: 0, forward: ahead, backward: back } }")]
    public void The_effective_config_reads_as_the_same(string actions)
    {
        string text = Read(actions).Config!.Effective();
        Assert.Equal(text, DeviceConfigReader.ReadText(text, "/robot/d.yaml", checkPaths: false).Config!.Effective());
        Assert.Contains("      axes:\n        a:\n          action: ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actuator: pca9685, axes: { a: { action: 0, channel: 0 } }", "sources.arm.actions needs 'pca9685'")]
    [InlineData("actuator: servo, pca9685: {}", "sources.arm.actions needs 'axes'")]
    [InlineData("actuator: channel, axes: { a: { action: 0, channel: 0 } }", "unknown key 'axes' in sources.arm.actions")]
    [InlineData("actuator: servo, pca9685: { address: 0x80 }, axes: { a: { action: 0, channel: 0 } }",
        "sources.arm.actions.pca9685.address is '0x80'; a PCA9685 has an address from 0x40 to 0x7f; `i2cdetect -y BUS` shows it")]
    [InlineData("actuator: servo, pca9685: {}, axes: { a: { channel: 0 } }", "sources.arm.actions.axes.a needs 'action'")]
    [InlineData("actuator: servo, pca9685: {}, axes: { a: { action: 0 } }", "sources.arm.actions.axes.a needs 'channel'")]
    [InlineData("actuator: servo, pca9685: {}, axes: { a: { action: 0, channel: 16 } }",
        "sources.arm.actions.axes.a.channel is '16'; it must be a whole number from 0 to 15")]
    [InlineData("actuator: servo, axes: { a: { action: 0, channel: 1 } }", "sources.arm.actions.axes.a needs 'chip', the N of "
        + "/sys/class/pwm/pwmchipN, or the group 'pca9685' beside 'axes', whose channel is meant then")]
    [InlineData("actuator: pca9685, pca9685: {}, axes: { a: { action: 0, channel: 1, chip: 0 } }",
        "sources.arm.actions.axes.a.chip is the kernel's; the actuator pca9685 has channels of that chip alone. Use servo or dc_motor")]
    [InlineData("actuator: pca9685, pca9685: {}, axes: { a: { action: 0, channel: 1 }, b: { action: 1, channel: 1 } }",
        "sources.arm.actions.axes.b.channel is channel 1 of the PCA9685, which 'a' has too; each axis needs its own")]
    [InlineData("actuator: pca9685, pca9685: {}, axes: { a: { action: 0, channel: 1, pulse_us: [2000, 1000] } }",
        "sources.arm.actions.axes.a.pulse_us is [2000, 1000]; the first must be the smaller: to turn an axis round, turn 'from' round")]
    [InlineData("actuator: pca9685, pca9685: {}, axes: { a: { action: 0, channel: 1, from: [1, 1] } }",
        "sources.arm.actions.axes.a.from is [1, 1]; its two ends must differ")]
    [InlineData("actuator: pca9685, pca9685: {}, axes: { a: { action: 0, channel: 1, pulse_us: 1500 } }",
        "sources.arm.actions.axes.a.pulse_us is '1500'; it must be two numbers from 1 to 40000 us, such as [1, 40000]")]
    [InlineData("actuator: pca9685, pca9685: { frequency_hz: 400 }, axes: { a: { action: 0, channel: 1, pulse_us: [500, 2600] } }",
        "sources.arm.actions.axes.a.pulse_us goes up to 2600 us, longer than the 2500 us from one pulse to the next at 400 Hz")]
    [InlineData("actuator: servo, pca9685: {}, axes: { a: { action: 0, channel: 1, degrees: [0, 200] } }",
        "sources.arm.actions.axes.a.degrees is [0, 200]; it must be two numbers from 0 to 180 degrees (of travel_degrees), such as "
            + "[0, 180]")]
    [InlineData("actuator: servo, pca9685: {}, axes: { a: { action: 0, channel: 1, hold: 190 } }",
        "sources.arm.actions.axes.a.hold is '190'; it must be stay, release, or a number of the axis's range, which is [0, 180]")]
    [InlineData("actuator: servo, pca9685: {}, axes: { a: { action: 0, channel: 1, start: 90 } }",
        "sources.arm.actions.axes.a.start is where an axis begins that is moved by steps; give 'by' too, or leave it out")]
    [InlineData("actuator: servo, pca9685: {}, axes: { a: { action: 0, channel: 1, frequency_hz: 60 } }",
        "sources.arm.actions.axes.a.frequency_hz is for channels of the kernel; those of a PCA9685 have that of the chip, "
            + "pca9685.frequency_hz")]
    [InlineData("actuator: dc_motor, axes: { a: { action: 0, chip: 0, channel: 1, hold: stay } }",
        "sources.arm.actions.axes.a.hold is 'stay', and a motor that keeps its speed runs away; use release, or 0")]
    [InlineData("actuator: dc_motor, axes: { a: { action: 0, chip: 0, channel: 1, speed: [-1, 1] } }",
        "sources.arm.actions.axes.a.speed is [-1, 1]; it must be two numbers from 0 to 1 of full speed (backwards it takes 'direction', or "
            + "'forward' and 'backward'), such as [0, 1]")]
    [InlineData("actuator: dc_motor, axes: { a: { action: 0, chip: 0, channel: 1, direction: lamp } }",
        "sources.arm.actions.axes.a.direction names 'lamp', whose use is rule; a motor's direction is a line of the use motor")]
    [InlineData("actuator: dc_motor, axes: { a: { action: 0, chip: 0, channel: 1, direction: baack } }",
        "sources.arm.actions.axes.a.direction names 'baack'; did you mean 'back'?")]
    [InlineData("actuator: dc_motor, axes: { a: { action: 0, chip: 0, channel: 1, forward: ahead } }",
        "sources.arm.actions.axes.a needs 'backward'")]
    [InlineData("actuator: dc_motor, axes: { a: { action: 0, chip: 0, channel: 1, direction: back }, b: { action: 0, chip: 0, channel: 2, "
        + "direction: back } }", "sources.arm.actions.axes.b has the GPIO line 'back', which another axis has too; each needs its own")]
    public void What_is_wrong_is_told_with_what_would_be_right(string actions, string problem) =>
        Assert.Contains(Read(actions).Problems, p => p.Message.StartsWith(problem, StringComparison.Ordinal));

    [Fact]
    public void A_chip_belongs_to_one_source()
    {
        const string Actions = "actions: { hz: 9, actuator: pca9685, pca9685: {}, axes: { a: { action: 0, channel: 9 } } }";
        string problem = Assert.Single(Read("actuator: pca9685, pca9685: {}, axes: { a: { action: 0, channel: 1 } }",
            $", other: {{ open: rtsp://camera/2, pack: d, {Actions} }}").Problems).Message;
        Assert.Equal("sources.other.actions has the PCA9685 at 0x40 of /dev/i2c-1, which sources.arm has too; each needs its own", problem);
    }
}
