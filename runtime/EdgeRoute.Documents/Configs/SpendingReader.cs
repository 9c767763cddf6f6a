namespace EdgeRoute.Documents.Configs;

/// <summary>Reads what the frames of a source may cost, and how the floor is watched.</summary>
internal static class SpendingReader
{
    public static SourceConfig Read(ConfigSection section, SourceConfig source)
    {
        double weight = section.NumberOrNone("weight", ConfigLimits.Weight) ?? 1;
        source = source with { Spending = source.Spending with { Weight = weight } };
        if (section.Group("budget") is { } budget)
        {
            source = StreamSettings.Read(StreamSettings.OfBudget, budget, source);
            budget.Close();
        }

        return section.Group("audit") is { } audit ? ReadAudit(audit, source) : source;
    }

    private static SourceConfig ReadAudit(ConfigSection section, SourceConfig source)
    {
        source = StreamSettings.AuditShare.Read(section, source);
        var folder = section.Path("keep_folder", PathNeed.WritableFolder);
        int perHour = section.Integer("keep_per_hour", ConfigLimits.KeepPerHour, AuditConfig.DefaultKeepPerHour);
        if (!section.Has(StreamSettings.AuditShare.LastKey))
        {
            section.ReportAt(section.At, $"{section.Name} needs 'share', the part of the frames that takes the heaviest path as well, "
                + "such as 0.01");
        }

        section.Close();
        return source with { Audit = new AuditConfig(source.Audit?.Share ?? 1, folder, perHour) };
    }

    /// <summary>Budgets move prices, which only the value policy knows; audits need its calibration.</summary>
    public static void CheckFit(ConfigSection section, SourceConfig source)
    {
        if (source.Policy.Kind == PolicyKind.Value)
        {
            return;
        }

        foreach (string key in new[] { "budget", "audit" }.Where(section.Has))
        {
            section.Report(key, "is given, but the policy is not 'value'; only that one knows prices. Use policy: { kind: value }, or "
                + "leave it out");
        }
    }
}
