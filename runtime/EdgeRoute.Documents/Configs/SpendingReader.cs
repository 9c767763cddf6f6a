using EdgeRoute.Core.Prices;

namespace EdgeRoute.Documents.Configs;

/// <summary>Reads what the frames of a source may cost, and how the floor is watched.</summary>
public static class SpendingReader
{
    /// <summary>Keys of the budget group by the kind that each is a target of.</summary>
    public static readonly (string Key, BudgetKind Kind)[] Kinds =
    [
        ("latency_ms", BudgetKind.LatencyMsMean), ("latency_p99_ms", BudgetKind.LatencyMsP99), ("device_ms", BudgetKind.DeviceMsMean),
        ("frames_per_second", BudgetKind.FramesPerSecond), ("heavy_share", BudgetKind.HeavyShare), ("watts", BudgetKind.Watts),
        ("energy_mj", BudgetKind.EnergyMillijoules),
    ];

    public const int DefaultKeepPerHour = 20;

    internal static SpendingConfig Read(ConfigSection source)
    {
        double weight = source.NumberOrNone("weight", ConfigLimits.Weight) ?? 1;
        if (source.Group("budget") is not { } section)
        {
            return SpendingConfig.None with { Weight = weight };
        }

        var budgets = new List<Budget>();
        foreach (var (key, kind) in Kinds)
        {
            if (section.NumberOrNone(key, RangeOf(kind)) is { } target)
            {
                budgets.Add(new Budget(kind, target));
            }
        }

        double? allowance = section.NumberOrNone("device_ms_per_minute", ConfigLimits.DeviceMsPerMinute);
        section.Close();
        return new SpendingConfig(budgets, allowance, weight);
    }

    /// <summary>The key that a budget's target is written under.</summary>
    public static string KeyOf(BudgetKind kind) => Kinds.First(k => k.Kind == kind).Key;

    internal static AuditConfig? ReadAudit(ConfigSection source)
    {
        if (source.Group("audit") is not { } section)
        {
            return null;
        }

        double? share = section.NumberOrNone("share", ConfigLimits.Share);
        var folder = section.Path("keep_folder", PathNeed.WritableFile);
        int perHour = section.Integer("keep_per_hour", ConfigLimits.KeepPerHour, DefaultKeepPerHour);
        if (!section.Has("share"))
        {
            section.ReportAt(section.At, $"{section.Name} needs 'share', the part of the frames that takes the heaviest path as well, "
                + "such as 0.01");
        }

        section.Close();
        return new AuditConfig(share ?? 1, folder, perHour);
    }

    /// <summary>Budgets and weights move prices, which only the value policy knows; audits need its calibration.</summary>
    internal static void CheckFit(ConfigSection section, SourceConfig source)
    {
        if (source.Policy.Kind == PolicyKind.Value)
        {
            return;
        }

        foreach (string key in new[] { "budget", "weight", "audit" }.Where(section.Has))
        {
            section.Report(key, "is given, but the policy is not 'value'; only that one knows prices. Use policy: { kind: value }, or "
                + "leave it out");
        }
    }

    public static NumberRange RangeOf(BudgetKind kind) => kind switch
    {
        BudgetKind.FramesPerSecond => ConfigLimits.FramesPerSecond,
        BudgetKind.HeavyShare => ConfigLimits.Share,
        BudgetKind.Watts => ConfigLimits.BudgetWatts,
        BudgetKind.EnergyMillijoules => ConfigLimits.BudgetMillijoules,
        _ => ConfigLimits.BudgetMs,
    };
}
