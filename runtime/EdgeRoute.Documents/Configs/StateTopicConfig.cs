using System.Globalization;
using System.Text;

namespace EdgeRoute.Documents.Configs;

/// <summary>A robot's state, and its task, as messages at an MQTT broker.</summary>
/// <param name="Output">The output of the kind mqtt whose connection they come over.</param>
/// <param name="Topic">Of the state.</param>
/// <param name="Values">
/// Where the values stand in the JSON of a message, by commas, each a number, a switch or a list of them; empty: it is the message itself.
/// </param>
public sealed record StateTopicConfig(string Output, string Topic, string Values)
{
    /// <summary>Where the time of the measurement stands, in nanoseconds since 1970; null: a state counts from its arrival.</summary>
    public string? UtcNs { get; init; }

    /// <summary>Of the task in words; null: it does not come from there.</summary>
    public string? InstructionTopic { get; init; }

    /// <summary>Where the words stand in the JSON of such a message; null: they are the message.</summary>
    public string? Instruction { get; init; }

    /// <summary>Where each value or list of values stands: names and places in lists, with dots between them.</summary>
    public IReadOnlyList<string> Fields => Values.Split(", ", StringSplitOptions.RemoveEmptyEntries);

    internal static StateTopicConfig Read(ConfigSection section)
    {
        var read = new StateTopicConfig(section.Text("output", isRequired: true) ?? "", TopicOf(section, "topic", isRequired: true) ?? "",
            string.Join(", ", ReadFields(section)))
        {
            UtcNs = FieldOf(section, "utc_ns"),
            InstructionTopic = TopicOf(section, "instruction_topic", isRequired: false),
            Instruction = FieldOf(section, "instruction"),
        };
        if (read.Instruction is not null && read.InstructionTopic is null)
        {
            section.Report("instruction", "is given, and 'instruction_topic' is not; nothing would be read there");
        }

        if (read.InstructionTopic == read.Topic && read.Topic.Length > 0)
        {
            section.Report("instruction_topic", $"is '{read.Topic}', as 'topic' is; give the task a topic of its own");
        }

        return read;
    }

    internal void AddTo(StringBuilder text)
    {
        void Add(string key, string? value) => text.Append(value is null ? "" : $"      {key}: {EffectiveText.Quoted(value)}\n");

        text.Append(CultureInfo.InvariantCulture, $"      output: {Output}\n");
        Add("topic", Topic);
        text.Append(Values.Length > 0 ? $"      values: [{string.Join(", ", Fields.Select(EffectiveText.Quoted))}]\n" : "");
        Add("utc_ns", UtcNs);
        Add("instruction_topic", InstructionTopic);
        Add("instruction", Instruction);
    }

    private static string? TopicOf(ConfigSection section, string key, bool isRequired)
    {
        section.Value(key, isRequired);
        return MqttOutputConfig.TopicOf(section, key);
    }

    private static List<string> ReadFields(ConfigSection section)
    {
        var fields = new List<string>();
        foreach (var one in section.List("values", () => ConfigShapes.List(ConfigShapes.Text(), 1, int.MaxValue)) ?? [])
        {
            if (one is YamlScalar { IsEmpty: false } field)
            {
                fields.Add(Checked(section, "values", field.Text));
            }
            else
            {
                section.ReportAt(one.At, $"{section.Name}.values holds {one.KindText}; it must hold where values stand, such as "
                    + "joints.0 or gripper");
            }
        }

        return fields;
    }

    private static string? FieldOf(ConfigSection section, string key) =>
        section.Text(key) is { } field ? Checked(section, key, field) : null;

    private static string Checked(ConfigSection section, string key, string field)
    {
        if (field.Contains(',', StringComparison.Ordinal) || field.Split('.').Any(part => part.Length == 0 || part.Trim() != part))
        {
            section.Report(key, $"names '{field}'; write names and places in lists with dots between them, such as joints.0 or "
                + "arm.gripper");
        }

        return field;
    }
}
