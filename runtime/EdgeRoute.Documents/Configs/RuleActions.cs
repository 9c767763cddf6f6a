using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Documents.Configs;

/// <summary>A recording that begins when a rule turns on.</summary>
public sealed record RecordActionConfig(double Seconds, RecordedFrames Frames);

/// <summary>A setting of the stream while a rule is on.</summary>
public sealed record SettingActionConfig(StreamSetting Setting, SettingValue Value);

/// <summary>Reads what a rule has done beside the frame's road: recordings, and settings for a while.</summary>
internal static class RuleActions
{
    private const double UsualSeconds = 30;

    /// <summary>
    /// Figures, which come and go without anything made anew. Where frames go is what a rule's 'path' is for, and another pack or policy
    /// would take the rule itself away.
    /// </summary>
    private static readonly StreamSetting[] Settable = [.. StreamSettings.All.Where(s => s.Range is not null)];

    public static RecordActionConfig? ReadRecord(ConfigSection rule)
    {
        if (rule.Group("record") is not { } section)
        {
            return null;
        }

        double seconds = RobotReader.Number(section, "seconds", ConfigLimits.RuleRecordSeconds, UsualSeconds);
        var record = new RecordActionConfig(seconds, section.Choice("frames", ConfigEnums.Frames, RecordedFrames.Jpeg));
        section.Close();
        return record;
    }

    public static IReadOnlyList<SettingActionConfig> ReadSettings(ConfigSection rule)
    {
        var settings = new List<SettingActionConfig>();
        if (rule.Group("set") is { } section)
        {
            foreach (var setting in Settable)
            {
                int before = section.ProblemCount;
                double? number = section.NumberOrNone(setting.ShortKey, setting.Range!.Value);
                if (section.Has(setting.ShortKey) && section.ProblemCount == before)
                {
                    settings.Add(new SettingActionConfig(setting, number is { } given ? SettingValue.Of(given) : SettingValue.None));
                }
            }

            section.Close();
        }

        // The same empty list for all, so that two rules that say the same are equal.
        if (settings.Count == 0)
        {
            return [];
        }

        return settings;
    }

    /// <summary>What would be obeyed in words and not in fact is refused.</summary>
    public static void CheckFit(ConfigSection source, SourceConfig read, bool hasControl)
    {
        var setBy = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var rule in read.Watch.Rules)
        {
            if (!hasControl && (rule.Record is not null || rule.Settings.Count > 0))
            {
                source.Report("rules", $"has '{rule.Name}', which {(rule.Record is null ? "sets" : "records")} as a client of the control "
                    + "channel does, and this config has no group 'control'; add one, such as control: {}");
            }

            foreach (var (setting, _) in rule.Settings)
            {
                if (read.Policy.Kind != PolicyKind.Value && StreamSettings.OfValuePolicy.Contains(setting))
                {
                    source.Report("rules", $"has '{rule.Name}', which sets {setting.ShortKey}, but only the policy 'value' knows it");
                }

                if (!setBy.TryAdd(setting.Key, rule.Name))
                {
                    source.Report("rules", $"has '{setBy[setting.Key]}' and '{rule.Name}', which both set {setting.ShortKey}; one rule "
                        + "may, so that it is clear what holds");
                }
            }
        }
    }
}
