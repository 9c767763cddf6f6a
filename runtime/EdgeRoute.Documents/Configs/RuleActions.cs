using System.Text;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Documents.Configs;

/// <summary>A recording that begins when a rule turns on.</summary>
public sealed record RecordActionConfig(double Seconds, RecordedFrames Frames);

/// <summary>A setting of the stream while a rule is on.</summary>
public sealed record SettingActionConfig(StreamSetting Setting, SettingValue Value);

/// <summary>What an output is told when a rule turns on or off.</summary>
/// <param name="Output">Its name.</param>
/// <param name="Topic">Of an output to a broker, whole; null for other outputs.</param>
public sealed record OutputActionConfig(string Output, string? Topic)
{
    /// <summary>What the message to a broker is when the rule turns on; null for an object of JSON.</summary>
    public string? OnText { get; init; }

    /// <summary>The same when it turns off; null for the object, or for no message where <see cref="OnText"/> is given.</summary>
    public string? OffText { get; init; }

    /// <summary>The broker keeps it for whoever subscribes later.</summary>
    public bool IsRetained { get; init; }

    /// <summary>It says nothing when the rule turns off.</summary>
    public bool IsSilentOff => OnText is not null && OffText is null;
}

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

        double seconds = section.Number("seconds", ConfigLimits.RuleRecordSeconds, UsualSeconds);
        var record = new RecordActionConfig(seconds, section.Choice("frames", ConfigEnums.Frames, RecordedFrames.Jpeg));
        section.Close();
        return record;
    }

    public static OutputActionConfig? ReadOutput(ConfigSection rule)
    {
        if (rule.Group("output") is not { } section)
        {
            return null;
        }

        string? name = section.Text("name", isRequired: true);
        var action = new OutputActionConfig(name ?? "", MqttOutputConfig.TopicOf(section, "topic"))
        {
            OnText = MessageOf(section, "on"), OffText = MessageOf(section, "off"), IsRetained = section.Flag("retain", false),
        };
        if (action.OffText is not null && action.OnText is null)
        {
            section.Report("off", "is given, and 'on' is not; give both, or neither for an object of JSON");
        }

        section.Close();
        return action;
    }

    /// <summary>Outputs that rules name must be there, and take what the rules say.</summary>
    public static void CheckOutputs(ConfigSection? sources, DeviceConfig config)
    {
        foreach (var source in config.Sources)
        {
            foreach (var rule in source.Watch.Rules.Where(r => r.Output is not null))
            {
                string place = $"sources.{source.Name}.rules.{rule.Name}.output";
                if (OutputProblem(rule.Output!, config) is { } problem)
                {
                    sources?.ReportAt(sources.PlaceOf(source.Name), place + problem);
                }
            }
        }
    }

    private static string? OutputProblem(OutputActionConfig action, DeviceConfig config)
    {
        var output = config.Outputs.FirstOrDefault(o => o.Name == action.Output);
        if (output is null)
        {
            return $".name names '{action.Output}'; " + (config.Outputs.Count == 0 ? "the config has no outputs"
                : NearestName.Suggest(action.Output, [.. config.Outputs.Select(o => o.Name)]));
        }

        bool isBroker = output.Kind == OutputKind.Mqtt;
        if (isBroker && action.Topic is null)
        {
            return $" needs 'topic': '{output.Name}' is of the kind mqtt, and its broker has to know where the message goes";
        }

        return isBroker || (action.Topic ?? action.OnText) is null && !action.IsRetained ? null
            : $" has 'topic', 'on', 'off' or 'retain', which only outputs of the kind mqtt know; '{output.Name}' gets an object of JSON";
    }

    private static string? MessageOf(ConfigSection section, string key)
    {
        string? text = section.Text(key);
        int length = Encoding.UTF8.GetByteCount(text ?? "");
        if (length > ConfigLimits.RuleMessageBytes)
        {
            section.Report(key, $"has {length} bytes; at most {ConfigLimits.RuleMessageBytes} are possible");
        }

        return text;
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
