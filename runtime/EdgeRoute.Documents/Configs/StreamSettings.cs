using EdgeRoute.Core.Prices;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Documents.Configs;

/// <summary>
/// Every setting of a stream that a device config states and a change sets. The reader of configs, the effective config, changes and what
/// they differ by, and the laptop's commands with their help all go through this table: a setting is added here and in
/// <see cref="SettingSet"/>, and nowhere else.
/// </summary>
public static class StreamSettings
{
    public static StreamSetting Pack { get; } = new(SettingKeys.Pack, "pack", static s => ref s.Pack)
    {
        Help = "name of a loaded pack", IsRequired = true,
        Get = static s => SettingValue.Of(s.PackName), Set = static (s, v) => s with { PackName = v.Text ?? s.PackName },
    };

    public static StreamSetting Policy { get; } = new(SettingKeys.Policy, "policy", static s => ref s.Policy)
    {
        Help = "value, cascade, fixed:PATH such as 'fixed:light>heavy', or skipping:PATH/MS, such as skipping:heavy/130",
        FindWordProblem = FindPolicyProblem,
        Get = static s => SettingValue.Of(s.Policy.Name), Set = static (s, v) => s with { Policy = s.Policy.Named(v.Text!)! },
    };

    public static StreamSetting Price { get; } = new(SettingKeys.Price, "policy.price", static s => ref s.Price)
    {
        Help = "gain per millisecond, 0 or more, such as 0.0075", Unit = SettingUnit.PricePerMs, Range = ConfigLimits.PricePerMs,
        Get = static s => Of(s.Policy.PricePerMs), Set = static (s, v) => s with { Policy = s.Policy with { PricePerMs = v.Number } },
    };

    public static StreamSetting Floor { get; } = new(SettingKeys.Floor, "policy.floor", static s => ref s.Floor)
    {
        Help = "above 0 and at most 1, such as 0.97 or 97%", Unit = SettingUnit.Share, Range = ConfigLimits.Floor,
        Get = static s => Of(s.Policy.Floor), Set = static (s, v) => s with { Policy = s.Policy with { Floor = v.Number } },
    };

    public static StreamSetting Instruction { get; } = new(SettingKeys.Instruction, "instruction", static s => ref s.Instruction)
    {
        Help = "the task in words of the pack's vocabulary, or none",
        Get = static s => Of(s.Instruction), Set = static (s, v) => s with { Instruction = v.Text },
    };

    public static StreamSetting Lock { get; } = new(SettingKeys.Lock, "lock", static s => ref s.Lock)
    {
        Help = "a path of the stream, as 'edgeroute streams' lists them",
        Get = static s => Of(s.LockPath), Set = static (s, v) => s with { LockPath = v.Text },
    };

    public static StreamSetting DeadlineMs { get; } = new(SettingKeys.DeadlineMs, SettingKeys.DeadlineMs, static s => ref s.DeadlineMs)
    {
        Help = "milliseconds from capture to publish", Unit = SettingUnit.Milliseconds, Range = ConfigLimits.DeadlineMs,
        IsShownAsNone = true,
        Get = static s => Of(s.DeadlineMs), Set = static (s, v) => s with { DeadlineMs = v.Number },
    };

    public static StreamSetting MaxAgeMs { get; } = new(SettingKeys.MaxAgeMs, SettingKeys.MaxAgeMs, static s => ref s.MaxAgeMs)
    {
        Help = "milliseconds that an answer may be old when it is reused, 1000 where none is given", Unit = SettingUnit.Milliseconds,
        Range = ConfigLimits.MaxAgeMs,
        Get = static s => Of(s.MaxAgeMs), Set = static (s, v) => s with { MaxAgeMs = v.Number },
    };

    public static StreamSetting AuditShare { get; } = new(SettingKeys.AuditShare, "audit.share", static s => ref s.AuditShare)
    {
        Help = "share of the frames that takes the heaviest path as well, such as 0.01 or 1%", Unit = SettingUnit.Share,
        Range = ConfigLimits.Share,
        Get = static s => Of(s.Audit?.Share), Set = static (s, v) => s with { Audit = AuditOf(s.Audit, v.Number) },
    };

    /// <summary>By the kind of budget that each is the target of, in the order that they are read in.</summary>
    private static readonly BudgetTarget[] Targets =
    [
        Target(BudgetKind.LatencyMsMean, SettingKeys.LatencyMs, static s => ref s.LatencyMs, SettingUnit.Milliseconds,
            ConfigLimits.BudgetMs, "mean from capture to publish"),
        Target(BudgetKind.LatencyMsP99, SettingKeys.LatencyMsP99, static s => ref s.LatencyMsP99, SettingUnit.Milliseconds,
            ConfigLimits.BudgetMs, "99 of 100 frames from capture to publish"),
        Target(BudgetKind.DeviceMsMean, SettingKeys.DeviceMs, static s => ref s.DeviceMs, SettingUnit.Milliseconds,
            ConfigLimits.BudgetMs, "mean device time of a frame"),
        Target(BudgetKind.FramesPerSecond, SettingKeys.FramesPerSecond, static s => ref s.FramesPerSecond, SettingUnit.Rate,
            ConfigLimits.FramesPerSecond, "frames answered in a second, at least"),
        Target(BudgetKind.HeavyShare, SettingKeys.HeavyShare, static s => ref s.HeavyShare, SettingUnit.Share,
            ConfigLimits.Share, "share of the frames that takes the heaviest path"),
        Target(BudgetKind.Watts, SettingKeys.Watts, static s => ref s.Watts, SettingUnit.Power,
            ConfigLimits.BudgetWatts, "power of the whole board"),
        Target(BudgetKind.EnergyMillijoules, SettingKeys.EnergyMillijoules, static s => ref s.EnergyMillijoules, SettingUnit.Energy,
            ConfigLimits.BudgetMillijoules, "mean energy of a frame: board power times device time"),
        Target(BudgetKind.Temperature, SettingKeys.Temperature, static s => ref s.Temperature, SettingUnit.Heat,
            ConfigLimits.BudgetCelsius, "of the hottest zone: the price rises before it is reached"),
        Target(BudgetKind.BatteryHours, SettingKeys.BatteryHours, static s => ref s.BatteryHours, SettingUnit.Hours,
            ConfigLimits.BatteryHours, "hours from the first frame that the battery is to last; needs battery_wh"),
        Target(BudgetKind.QualityLoss, SettingKeys.QualityLoss, static s => ref s.QualityLoss, SettingUnit.Points,
            ConfigLimits.QualityLoss, "points of quality that a frame may lose on average against the heaviest path, such as 1"),
    ];

    /// <summary>By the kind and period of the strict allowance that each is the amount of.</summary>
    private static readonly AllowanceTarget[] AllowanceTargets =
    [
        new(AllowanceKind.DeviceMs, AllowancePeriod.Minute, Allowance(SettingKeys.DeviceMsPerMinute, static s => ref s.DeviceMsPerMinute,
            SettingUnit.Milliseconds, ConfigLimits.DeviceMsPerMinute, "device time in a minute, never overspent")),
        new(AllowanceKind.EnergyMillijoules, AllowancePeriod.Minute, Allowance(SettingKeys.EnergyPerMinute,
            static s => ref s.EnergyPerMinute, SettingUnit.Energy, ConfigLimits.EnergyPerMinute,
            "energy of all frames in a minute, never overspent")),
        new(AllowanceKind.HeavyRuns, AllowancePeriod.Minute, Allowance(SettingKeys.HeavyRunsPerMinute, static s => ref s.HeavyRunsPerMinute,
            SettingUnit.Count, ConfigLimits.HeavyRunsPerMinute, "frames that may take the heaviest path in a minute, never more")),
        new(AllowanceKind.DeviceMs, AllowancePeriod.Episode, Allowance(SettingKeys.DeviceMsPerEpisode,
            static s => ref s.DeviceMsPerEpisode, SettingUnit.Milliseconds, ConfigLimits.DeviceMsPerEpisode,
            "device time in an episode, never overspent")),
        new(AllowanceKind.EnergyMillijoules, AllowancePeriod.Episode, Allowance(SettingKeys.EnergyPerEpisode,
            static s => ref s.EnergyPerEpisode, SettingUnit.Energy, ConfigLimits.EnergyPerEpisode,
            "energy of all frames in an episode, never overspent")),
        new(AllowanceKind.HeavyRuns, AllowancePeriod.Episode, Allowance(SettingKeys.HeavyRunsPerEpisode,
            static s => ref s.HeavyRunsPerEpisode, SettingUnit.Count, ConfigLimits.HeavyRunsPerEpisode,
            "frames that may take the heaviest path in an episode, never more")),
    ];

    public static StreamSetting EpisodeSeconds { get; } = new(SettingKeys.EpisodeSeconds, SettingKeys.EpisodeSeconds,
        static s => ref s.EpisodeSeconds)
    {
        Help = "seconds that an episode takes at most, 60 where none is given: what it may spend is spread over them",
        Unit = SettingUnit.Seconds, Range = ConfigLimits.EpisodeSeconds,
        Get = static s => Of(s.Spending.EpisodeSeconds),
        Set = static (s, v) => s with { Spending = s.Spending with { EpisodeSeconds = v.Number } },
    };

    public static StreamSetting BatteryWattHours { get; } = new(SettingKeys.BatteryWattHours, SettingKeys.BatteryWattHours,
        static s => ref s.BatteryWattHours)
    {
        Help = "watt-hours that the battery holds at the first frame", Unit = SettingUnit.Charge, Range = ConfigLimits.BatteryWattHours,
        Get = static s => Of(s.Spending.BatteryWattHours),
        Set = static (s, v) => s with { Spending = s.Spending with { BatteryWattHours = v.Number } },
    };

    /// <summary>Those that a device config has in the group <c>budget</c>.</summary>
    public static IReadOnlyList<StreamSetting> OfBudget { get; } =
        [.. Targets.Select(t => t.Setting), .. AllowanceTargets.Select(t => t.Setting), EpisodeSeconds, BatteryWattHours];

    /// <summary>Those that mean something to the value policy only.</summary>
    public static IReadOnlyList<StreamSetting> OfValuePolicy { get; } = [Price, Floor, AuditShare, .. OfBudget];

    /// <summary>All, in the order that they are applied in: the policy before what it may take away.</summary>
    public static IReadOnlyList<StreamSetting> All { get; } =
        [Pack, Policy, Price, Floor, Instruction, Lock, DeadlineMs, MaxAgeMs, AuditShare, .. OfBudget];

    /// <summary>Those in the group <c>policy</c>, beside its kind.</summary>
    internal static IReadOnlyList<StreamSetting> OfPolicy { get; } = [Price, Floor];

    /// <summary>Those that stand alone in the group of the source, as the effective config ends with them.</summary>
    internal static IReadOnlyList<StreamSetting> Alone { get; } = [Instruction, Lock, DeadlineMs, MaxAgeMs];

    /// <summary>The target of a kind of budget.</summary>
    public static StreamSetting Of(BudgetKind kind) => Array.Find(Targets, t => t.Kind == kind)!.Setting;

    /// <summary>The amount of a strict allowance.</summary>
    public static StreamSetting Of(AllowanceKind kind, AllowancePeriod period) =>
        Array.Find(AllowanceTargets, t => t.Kind == kind && t.Period == period)!.Setting;

    /// <summary>The source with what a group of its device config says of some settings.</summary>
    internal static SourceConfig Read(IEnumerable<StreamSetting> settings, ConfigSection section, SourceConfig source) =>
        settings.Aggregate(source, (s, setting) => setting.Read(section, s));

    private static BudgetTarget Target(BudgetKind kind, string key, SettingField field, SettingUnit unit,
        NumberRange range, string help) => new(kind, new StreamSetting(key, key, field)
    {
        Help = help, Unit = unit, Range = range,
        Get = s => Of(s.Spending.Budgets.FirstOrDefault(b => b.Kind == kind)?.Target),
        Set = (s, v) => s with { Spending = s.Spending with { Budgets = BudgetsWith(s.Spending.Budgets, kind, v.Number) } },
    });

    private static StreamSetting Allowance(string key, SettingField field, SettingUnit unit, NumberRange range, string help) =>
        new(key, key, field)
        {
            Help = help, Unit = unit, Range = range,
            Get = s => Of(s.Spending.Allowances.FirstOrDefault(a => Of(a.Kind, a.Period).Key == key)?.Amount),
            Set = (s, v) => s with { Spending = s.Spending with { Allowances = AllowancesWith(s.Spending.Allowances, key, v.Number) } },
        };

    private static List<StrictAllowance> AllowancesWith(IEnumerable<StrictAllowance> allowances, string key, double? amount)
    {
        var others = allowances.Where(a => Of(a.Kind, a.Period).Key != key).ToList();
        if (amount is { } number)
        {
            var target = Array.Find(AllowanceTargets, t => t.Setting.Key == key)!;
            others.Add(new StrictAllowance(target.Kind, target.Period, number));
        }

        return others;
    }

    private static List<Budget> BudgetsWith(IEnumerable<Budget> budgets, BudgetKind kind, double? target)
    {
        var others = budgets.Where(b => b.Kind != kind).ToList();
        if (target is { } number)
        {
            others.Add(new Budget(kind, number));
        }

        return others;
    }

    private static AuditConfig? AuditOf(AuditConfig? audit, double? share)
    {
        if (share is not { } wanted)
        {
            return null;
        }

        return audit is null ? new AuditConfig(wanted, null, AuditConfig.DefaultKeepPerHour) : audit with { Share = wanted };
    }

    private static string? FindPolicyProblem(SettingValue value)
    {
        if (value.Text is not { } name)
        {
            return "a stream cannot be without a policy; write value, cascade, fixed:PATH or skipping:PATH/MS";
        }

        return PolicyConfig.Parse(name) is null ? $"the policy '{name}' is not known; write value, cascade, fixed:PATH such as "
            + "'fixed:light>heavy', or skipping:PATH/MS, such as skipping:heavy/130" : null;
    }

    private static SettingValue Of(double? number) => number is { } given ? SettingValue.Of(given) : SettingValue.None;

    private static SettingValue Of(string? word) => word is { } given ? SettingValue.Of(given) : SettingValue.None;

    /// <summary>A class, so that code over the list is not compiled anew for it.</summary>
    private sealed record BudgetTarget(BudgetKind Kind, StreamSetting Setting);

    /// <inheritdoc cref="BudgetTarget"/>
    private sealed record AllowanceTarget(AllowanceKind Kind, AllowancePeriod Period, StreamSetting Setting);
}
