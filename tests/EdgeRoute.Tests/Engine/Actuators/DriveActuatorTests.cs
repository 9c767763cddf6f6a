using System.Device.Pwm;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Actuators;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Engine.Board;
using EdgeRoute.Tests.Engine.Gpio;

namespace EdgeRoute.Tests.Engine.Actuators;

/// <summary>Axes on scripted registers, channels and lines: what goes over the wire for each step.</summary>
public sealed class DriveActuatorTests : IDisposable
{
    private const double RetryMs = DriveActuator.RetryNs / 1e6, LookMs = DriveActuator.LookNs / 1e6;

    private static readonly Pca9685Config Chip = new(1, 0x40, 50);

    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedClock _clock = new(1_000_000_000);
    private readonly ScriptedGpioChip _gpio = new();
    private readonly List<ScriptedChannel> _channels = [];
    private readonly List<DriveActuator> _made = [];
    private ScriptedI2cDevice _device = Fresh();

    public DriveActuatorTests() => _folder.Write("dev/i2c-1", "");

    public void Dispose()
    {
        _made.ForEach(m => m.Dispose());
        _device.Dispose();
        _folder.Dispose();
    }

    /// <summary>As the chip is after power-on: asleep, at 200 Hz.</summary>
    private static ScriptedI2cDevice Fresh() => new(0x40) { [0xFE] = [0x1E], [0x00] = [0x11] };

    private DriveActuator Make(ActuatorKind kind, Pca9685Config? chip, params AxisConfig[] axes)
    {
        var parts = new DriveParts(new SystemFiles(_folder.Path), _ => _device, Open, _gpio.Open);
        _made.Add(new DriveActuator(kind, new DriveConfig(chip, axes), parts, _clock));
        return _made[^1];
    }

    private ScriptedChannel Open(AxisConfig axis)
    {
        _channels.Add(new ScriptedChannel(axis.Hz));
        return _channels[^1];
    }

    private static AxisConfig Axis(string name, int action, int channel, AxisRange to, int? chip = null) =>
        new(name, action, new AxisRange(-1, 1), to, channel, chip)
        {
            Hz = 50, PulseUs = new AxisRange(1000, 2000), End = new AxisRest(RestKind.Release),
        };

    private static void Step(DriveActuator actuator, params float[] values) =>
        actuator.Act(new ActionOrigin(default, default, 0, "heavy", 1, false), values);

    private static void Hold(DriveActuator actuator) =>
        actuator.Act(new ActionOrigin(default, default, 0, "hold", float.NaN, true) { HoldReason = "emergency stop" }, [0, 0, 0]);

    /// <summary>What was written since the last call.</summary>
    private string[] Wire()
    {
        string[] written = [.. _device.Written];
        _device.Written.Clear();
        return written;
    }

    [Fact]
    public void Pulses_of_a_PCA9685_follow_their_values_and_nothing_moves_before_the_first()
    {
        var actuator = Make(ActuatorKind.Pca9685, Chip, Axis("shoulder", 0, 0, new AxisRange(500, 2500)),
            Axis("wrist", 2, 3, new AxisRange(1000, 2000)) with { From = new AxisRange(1, -1) });
        Assert.Empty(_device.Written);
        Hold(actuator);
        string[] opening = Wire();
        // Asleep and every channel off, before the prescaler (121 is 50 Hz) and the oscillator; no channel's own registers.
        Assert.Equal(["0031", "FA00000010"], opening[..2]);
        Assert.Contains("FE79", opening);
        Assert.Equal("0021", opening[^1]);
        Assert.DoesNotContain(opening, w => w.Length == 10 && w[..2] is "06" or "12");
        Step(actuator, 0, 9, -1);
        // 1500 and 2000 us of 20 ms in steps of a 4096th: 307 and 410.
        Assert.Equal(["0600003301", "1200009A01"], Wire());
        Step(actuator, 0, 9, -0.5f);
        Assert.Equal(["1200006601"], Wire());
        Step(actuator, -7, 9, float.NaN);
        // Beyond its range a value counts as the end, 500 us; no number moves nothing, and is counted.
        Assert.Equal(["0600006600"], Wire());
        Assert.Equal((1, null), (actuator.LostCount, actuator.Fault));
    }

    [Fact]
    public void A_hold_stays_releases_or_goes_where_its_axis_says_and_the_end_lets_the_chip_sleep()
    {
        var actuator = Make(ActuatorKind.Pca9685, Chip, Axis("stays", 0, 0, new AxisRange(500, 2500)),
            Axis("gives_way", 0, 1, new AxisRange(500, 2500)) with { Hold = new AxisRest(RestKind.Release) },
            Axis("opens", 0, 2, new AxisRange(500, 2500)) with { Hold = new AxisRest(RestKind.Value, 2500) });
        Step(actuator, 0, 0, 0);
        Wire();
        Hold(actuator);
        Assert.Equal(["0A00000010", "0E00000002"], Wire());
        Hold(actuator);
        Assert.Empty(Wire());
        Step(actuator, 0, 0, 0);
        Assert.Equal(["0A00003301", "0E00003301"], Wire());
        actuator.Dispose();
        Assert.Equal(["0600000010", "0A00000010", "0E00000010", "0031", "FA00000010"], Wire());
        Assert.True(_device.IsDisposed);
        Step(actuator, 1, 1, 1);
        Assert.Empty(Wire());
    }

    [Fact]
    public void An_axis_that_is_to_keep_its_place_at_the_end_is_left_its_pulses()
    {
        var actuator = Make(ActuatorKind.Pca9685, Chip, Axis("arm", 0, 0, new AxisRange(500, 2500)) with { End = default },
            Axis("hand", 1, 1, new AxisRange(500, 2500)) with { End = new AxisRest(RestKind.Value, 500) });
        Step(actuator, 1, 1);
        Wire();
        actuator.Dispose();
        Assert.Equal(["0A00006600"], Wire());
    }

    [Fact]
    public void Servos_turn_by_degrees_on_either_kind_of_channel()
    {
        var actuator = Make(ActuatorKind.Servo, Chip, Axis("pan", 0, 3, new AxisRange(0, 180)),
            Axis("tilt", 1, 1, new AxisRange(45, 135), chip: 2));
        Step(actuator, 0, 1);
        Assert.Equal("1200003301", Wire()[^1]);
        // 135 of 180 degrees is 1750 us of 20 ms.
        Assert.Equal("on 0.0875", _channels[0].State);
        actuator.Dispose();
        Assert.Contains("1200000010", Wire());
        Assert.Equal("gone", _channels[0].State);
        Assert.Contains("off 0.0875", _channels[0].States);
    }

    [Fact]
    public void Motors_have_their_direction_lines_and_stop_where_the_robot_holds()
    {
        static GpioLineConfig Line(string name) => new(name, GpioUse.Motor, null, name, null);
        var actuator = Make(ActuatorKind.DcMotor, null,
            Axis("left", 0, 0, new AxisRange(-1, 1), 0) with
            {
                Lines = [Line("ahead"), Line("back")], Hold = new AxisRest(RestKind.Release),
            },
            Axis("right", 1, 1, new AxisRange(-1, 1), 0) with { Lines = [Line("onward")], Hold = new AxisRest(RestKind.Release) },
            Axis("fan", 2, 2, new AxisRange(0, 1), 0) with { From = new AxisRange(0, 1), Hold = new AxisRest(RestKind.Release) });
        Step(actuator, 0.5f, -0.25f, 1);
        Assert.Equal(["on 0.5", "on 0.25", "on 1"], _channels.Select(c => c.State));
        Assert.Equal((true, false, false), (_gpio.Level("ahead"), _gpio.Level("back"), _gpio.Level("onward")));
        Step(actuator, -1, 1, 0.5f);
        Assert.Equal(["on 1", "on 1", "on 0.5"], _channels.Select(c => c.State));
        Assert.Equal((false, true, true), (_gpio.Level("ahead"), _gpio.Level("back"), _gpio.Level("onward")));
        Hold(actuator);
        Assert.Equal((" 0", " 0", "off"), (_channels[0].State[^2..], _channels[1].State[^2..], _channels[2].State[..3]));
        Assert.Equal((false, false), (_gpio.Level("ahead"), _gpio.Level("back")));
        actuator.Dispose();
        Assert.False(_gpio.IsHeld("ahead") || _gpio.IsHeld("back") || _gpio.IsHeld("onward"));
    }

    [Fact]
    public void Movements_add_up_within_the_axis_range()
    {
        var actuator = Make(ActuatorKind.Pca9685, Chip,
            Axis("x", 0, 0, new AxisRange(1000, 2000)) with { By = new AxisRange(-250, 250), Start = 1500 });
        Step(actuator, 0);
        Assert.Equal("0600003301", Wire()[^1]);
        Step(actuator, 1);
        Assert.Equal("0600006601", Wire()[^1]);
        Step(actuator, 1);
        Step(actuator, 1);
        Assert.Equal("0600009A01", Wire()[^1]);
        Step(actuator, -1);
        Assert.Equal("0600006601", Wire()[^1]);
    }

    [Fact]
    public void A_chip_that_does_not_answer_costs_its_steps_and_is_set_up_anew_when_it_is_back()
    {
        var actuator = Make(ActuatorKind.Pca9685, Chip, Axis("arm", 0, 0, new AxisRange(500, 2500)));
        Step(actuator, 0);
        _device.IsGone = true;
        Step(actuator, 1);
        Assert.Contains("PCA9685 at 0x40 of /dev/i2c-1: no answer (Error 121.", actuator.Fault, StringComparison.Ordinal);
        Assert.Contains("i2cdetect -y 1", actuator.Fault, StringComparison.Ordinal);
        _device = Fresh();
        Step(actuator, 1);
        Assert.Equal(2, actuator.LostCount);
        _clock.AdvanceMs(RetryMs);
        Hold(actuator);
        Assert.Equal((2, null), (actuator.LostCount, actuator.Fault));
        string[] written = Wire();
        // What it was told last before it went: the hold keeps that place.
        Assert.Equal(("0031", "0600003301"), (written[0], written[^1]));
    }

    [Fact]
    public void A_chip_that_was_reset_takes_pulses_in_vain_and_is_found_out()
    {
        var actuator = Make(ActuatorKind.Pca9685, Chip, Axis("arm", 0, 0, new AxisRange(500, 2500)));
        Step(actuator, 0);
        _device[0x00] = [0x11];
        _clock.AdvanceMs(LookMs);
        Step(actuator, 0);
        Assert.Contains("it was reset", actuator.Fault, StringComparison.Ordinal);
        _clock.AdvanceMs(RetryMs);
        Wire();
        Step(actuator, 0);
        Assert.Null(actuator.Fault);
        Assert.Equal("0600003301", Wire()[^1]);
    }

    [Fact]
    public void A_bus_or_channel_that_is_not_there_is_named()
    {
        File.Delete(_folder.File("dev/i2c-1"));
        _device.IsGone = true;
        var servo = Make(ActuatorKind.Servo, Chip, Axis("pan", 0, 3, new AxisRange(0, 180)));
        Step(servo, 0);
        Assert.StartsWith("PCA9685 at 0x40 of /dev/i2c-1: there is no /dev/i2c-1", servo.Fault, StringComparison.Ordinal);
        _gpio.Gone = "no line 'ahead'";
        var motor = Make(ActuatorKind.DcMotor, null, Axis("left", 0, 0, new AxisRange(-1, 1), 0) with
        {
            Lines = [new GpioLineConfig("ahead", GpioUse.Motor, null, "ahead", null)],
        });
        Step(motor, 0);
        Assert.StartsWith("axis 'left': no line 'ahead'; steps are lost", motor.Fault, StringComparison.Ordinal);
        Assert.Equal((1, 1), (servo.LostCount, motor.LostCount));
    }

    [Fact]
    public void One_axis_that_fails_keeps_no_other_from_stopping()
    {
        var actuator = Make(ActuatorKind.DcMotor, null,
            Axis("left", 0, 0, new AxisRange(0, 1), 0) with { Hold = new AxisRest(RestKind.Release) },
            Axis("right", 1, 1, new AxisRange(0, 1), 0) with { Hold = new AxisRest(RestKind.Release) });
        Step(actuator, 1, 1);
        _channels[0].IsGone = true;
        Hold(actuator);
        Assert.Contains("off 1", _channels[1].States);
        Assert.StartsWith("axis 'left': IOException", actuator.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        var device = new SilentI2cDevice();
        var parts = new DriveParts(new SystemFiles(_folder.Path), _ => device, Open, _gpio.Open);
        using var actuator = new DriveActuator(ActuatorKind.Servo, new DriveConfig(Chip,
            [Axis("a", 0, 0, new AxisRange(0, 180)), Axis("b", 1, 1, new AxisRange(0, 180))]), parts, _clock);
        float[] values = [0, 0];
        int count = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            values[0] = MathF.Sin(count++);
            actuator.Act(new ActionOrigin(default, default, 0, "heavy", 1, count % 7 == 0), values);
            _clock.AdvanceMs(33);
        }));
        Assert.True(device.WriteCount > count / 2, $"{device.WriteCount} writes in {count} steps");
    }
}

/// <summary>A PWM channel that keeps its states: "on 0.5", "off 0", "gone".</summary>
internal sealed class ScriptedChannel(int hz) : PwmChannel
{
    private double _dutyCycle;
    private bool _isOn;

    public List<string> States { get; } = [];

    public string State => States[^1];

    /// <summary>Every write fails while this is set.</summary>
    public bool IsGone { get; set; }

    public override int Frequency
    {
        get => hz;
        set => throw new NotSupportedException();
    }

    public override double DutyCycle
    {
        get => _dutyCycle;
        set
        {
            _dutyCycle = value;
            Note();
        }
    }

    public override void Start()
    {
        _isOn = true;
        Note();
    }

    public override void Stop()
    {
        _isOn = false;
        Note();
    }

    protected override void Dispose(bool disposing) => States.Add("gone");

    private void Note()
    {
        if (IsGone)
        {
            throw new IOException("no such device");
        }

        States.Add(FormattableString.Invariant($"{(_isOn ? "on" : "off")} {_dutyCycle:0.####}"));
    }
}

/// <summary>A chip that takes all writes, keeps none, and is awake.</summary>
internal sealed class SilentI2cDevice : System.Device.I2c.I2cDevice
{
    public int WriteCount { get; private set; }

    public override System.Device.I2c.I2cConnectionSettings ConnectionSettings { get; } = new(1, 0x40);

    public override void Read(Span<byte> buffer) => buffer.Fill(0x21);

    public override void Write(ReadOnlySpan<byte> buffer) => WriteCount++;

    public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer) => Read(readBuffer);
}
