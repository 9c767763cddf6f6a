using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.Engine.Board;
using EdgeRoute.Tests.Workbench.Sweeps;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>The whole engine on a machine with and without a power sensor.</summary>
public sealed class PoweredEngineTests : IDisposable
{
    private const int FrameCount = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly List<(ReportLevel Level, string Text)> _lines = [];

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void With_a_sensor_frames_have_energy_and_the_report_has_the_power()
    {
        using var board = BoardTrees.Orin();
        using var engine = Build(board.Path);
        var seen = new List<TraceRecord>();
        engine.Tracers.Add(new Collector(seen));
        engine.Run(FrameCount);
        Assert.Contains((ReportLevel.Notice, "power: VDD_IN (ina3221)"), _lines);
        Assert.DoesNotContain(_lines, l => l.Text.Contains("cannot be held", StringComparison.Ordinal));
        Assert.Equal(FrameCount, seen.Count);
        Assert.All(seen, r =>
        {
            Assert.Equal((float)((r.PreprocessNs + r.StagesNs + r.HeadsNs) / 1e6 * 6f), r.EnergyMillijoules);
            Assert.Equal(6f, r.Decisions[0].Operating.MillijoulesPerMs);
        });
        Assert.Equal((6.0, 45.5), (engine.Board.Watts, engine.Board.HottestCelsius));

        var report = engine.Report();
        Assert.Equal("VDD_IN (ina3221)", report.Board!.PowerSource);
        Assert.Equal(6, report.Sources[0].Routing!.Budgets.Single(b => b.Unit == "W").Measured!.Value, 6);
        Assert.Contains("\nboard: ", RunReportText.Of(report), StringComparison.Ordinal);
        Assert.Contains("\"hottest_zone\": \"cpu-thermal\"", report.ToJson(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Without_a_sensor_the_start_names_the_budget_and_the_report_the_frames()
    {
        using var engine = Build(_folder.File("no-such-tree"));
        engine.Run(FrameCount);
        string warning = Assert.Single(_lines, l => l.Level == ReportLevel.Warning
            && l.Text.Contains("cannot be held", StringComparison.Ordinal)).Text;
        Assert.StartsWith("source table: the budget of 100 W cannot be held, because nothing measures this machine's power: no device "
            + "under /sys/class/hwmon", warning,
            StringComparison.Ordinal);
        string text = RunReportText.Of(engine.Report());
        Assert.Contains($"  budget 100 W: not measured on any of {FrameCount} frames\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("board:", text, StringComparison.Ordinal);
    }

    private RunningEngine Build(string systemRoot)
    {
        string config = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { shapes: { manifest: {{ShapesSweeps.ShapesFolder}}/manifest.json } }
            sources: { table: { open: "sim://tabletop?frames={{FrameCount}}", pack: shapes, take: every, pace: free,
              policy: { kind: value }, budget: { watts: 100 } } }
            """);
        var reading = DeviceConfigReader.ReadFile(config);
        Assert.Empty(reading.Problems);
        var options = new EngineOptions(FrameCount, null, null, SimulatedSources.Schemes) { Files = new SystemFiles(systemRoot) };
        return new EngineBuilder(reading.Config!, options, (level, text) =>
        {
            lock (_lines)
            {
                _lines.Add((level, text));
            }
        }).Build();
    }

    private sealed class Collector(List<TraceRecord> seen) : IAnswerConsumer
    {
        public void Publish(in PublishedFrame frame) => seen.Add(frame.Record);
    }
}
