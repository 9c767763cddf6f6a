namespace EdgeRoute.Tests.Engine.Board;

/// <summary>Trees of /sys, /proc and /etc as machines show them.</summary>
internal static class BoardTrees
{
    /// <summary>A module with its input rail at 6 W.</summary>
    public static TemporaryFolder Orin()
    {
        var board = new TemporaryFolder();
        (string Path, string Text)[] files =
        [
            ("sys/class/hwmon/hwmon0/name", "pwmfan\n"), ("sys/class/hwmon/hwmon3/name", "ina3221\n"),
            ("sys/class/hwmon/hwmon3/in1_label", "VDD_IN\n"), ("sys/class/hwmon/hwmon3/in1_input", "5000\n"),
            ("sys/class/hwmon/hwmon3/curr1_input", "1200\n"),
            ("sys/class/hwmon/hwmon3/in2_label", "NC\n"), ("sys/class/hwmon/hwmon3/in3_label", "sum of shunt voltages\n"),
            ("sys/class/hwmon/hwmon4/name", "soctherm_oc\n"), ("sys/class/hwmon/hwmon4/oc2_event_cnt", "2\n"),
            ("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n"), ("sys/class/thermal/thermal_zone0/temp", "45500\n"),
            ("sys/class/thermal/thermal_zone1/type", "cv0-thermal\n"), ("sys/class/thermal/thermal_zone1/temp", "off\n"),
            ("sys/class/devfreq/17000000.gpu/device/of_node/name", "gpu\0"), ("sys/class/devfreq/17000000.gpu/device/load", "873\n"),
            ("sys/class/devfreq/17000000.gpu/cur_freq", "612000000\n"),
            ("proc/device-tree/model", "NVIDIA Jetson Orin Nano\0"), ("etc/nv_tegra_release", "# R36 (release), REVISION: 4.4, GCID: 1\n"),
            ("var/lib/nvpmodel/status", "pmode:0002\n"), ("etc/nvpmodel.conf", "< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=2 "
                + "NAME=MAXN_SUPER >\n"),
            ("proc/cpuinfo", "processor : 0\nFeatures : fp asimd asimddp\nprocessor : 1\n"), ("proc/meminfo", "MemTotal: 8000000 kB\n"),
        ];
        foreach (var (path, text) in files)
        {
            board.Write(path, text);
        }

        return board;
    }

    /// <summary>Sets what a rail of an Orin draws, at 5 V.</summary>
    public static void SetWatts(TemporaryFolder board, double watts, string device = "hwmon3") =>
        board.Write($"sys/class/hwmon/{device}/curr1_input", FormattableString.Invariant($"{watts * 200:0}\n"));

    /// <summary>A PC whose processor counts its energy: two packages, a part of one, and the platform.</summary>
    public static TemporaryFolder Pc()
    {
        var board = new TemporaryFolder();
        foreach (var (zone, name) in new[] { ("intel-rapl:0", "package-0"), ("intel-rapl:0:0", "core"), ("intel-rapl:1", "package-1"),
            ("intel-rapl:2", "psys") })
        {
            board.Write($"sys/class/powercap/{zone}/name", name + "\n");
            board.Write($"sys/class/powercap/{zone}/max_energy_range_uj", "262143328850\n");
            board.Write($"sys/class/powercap/{zone}/energy_uj", "0\n");
        }

        return board;
    }
}
