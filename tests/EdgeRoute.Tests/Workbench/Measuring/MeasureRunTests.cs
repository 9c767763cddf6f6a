using System.Text.Json.Nodes;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Workbench.Importing;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Importing;
using EdgeRoute.Workbench.Measuring;

namespace EdgeRoute.Tests.Workbench.Measuring;

/// <summary>Measurements with real sessions: complete, plausible, stored and read back. Nothing here rests on how fast they are.</summary>
public sealed class MeasureRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_stage_is_measured_with_every_setting()
    {
        var report = Measure(Copy("shapes"), spins: true);
        Assert.True(report.IsWhole);
        Assert.Empty(report.Faults);
        Assert.Equal("heavy_1>heavy_2", report.HeaviestPath);
        Assert.Equal(["1 False", "2 False", "2 True"], report.Settings.Select(s => $"{s.Threads} {s.Spin}"));
        Assert.All(report.Settings, s => Assert.Equal(["light", "heavy_1", "heavy_2"], s.Variants.Select(v => v.Name)));
        Assert.All(report.Settings, s => Assert.True(s.SweepCount > 0 && s.BusyCores > 0 && s.PathMsP50 > 0 && s.PathMsP95 >= s.PathMsP50));
        Assert.All(report.Settings.SelectMany(s => s.Variants), v => Assert.True(v.MsP50 > 0 && v.MsP95 >= v.MsP50 && v.FirstMs > 0));
        Assert.Equal(["light", "heavy_1", "heavy_2"], report.Openings.Select(o => o.Stage));
        Assert.All(report.Openings, o => Assert.True(o.Ms > 0 && o.MemoryBytes is >= 0));
        Assert.Equal([false, true], report.Choices.Select(c => c.Spin));
        Assert.True(report.Settings.All(s => s.Watts is not null) || report.Power.StartsWith("not measured: ", StringComparison.Ordinal));
        var json = JsonNode.Parse(report.ToJson())!;
        Assert.Equal(3, json["settings"]!.AsArray().Count);
        Assert.Equal("heavy_2", (string?)json["settings"]![2]!["variants"]![2]!["stage"]);
    }

    [Fact]
    public void What_is_stored_is_what_the_host_reads()
    {
        string folder = Copy("shapes");
        byte[] manifest = File.ReadAllBytes(Path.Combine(folder, "manifest.json"));
        var report = Measure(folder);
        Assert.Equal(Path.Combine(folder, "costs.json"), report.Store());
        Assert.Equal(manifest, File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
        var pack = PackReader.Read(folder);
        var tree = new RouteTree(pack.Graph);
        foreach (var setting in report.Settings)
        {
            var costs = new CostTable(tree);
            Assert.Equal(0, pack.FillCosts(tree, costs, Environment.MachineName, "CPU", setting.Threads));
            Assert.Equal(setting.Variants.Select(v => v.MsP50), tree.Variants.Select(v => costs.OfVariant(v.Index).MsP50));
        }

        var stored = MeasuredCosts.Find(folder, Environment.MachineName, "CPU", spin: false, out _)!;
        Assert.Equal(Assert.Single(report.Choices).Threads, stored.Threads);
        Assert.Equal(stored.Threads, ThreadChoice.Of([stored.Times]));
        report.Store();
        Assert.Single(MeasuredCosts.ReadBeside(Path.Combine(folder, "manifest.json"))!.Machines);
    }

    [Theory]
    [InlineData(55.0, true)]
    [InlineData(null, false)]
    public void Others_at_work_are_a_doubt(double? percent, bool isDoubted)
    {
        var report = Measure(Copy("shapes"), others: () => percent);
        Assert.Equal(percent, report.OthersPercent);
        Assert.Equal(isDoubted, report.Doubts.Any(d => d.StartsWith("other processes took 55 %", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_pack_that_is_told_things_is_measured_too()
    {
        var report = Measure(Copy("tabletop"));
        Assert.Empty(report.Faults);
        Assert.Equal(PackReader.Read(_folder.File("tabletop")).Stages.Count, report.Openings.Count);
        Assert.Contains("task=pick_place", report.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_that_fail_are_told_and_leave_nothing_to_store()
    {
        var report = Measure(Copy("tabletop"), source: "sim://tabletop?frames=2");
        Assert.NotEmpty(report.Faults);
        Assert.Empty(report.Choices);
        Assert.Empty(report.Profiles);
    }

    [Fact]
    public void An_imported_network_is_measured()
    {
        float[] values = new float[7 * 84];
        string model = new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 64, 64).Output("output0", [1, 7, 84], values)
            .Metadata("task", "detect").Metadata("names", "{0: 'a', 1: 'b', 2: 'c'}").Write(_folder, "model.onnx");
        ModelImport.Run(new ImportRequest(model, null, null, _folder.File("pack"), null, null, TestPlaces.OnnxRuntimeLibrary, false),
            (_, _) => { });
        var report = Measure(_folder.File("pack"));
        Assert.Equal("main", report.HeaviestPath);
        Assert.All(report.Settings, s => Assert.True(Assert.Single(s.Variants).MsP50 > 0));
    }

    [Fact]
    public void Interrupted_it_keeps_what_was_measured()
    {
        using var cancel = new CancellationTokenSource();
        var report = Run(Choice(Copy("shapes"), 3600), cancel.Token, line =>
        {
            if (line.StartsWith("round 1 of 2 settings", StringComparison.Ordinal))
            {
                Assert.Contains("s left", line, StringComparison.Ordinal);
                cancel.Cancel();
            }
        });
        Assert.False(report.IsWhole);
        Assert.Equal(1, report.RoundCount);
        Assert.All(report.Settings, s => Assert.True(s.SweepCount > 0));
        using var before = new CancellationTokenSource();
        before.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(Choice(_folder.File("shapes"), 3600), before.Token));
    }

    [Fact]
    public void A_provider_that_is_not_here_is_named_with_the_reason()
    {
        var some = Measure(Copy("shapes"), providers: ["ACL", "CPU"]);
        Assert.StartsWith("ACL: ", Assert.Single(some.Absent), StringComparison.Ordinal);
        Assert.All(some.Settings, s => Assert.Equal("CPU", s.Provider));
        string none = Assert.Throws<EngineRefusedException>(() => Measure(_folder.File("shapes"), providers: ["ACL"])).Message;
        Assert.Contains("none of the execution providers works here", none, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_leaves_the_number_of_frames_open_is_run_on_several()
    {
        new TinyOnnx().Input("images", TinyOnnx.Float, -1, 3, 64, 64).Node("GlobalAveragePool", ["images"], "pooled")
            .Node("Flatten", ["pooled"], "scores").Declare("scores", TinyOnnx.Float, -1, 3).Write(_folder, "model.onnx");
        ModelImport.Run(new ImportRequest(_folder.File("model.onnx"), null, null, _folder.File("pack"), null, null,
            TestPlaces.OnnxRuntimeLibrary, false), (_, _) => { });
        var report = Run(Choice(_folder.File("pack"), 0.3) with { BatchMost = 6 }, CancellationToken.None);
        Assert.Equal(["1 True", "2 True", "4 True", "6 True"], report.Batches.Select(b => $"{b.Size} {b.MsP50 > 0 && b.Fault is null}"));
        Assert.Empty(Run(Choice(Copy("shapes"), 0.3) with { BatchMost = 6 }, CancellationToken.None).Batches);
    }

    [Theory]
    [InlineData(0.01, 20)]
    [InlineData(10.0, 5)]
    [InlineData(800.0, 1)]
    public void Short_sweeps_are_counted_several_at_a_turn(double sweepMs, int count) => Assert.Equal(count, MeasureRun.SweepsIn(sweepMs));

    private static MeasureReport Measure(string pack, bool spins = false, string? source = null, string[]? providers = null,
        Func<double?>? others = null) => Run(Choice(pack, 0.3) with { Spins = spins, Source = source, Providers = providers ?? ["CPU"] },
            CancellationToken.None, others: others);

    private static MeasureChoice Choice(string pack, double seconds) =>
        new(pack, null, null, TestPlaces.OnnxRuntimeLibrary, ["CPU"], [1, 2], false, seconds);

    private static MeasureReport Run(MeasureChoice choice, CancellationToken cancel, Action<string>? progress = null,
        Func<double?>? others = null) => MeasureRun.Run(choice, ShapesSweeps.Report, progress ?? (_ => { }), cancel, others);

    private string Copy(string pack)
    {
        string to = Directory.CreateDirectory(_folder.File(pack)).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(TestPlaces.Repository, "models", pack)))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        File.Delete(Path.Combine(to, MeasuredCosts.UsualName));
        return to;
    }
}
