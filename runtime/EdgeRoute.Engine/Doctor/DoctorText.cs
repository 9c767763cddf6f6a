using System.Globalization;
using System.Text;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Doctor;

/// <summary>
/// The doctor's report for people: one line per thing, aligned, with the reason and the next step where something is missing.
/// </summary>
public static class DoctorText
{
    /// <summary>Marks in front of a line: works, is missing and needed, is missing and nobody needs it.</summary>
    private const string Good = "  ok  ", Bad = "  !!  ", Absent = "  --  ", Plain = "      ";

    private const int NameWidth = 22;

    public static string Of(DoctorReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"EdgeRoute {report.EdgerouteVersion} doctor:  ");
        text.Append("ok = works   -- = absent, not needed   !! = needed and missing\n");
        AddBoard(text, report.Board);
        AddLine(text, report.MayRaiseFrames ? Good : Absent, "frames first", report.MayRaiseFrames ? "yes (runtime.nice)"
            : $"no: it takes root, 'ulimit -e {ThreadNice.LimitFor(RuntimeConfig.UsualNice)}' or the unit's LimitNICE (runtime.nice)");
        AddOrt(text, report.OnnxRuntime);
        AddMedia(text, report);
        AddGpio(text, report.Gpio);
        AddI2c(text, report.I2c);
        AddDrives(text, report.Drives);
        AddEngines(text, report.Engines);
        AddSensors(text, report.Sensors);
        text.Append(report.IsReady ? "\nReady.\n" : "\nNot ready:\n");
        foreach (string missing in report.Missing)
        {
            text.Append("  ").Append(ProviderCause.In(missing)).Append('\n');
        }

        return text.ToString();
    }

    private static void AddBoard(StringBuilder text, BoardIdentity board)
    {
        text.Append("\nboard\n");
        AddLine(text, Plain, "model", board.Model ?? "not told");
        string release = board.Release is null ? "" : $", Jetson Linux {board.Release}";
        AddLine(text, Plain, "system", $"{board.Kernel}, {board.Architecture}{release}");
        AddLine(text, Plain, "processor", $"{board.CpuCount} x {board.CpuModel ?? "not told"}");
        AddLine(text, Plain, "", string.Join(' ', board.CpuFeatures));
        AddLine(text, Plain, "memory", string.Create(CultureInfo.InvariantCulture,
            $"{Gib(board.MemoryAvailableBytes)} GiB available of {Gib(board.MemoryTotalBytes)} GiB"));
        AddLine(text, Plain, "power mode", board.PowerMode
            ?? "not told (no /var/lib/nvpmodel/status: not a Jetson, or nvpmodel has not run)");
    }

    private static void AddOrt(StringBuilder text, OrtFindings ort)
    {
        text.Append("\nONNX Runtime\n");
        if (ort.IsFound)
        {
            AddLine(text, Good, "library", ort.Path!);
            AddLine(text, Plain, "sha256", ort.Sha256 ?? "its file cannot be read");
            AddLine(text, Plain, "version", string.Create(CultureInfo.InvariantCulture, $"{ort.Version}, API {ort.ApiVersion}"));
            AddLine(text, ort.IsTelemetryOff ? Good : Bad, "usage data", ort.IsTelemetryOff ? "not sent (ORT_DISABLE_TELEMETRY=1)"
                : "sent to the library's maker: ORT_DISABLE_TELEMETRY is not 1");
        }
        else
        {
            AddLine(text, Bad, "library", ort.Reason);
        }

        foreach (string place in ort.FailedPlaces)
        {
            AddLine(text, Plain, ort.IsFound ? "passed over" : "tried", place);
        }

        foreach (var provider in ort.Providers)
        {
            bool works = provider.State == ProviderState.Works;
            string word = provider.State switch
            {
                ProviderState.Works => "works",
                ProviderState.NotTried => "not tried",
                var state => state.ToString().ToLowerInvariant(),
            };
            // A provider that works tells its options, which is a page; the JSON has them.
            AddLine(text, MarkOf(works, provider.IsNeeded), provider.Name, works ? word : $"{word}: {ProviderCause.In(provider.Detail)}");
        }
    }

    private static void AddMedia(StringBuilder text, DoctorReport report)
    {
        text.Append("\npictures and video\n");
        AddLibrary(text, report.Jpeg);
        var gstreamer = report.Gstreamer;
        AddLine(text, MarkOf(gstreamer.IsFound, gstreamer.IsNeeded), "GStreamer",
            gstreamer.IsFound ? gstreamer.Version! : gstreamer.Reason);
        foreach (var element in gstreamer.Elements)
        {
            AddLine(text, MarkOf(element.IsFound, element.IsNeeded), "  " + element.Name,
                element.IsFound ? element.UsedFor : $"{element.UsedFor}; comes with {element.Package}");
        }
    }

    private static void AddLibrary(StringBuilder text, LibraryFinding library) => AddLine(
        text, MarkOf(library.IsFound, library.IsNeeded), library.Name, library.IsFound ? library.UsedFor : library.Reason);

    private static string MarkOf(bool isGood, bool isNeeded)
    {
        if (isGood)
        {
            return Good;
        }

        return isNeeded ? Bad : Absent;
    }

    /// <summary>Lines in use that are named for each chip; the JSON has all.</summary>
    private const int HeldShown = 12;

    private static string StatesOf(GpioChipReport chip) => string.Join(", ",
        chip.Lines.GroupBy(l => l.State).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"));

    private static void AddGpio(StringBuilder text, GpioReport gpio)
    {
        text.Append("\nGPIO\n");
        if (gpio.Chips.Count == 0)
        {
            AddLine(text, Absent, "chips", gpio.Reason);
        }

        foreach (var chip in gpio.Chips)
        {
            AddLine(text, chip.Label is null ? Absent : Good, chip.Path,
                chip.Label is null ? chip.Reason : $"{chip.Label}, {chip.LineCount} lines: {StatesOf(chip)}");
            string held = string.Join(", ", chip.Lines.Where(l => l.State == GpioReport.Used).Take(HeldShown)
                .Select(l => $"{(l.Name.Length > 0 ? l.Name : $"line {l.Offset}")} '{l.Consumer}'"));
            if (held.Length > 0)
            {
                AddLine(text, Plain, "  in use", held);
            }
        }

        foreach (var line in gpio.Lines)
        {
            AddLine(text, MarkOf(line.IsUsable, isNeeded: true), "  " + line.Name, $"{line.Use}, {line.Place}: {line.Detail}");
        }
    }

    private static void AddI2c(StringBuilder text, I2cReport i2c)
    {
        text.Append("\nI2C\n");
        if (i2c.Buses.Count == 0)
        {
            AddLine(text, Absent, "buses", i2c.Reason);
        }

        foreach (var bus in i2c.Buses)
        {
            AddLine(text, bus.Reason.Length > 0 ? Absent : Good, bus.Path, bus.Reason.Length > 0 ? bus.Reason : bus.Name ?? "");
        }
    }

    private static void AddDrives(StringBuilder text, IReadOnlyList<DriveFinding> drives)
    {
        text.Append(drives.Count > 0 ? "\nactions\n" : "");
        foreach (var drive in drives)
        {
            AddLine(text, MarkOf(drive.IsUsable, isNeeded: true), drive.Source, $"{drive.Place}: {drive.Detail}");
        }
    }

    /// <summary>None is needed: its stages run here without it.</summary>
    private static void AddEngines(StringBuilder text, IReadOnlyList<EngineFinding> engines)
    {
        text.Append(engines.Count > 0 ? "\nengines\n" : "");
        foreach (var engine in engines)
        {
            AddLine(text, MarkOf(engine.IsUsable, isNeeded: false), engine.Name, $"{engine.Address}: {engine.Detail}");
        }
    }

    private static void AddSensors(StringBuilder text, IReadOnlyList<SensorReading> sensors)
    {
        text.Append("\nsensors\n");
        foreach (var sensor in sensors)
        {
            string value = string.Create(CultureInfo.InvariantCulture, $"{sensor.Value:0.#} {sensor.Unit}");
            AddLine(text, sensor.Value is null ? Absent : Good, sensor.Name, sensor.Value is null ? sensor.Reason : value);
        }
    }

    /// <summary>Texts of other libraries may hold line breaks; they stay in their column.</summary>
    private static void AddLine(StringBuilder text, string mark, string name, string value)
    {
        string[] lines = value.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        text.Append(mark).Append(name.PadRight(NameWidth)).Append(' ').Append(lines.FirstOrDefault()).Append('\n');
        foreach (string line in lines.Skip(1))
        {
            text.Append(' ', Plain.Length + NameWidth + 1).Append(line).Append('\n');
        }
    }

    private static string Gib(long? bytes) => bytes is null ? "?"
        : (bytes.Value / (double)(1 << 30)).ToString("0.0", CultureInfo.InvariantCulture);
}
