namespace EdgeRoute.Documents.Configs;

/// <summary>Where a robot's state comes from.</summary>
public enum StateOrigin
{
    /// <summary>A program puts it over the control channel.</summary>
    Channel,

    /// <summary>It is published to a topic at an MQTT broker.</summary>
    Mqtt,
}

/// <summary>Who tells a source's frames what the robot knows of itself.</summary>
/// <param name="MaxAgeMs">From the measurement to the capture of the frame at most; a frame without so young a state fails.</param>
public sealed record StateConfig(StateOrigin From, double MaxAgeMs)
{
    private const double UsualMaxAgeMs = 200, UsualInstructionAgeMs = 600_000;

    /// <summary>
    /// From a task's arrival to the capture of the frame at most, in milliseconds, where it comes with the state; infinite: it holds until
    /// another comes.
    /// </summary>
    public double InstructionMaxAgeMs { get; init; } = UsualInstructionAgeMs;

    /// <summary>Where the messages come from; null where they do not.</summary>
    public StateTopicConfig? Topic { get; init; }

    /// <summary>Whoever tells the state may tell the task in words too.</summary>
    public bool TellsInstruction => Topic is null || Topic.InstructionTopic is not null;

    internal static StateConfig? Read(ConfigSection? section)
    {
        if (section is null)
        {
            return null;
        }

        var from = section.Choice("from", ConfigEnums.StateOrigins, StateOrigin.Channel, isRequired: true);
        var state = new StateConfig(from, section.Number("max_age_ms", ConfigLimits.StateAgeMs, UsualMaxAgeMs))
        {
            Topic = from == StateOrigin.Mqtt ? StateTopicConfig.Read(section) : null,
            InstructionMaxAgeMs = RobotReader.NumberOrEndless(section, "instruction_max_age_ms", ConfigLimits.InstructionAgeMs,
                UsualInstructionAgeMs),
        };
        section.Close();
        return state;
    }
}

/// <summary>Who carries actions out.</summary>
public enum ActuatorKind
{
    /// <summary>A program that subscribes to them over the control channel.</summary>
    Channel,

    /// <summary>Nobody: they are written into a file.</summary>
    Log,

    /// <summary>Whoever has subscribed to them at an MQTT broker.</summary>
    Mqtt,

    /// <summary>Channels of a PCA9685, by the length of their pulses.</summary>
    Pca9685,

    /// <summary>Servos, by their angle.</summary>
    Servo,

    /// <summary>Motors with brushes behind an H-bridge, by their speed.</summary>
    DcMotor,
}

/// <summary>How the plans of a policy are carried out: step by step at a rate of their own, while the next plan is computed.</summary>
/// <param name="Hz">Steps a second.</param>
/// <param name="MaxAgeMs">From the frame that a plan was made from to its last step at most; then the actuator is told to hold.</param>
public sealed record ActionConfig(ActuatorKind Actuator, double Hz, double MaxAgeMs)
{
    private const double UsualMaxAgeMs = 500;

    /// <summary>
    /// A new plan takes over from the one before little by little, over the steps that both have; null: where the pack's actions are
    /// positions.
    /// </summary>
    public bool? Blends { get; init; }

    /// <summary>Steps whose time passed while the plan was computed are skipped; else each plan begins with its first.</summary>
    public bool SkipsPassed { get; init; } = true;

    /// <summary>What the camera and the actuator take beside that, in milliseconds; steps of that time are skipped as well.</summary>
    public double LatencyMs { get; init; }

    /// <summary>For <see cref="ActuatorKind.Log"/>: lines of JSON; null for others.</summary>
    public ConfigPath? File { get; init; }

    /// <summary>For <see cref="ActuatorKind.Mqtt"/>: the output whose broker they go to; null for others.</summary>
    public string? Output { get; init; }

    /// <summary>What an actuator of this machine drives; null for others.</summary>
    public DriveConfig? Drive { get; init; }

    /// <summary>Time of a step in nanoseconds.</summary>
    public long StepNs => (long)(1e9 / Hz);

    internal static ActionConfig? Read(ConfigSection? section, GpioConfig gpio)
    {
        if (section is null)
        {
            return null;
        }

        var kind = section.Choice("actuator", ConfigEnums.Actuators, ActuatorKind.Channel, isRequired: true);
        var actions = new ActionConfig(kind, section.Number("hz", ConfigLimits.ActionHz, null),
            section.Number("max_age_ms", ConfigLimits.ActionAgeMs, UsualMaxAgeMs))
        {
            Blends = section.Choice("blend", ConfigEnums.Blends, null),
            SkipsPassed = section.Flag("skip_passed", true),
            LatencyMs = section.Number("latency_ms", ConfigLimits.ActionLatencyMs, 0),
            File = section.Path("path", PathNeed.WritableFile, isRequired: kind == ActuatorKind.Log),
            Output = kind == ActuatorKind.Mqtt ? section.Text("output", isRequired: true) : null,
            Drive = AxisReader.Read(section, kind, gpio),
        };
        if (kind != ActuatorKind.Log && section.Has("path"))
        {
            section.Report("path", "is only for the actuator log");
        }

        if (actions.LatencyMs > 0 && !actions.SkipsPassed)
        {
            section.Report("latency_ms", "is given, but with skip_passed: false nothing is skipped; leave one of them out");
        }

        section.Close();
        return actions;
    }
}

/// <summary>What both groups have in common.</summary>
internal static class RobotReader
{
    /// <summary>A limit that has to be taken away in so many words: by 'none'.</summary>
    public static double NumberOrEndless(ConfigSection section, string key, NumberRange range, double fallback)
    {
        double? number = section.NumberOrNone(key, range);
        bool isNone = (section.Value(key, isRequired: false) as YamlScalar)?.Text == ConfigEnums.None;
        return number ?? (isNone ? double.PositiveInfinity : fallback);
    }

    /// <summary>Actions and state go over the connection of an output to a broker.</summary>
    public static void CheckOutputs(ConfigSection? sources, DeviceConfig config)
    {
        string[] brokers = [.. config.Outputs.OfType<MqttOutputConfig>().Select(o => o.Name)];
        var uses = config.Sources.Select(s => (s.Name, Key: "actions", s.Actions?.Output))
            .Concat(config.Sources.Select(s => (s.Name, Key: "state", s.State?.Topic?.Output)));
        foreach (var (source, key, output) in uses.Where(u => u.Output is { Length: > 0 } && !brokers.Contains(u.Output)))
        {
            sources?.ReportAt(sources.PlaceOf(source), $"sources.{source}.{key}.output names '{output}'; "
                + (brokers.Length == 0 ? "the config has no output of the kind mqtt" : NearestName.Suggest(output!, brokers)));
        }
    }

    /// <summary>Both go over the control channel where they say so, and without one nothing would ever come.</summary>
    public static void CheckChannel(ConfigSection source, SourceConfig read, bool hasControl)
    {
        if (!hasControl && read.State is { From: StateOrigin.Channel })
        {
            source.Report("state", "comes from the control channel, and this config has no group 'control'; add one, such as control: {}");
        }

        if (!hasControl && read.Actions is { Actuator: ActuatorKind.Channel })
        {
            source.Report("actions", "go out over the control channel, and this config has no group 'control'; add one, such as "
                + "control: {}");
        }
    }
}
