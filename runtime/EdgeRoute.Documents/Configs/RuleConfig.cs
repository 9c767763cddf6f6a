using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Rules;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Documents.Configs;

/// <summary>Which objects a condition is about; names as written, which only the pack can tell.</summary>
/// <param name="Class">Null for any.</param>
/// <param name="Zone">A name under the source's zones; null for the whole frame.</param>
public sealed record ObjectsConfig(string? Class, double Confidence, string? Zone);

/// <summary>When a rule is on.</summary>
public abstract record ConditionConfig;

/// <param name="IsAll">All of them; else at least one.</param>
public sealed record JoinedConfig(bool IsAll, IReadOnlyList<ConditionConfig> Parts) : ConditionConfig;

public sealed record NotConfig(ConditionConfig Part) : ConditionConfig;

public sealed record CountConfig(ObjectsConfig Objects, int AtLeast, int AtMost) : ConditionConfig;

public sealed record DwellConfig(ObjectsConfig Objects, double AtLeastMs) : ConditionConfig;

/// <param name="Line">A name under the source's lines.</param>
public sealed record CrossesConfig(ObjectsConfig Objects, string Line, CrossingDirection Direction) : ConditionConfig;

/// <param name="AtLeast">Frame sides per second.</param>
public sealed record SpeedConfig(ObjectsConfig Objects, double AtLeast) : ConditionConfig;

/// <param name="Within">Times the mean of the boxes' diagonals.</param>
public sealed record NearConfig(ObjectsConfig Objects, string Other, double Within) : ConditionConfig;

/// <param name="Path">A path of the pack; only the pack can tell.</param>
public sealed record PathConfig(string Path) : ConditionConfig;

public sealed record EndedConfig(FrameEnd End) : ConditionConfig;

/// <param name="Name">One of <see cref="RuleSignals.Names"/>.</param>
public sealed record SignalConfig(string Name, double AtLeast, double AtMost) : ConditionConfig;

/// <summary>Something to do while, or when, a condition holds.</summary>
/// <param name="ForMs">How long it must have held.</param>
/// <param name="HoldMs">How long the rule stays on afterwards.</param>
/// <param name="Event">What is told when it turns on, beside its name; null for nothing more.</param>
/// <param name="Path">The path that frames are locked to while it is on; null for none.</param>
/// <param name="Written">The rule as flow YAML, for the effective config.</param>
public sealed record RuleConfig(string Name, ConditionConfig When, double ForMs, double HoldMs, string? Event, string? Path,
    string Written)
{
    /// <summary>What it does to a GPIO line; null for nothing.</summary>
    public GpioActionConfig? Gpio { get; init; }

    /// <summary>What is recorded when it turns on; null for nothing.</summary>
    public RecordActionConfig? Record { get; init; }

    /// <summary>What an output is told when it turns; null for nothing.</summary>
    public OutputActionConfig? Output { get; init; }

    /// <summary>Settings of the stream that are others while it is on.</summary>
    public IReadOnlyList<SettingActionConfig> Settings { get; init; } = [];
}

/// <summary>Signals of a frame that conditions may go by.</summary>
public static class RuleSignals
{
    private static readonly EnumName<Func<FrameSignals, float>>[] Known =
    [
        new("motion", s => s.Motion), new("sharpness", s => s.Sharpness), new("exposure", s => s.Exposure),
        new("contrast", s => s.Contrast), new("noise", s => s.Noise),
    ];

    public static string[] Names { get; } = [.. Known.Select(k => k.Text)];

    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Func<FrameSignals, float> Of(string name) => Array.Find(Known, k => k.Text == name)?.Value
        ?? throw new ArgumentException($"names the signal '{name}'; there are {string.Join(", ", Names)}");
}

/// <summary>What a source is watched for.</summary>
public sealed record WatchConfig(IReadOnlyList<Zone> Zones, IReadOnlyList<CountingLine> Lines, IReadOnlyList<RuleConfig> Rules)
{
    public static WatchConfig None { get; } = new([], [], []);
}
