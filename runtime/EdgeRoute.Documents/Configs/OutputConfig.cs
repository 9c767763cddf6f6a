using System.Text;

namespace EdgeRoute.Documents.Configs;

/// <summary>How answers leave the device beside the control channel.</summary>
public enum OutputKind
{
    /// <summary>A line of JSON for each frame, into a file or to standard output: <see cref="JsonlOutputConfig"/>.</summary>
    Jsonl,

    /// <summary>Messages to an MQTT broker: <see cref="MqttOutputConfig"/>.</summary>
    Mqtt,

    /// <summary>A message for each frame, to whoever has connected: <see cref="WebSocketOutputConfig"/>.</summary>
    WebSocket,
}

/// <summary>One output of answers, as the config names it; a record for each kind.</summary>
public abstract record OutputConfig(string Name, OutputKind Kind)
{
    /// <summary>Key and value of what no other output of its kind may have too.</summary>
    internal abstract (string Key, string Value) Own { get; }

    /// <summary>Its keys and values in canonical form, each on a line of four spaces.</summary>
    internal abstract void AddTo(StringBuilder text);

    /// <summary>With the credentials of addresses hidden: what may be printed.</summary>
    internal virtual OutputConfig WithoutSecrets() => this;

    /// <param name="disk">What outputs to files may take where they do not say.</param>
    /// <param name="control">Where the control channel listens; null for none.</param>
    internal static List<OutputConfig> ReadAll(ConfigSection? section, DiskConfig disk, ControlConfig? control)
    {
        var outputs = new List<OutputConfig>();
        foreach (var (name, group) in section?.NamedGroups(ConfigLimits.OutputCount, "outputs") ?? [])
        {
            int before = group.ProblemCount;
            var kind = group.Choice("kind", ConfigEnums.Outputs, OutputKind.Jsonl, isRequired: true);
            if (group.ProblemCount > before)
            {
                // Which keys it may have is not known.
                continue;
            }

            var output = kind == OutputKind.WebSocket ? WebSocketOutputConfig.Read(name, group, control)
                : Read(kind, name, group, disk);
            group.Close();
            if (output is null)
            {
                continue;
            }

            if (outputs.Find(o => o.Kind == output.Kind && o.Own == output.Own) is { } other)
            {
                group.Report(output.Own.Key, $"is that of the output '{other.Name}' too; each needs its own");
            }

            outputs.Add(output);
        }

        return outputs;
    }

    /// <summary>Outputs that sources name must be there, and of a kind that does what is asked.</summary>
    internal static void CheckUses(ConfigSection? sources, DeviceConfig config)
    {
        RobotReader.CheckOutputs(sources, config);
        RuleActions.CheckOutputs(sources, config);
    }

    /// <summary>Null, and reported, where what it needs is missing.</summary>
    private static OutputConfig? Read(OutputKind kind, string name, ConfigSection section, DiskConfig disk) => kind switch
    {
        OutputKind.Jsonl => JsonlOutputConfig.Read(name, section, disk),
        OutputKind.Mqtt => MqttOutputConfig.Read(name, section),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind of output"),
    };
}
