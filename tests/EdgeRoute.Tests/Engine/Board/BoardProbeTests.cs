using EdgeRoute.Engine.Board;

namespace EdgeRoute.Tests.Engine.Board;

/// <summary>The machine's sensors read again and again, on trees that change under way.</summary>
public sealed class BoardProbeTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void An_orin_tells_power_heat_load_clocks_memory_and_mode()
    {
        using var board = BoardTrees.Orin();
        board.Write("proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable: 5000000 kB\n");
        board.Write("proc/self/status", "Name: edgerouted\nVmRSS:\t  204800 kB\n");
        board.Write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1510400\n");
        var now = new BoardProbe(new SystemFiles(board.Path)).Read(0);
        Assert.Equal((6.0, "VDD_IN (ina3221)", ""), (now.Watts, now.PowerSource, now.PowerReason));
        Assert.Equal((45.5, "cpu-thermal"), (now.HottestCelsius, now.HottestZone));
        Assert.Equal((87.3, 612.0, 1510.4), (now.GpuPercent, now.GpuMegahertz, now.CpuMegahertz));
        Assert.Equal((8_000_000 * 1024L, 5_000_000 * 1024L, 204_800 * 1024L),
            (now.MemoryTotalBytes, now.MemoryAvailableBytes, now.ResidentBytes));
        Assert.Equal((0L, "MAXN_SUPER (id 2)"), (now.ThrottleCount, now.PowerMode));
    }

    [Fact]
    public void A_board_without_an_input_rail_is_the_sum_of_its_rails_and_says_so()
    {
        using var board = BoardTrees.Orin();
        board.Write("sys/class/hwmon/hwmon3/in1_label", "VDD_GPU_SOC\n");
        foreach (var (file, text) in new[] { ("name", "ina3221"), ("in1_label", "VDD_CPU_CV"), ("in1_input", "5000"),
            ("curr1_input", "400") })
        {
            board.Write($"sys/class/hwmon/hwmon9/{file}", text);
        }

        var probe = new BoardProbe(new SystemFiles(board.Path));
        var now = probe.Read(0);
        Assert.Equal((8.0, "VDD_GPU_SOC + VDD_CPU_CV (ina3221)"), (now.Watts, now.PowerSource));

        // With one rail gone the rest would pass for the whole.
        File.Delete(board.File("sys", "class", "hwmon", "hwmon9", "curr1_input"));
        var later = probe.Read(2 * Second);
        Assert.Null(later.Watts);
        Assert.Contains("hwmon9/curr1_input does not exist", later.PowerReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Throttling_is_counted_from_the_first_reading_on()
    {
        using var board = BoardTrees.Orin();
        var probe = new BoardProbe(new SystemFiles(board.Path));
        Assert.Equal(0, probe.Read(0).ThrottleCount);
        board.Write("sys/class/hwmon/hwmon4/oc2_event_cnt", "5\n");
        Assert.Equal(0, probe.Read(Second - 1).ThrottleCount);
        Assert.Equal(3, probe.Read(Second).ThrottleCount);
    }

    [Fact]
    public void Power_follows_within_the_time_constant_and_adds_up_to_energy()
    {
        using var board = BoardTrees.Orin();
        var probe = new BoardProbe(new SystemFiles(board.Path));
        probe.Read(0);
        BoardTrees.SetWatts(board, 12);
        BoardReading now = BoardReading.None;
        for (int i = 1; i <= 5; i++)
        {
            now = probe.Read(i * Second / 10);
        }

        Assert.Equal(12 - (6 / Math.E), now.Watts!.Value, 6);
        Assert.Equal((6.0, 12.0), (now.EnergyJoules!.Value, now.WattsMean!.Value));
    }

    [Fact]
    public void A_monitor_that_vanishes_keeps_its_figure_shortly_and_comes_back_under_another_number()
    {
        using var board = BoardTrees.Orin();
        var probe = new BoardProbe(new SystemFiles(board.Path));
        string first = board.File("sys", "class", "hwmon", "hwmon3"), second = board.File("sys", "class", "hwmon", "hwmon5");
        Assert.Equal(6, probe.Read(10 * Second).Watts);
        Directory.Move(first, second);
        var glitch = probe.Read(10 * Second + 1);
        Assert.Equal((6, "/sys/class/hwmon/hwmon3/in1_input does not exist"), (glitch.Watts, glitch.PowerReason));
        var gone = probe.Read(12 * Second);
        Assert.Null(gone.Watts);
        Assert.Equal(45.5, gone.HottestCelsius);
        var back = probe.Read(15 * Second);
        Assert.Equal((6.0, "VDD_IN (ina3221)", ""), (back.Watts, back.PowerSource, back.PowerReason));
    }

    [Fact]
    public void Every_sensor_may_vanish_at_once()
    {
        var board = BoardTrees.Orin();
        var probe = new BoardProbe(new SystemFiles(board.Path));
        probe.Read(0);
        board.Dispose();
        var now = probe.Read(2 * Second);
        Assert.Equal(
            (null, null, null, null, null, null, null),
            (now.Watts, now.HottestCelsius, now.GpuPercent, now.CpuPercent, now.MemoryTotalBytes, now.ResidentBytes, now.ThrottleCount));
    }

    [Fact]
    public void Packages_of_a_pc_are_added_up_once_and_their_counters_wrap_around()
    {
        using var board = BoardTrees.Pc();
        var probe = new BoardProbe(new SystemFiles(board.Path));
        SetEnergy(board, 262_143_000_000, 5_000_000);
        var start = probe.Read(Second);
        Assert.Null(start.Watts);
        Assert.Equal(("package-0 + package-1 (RAPL: processor only)", ""), (start.PowerSource, start.PowerReason));

        // 0.328850 J up to the counter's end and 9.671150 J from 0 on, beside 5 J of the other package, in half a second.
        SetEnergy(board, 9_671_150, 10_000_000);
        Assert.Equal(30, probe.Read(Second + (Second / 2)).Watts!.Value, 9);
    }

    [Fact]
    public void A_server_with_a_meter_at_its_supply_is_measured_there()
    {
        using var board = BoardTrees.Pc();
        board.Write("sys/class/hwmon/hwmon0/name", "power_meter\n");
        board.Write("sys/class/hwmon/hwmon0/power1_average", "87500000\n");
        var now = new BoardProbe(new SystemFiles(board.Path)).Read(0);
        Assert.Equal((87.5, "whole machine (ACPI power meter)"), (now.Watts, now.PowerSource));
    }

    [Fact]
    public void Without_any_sensor_there_is_a_reason_for_each_kind()
    {
        using var folder = new TemporaryFolder();
        var now = new BoardProbe(new SystemFiles(folder.Path)).Read(0);
        Assert.Equal((null, null), (now.Watts, now.PowerSource));
        Assert.Equal("no device under /sys/class/hwmon is named ina3221, the power monitor of Jetson modules; no hwmon device is named "
            + "power_meter; "
            + "there is no energy counter of a processor under /sys/class/powercap", now.PowerReason);
    }

    [Fact]
    public void A_sensor_that_appears_late_is_found()
    {
        using var folder = new TemporaryFolder();
        var probe = new BoardProbe(new SystemFiles(folder.Path));
        Assert.Null(probe.Read(0).Watts);
        folder.Write("sys/class/hwmon/hwmon0/name", "power_meter\n");
        folder.Write("sys/class/hwmon/hwmon0/power1_average", "20000000\n");
        Assert.Null(probe.Read(4 * Second).Watts);
        Assert.Equal(20, probe.Read(5 * Second).Watts);
    }

    [Fact]
    public void Load_is_that_of_the_time_between_two_readings()
    {
        using var board = BoardTrees.Orin();
        board.Write("proc/stat", "cpu  1000 0 500 8000 100 0 0 0 0 0\ncpu0 1 2 3 4\n");
        board.Write("proc/self/stat", "77 (edge (routed) R 1 77 77 0 -1 0 10 0 0 0 200 50 0 0 20 0 9 0 1 1 1");
        var probe = new BoardProbe(new SystemFiles(board.Path));
        Assert.Null(probe.Read(0).CpuPercent);
        board.Write("proc/stat", "cpu  1100 0 550 8250 100 0 0 0 0 0\n");
        board.Write("proc/self/stat", "77 (edge (routed) R 1 77 77 0 -1 0 10 0 0 0 270 60 0 0 20 0 9 0 1 1 1");
        var now = probe.Read(Second);
        Assert.Equal((37.5, 20.0), (now.CpuPercent, now.ProcessCpuPercent));
    }

    private static void SetEnergy(TemporaryFolder board, long first, long second)
    {
        board.Write("sys/class/powercap/intel-rapl:0/energy_uj", $"{first}\n");
        board.Write("sys/class/powercap/intel-rapl:1/energy_uj", $"{second}\n");
    }
}
