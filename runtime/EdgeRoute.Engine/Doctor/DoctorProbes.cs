using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Doctor;

/// <summary>Looks at the machine and says what of it works. Changes nothing.</summary>
public static class DoctorProbes
{
    private const string MonitorName = "power_supply_ina219";

    /// <param name="needs">What the device config needs; <see cref="DoctorNeeds.Default"/> without one.</param>
    /// <param name="files">Where /proc, /sys, /dev and /etc are read.</param>
    /// <param name="version">Version of this program.</param>
    public static DoctorReport Run(DoctorNeeds needs, SystemFiles files, string version)
    {
        var requests = needs.Providers.Select(p => new OrtProviderRequest(p.Name, p.Options.ToDictionary(o => o.Key, o => o.Value),
            p.Require)).ToList();
        return Conclude(
            version, BoardIdentity.Read(files), OrtProbe.Run(needs.LibraryPath, requests, needs.LibrarySha256),
            MediaProbe.Gstreamer(needs), MediaProbe.Jpeg(needs), GpioReport.Read(files, needs.GpioLines), I2cReport.Read(files),
            [.. BoardSensors.Read(files), .. MonitorReading(needs, files)],
            DriveReport.Read(files, needs.Drives, chip => I2cReport.OpenDevice(chip.Bus, chip.Address))) with
        {
            Engines = [.. needs.Engines.Select(EngineProbe.Ask)],
        };
    }

    /// <summary>The power monitor that the device config names, read once.</summary>
    private static IEnumerable<SensorReading> MonitorReading(DoctorNeeds needs, SystemFiles files)
    {
        if (needs.PowerMonitor is not { } config)
        {
            yield break;
        }

        using var monitor = Ina219Power.Open(files, config, Ina219Power.OpenDevice, out string reason);
        double? watts = monitor?.ReadWatts(files, 0, out reason);
        yield return new SensorReading(MonitorName, watts * 1000, "mW", $"/dev/i2c-{config.Bus}", reason);
    }

    /// <summary>The report with what is needed and missing drawn together.</summary>
    public static DoctorReport Conclude(
        string version, BoardIdentity board, OrtFindings ort, GstreamerFindings gstreamer, LibraryFinding jpeg,
        GpioReport gpio, I2cReport i2c, IReadOnlyList<SensorReading> sensors, IReadOnlyList<DriveFinding>? drives = null)
    {
        var missing = new List<string>();
        if (!ort.IsFound)
        {
            missing.Add($"ONNX Runtime: {ort.Reason}. Set runtime.library in the device config or the environment variable "
                + $"{OrtLibrarySearch.EnvironmentVariable}");
        }

        missing.AddRange(ort.Providers.Where(p => p.IsNeeded && p.State != ProviderState.Works)
            .Select(p => $"execution provider {p.Name}: {p.Detail}. Mend it, or set require: false to run without it"));
        if (jpeg.IsNeeded && !jpeg.IsFound)
        {
            missing.Add($"{jpeg.Name}: {jpeg.Reason}");
        }

        missing.AddRange(gpio.Lines.Where(l => !l.IsUsable).Select(l => $"GPIO line {l.Name} ({l.Place}): {l.Detail}"));
        missing.AddRange((drives ?? []).Where(d => !d.IsUsable).Select(d => $"actions of {d.Source}, {d.Place}: {d.Detail}"));
        missing.AddRange(sensors.Where(s => s.Name == MonitorName && s.Value is null).Select(s => $"power monitor: {s.Reason}"));
        if (gstreamer.IsNeeded && !gstreamer.IsFound)
        {
            missing.Add($"GStreamer: {gstreamer.Reason}");
        }
        else
        {
            missing.AddRange(gstreamer.Elements.Where(e => e.IsNeeded && !e.IsFound)
                .Select(e => $"GStreamer element {e.Name} ({e.UsedFor}): it comes with {e.Package}"));
        }

        return new DoctorReport(version, missing.Count == 0, missing, board, ort, gstreamer, jpeg, gpio, i2c, sensors)
        {
            Drives = drives ?? [],
            MayRaiseFrames = ThreadNice.CanAdd(RuntimeConfig.UsualNice),
        };
    }
}
