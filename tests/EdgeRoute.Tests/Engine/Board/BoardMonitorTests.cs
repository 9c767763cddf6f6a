using EdgeRoute.Core.Prices;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Scripted;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Engine.Board;

public sealed class BoardMonitorTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Its_thread_publishes_readings_until_it_is_stopped()
    {
        using var board = BoardTrees.Orin();
        using var monitor = new BoardMonitor(new SystemFiles(board.Path), TimeProvider.System, _ => { });
        using var isSeen = new ManualResetEventSlim();
        int count = 0, threadId = 0;
        monitor.Measured += _ =>
        {
            threadId = Environment.CurrentManagedThreadId;
            if (++count == 3)
            {
                isSeen.Set();
            }
        };
        Assert.True(float.IsNaN(monitor.Power.Watts));
        monitor.Start();
        Assert.True(isSeen.Wait(Patience));
        monitor.Stop();
        int atStop = count;
        Assert.NotEqual(Environment.CurrentManagedThreadId, threadId);
        Assert.Equal((6.0, 6f), (monitor.Latest.Watts, monitor.Power.Watts));
        BoardTrees.SetWatts(board, 9);
        Assert.Equal((atStop, 6f), (count, monitor.Power.Watts));
    }

    [Fact]
    public void Power_lost_and_regained_is_told_and_the_loop_reads_no_old_figure()
    {
        using var board = BoardTrees.Orin();
        var (clock, lines) = (new ScriptedClock(1_000_000_000), new List<string>());
        using var monitor = new BoardMonitor(new SystemFiles(board.Path), clock, lines.Add);
        monitor.Measure();
        Assert.Empty(lines);
        string label = board.File("sys", "class", "hwmon", "hwmon3", "in1_label");
        File.Move(label, label + ".gone");
        File.Move(board.File("sys", "class", "hwmon", "hwmon3", "curr1_input"), board.File("curr1_input"));
        clock.AdvanceMs(2000);
        monitor.Measure();
        Assert.True(float.IsNaN(monitor.Power.Watts));
        Assert.Contains("power is not measured any more: /sys/class/hwmon/hwmon3/curr1_input does not exist. Budgets in watts",
            Assert.Single(lines), StringComparison.Ordinal);

        File.Move(label + ".gone", label);
        File.Move(board.File("curr1_input"), board.File("sys", "class", "hwmon", "hwmon3", "curr1_input"));
        clock.AdvanceMs(5000);
        monitor.Measure();
        Assert.Equal(6f, monitor.Power.Watts);
        Assert.Equal("power is measured: VDD_IN (ina3221)", lines[^1]);
    }

    [Fact]
    public void A_loose_contact_does_not_fill_the_journal()
    {
        using var board = BoardTrees.Orin();
        var (clock, lines) = (new ScriptedClock(1_000_000_000), new List<string>());
        using var monitor = new BoardMonitor(new SystemFiles(board.Path), clock, lines.Add);
        string current = board.File("sys", "class", "hwmon", "hwmon3", "curr1_input");
        for (int i = 0; i < 60; i++)
        {
            clock.AdvanceMs(6000);
            monitor.Measure();
            File.Move(i % 2 == 0 ? current : current + ".gone", i % 2 == 0 ? current + ".gone" : current);
        }

        Assert.Equal(20, lines.Count);
        Assert.EndsWith("is not told any more", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_reading_of_the_power_leaves_little_for_the_garbage_collector()
    {
        using var board = BoardTrees.Orin();
        var clock = new ScriptedClock(1_000_000_000);
        using var monitor = new BoardMonitor(new SystemFiles(board.Path), clock, _ => { });
        monitor.Measure();
        clock.AdvanceMs(100);
        monitor.Measure();
        long start = GC.GetAllocatedBytesForCurrentThread();
        clock.AdvanceMs(100);
        monitor.Measure();
        long power = GC.GetAllocatedBytesForCurrentThread() - start;
        clock.AdvanceMs(1000);
        monitor.Measure();
        long all = GC.GetAllocatedBytesForCurrentThread() - start - power;
        output.WriteLine($"{power} bytes a reading of the power, {all} of everything");
        // Ten of the first and one of the second each second: a collection of a 256 KiB nursery in some seconds at most.
        Assert.InRange(power, 1, 4096);
        Assert.InRange(all, 1, 100_000);
    }

    [Fact]
    public void Budgets_that_nothing_can_measure_are_named_with_the_reason()
    {
        var reading = DeviceConfigReader.ReadText("""
            packs: { d: { manifest: m } }
            sources:
              front: { pack: d, open: a.mp4, policy: { kind: value }, budget: { watts: 8, energy_mj: 120, device_ms: 9 } }
              back: { pack: d, open: b.mp4, policy: { kind: value }, budget: { device_ms: 9 } }
            """, "/robot/device.yaml", checkPaths: false);
        var lines = PowerNeed.Unmet(reading.Config!, new BoardReading { PowerReason = "no device is named ina3221" }).ToList();
        Assert.Equal(2, lines.Count);
        Assert.StartsWith(
            "source front: the budget of 8 W cannot be held, because nothing measures this machine's power: no device is named ina3221. ",
            lines[0], StringComparison.Ordinal);
        Assert.Contains(Budget.UnitOf(BudgetKind.EnergyMillijoules), lines[1], StringComparison.Ordinal);
        Assert.Empty(PowerNeed.Unmet(reading.Config!, new BoardReading { PowerSource = "VDD_IN (ina3221)" }));
    }
}
