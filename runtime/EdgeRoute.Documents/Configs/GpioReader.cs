using System.Globalization;

namespace EdgeRoute.Documents.Configs;

/// <summary>Reads the <c>gpio</c> group: the lines of the board and what each is for.</summary>
internal sealed class GpioReader
{
    private static readonly EnumName<string>[] Boards = [.. HeaderPins.Boards.Select(b => new EnumName<string>(b, b))];

    private readonly ConfigSection _section;
    private readonly IReadOnlyCollection<string> _sources;
    private readonly List<GpioLineConfig> _lines = [];
    private readonly string? _board;

    private GpioReader(ConfigSection section, IReadOnlyCollection<string> sources)
    {
        (_section, _sources) = (section, sources);
        string board = section.Choice("board", Boards, "");
        _board = board.Length > 0 ? board : null;
    }

    /// <param name="sources">Names of the sources.</param>
    public static GpioConfig Read(ConfigSection? section, IReadOnlyCollection<string> sources) =>
        section is null ? GpioConfig.None : new GpioReader(section, sources).ReadAll();

    /// <summary>What a rule does to a line; null for nothing.</summary>
    public static GpioActionConfig? ReadAction(ConfigSection rule, GpioConfig gpio)
    {
        int? pulse = rule.IntegerOrNone("pulse_ms", ConfigLimits.PulseMs);
        if (rule.Text("gpio") is not { } name)
        {
            if (pulse is not null)
            {
                rule.Report("pulse_ms", "is the length of a pulse, but the rule names no line: give 'gpio' too");
            }

            return null;
        }

        string[] driven = [.. gpio.Lines.Where(l => l.Use == GpioUse.Rule).Select(l => l.Name)];
        if (gpio.Lines.FirstOrDefault(l => l.Name == name) is { Use: not GpioUse.Rule } other)
        {
            rule.Report("gpio", $"names '{name}', whose use is {ConfigEnums.Of(ConfigEnums.GpioUses, other.Use)}; a rule drives lines of "
                + "the use rule");
        }
        else if (!driven.Contains(name))
        {
            rule.Report("gpio", driven.Length == 0 ? $"names '{name}', but gpio.lines has no line of the use rule"
                : $"names '{name}'; {NearestName.Suggest(name, driven)}");
        }

        return new GpioActionConfig(name, pulse);
    }

    private GpioConfig ReadAll()
    {
        var lines = _section.Group("lines", isRequired: true);
        foreach (var (name, group) in lines?.NamedGroups(ConfigLimits.GpioLineCount, "lines") ?? [])
        {
            var line = ReadLine(name, group);
            group.Close();
            if (line.Line.Length > 0 && _lines.Find(l => l.Line == line.Line && l.Chip == line.Chip) is { } other)
            {
                group.ReportAt(group.At, $"{group.Name} is {line.Place}, which {lines!.Name}.{other.Name} is too; each needs its own");
            }

            _lines.Add(line);
        }

        _section.Close();
        return new GpioConfig(_board, _lines);
    }

    private GpioLineConfig ReadLine(string name, ConfigSection section)
    {
        var use = section.Choice("use", ConfigEnums.GpioUses, GpioUse.Rule, isRequired: true);
        var line = ReadPlace(section, new GpioLineConfig(name, use, null, "", null)) with
        {
            IsActiveLow = section.Flag("active_low", false),
            Bias = section.Choice("bias", ConfigEnums.GpioBiases, default),
        };
        if (line.IsOutput)
        {
            line = line with
            {
                Drive = section.Choice("drive", ConfigEnums.GpioDrives, default),
                IsSafeActive = section.Choice("safe", ConfigEnums.GpioLevels, false),
            };
        }
        else
        {
            line = line with { DebounceUs = section.Integer("debounce_us", ConfigLimits.DebounceUs, 0) };
        }

        return use switch
        {
            GpioUse.Rule or GpioUse.Motor => line,
            GpioUse.Heartbeat => line with
            {
                Source = SourceOf(section),
                PeriodMs = section.Integer("period_ms", ConfigLimits.HeartbeatMs, GpioLineConfig.UsualPeriodMs),
                WithinMs = section.Integer("within_ms", ConfigLimits.HeartbeatMs, GpioLineConfig.UsualWithinMs),
            },
            GpioUse.Trigger => line with { Source = TriggeredBy(section) },
            _ => line with { Source = SourceOf(section), Path = section.Text("path", isRequired: use == GpioUse.Lock) },
        };
    }

    private GpioLineConfig ReadPlace(ConfigSection section, GpioLineConfig line)
    {
        string? chip = section.Text("chip"), written = section.Text("line");
        int? pin = section.Has("pin") ? section.Integer("pin", ConfigLimits.HeaderPin, 0) : null;
        section.WantsOneOf("pin", "line");
        if (section.Has("pin") == section.Has("line"))
        {
            section.ReportAt(section.At, section.Has("pin") ? $"{section.Name} has both 'pin' and 'line'; keep one"
                : $"{section.Name} needs 'line' (its name in the kernel, or 'chip' and its number) or 'pin' (of the board's header)");
            return line;
        }

        if (section.Has("pin"))
        {
            return pin is > 0 ? line with { Pin = pin, Line = LineAt(section, pin.Value) ?? "", Chip = chip } : line;
        }

        if (chip is null && int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            section.Report("line", $"is {number}, the number of a line within its chip; give 'chip' too, the chip's label as `edgerouted "
                + "doctor` shows it, or the line's name");
        }

        return line with { Chip = chip, Line = written ?? "" };
    }

    private string? LineAt(ConfigSection section, int pin)
    {
        if (_board is null)
        {
            section.Report("pin", $"is a pin of a board's header, and {_section.Name}.board does not say which: give one of "
                + string.Join(", ", HeaderPins.Boards));
            return null;
        }

        if (HeaderPins.LineAt(_board, pin) is { } line)
        {
            return line;
        }

        section.Report("pin", $"is {pin}, which is no GPIO on {_board}; pins with a line are "
            + string.Join(", ", HeaderPins.PinsOf(_board)));
        return null;
    }

    private string? SourceOf(ConfigSection section, bool isRequired = false)
    {
        string? name = section.Text("source", isRequired);
        if (name is not null && !_sources.Contains(name))
        {
            section.Report("source", $"names '{name}'; {NearestName.Suggest(name, _sources)}");
        }

        return name;
    }

    /// <summary>Where there is one source, that one is meant.</summary>
    private string? TriggeredBy(ConfigSection section) => SourceOf(section, isRequired: _sources.Count > 1) ?? _sources.FirstOrDefault();
}
