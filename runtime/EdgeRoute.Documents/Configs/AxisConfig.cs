using System.Globalization;
using System.Text;

namespace EdgeRoute.Documents.Configs;

/// <summary>Two ends of a range.</summary>
public readonly record struct AxisRange(double Low, double High)
{
    /// <summary>From one range into another, in proportion; beyond an end it stays there.</summary>
    public double To(AxisRange other, double value) =>
        other.Low + (Math.Clamp((value - Low) / (High - Low), 0, 1) * (other.High - other.Low));

    public double Clamp(double value) => Math.Clamp(value, Low, High);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Low}, {High}]");
}

/// <summary>What an axis does while there is nothing to carry out.</summary>
public enum RestKind
{
    /// <summary>It keeps what it was told last.</summary>
    Stay,

    /// <summary>It gets no pulses: a servo gives way, a motor runs down.</summary>
    Release,

    /// <summary>It goes to a value of its own range.</summary>
    Value,
}

/// <param name="Value">For <see cref="RestKind.Value"/>, in the axis's own unit.</param>
public readonly record struct AxisRest(RestKind Kind, double Value = 0)
{
    public override string ToString() =>
        Kind == RestKind.Value ? Value.ToString(CultureInfo.InvariantCulture) : Kind.ToString().ToLowerInvariant();
}

/// <summary>Sixteen channels of pulses on an I2C bus.</summary>
/// <param name="Hz">Pulses a second, of all channels; servos want 50, motors more.</param>
public sealed record Pca9685Config(int Bus, int Address, int Hz)
{
    public const int UsualAddress = 0x40, LastAddress = 0x7F, ChannelCount = 16;
    public const int UsualHz = 50;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"PCA9685 at 0x{Address:x2} of /dev/i2c-{Bus}");
}

/// <summary>One thing that moves: which value of a step it follows, and how far that takes it.</summary>
/// <param name="Action">0-based index of the value in a step of the pack's plans.</param>
/// <param name="From">What the value ranges over; its first end may be the larger, which turns the axis round.</param>
/// <param name="To">What it is turned into: microseconds of a pulse, degrees of a servo, speed of a motor from -1 to 1.</param>
/// <param name="Channel">Of the PCA9685, or of <paramref name="Chip"/>.</param>
/// <param name="Chip">The kernel's PWM chip, the N of /sys/class/pwm/pwmchipN; null for the PCA9685.</param>
public sealed record AxisConfig(string Name, int Action, AxisRange From, AxisRange To, int Channel, int? Chip)
{
    public const double UsualTravelDegrees = 180;

    /// <summary>The value moves the axis by so much, within its range, instead of to a place; null where it is a place.</summary>
    public AxisRange? By { get; init; }

    /// <summary>Where an axis that is moved by steps begins.</summary>
    public double Start { get; init; }

    /// <summary>Of a servo: its pulses at 0 degrees and at the end of its travel, in microseconds.</summary>
    public AxisRange PulseUs { get; init; }

    public double TravelDegrees { get; init; } = UsualTravelDegrees;

    /// <summary>Pulses a second of the kernel's channel.</summary>
    public int Hz { get; init; }

    /// <summary>GPIO lines of a motor's direction: none, one that is active forwards, or forward and backward.</summary>
    public IReadOnlyList<GpioLineConfig> Lines { get; init; } = [];

    /// <summary>While the robot is to hold, the emergency stop included.</summary>
    public AxisRest Hold { get; init; }

    /// <summary>When the run ends.</summary>
    public AxisRest End { get; init; }

    /// <summary>Where it is: "channel 3 of the PCA9685".</summary>
    public string Place => Chip is { } chip ? $"channel {Channel} of pwmchip{chip}" : $"channel {Channel} of the PCA9685";

    internal void AddTo(StringBuilder text, ActuatorKind kind)
    {
        text.Append(CultureInfo.InvariantCulture, $"        {Name}:\n          action: {Action}\n          from: {From}\n          "
            + $"channel: {Channel}\n");
        text.Append(Chip is { } chip ? string.Create(CultureInfo.InvariantCulture,
            $"          chip: {chip}\n          frequency_hz: {Hz}\n") : "");
        text.Append(CultureInfo.InvariantCulture, $"          {AxisReader.RangeKey(kind)}: {To}\n");
        text.Append(kind == ActuatorKind.Servo ? string.Create(CultureInfo.InvariantCulture,
            $"          pulse_us: {PulseUs}\n          travel_degrees: {TravelDegrees}\n") : "");
        text.Append(By is { } by ? string.Create(CultureInfo.InvariantCulture, $"          by: {by}\n          start: {Start}\n") : "");
        for (int i = 0; i < Lines.Count; i++)
        {
            text.Append("          ").Append(AxisReader.LineKey(Lines.Count, i)).Append(": ").Append(Lines[i].Name).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"          hold: {Hold}\n          end: {End}\n");
    }
}

/// <summary>What a robot's actions are carried out with on this machine.</summary>
/// <param name="Chip">Null where all axes are on channels of the kernel.</param>
public sealed record DriveConfig(Pca9685Config? Chip, IReadOnlyList<AxisConfig> Axes)
{
    internal void AddTo(StringBuilder text, ActuatorKind kind)
    {
        text.Append(Chip is { } chip ? string.Create(CultureInfo.InvariantCulture,
            $"      pca9685:\n        bus: {chip.Bus}\n        address: 0x{chip.Address:x2}\n        frequency_hz: {chip.Hz}\n") : "");
        text.Append("      axes:\n");
        Axes.ToList().ForEach(a => a.AddTo(text, kind));
    }
}
