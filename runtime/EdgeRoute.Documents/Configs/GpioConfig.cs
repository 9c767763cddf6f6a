using System.Globalization;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Documents.Configs;

/// <summary>What a GPIO line is for.</summary>
public enum GpioUse
{
    /// <summary>Input: each time it becomes active, its source takes a frame; without, it takes none.</summary>
    Trigger,

    /// <summary>Input: while it is active, or cannot be read, frames are locked to a path or, without one, the robot holds.</summary>
    Stop,

    /// <summary>Input: while it is active, frames are locked to a path.</summary>
    Lock,

    /// <summary>Output: active while a rule that names it is on, or for a pulse when it turns on.</summary>
    Rule,

    /// <summary>Output: toggles while frames are answered.</summary>
    Heartbeat,

    /// <summary>Output: the direction of a motor that an actuator drives.</summary>
    Motor,
}

/// <summary>One GPIO line of the board and what it is for.</summary>
/// <param name="Name">As rules, the status and `gpioinfo` name it.</param>
/// <param name="Chip">Label of its chip; null looks for the line's name on all chips.</param>
/// <param name="Line">Its name in the kernel or, with a chip, its number.</param>
/// <param name="Pin">The pin of the board's header that it was named by; null where it was not.</param>
public sealed record GpioLineConfig(string Name, GpioUse Use, string? Chip, string Line, int? Pin)
{
    public const int UsualPeriodMs = 500, UsualWithinMs = 1000;

    public bool IsOutput => Use is GpioUse.Rule or GpioUse.Heartbeat or GpioUse.Motor;

    /// <summary>Active is low.</summary>
    public bool IsActiveLow { get; init; }

    public GpioBias Bias { get; init; }

    /// <summary>Of outputs.</summary>
    public GpioDrive Drive { get; init; }

    /// <summary>Of inputs, in microseconds; 0 for none.</summary>
    public int DebounceUs { get; init; }

    /// <summary>The source that it is about; null for all.</summary>
    public string? Source { get; init; }

    /// <summary>The path that frames are locked to; null where none are.</summary>
    public string? Path { get; init; }

    /// <summary>Of a heartbeat: from one time it becomes active to the next.</summary>
    public int PeriodMs { get; init; } = UsualPeriodMs;

    /// <summary>Of a heartbeat: a frame must have been answered within so long.</summary>
    public int WithinMs { get; init; } = UsualWithinMs;

    /// <summary>Of outputs: active is the level at start and end, and while the frame loop does not come round.</summary>
    public bool IsSafeActive { get; init; }

    /// <summary>Where it is, in words: "pin 33, PH.00" or "line 4 of robot-lines".</summary>
    public string Place
    {
        get
        {
            bool isNumber = int.TryParse(Line, CultureInfo.InvariantCulture, out _);
            string line = (isNumber ? $"line {Line}" : Line) + (Chip is null ? "" : $" of {Chip}");
            return Pin is { } pin ? string.Create(CultureInfo.InvariantCulture, $"pin {pin}, {line}") : line;
        }
    }

    public bool IsAbout(string source) => Source is null || Source == source;
}

/// <summary>The GPIO lines of a device.</summary>
/// <param name="Board">Whose header pins are meant; null where no line is named by a pin.</param>
public sealed record GpioConfig(string? Board, IReadOnlyList<GpioLineConfig> Lines)
{
    public static GpioConfig None { get; } = new(null, []);
}

/// <summary>What a rule does to a GPIO line.</summary>
/// <param name="Line">A line whose use is <see cref="GpioUse.Rule"/>.</param>
/// <param name="PulseMs">How long it is active when the rule turns on; null: as long as the rule is on.</param>
public sealed record GpioActionConfig(string Line, int? PulseMs);
