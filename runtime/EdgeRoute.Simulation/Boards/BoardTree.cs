using System.Globalization;
using EdgeRoute.Engine.Board;

namespace EdgeRoute.Simulation.Boards;

/// <summary>A simulated board as its kernel would show it: what reads a real board's files reads these.</summary>
internal sealed class BoardTree
{
    private const string Hwmon = "/sys/class/hwmon/", Gpu = "/sys/class/devfreq/17000000.gpu/";
    private const string Cpu = "/sys/devices/system/cpu/cpu0/cpufreq/";
    private const string Zone = "/sys/class/thermal/thermal_zone0/", Rapl = "/sys/class/powercap/intel-rapl:0/";

    /// <summary>Of the rail that all others hang on.</summary>
    private const double RailMillivolts = 5000;

    private readonly SimulatedBoard _board;
    private readonly Dictionary<string, Func<string?>> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _folders = new(StringComparer.Ordinal);

    public BoardTree(SimulatedBoard board)
    {
        _board = board;
        var profile = board.Profile;
        double highest = profile.Megahertz.Mode;
        Add("/proc/device-tree/model", profile.Model);
        Add("/proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable: 5000000 kB");
        Add(Zone + "type", profile.Sensors == BoardSensorKind.Pc ? "x86_pkg_temp" : "cpu-thermal");
        Add(Zone + "temp", () => board.HasHeatSensor ? Whole(Math.Round(board.Celsius, 1) * 1000) : null);
        switch (profile.Sensors)
        {
            case BoardSensorKind.Jetson:
                AddJetson(highest);
                break;
            case BoardSensorKind.Pc:
                AddCpu(highest);
                Add(Rapl + "name", "package-0");
                Add(Rapl + "max_energy_range_uj", "262143328850");
                Add(Rapl + "energy_uj", () => board.HasPowerSensor ? Whole(board.Joules * 1e6 % 262_143_328_850) : null);
                break;
            default:
                AddCpu(highest);
                break;
        }

        foreach (var folder in _texts.Keys.SelectMany(FoldersOf).Distinct().GroupBy(f => f.Folder))
        {
            _folders[folder.Key] = [.. folder.Select(f => f.Entry).Order(StringComparer.Ordinal)];
        }
    }

    public SystemFiles Files => new(path => _texts.TryGetValue(path, out var text) ? text() : null,
        folder => _folders.GetValueOrDefault(folder, []));

    private void AddJetson(double highest)
    {
        Add("/etc/nv_tegra_release", "# R36 (release), REVISION: 4.4");
        Add(Hwmon + "hwmon0/name", "ina3221");
        Add(Hwmon + "hwmon0/in1_label", "VDD_IN");
        Add(Hwmon + "hwmon0/in1_input", () => _board.HasPowerSensor ? Whole(RailMillivolts) : null);
        Add(Hwmon + "hwmon0/curr1_input", () => _board.HasPowerSensor ? Whole(_board.ShownWatts * 1e6 / RailMillivolts) : null);
        Add(Hwmon + "hwmon1/name", "soctherm_oc");
        Add(Hwmon + "hwmon1/oc1_event_cnt", () => Whole(_board.BrownOutCount));
        Add(Gpu + "device/of_node/name", "gpu");
        Add(Gpu + "device/load", () => Whole(_board.Busy * 1000));
        Add(Gpu + "cur_freq", () => Whole(highest * _board.Clock * 1e6));
        Add(Gpu + "max_freq", () => Whole(highest * _board.Clock * 1e6));
        AddCpu(highest * 1.5);
    }

    private void AddCpu(double highest)
    {
        Add(Cpu + "scaling_cur_freq", () => Whole(highest * _board.Clock * 1000));
        Add(Cpu + "scaling_max_freq", () => Whole(highest * _board.Clock * 1000));
    }

    private void Add(string path, string text) => _texts[path] = () => text;

    private void Add(string path, Func<string?> text) => _texts[path] = text;

    private static string Whole(double value) => Math.Round(value).ToString("0", CultureInfo.InvariantCulture);

    private static IEnumerable<(string Folder, string Entry)> FoldersOf(string path)
    {
        for (int at = path.LastIndexOf('/'); at > 0; at = path.LastIndexOf('/', at - 1))
        {
            int end = path.IndexOf('/', at + 1);
            yield return (path[..at], end < 0 ? path[(at + 1)..] : path[(at + 1)..end]);
        }
    }
}
