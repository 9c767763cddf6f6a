using System.Globalization;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;

namespace EdgeRoute.Documents.Configs;

/// <summary>Who decides the path of a frame.</summary>
public enum PolicyKind
{
    /// <summary>Always the path named.</summary>
    Fixed,

    /// <summary>The path named every so often, and the answer carried to the frames between.</summary>
    Skipping,

    /// <summary>Thresholds per exit from the pack's manifest.</summary>
    Cascade,

    /// <summary>Gain minus price times cost, with the gains of a calibration file.</summary>
    Value,
}

/// <param name="PathName">Of <see cref="PolicyKind.Fixed"/> and <see cref="PolicyKind.Skipping"/>: the path, such as <c>light>heavy</c>;
/// else null.</param>
public sealed record PolicyConfig(PolicyKind Kind, string? PathName)
{
    private const string FixedPrefix = "fixed:", SkippingPrefix = "skipping:";

    /// <summary>For <see cref="PolicyKind.Skipping"/>: to which frames an answer is carried; else null.</summary>
    public CarryRule? Carry { get; init; }

    /// <summary>For <see cref="PolicyKind.Value"/>: the calibration file; null for the one beside the manifest.</summary>
    public ConfigPath? Calibration { get; init; }

    /// <summary>The dial: gain per millisecond of device time; budgets may raise it. Null for 0, the accurate end.</summary>
    public double? PricePerMs { get; init; }

    /// <summary>Quality that must hold, relative to the heaviest path (or labels); null for none.</summary>
    public double? Floor { get; init; }

    /// <summary>
    /// In one word, as changes write it: <c>value</c>, <c>cascade</c>, <c>fixed:PATH</c>, or <c>skipping:PATH/MS</c>, which may end with
    /// <c>/DRIFT</c>.
    /// </summary>
    public string Name => Kind switch
    {
        PolicyKind.Fixed => FixedPrefix + PathName,
        PolicyKind.Skipping => string.Create(CultureInfo.InvariantCulture, $"{SkippingPrefix}{PathName}/{Carry!.AgeMsAtMost}")
            + (Carry.DriftAtMost < 1 ? string.Create(CultureInfo.InvariantCulture, $"/{Carry.DriftAtMost}") : ""),
        _ => ConfigEnums.Of(ConfigEnums.Policies, Kind),
    };

    /// <summary>The policy of a word, see <see cref="Name"/>; null where there is none of that name.</summary>
    public static PolicyConfig? Parse(string name) => new PolicyConfig(PolicyKind.Cascade, null).Named(name);

    /// <summary>The policy that a change names instead of this one; null where there is none of that name.</summary>
    internal PolicyConfig? Named(string name)
    {
        if (name.StartsWith(FixedPrefix, StringComparison.Ordinal))
        {
            return new PolicyConfig(PolicyKind.Fixed, name[FixedPrefix.Length..]);
        }

        if (name.StartsWith(SkippingPrefix, StringComparison.Ordinal))
        {
            return SkippingOf(name[SkippingPrefix.Length..].Split('/'));
        }

        int found = Array.FindIndex(ConfigEnums.Policies, p => p.Text == name && p.Value is PolicyKind.Value or PolicyKind.Cascade);
        if (found < 0)
        {
            return null;
        }

        var named = this with { Kind = ConfigEnums.Policies[found].Value, PathName = null, Carry = null };
        return named.Kind == PolicyKind.Value || named == this ? named : named with { PricePerMs = null, Floor = null };
    }

    private static PolicyConfig? SkippingOf(string[] parts)
    {
        float ms = 0, drift = 1;
        bool isRight = parts.Length is 2 or 3 && IsIn(ConfigLimits.CarryMs, parts[1], out ms)
            && (parts.Length == 2 || IsIn(ConfigLimits.CarryDrift, parts[2], out drift));
        return isRight ? new PolicyConfig(PolicyKind.Skipping, parts[0]) { Carry = new CarryRule(ms, drift) } : null;
    }

    private static bool IsIn(NumberRange range, string text, out float number) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && range.Contains(number);
}

/// <summary>What the frames of a source may cost.</summary>
/// <param name="Budgets">Each moves the price until it is met.</param>
/// <param name="Allowances">Strict allowances, one of a kind and period at most.</param>
/// <param name="Weight">The source's part of the accelerator when there is not enough for all, relative to the other sources'
/// weights.</param>
public sealed record SpendingConfig(IReadOnlyList<Budget> Budgets, IReadOnlyList<StrictAllowance> Allowances, double Weight)
{
    /// <summary>Seconds that an episode takes where nothing is said.</summary>
    public const double UsualEpisodeSeconds = 60;

    /// <summary>Seconds that an episode takes at most; null for the usual.</summary>
    public double? EpisodeSeconds { get; init; }

    /// <summary>What the battery holds that is to last; null where none is.</summary>
    public double? BatteryWattHours { get; init; }

    /// <summary>What the battery of a budget in hours holds.</summary>
    /// <exception cref="ArgumentException">Nothing says it.</exception>
    public double WattHoursOf(Budget hours) => BatteryWattHours ?? throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
        $"the battery is to last {hours.Target} h, and nothing says what it holds; write battery_wh beside battery_hours, such as 50"));

    public static SpendingConfig None { get; } = new([], [], 1);
}

/// <summary>What a source may spend in a period and never more, in the kind's unit.</summary>
public sealed record StrictAllowance(AllowanceKind Kind, AllowancePeriod Period, double Amount);

/// <summary>Which share of the frames takes the heaviest path as well, to watch the floor.</summary>
/// <param name="KeepFolder">Where audited frames worth a human's label are kept; null for nowhere.</param>
/// <param name="KeepPerHour">Frames kept per hour of source time at most.</param>
public sealed record AuditConfig(double Share, ConfigPath? KeepFolder, int KeepPerHour)
{
    public const int DefaultKeepPerHour = 20;
}

/// <summary>A camera, file or simulated world, and what is done with its frames.</summary>
/// <param name="PackName">The pack of <see cref="DeviceConfig.Packs"/> that its frames run through.</param>
/// <param name="StallMs">Without a frame for this long the source counts as stalled and is restarted.</param>
/// <param name="FramesPerSecond">For a folder of pictures; null: as fast as they are taken.</param>
/// <param name="RtspLatencyMs">Jitter buffer of a network camera.</param>
/// <param name="DeadlineMs">From capture to publish; null for none.</param>
public sealed record SourceConfig(
    string Name, ConfigAddress Address, string PackName, DeliveryMode Take, SourcePace Pace, bool Loop, int StallMs,
    double? FramesPerSecond, int RtspLatencyMs, PolicyConfig Policy, double? DeadlineMs)
{
    /// <summary>How old an answer may be that is reused; null for the usual.</summary>
    public double? MaxAgeMs { get; init; }

    /// <summary>For the value policy.</summary>
    public SpendingConfig Spending { get; init; } = SpendingConfig.None;

    /// <summary>Zones, lines and rules on what is seen.</summary>
    public WatchConfig Watch { get; init; } = WatchConfig.None;

    /// <summary>Safety lock: the path that every frame takes, whatever the policy would; null for none.</summary>
    public string? LockPath { get; init; }

    /// <summary>The task in words, for packs that take one and sources that give none; null for none.</summary>
    public string? Instruction { get; init; }

    /// <summary>Who tells its frames the robot's state; null: the source itself, or nobody.</summary>
    public StateConfig? State { get; init; }

    /// <summary>How a policy's plans are carried out; null: one step for each frame that ends, by the source itself or nobody.</summary>
    public ActionConfig? Actions { get; init; }

    /// <summary>Null for no audits.</summary>
    public AuditConfig? Audit { get; init; }

    /// <summary>How a network camera sends its pictures.</summary>
    public RtspTransport RtspTransport { get; init; }

    /// <summary>It is captured in a process of its own, whose crash is this source's fault alone.</summary>
    public bool IsIsolated { get; init; }

    /// <summary>Who the camera takes us for; null: what the address says, or nobody.</summary>
    public string? User { get; init; }

    /// <summary>The file of that user's password, so that the config holds no secret; null for none.</summary>
    public ConfigPath? PasswordFile { get; init; }

    /// <summary>The same for capture.</summary>
    public SourceOptions CaptureOptions => new()
    {
        Pace = Pace,
        Loops = Loop,
        FramesPerSecond = FramesPerSecond ?? 0,
        IsLive = Address.Kind == AddressKind.Pipeline ? Address.IsLive : null,
        Delivery = Take,
        RtspLatencyMs = RtspLatencyMs,
        RtspTransport = RtspTransport,
        IsIsolated = IsIsolated,
        User = User,
        PasswordPath = PasswordFile?.Full,
    };

    public CaptureLimits CaptureLimits => new(StallMs, Math.Max(StallMs, CaptureLimits.Usual.FirstFrameMs));
}
