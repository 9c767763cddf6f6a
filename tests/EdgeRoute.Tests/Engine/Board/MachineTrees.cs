namespace EdgeRoute.Tests.Engine.Board;

/// <summary>Trees of /sys, /proc and /etc by machine, each with what that machine's kernel shows and without what it does not.</summary>
internal static class MachineTrees
{
    private const string Zone = "sys/class/thermal/thermal_zone", Hwmon = "sys/class/hwmon/hwmon";
    private const string Cpu = "sys/devices/system/cpu/cpu0/cpufreq/";

    private static readonly Dictionary<string, (string Path, string Text)[]> Trees = new(StringComparer.Ordinal)
    {
        // The first zone is switched off, as the vision engine's is while nothing uses it.
        ["jetpack5"] =
        [
            .. Jetson("5000", "1200", "35 (release), REVISION: 4.1"), ("var/lib/nvpmodel/status", "pmode:0000\n"),
            ("etc/nvpmodel.conf", "< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=1 NAME=7W >\n"),
            (Zone + "0/type", "CV0-therm\n"), (Zone + "0/temp", "off\n"), (Zone + "1/type", "CPU-therm\n"), (Zone + "1/temp", "51500\n"),
            .. Gpu("17000000.ga10b", "ga10b", "612000000", "918000000"),
        ],
        ["jetpack6"] =
        [
            .. Jetson("5000", "1500", "36 (release), REVISION: 4.4"), ("var/lib/nvpmodel/status", "pmode:0001\n"),
            ("etc/nvpmodel.conf", "< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=1 NAME=25W >\n< POWER_MODEL ID=2 NAME=MAXN_SUPER >\n"),
            (Zone + "0/type", "cpu-thermal\n"), (Zone + "0/temp", "60500\n"), (Zone + "1/type", "tj-thermal\n"),
            (Zone + "1/temp", "61000\n"), .. Gpu("17000000.gpu", "gpu", "624750000", "918000000"),
        ],
        // Its GPU has neither a load nor a name in the device tree, and no counter of over-current.
        ["jetpack7"] =
        [
            (Hwmon + "1/name", "ina3221\n"), (Hwmon + "1/in1_label", "VDD_GPU\n"), (Hwmon + "1/in1_input", "20000\n"),
            (Hwmon + "1/curr1_input", "1000\n"), (Hwmon + "2/name", "ina3221\n"), (Hwmon + "2/in1_label", "VIN_SYS_5V0\n"),
            (Hwmon + "2/in1_input", "5000\n"), (Hwmon + "2/curr1_input", "4000\n"),
            ("etc/nv_tegra_release", "# R38 (release), REVISION: 2.0, GCID: 1\n"), ("var/lib/nvpmodel/status", "pmode:0000\n"),
            ("etc/nvpmodel.conf", "< POWER_MODEL ID=0 NAME=MAXN >\n"), (Zone + "0/type", "tj-thermal\n"), (Zone + "0/temp", "55000\n"),
            ("sys/class/devfreq/gpu-gpc-0/cur_freq", "1575000000\n"), (Cpu + "scaling_cur_freq", "2601000\n"),
            (Cpu + "scaling_max_freq", "2601000\n"),
        ],
        ["pi5"] =
        [
            ("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0"), (Hwmon + "0/name", "cpu_thermal\n"),
            (Hwmon + "1/name", "rpi_volt\n"), (Zone + "0/type", "cpu-thermal\n"), (Zone + "0/temp", "58900\n"),
            (Cpu + "scaling_cur_freq", "1500000\n"), (Cpu + "scaling_max_freq", "2400000\n"),
        ],
        // Its energy counter may be read by root only, as if it were not there.
        ["pc"] =
        [
            ("sys/class/dmi/id/product_name", "desktop\n"), (Zone + "0/type", "x86_pkg_temp\n"), (Zone + "0/temp", "47000\n"),
            ("sys/class/powercap/intel-rapl:0/name", "package-0\n"), (Cpu + "scaling_cur_freq", "800000\n"),
            (Cpu + "scaling_max_freq", "4500000\n"),
        ],
        ["bare"] = [("proc/meminfo", "MemTotal: 8000000 kB\n")],
    };

    public static IEnumerable<string> Names => Trees.Keys;

    public static TemporaryFolder Make(string machine)
    {
        var tree = new TemporaryFolder();
        foreach (var (path, text) in Trees[machine])
        {
            tree.Write(path, text);
        }

        return tree;
    }

    private static (string Path, string Text)[] Jetson(string millivolts, string milliamperes, string release) =>
    [
        (Hwmon + "0/name", "pwmfan\n"), (Hwmon + "4/name", "ina3221\n"), (Hwmon + "4/in1_label", "VDD_IN\n"),
        (Hwmon + "4/in1_input", millivolts + "\n"), (Hwmon + "4/curr1_input", milliamperes + "\n"),
        (Hwmon + "4/in2_label", "VDD_CPU_GPU_CV\n"), (Hwmon + "4/in2_input", millivolts + "\n"), (Hwmon + "4/curr2_input", "300\n"),
        (Hwmon + "5/name", "soctherm_oc\n"), (Hwmon + "5/oc1_event_cnt", "0\n"), (Hwmon + "5/oc2_event_cnt", "3\n"),
        (Hwmon + "5/oc3_event_cnt", "0\n"), ("etc/nv_tegra_release", $"# R{release}, GCID: 1\n"),
        (Cpu + "scaling_cur_freq", "1190400\n"), (Cpu + "scaling_max_freq", "1510400\n"),
    ];

    private static (string Path, string Text)[] Gpu(string device, string name, string hertz, string mostHertz) =>
    [
        ($"sys/class/devfreq/{device}/device/of_node/name", name + "\0"), ($"sys/class/devfreq/{device}/device/load", "412\n"),
        ($"sys/class/devfreq/{device}/cur_freq", hertz + "\n"), ($"sys/class/devfreq/{device}/max_freq", mostHertz + "\n"),
    ];
}
