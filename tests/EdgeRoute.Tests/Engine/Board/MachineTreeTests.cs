using EdgeRoute.Core.Prices;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Doctor;
using EdgeRoute.Engine.Running;

namespace EdgeRoute.Tests.Engine.Board;

/// <summary>
/// Trees of five kinds of machine through the sensors, the doctor and the budgets: what is there is read, and what is not has its reason.
/// </summary>
public sealed class MachineTreeTests
{
    public static TheoryData<string> Machines => [.. MachineTrees.Names];

    [Theory]
    [MemberData(nameof(Machines))]
    public void Every_metric_has_a_value_or_a_reason(string machine)
    {
        using var tree = MachineTrees.Make(machine);
        var report = DoctorProbes.Run(DoctorNeeds.Default, new SystemFiles(tree.Path), "1.0.0");
        Assert.All(report.Sensors, s => Assert.True(s.Value is not null ^ s.Reason.Length > 0, $"{machine}: {s}"));
        string text = DoctorText.Of(report);
        foreach (string wanted in new[] { "power", "temperature", "gpu", "cpu_clock", "throttle" })
        {
            Assert.Contains(report.Sensors, s => s.Name.StartsWith(wanted, StringComparison.Ordinal));
            Assert.Contains(wanted, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("jetpack5", 6.0, 51.5, 612.0, "R35.4.1", "15W (id 0)")]
    [InlineData("jetpack6", 7.5, 61, 624.75, "R36.4.4", "25W (id 1)")]
    [InlineData("jetpack7", 40.0, 55, null, "R38.2.0", "MAXN (id 0)")]
    [InlineData("pi5", null, 58.9, null, null, null)]
    [InlineData("pc", null, 47, null, null, null)]
    public void What_is_there_is_read(string machine, double? watts, double celsius, double? gpuMegahertz, string? release, string? mode)
    {
        using var tree = MachineTrees.Make(machine);
        using var probe = new BoardProbe(new SystemFiles(tree.Path));
        var reading = probe.Read(1);
        Assert.Equal((watts, (double?)celsius, gpuMegahertz, mode),
            (reading.Watts, reading.HottestCelsius, reading.GpuMegahertz, reading.PowerMode));
        Assert.Equal(release, BoardIdentity.Read(new SystemFiles(tree.Path)).Release);
        Assert.Equal(watts is null, reading.PowerReason.Length > 0);
    }

    [Theory]
    [InlineData("jetpack5", 918)]
    [InlineData("jetpack6", 918)]
    [InlineData("jetpack7", 2601)]
    [InlineData("pi5", 2400)]
    [InlineData("pc", 4500)]
    public void The_highest_clock_allowed_is_that_of_the_gpu_or_else_of_the_processor(string machine, double megahertz)
    {
        using var tree = MachineTrees.Make(machine);
        Assert.Equal(megahertz, BoardSensors.ReadClockCap(new SystemFiles(tree.Path)));
    }

    [Theory]
    [InlineData("jetpack5", true, true)]
    [InlineData("jetpack6", true, true)]
    [InlineData("jetpack7", true, true)]
    [InlineData("pi5", false, true)]
    [InlineData("pc", false, true)]
    [InlineData("bare", false, false)]
    public void Budgets_that_nothing_measures_are_told_with_the_reason_and_what_to_do(string machine, bool hasPower, bool hasHeat)
    {
        using var tree = MachineTrees.Make(machine);
        using var probe = new BoardProbe(new SystemFiles(tree.Path));
        var source = DeviceConfigReader.ReadText("packs: { d: { manifest: m } }\nsources: { s: { pack: d, open: walk.mp4, "
            + "policy: { kind: value }, budget: { watts: 8, temperature: 85, battery_hours: 4, battery_wh: 50 } } }", "/robot/device.yaml",
            checkPaths: false).Config!.Sources[0];
        string[] unmet = [.. PowerNeed.Unmet(source, probe.Read(1))];
        Assert.Equal((hasPower ? 0 : 2) + (hasHeat ? 0 : 1), unmet.Length);
        Assert.All(unmet, u => Assert.Contains("device_ms", u, StringComparison.Ordinal));
        Assert.Equal(!hasHeat, unmet.Any(u => u.Contains("no thermal zone", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_battery_that_is_to_last_needs_to_be_known()
    {
        var spending = SpendingConfig.None with { Budgets = [new Budget(BudgetKind.BatteryHours, 4)] };
        Assert.Contains("battery_wh", Assert.Throws<ArgumentException>(() => spending.WattHoursOf(spending.Budgets[0])).Message,
            StringComparison.Ordinal);
    }
}
