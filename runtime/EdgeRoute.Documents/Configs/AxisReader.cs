using System.Globalization;

namespace EdgeRoute.Documents.Configs;

/// <summary>Reads what an actuator drives: its chip, and each axis with its channel and ranges.</summary>
internal sealed class AxisReader
{
    private const string RestWords = "stay, release, or a number of the axis's range";

    private static readonly AxisRange UsualFrom = new(-1, 1), UsualPulse = new(1000, 2000), FullSpeed = new(-1, 1), Forward = new(0, 1);

    private readonly ConfigSection _section;
    private readonly ActuatorKind _kind;
    private readonly GpioConfig _gpio;
    private readonly Pca9685Config? _chip;

    private AxisReader(ConfigSection section, ActuatorKind kind, GpioConfig gpio)
    {
        (_section, _kind, _gpio) = (section, kind, gpio);
        _chip = ReadChip(section.Group("pca9685", isRequired: kind == ActuatorKind.Pca9685));
    }

    public static bool Drives(ActuatorKind kind) => kind is ActuatorKind.Pca9685 or ActuatorKind.Servo or ActuatorKind.DcMotor;

    /// <summary>The key of what a value is turned into.</summary>
    public static string RangeKey(ActuatorKind kind) => kind switch
    {
        ActuatorKind.Servo => "degrees",
        ActuatorKind.DcMotor => "speed",
        _ => "pulse_us",
    };

    /// <summary>The key of one of an axis's lines.</summary>
    public static string LineKey(int count, int index) => (count, index) switch
    {
        (1, _) => "direction",
        (_, 0) => "forward",
        _ => "backward",
    };

    /// <summary>Null where the actuator drives nothing here.</summary>
    public static DriveConfig? Read(ConfigSection section, ActuatorKind kind, GpioConfig gpio) =>
        Drives(kind) ? new AxisReader(section, kind, gpio).ReadAll() : null;

    /// <summary>A chip is set up by who drives it, and a channel follows one plan.</summary>
    public static void CheckApart(ConfigSection sources, IReadOnlyList<SourceConfig> read)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in read.Where(s => s.Actions?.Drive is not null))
        {
            var drive = source.Actions!.Drive!;
            string[] parts = [.. drive.Axes.Where(a => a.Chip is not null).Select(a => a.Place)
                .Concat(drive.Axes.SelectMany(a => a.Lines).Select(l => $"GPIO line '{l.Name}'"))
                .Concat(drive.Chip is { } chip ? [chip.ToString()] : Array.Empty<string>()).Distinct()];
            foreach (string part in parts.Where(p => !taken.TryAdd(p, source.Name)))
            {
                sources.ReportAt(sources.PlaceOf(source.Name), $"sources.{source.Name}.actions has the {part}, which "
                    + $"sources.{taken[part]} has too; each needs its own");
            }
        }
    }

    private DriveConfig ReadAll()
    {
        var axes = new List<AxisConfig>();
        foreach (var (name, group) in _section.Group("axes", isRequired: true)?.NamedGroups(ConfigLimits.AxisCount, "axes") ?? [])
        {
            var axis = ReadAxis(name, group);
            group.Close();
            if (axes.Find(a => (a.Chip, a.Channel) == (axis.Chip, axis.Channel)) is { } other)
            {
                group.Report("channel", $"is {axis.Place}, which '{other.Name}' has too; each axis needs its own");
            }

            foreach (var line in axis.Lines.Where(l => axes.Exists(a => a.Lines.Contains(l))))
            {
                group.ReportAt(group.At, $"{group.Name} has the GPIO line '{line.Name}', which another axis has too; each needs its own");
            }

            axes.Add(axis);
        }

        return new DriveConfig(_chip, axes);
    }

    private static Pca9685Config? ReadChip(ConfigSection? section)
    {
        if (section is null)
        {
            return null;
        }

        var chip = new Pca9685Config(section.Integer("bus", ConfigLimits.I2cBus, Ina219Config.UsualBus),
            PowerReader.AddressOf(section, "a PCA9685", Pca9685Config.UsualAddress, Pca9685Config.LastAddress),
            section.Integer("frequency_hz", ConfigLimits.Pca9685Hz, Pca9685Config.UsualHz));
        section.Close();
        return chip;
    }

    private AxisConfig ReadAxis(string name, ConfigSection section)
    {
        section.Value("action", isRequired: true);
        section.Value("channel", isRequired: true);
        int? chip = section.Has("chip") ? section.Integer("chip", ConfigLimits.PwmChip, 0) : null;
        if (chip is null && _chip is null)
        {
            section.ReportAt(section.At, $"{section.Name} needs 'chip', the N of /sys/class/pwm/pwmchipN, or the group 'pca9685' beside "
                + "'axes', whose channel is meant then");
        }

        if (chip is not null && _kind == ActuatorKind.Pca9685)
        {
            section.Report("chip", "is the kernel's; the actuator pca9685 has channels of that chip alone. Use servo or dc_motor");
        }

        var channels = chip is null ? new IntegerRange(0, Pca9685Config.ChannelCount - 1, "") : ConfigLimits.PwmChannel;
        var axis = new AxisConfig(name, section.Integer("action", ConfigLimits.ActionIndex, 0), ReadFrom(section), default,
            section.Integer("channel", channels, 0), chip)
        {
            Hz = section.Integer("frequency_hz", ConfigLimits.PwmHz, UsualHz()),
        };
        if (chip is null && section.Has("frequency_hz"))
        {
            section.Report("frequency_hz", "is for channels of the kernel; those of a PCA9685 have that of the chip, pca9685.frequency_hz");
        }

        axis = ReadRange(section, _kind == ActuatorKind.DcMotor ? axis with { Lines = ReadLines(section) } : axis);
        return ReadRests(section, ReadSteps(section, axis));
    }

    private int UsualHz() => _kind == ActuatorKind.DcMotor ? ConfigLimits.UsualMotorHz : Pca9685Config.UsualHz;

    private static AxisRange ReadFrom(ConfigSection section)
    {
        var from = Ends(section, "from", ConfigLimits.ActionValue, UsualFrom);
        if (from.Low == from.High)
        {
            section.Report("from", $"is {from}; its two ends must differ");
        }

        return from;
    }

    private AxisConfig ReadRange(ConfigSection section, AxisConfig axis)
    {
        if (_kind == ActuatorKind.DcMotor)
        {
            var usual = axis.Lines.Count > 0 ? FullSpeed : Forward;
            return axis with { To = Rising(section, "speed", new NumberRange(usual.Low, usual.High,
                axis.Lines.Count > 0 ? "of full speed" : "of full speed (backwards it takes 'direction', or 'forward' and 'backward')"),
                usual) };
        }

        var pulse = Rising(section, "pulse_us", ConfigLimits.PulseUs, UsualPulse);
        int hz = axis.Chip is null ? _chip?.Hz ?? axis.Hz : axis.Hz;
        if (pulse.High * hz > 1e6)
        {
            section.Report("pulse_us", string.Create(CultureInfo.InvariantCulture,
                $"goes up to {pulse.High} us, longer than the {1e6 / hz:0} us from one pulse to the next at {hz} Hz"));
        }

        if (_kind != ActuatorKind.Servo)
        {
            return axis with { To = pulse };
        }

        double travel = section.NumberOrNone("travel_degrees", ConfigLimits.TravelDegrees) ?? AxisConfig.UsualTravelDegrees;
        return axis with
        {
            PulseUs = pulse, TravelDegrees = travel,
            To = Rising(section, "degrees", new NumberRange(0, travel, "degrees (of travel_degrees)"), new AxisRange(0, travel)),
        };
    }

    private AxisConfig ReadSteps(ConfigSection section, AxisConfig axis)
    {
        double middle = (axis.To.Low + axis.To.High) / 2, width = axis.To.High - axis.To.Low;
        var range = new NumberRange(axis.To.Low, axis.To.High, $"(of {RangeKey(_kind)})");
        double start = section.NumberOrNone("start", range) ?? middle;
        section.ShapeIs("start", () => ConfigShapes.Number(ConfigLimits.ActionValue, ConfigEnums.None));
        if (!section.Has("by"))
        {
            if (section.Has("start"))
            {
                section.Report("start", "is where an axis begins that is moved by steps; give 'by' too, or leave it out");
            }

            return axis;
        }

        var by = Rising(section, "by", new NumberRange(-width, width, $"(no more than {RangeKey(_kind)} is wide)"), default);
        return axis with { By = by, Start = start };
    }

    /// <summary>A motor that keeps its speed while nobody knows what comes next runs away.</summary>
    private AxisConfig ReadRests(ConfigSection section, AxisConfig axis)
    {
        bool isMotor = _kind == ActuatorKind.DcMotor;
        return axis with
        {
            Hold = ReadRest(section, "hold", axis, isMotor ? RestKind.Release : RestKind.Stay),
            End = ReadRest(section, "end", axis, RestKind.Release),
        };
    }

    private AxisRest ReadRest(ConfigSection section, string key, AxisConfig axis, RestKind usual)
    {
        if (section.Text(key) is not { } text)
        {
            return new AxisRest(usual);
        }

        if (text is "stay" or "release")
        {
            if (text == "stay" && _kind == ActuatorKind.DcMotor)
            {
                section.Report(key, "is 'stay', and a motor that keeps its speed runs away; use release, or 0");
            }

            return new AxisRest(text == "stay" ? RestKind.Stay : RestKind.Release);
        }

        if (Number(text) is { } value && value >= axis.To.Low && value <= axis.To.High)
        {
            return new AxisRest(RestKind.Value, value);
        }

        section.Report(key, $"is '{text}'; it must be {RestWords}, which is {axis.To}");
        return new AxisRest(usual);
    }

    private List<GpioLineConfig> ReadLines(ConfigSection section)
    {
        bool hasTwo = section.Has("forward") || section.Has("backward");
        if (hasTwo && section.Has("direction"))
        {
            section.Report("direction", "is one line for both ways, and 'forward' or 'backward' are given too; keep one or the other");
        }

        string[] one = section.Has("direction") ? ["direction"] : [];
        string[] keys = hasTwo ? ["forward", "backward"] : one;
        return [.. keys.Select(key => LineAt(section, key)).OfType<GpioLineConfig>()];
    }

    private GpioLineConfig? LineAt(ConfigSection section, string key)
    {
        if (section.Text(key, isRequired: true) is not { } name)
        {
            return null;
        }

        var line = _gpio.Lines.FirstOrDefault(l => l.Name == name);
        string[] motors = [.. _gpio.Lines.Where(l => l.Use == GpioUse.Motor).Select(l => l.Name)];
        if (line is { Use: not GpioUse.Motor })
        {
            section.Report(key, $"names '{name}', whose use is {ConfigEnums.Of(ConfigEnums.GpioUses, line.Use)}; a motor's direction is a "
                + "line of the use motor");
        }
        else if (line is null)
        {
            section.Report(key, motors.Length == 0 ? $"names '{name}', but gpio.lines has no line of the use motor"
                : $"names '{name}'; {NearestName.Suggest(name, motors)}");
        }

        return line;
    }

    private static AxisRange Rising(ConfigSection section, string key, NumberRange range, AxisRange fallback)
    {
        var ends = Ends(section, key, range, fallback);
        if (section.Has(key) && ends.Low >= ends.High)
        {
            section.Report(key, $"is {ends}; the first must be the smaller: to turn an axis round, turn 'from' round");
            return fallback;
        }

        return ends;
    }

    /// <summary>Two numbers as [low, high].</summary>
    private static AxisRange Ends(ConfigSection section, string key, NumberRange range, AxisRange fallback)
    {
        section.ShapeIs(key, () => ConfigShapes.Pair(Widest(key, range)));
        if (section.Value(key) is not { } node)
        {
            return fallback;
        }

        if (node is YamlList { Items: [YamlScalar low, YamlScalar high] } && Number(low.Text) is { } from && Number(high.Text) is { } to
            && Math.Min(from, to) >= range.Minimum && Math.Max(from, to) <= range.Maximum)
        {
            return new AxisRange(from, to);
        }

        section.Report(key, $"is {(node is YamlList list ? list.Flow : node.KindText)}; it must be two numbers from {range}, such as "
            + string.Create(CultureInfo.InvariantCulture, $"[{range.Minimum}, {range.Maximum}]"));
        return fallback;
    }

    /// <summary>What the ends may be whatever the other keys of the axis say.</summary>
    private static NumberRange Widest(string key, NumberRange range) => key switch
    {
        "speed" => new NumberRange(FullSpeed.Low, FullSpeed.High, ""),
        "degrees" => range with { Minimum = 0, Maximum = ConfigLimits.TravelDegrees.Maximum },
        "by" => ConfigLimits.ActionValue,
        _ => range,
    };

    private static double? Number(string text) => double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
        | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
