using System.Globalization;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Steering;

/// <summary>What differs between two configs of a source, by the names that changes use.</summary>
internal static class SettingWords
{
    public static List<SettingDifference> Differences(SourceConfig before, SourceConfig after)
    {
        var (old, now) = (Settings(before), Settings(after));
        return [.. old.Keys.Union(now.Keys).Where(k => old.GetValueOrDefault(k) != now.GetValueOrDefault(k))
            .Select(k => new SettingDifference { Name = k, Before = old.GetValueOrDefault(k) ?? "none",
                After = now.GetValueOrDefault(k) ?? "none" })];
    }

    private static Dictionary<string, string?> Settings(SourceConfig source)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["pack"] = source.PackName,
            ["policy"] = SettingReader.NameOf(source.Policy),
            ["price"] = Text(source.Policy.PricePerMs),
            ["floor"] = Text(source.Policy.Floor),
            ["lock"] = source.LockPath,
            ["instruction"] = source.Instruction,
            ["deadline_ms"] = Text(source.DeadlineMs),
            ["audit_share"] = Text(source.Audit?.Share),
            ["budget.device_ms_per_minute"] = Text(source.Spending.DeviceMsPerMinute),
        };
        foreach (var budget in source.Spending.Budgets)
        {
            settings["budget." + SpendingReader.KeyOf(budget.Kind)] = Text(budget.Target);
        }

        return settings;
    }

    private static string? Text(double? value) => value?.ToString("0.#########", CultureInfo.InvariantCulture);
}
