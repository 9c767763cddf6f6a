namespace EdgeRoute.Engine.Board;

/// <summary>
/// Power, temperature, load and clocks as a Jetson's kernel shows them. Devices are found by name, because their numbers change between
/// boots.
/// </summary>
internal static class BoardSensors
{
    private const string Hwmon = "/sys/class/hwmon";
    private const string Thermal = "/sys/class/thermal";
    private const string Devfreq = "/sys/class/devfreq";

    /// <summary>Why there are no rails.</summary>
    internal const string NoMonitor = $"no device under {Hwmon} is named ina3221, the power monitor of Jetson modules";

    /// <summary>Channels of the INA3221 power monitor.</summary>
    private const int RailCount = 3;

    /// <summary>Causes the over-current monitor counts: under-voltage, average and instantaneous over-current.</summary>
    private static readonly string[] ThrottleCauses = ["under_voltage", "over_current_average", "over_current_instant"];

    /// <summary>Names of the GPU in the device tree: Orin, Xavier, TX2, Blackwell, and from JetPack 6 on all of them.</summary>
    private static readonly string[] GpuNames = ["ga10b", "gv11b", "gp10b", "gb10b", "gpu"];

    public static IReadOnlyList<SensorReading> Read(SystemFiles files) => [.. ReadPower(files), .. ReadHeatAndClocks(files)];

    /// <summary>All but power.</summary>
    internal static IReadOnlyList<SensorReading> ReadHeatAndClocks(SystemFiles files) =>
        [.. ReadTemperatures(files), .. ReadGpu(files), ReadCpuClock(files), .. ReadThrottling(files)];

    /// <summary>The rails of the power monitors that have a wire, in order of their devices and channels.</summary>
    internal static IEnumerable<PowerRail> FindRails(SystemFiles files)
    {
        foreach (string device in DevicesNamed(files, "ina3221"))
        {
            for (int channel = 1; channel <= RailCount; channel++)
            {
                if (files.TryRead($"{device}/in{channel}_label", out _) is { } label && HasWire(label))
                {
                    yield return new PowerRail(label, $"{device}/in{channel}_input", $"{device}/curr{channel}_input");
                }
            }
        }
    }

    private static List<SensorReading> ReadPower(SystemFiles files)
    {
        var rails = FindRails(files).Select(r => new SensorReading(
            $"power_{r.Name.ToLowerInvariant()}", r.ReadMilliwatts(files, out string reason), "mW", r.VoltagePath, reason)).ToList();
        return rails.Count > 0 ? rails : [SensorReading.Absent("power", "mW", Hwmon, NoMonitor)];
    }

    /// <summary>Channels without a wire have labels with NC.</summary>
    private static bool HasWire(string label) =>
        !label.Contains("NC", StringComparison.Ordinal) && !label.Contains("sum of shunt", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<SensorReading> ReadTemperatures(SystemFiles files)
    {
        var zones = files.List(Thermal, "thermal_zone");
        if (zones.Count == 0)
        {
            return [SensorReading.Absent("temperature", "C", Thermal, $"there is no thermal zone under {Thermal}")];
        }

        return zones.Select(zone =>
        {
            string type = files.TryRead($"{zone}/type", out _) ?? zone[(zone.LastIndexOf('/') + 1)..];
            long? millidegrees = files.TryReadNumber($"{zone}/temp", out string reason);
            return new SensorReading($"temperature_{type}", millidegrees / 1000.0, "C", $"{zone}/temp", reason);
        });
    }

    private static IEnumerable<SensorReading> ReadGpu(SystemFiles files)
    {
        if (FindGpu(files) is not { } gpu)
        {
            string reason = $"no device under {Devfreq} is a GPU (it can appear late in boot)";
            return [SensorReading.Absent("gpu_load", "percent", Devfreq, reason),
                SensorReading.Absent("gpu_clock", "MHz", Devfreq, reason)];
        }

        long? perMille = files.TryReadNumber($"{gpu}/device/load", out string loadReason);
        long? hertz = files.TryReadNumber($"{gpu}/cur_freq", out string clockReason);
        return
        [
            new SensorReading("gpu_load", perMille / 10.0, "percent", $"{gpu}/device/load", loadReason),
            new SensorReading("gpu_clock", hertz / 1e6, "MHz", $"{gpu}/cur_freq", clockReason),
        ];
    }

    /// <summary>In MHz; of the GPU where there is one, else of the first core. Null where the kernel shows neither.</summary>
    internal static double? ReadClockCap(SystemFiles files)
    {
        double? megahertz = FindGpu(files) is { } gpu ? files.TryReadNumber($"{gpu}/max_freq", out _) / 1e6 : null;
        return megahertz ?? (files.TryReadNumber("/sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", out _) / 1000.0);
    }

    private static string? FindGpu(SystemFiles files) => files.List(Devfreq).FirstOrDefault(d =>
        files.TryRead($"{d}/device/of_node/name", out _) is { } name && GpuNames.Contains(name));

    private static SensorReading ReadCpuClock(SystemFiles files)
    {
        const string Source = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq";
        long? kilohertz = files.TryReadNumber(Source, out string reason);
        return new SensorReading("cpu_clock", kilohertz / 1000.0, "MHz", Source, reason);
    }

    /// <summary>
    /// How often the module throttled since boot; only modules with the monitor have these, and elsewhere one line says so.
    /// </summary>
    private static IEnumerable<SensorReading> ReadThrottling(SystemFiles files)
    {
        string? device = DevicesNamed(files, "soctherm_oc").FirstOrDefault();
        if (device is null)
        {
            return [SensorReading.Absent("throttle_events", "count", Hwmon, $"no device under {Hwmon} is named soctherm_oc")];
        }

        return ThrottleCauses.Select((cause, i) =>
        {
            string source = $"{device}/oc{i + 1}_event_cnt";
            return new SensorReading($"throttle_{cause}", files.TryReadNumber(source, out string reason), "count", source, reason);
        });
    }

    internal static IEnumerable<string> DevicesNamed(SystemFiles files, string name) =>
        files.List(Hwmon, "hwmon").Where(device => files.TryRead($"{device}/name", out _) == name);
}
