using System.Device.Gpio;
using System.Device.I2c;
using System.Device.Pwm;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Interop.Linux;
using Iot.Device.DCMotor;
using Iot.Device.ServoMotor;

namespace EdgeRoute.Engine.Actuators;

/// <summary>Opens what an actuator drives with; tests bring scripted ones.</summary>
internal sealed record DriveParts(
    SystemFiles Files, Func<Pca9685Config, I2cDevice> OpenChip, Func<AxisConfig, PwmChannel> OpenChannel,
    Func<GpioLineConfig, IGpioLine> OpenLine)
{
    /// <summary>Those of this machine.</summary>
    public static DriveParts OfBoard(SystemFiles files, Func<GpioLineConfig, IGpioLine> openLine) => new(files,
        chip => I2cReport.OpenDevice(chip.Bus, chip.Address),
        axis => PwmChannel.Create(axis.Chip!.Value, axis.Channel, axis.Hz, 0), openLine);
}

/// <summary>The chip, channels and lines of an actuator, open; one output for each axis. One thread at a time.</summary>
internal sealed class DriveRig : IDisposable
{
    private const double UsPerSecond = 1e6;

    private readonly List<IDisposable> _open = [];
    private readonly DriveConfig _config;
    private readonly DriveParts _parts;
    private readonly Pca9685Board? _board;

    /// <exception cref="IOException">A part of it cannot be had; the message says which, and why.</exception>
    public DriveRig(ActuatorKind kind, DriveConfig config, DriveParts parts)
    {
        (_config, _parts) = (config, parts);
        try
        {
            _board = config.Chip is { } chip ? Of(chip.ToString(), () => new Pca9685Board(parts.OpenChip(chip), chip)) : null;
            Outputs = [.. config.Axes.Select(axis => Keep(Of($"axis '{axis.Name}'", () => Open(kind, axis))))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>In the order of the config's axes.</summary>
    public AxisOutput[] Outputs { get; } = [];

    /// <inheritdoc cref="Pca9685Board.IsAwake"/>
    public bool IsAwake() => _board?.IsAwake() ?? true;

    /// <summary>Ends all pulses of the chip.</summary>
    public void Stop() => _board?.Stop();

    /// <summary>A fault in words: what does not answer, and what to look at.</summary>
    public static string Explain(DriveConfig config, AxisConfig? axis, DriveParts parts, Exception fault) =>
        config.Chip is { } chip && axis?.Chip is null && fault is IOException
            ? I2cReport.Explain(parts.Files, chip.Bus, chip.ToString(), fault.Message)
            : $"axis '{axis?.Name}': {PartThread.Words(fault)}";

    public void Dispose()
    {
        // A channel whose chip is gone cannot be ended in order, and is let go of all the same.
        foreach (var part in Enumerable.Reverse(_open).Concat(_board is { } board ? [board] : Array.Empty<IDisposable>()))
        {
            PartThread.Try(part.Dispose, _ => { });
        }
    }

    private AxisOutput Open(ActuatorKind kind, AxisConfig axis)
    {
        var channel = axis.Chip is null ? _board!.Channel(axis.Channel) : _parts.OpenChannel(axis);
        return kind switch
        {
            ActuatorKind.Servo => new ServoOutput(new ServoMotor(channel, axis.TravelDegrees, axis.PulseUs.Low, axis.PulseUs.High)),
            ActuatorKind.DcMotor when axis.Lines.Count > 0 => new MotorOutput(Motor(axis, channel)),
            // The package's motor without lines wants a GPIO chip all the same.
            ActuatorKind.DcMotor => new PulseOutput(channel, 1),
            _ => new PulseOutput(channel, channel.Frequency / UsPerSecond),
        };
    }

    /// <summary>A motor with the lines that its H-bridge has.</summary>
    private DCMotor Motor(AxisConfig axis, PwmChannel channel)
    {
        channel.DutyCycle = 0;
        var controller = new GpioController(new LineDriver([.. axis.Lines.Select(l => Keep(_parts.OpenLine(l)))]));
        return axis.Lines.Count == 1 ? DCMotor.Create(channel, 0, controller, shouldDispose: true, singleBiDirectionPin: true)
            : DCMotor.Create(channel, 1, 0, controller, shouldDispose: true);
    }

    private T Keep<T>(T part)
        where T : IDisposable
    {
        _open.Add(part);
        return part;
    }

    /// <summary>What the package throws where a channel is not there is no exception of input and output.</summary>
    private T Of<T>(string what, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception refused) when (PartThread.IsPartsOwn(refused))
        {
            throw new IOException(_config.Chip is { } chip && what == chip.ToString()
                ? I2cReport.Explain(_parts.Files, chip.Bus, what, refused.Message) : $"{what}: {refused.Message}", refused);
        }
    }
}
