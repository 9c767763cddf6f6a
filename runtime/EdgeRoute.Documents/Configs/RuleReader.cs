using System.Globalization;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Rules;

namespace EdgeRoute.Documents.Configs;

/// <summary>Reads the zones, lines and rules of a source.</summary>
internal sealed class RuleReader
{
    private static readonly EnumName<CrossingDirection>[] Directions =
    [
        new("both", CrossingDirection.Both), new("left_to_right", CrossingDirection.LeftToRight),
        new("right_to_left", CrossingDirection.RightToLeft),
    ];

    private static readonly EnumName<FrameEnd>[] Ends =
    [
        new("completed", FrameEnd.Completed), new("exited", FrameEnd.Exited), new("escalated", FrameEnd.Escalated),
        new("skipped", FrameEnd.Skipped), new("failed", FrameEnd.Failed),
    ];

    private static readonly string[] Kinds =
        ["all", "any", "not", "count", "dwell", "crosses", "speed", "near", "path", "ended", "signal"];

    private readonly ConfigSection _source;
    private readonly List<Zone> _zones = [];
    private readonly List<CountingLine> _lines = [];

    private readonly GpioConfig _gpio;

    private RuleReader(ConfigSection source, GpioConfig gpio) => (_source, _gpio) = (source, gpio);

    /// <param name="gpio">The lines that rules may drive.</param>
    public static WatchConfig Read(ConfigSection source, GpioConfig gpio)
    {
        var reader = new RuleReader(source, gpio);
        reader.ReadPlaces("zones", () => ConfigShapes.List(PointShape(), Zone.CornersLeast, Zone.CornersMost),
            (name, corners) => reader._zones.Add(new Zone(name, corners)));
        reader.ReadPlaces("lines", () => ConfigShapes.List(PointShape(), 2, 2),
            (name, ends) => reader._lines.Add(ends is [var from, var to] ? new CountingLine(name, from, to)
            : throw new ArgumentException($"Line '{name}' has {ends.Count} points; give two.")));
        return new WatchConfig(reader._zones, reader._lines, reader.ReadRules());
    }

    private static JsonObject PointShape() => ConfigShapes.Pair(new NumberRange(0, 1, ""));

    private void ReadPlaces(string key, Func<JsonObject> shape, Action<string, List<FramePoint>> add)
    {
        if (_source.Group(key) is not { } group)
        {
            return;
        }

        group.EntriesAre(shape);
        foreach (string name in group.Keys)
        {
            int before = group.ProblemCount;
            List<FramePoint> points = [.. (group.List(name, shape) ?? []).Select(item => PointOf(group, name, item))];
            if (group.ProblemCount == before)
            {
                try
                {
                    add(name, points);
                }
                catch (ArgumentException refused)
                {
                    group.Report(name, $"is no shape: {refused.Message.Split(" (Parameter")[0]}");
                }
            }
        }

        group.Close();
    }

    private static FramePoint PointOf(ConfigSection group, string name, YamlNode item)
    {
        if (item is YamlList { Items: [YamlScalar x, YamlScalar y] } && Fraction(x) is { } left && Fraction(y) is { } top)
        {
            return new FramePoint(left, top);
        }

        group.ReportAt(item.At, $"{group.Name}.{name} has a point that is none; write [x, y] in fractions of the frame's width and "
            + "height, 0 to 1, such as [0.5, 0.25]");
        return default;
    }

    private static float? Fraction(YamlScalar scalar) => float.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture,
        out float value) && value is >= 0 and <= 1 ? value : null;

    private List<RuleConfig> ReadRules()
    {
        var rules = new List<RuleConfig>();
        if (_source.Group("rules") is { } group)
        {
            foreach (var (name, rule) in group.NamedGroups(ConfigLimits.RuleCount, "rules"))
            {
                rules.Add(ReadRule(name, rule));
            }

            group.Close();
        }

        return rules;
    }

    private RuleConfig ReadRule(string name, ConfigSection section)
    {
        var when = section.Group("when", isRequired: true) is { } condition ? ReadCondition(condition) : new EndedConfig(FrameEnd.None);
        var rule = new RuleConfig(name, when, section.NumberOrNone("for_ms", ConfigLimits.RuleMs) ?? 0,
            section.NumberOrNone("hold_ms", ConfigLimits.RuleMs) ?? 0, section.Text("event"),
            section.Text("path"), section.Written)
        {
            Gpio = GpioReader.ReadAction(section, _gpio),
            Record = RuleActions.ReadRecord(section),
            Output = RuleActions.ReadOutput(section),
            Settings = RuleActions.ReadSettings(section),
        };
        section.Close();
        return rule;
    }

    private ConditionConfig ReadCondition(ConfigSection section)
    {
        section.IsOfKind("condition");
        section.WantsOneOf(Kinds);
        string[] kinds = [.. Kinds.Where(section.Has)];
        if (kinds.Length != 1 || section.Keys.Count != 1)
        {
            section.ReportAt(section.At, $"{section.Name} has {section.Keys.Count} conditions ({string.Join(", ", section.Keys)}); give "
                + $"one of {string.Join(", ", Kinds)}, and join several by 'all' or 'any'");
            return new EndedConfig(FrameEnd.None);
        }

        string kind = kinds[0];
        var read = kind switch
        {
            "all" or "any" => new JoinedConfig(kind == "all", ReadParts(section, kind)),
            "path" => new PathConfig(section.Text("path") ?? ""),
            "ended" => new EndedConfig(section.Choice("ended", Ends, FrameEnd.None)),
            _ => section.Group(kind) is { } inner ? ReadInner(kind, inner) : new EndedConfig(FrameEnd.None),
        };
        section.Close();
        return read;
    }

    private List<ConditionConfig> ReadParts(ConfigSection section, string kind)
    {
        var parts = new List<ConditionConfig>();
        var items = section.ListOfGroups(kind, () => ConfigShapes.List(null, 1, int.MaxValue)) ?? [];
        for (int i = 0; i < items.Count; i++)
        {
            if (items[i] is YamlMap map)
            {
                parts.Add(ReadCondition(section.Item(kind, i, map)));
            }
            else
            {
                section.ReportAt(items[i].At, $"{section.Name}.{kind}[{i}] is {items[i].KindText}; it must be a condition such as "
                    + "{ count: { class: person, at_least: 1 } }");
            }
        }

        if (items.Count == 0)
        {
            section.Report(kind, "joins nothing; give a list of conditions");
        }

        return parts;
    }

    private ConditionConfig ReadInner(string kind, ConfigSection section)
    {
        if (kind == "not")
        {
            return new NotConfig(ReadCondition(section));
        }

        ConditionConfig read = kind == "signal" ? ReadSignal(section) : ReadObjects(kind, section);
        section.Close();
        return read;
    }

    private ConditionConfig ReadObjects(string kind, ConfigSection section)
    {
        string? zone = kind is "crosses" ? null : Known(section, "zone", [.. _zones.Select(z => z.Name)]);
        var objects = new ObjectsConfig(section.Text("class"), section.NumberOrNone("confidence", ConfigLimits.RuleConfidence) ?? 0, zone);
        switch (kind)
        {
            case "count":
                int least = section.Integer("at_least", ConfigLimits.RuleObjects, section.Has("at_most") ? 0 : 1);
                int most = section.Integer("at_most", ConfigLimits.RuleObjects, int.MaxValue);
                if (least > most)
                {
                    section.Report("at_most", $"is {most}, less than 'at_least', which is {least}: no frame has so many");
                }

                return new CountConfig(objects, least, most);
            case "dwell":
                return new DwellConfig(objects, Required(section, "at_least_ms", ConfigLimits.RuleMs));
            case "crosses":
                return new CrossesConfig(objects, Known(section, "line", [.. _lines.Select(l => l.Name)], isRequired: true) ?? "",
                    section.Choice("direction", Directions, CrossingDirection.Both));
            case "speed":
                return new SpeedConfig(objects, Required(section, "at_least", ConfigLimits.RuleSpeed));
            default:
                return new NearConfig(objects, section.Text("other", isRequired: true) ?? "",
                    Required(section, "within", ConfigLimits.RuleDiagonals));
        }
    }

    private static SignalConfig ReadSignal(ConfigSection section)
    {
        string name = Known(section, "name", RuleSignals.Names, isRequired: true) ?? "";
        section.ShapeIs("name", () => ConfigShapes.Words(RuleSignals.Names));
        double? least = section.NumberOrNone("at_least", ConfigLimits.RuleSignal);
        double? most = section.NumberOrNone("at_most", ConfigLimits.RuleSignal);
        if (least is null && most is null)
        {
            section.ReportAt(section.At, $"{section.Name} needs 'at_least' or 'at_most'");
        }

        return new SignalConfig(name, least ?? double.NegativeInfinity, most ?? double.PositiveInfinity);
    }

    private static double Required(ConfigSection section, string key, NumberRange range)
    {
        section.Value(key, isRequired: true);
        double? number = section.NumberOrNone(key, range);
        section.ShapeIs(key, () => ConfigShapes.Number(range, null));
        return number ?? range.Minimum;
    }

    /// <summary>A name that must be one of those that are there.</summary>
    private static string? Known(ConfigSection section, string key, string[] names, bool isRequired = false)
    {
        if (section.Text(key, isRequired) is not { } name)
        {
            return null;
        }

        if (!names.Contains(name))
        {
            section.Report(key, names.Length == 0 ? $"names '{name}', but the source has none"
                : $"names '{name}'; {NearestName.Suggest(name, names)}");
        }

        return name;
    }
}
