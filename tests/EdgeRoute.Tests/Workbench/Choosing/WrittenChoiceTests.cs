using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Choosing;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Tests.Workbench.Choosing;

/// <summary>What was chosen is written so that an engine runs it at once, and does what was promised.</summary>
public sealed class WrittenChoiceTests(ShapesCandidates candidates, ShapesSweeps sweeps)
    : IClassFixture<ShapesCandidates>, IClassFixture<ShapesSweeps>
{
    private const int RunFrames = 30;

    /// <summary>A frontier takes thousands of plays, and all tests here look at the same one.</summary>
    private static IReadOnlyList<FrontierPoint>? _points;

    private IReadOnlyList<FrontierPoint> Points => _points ??=
        new FrontierRun(sweeps.Whole).Run(Calibrated.Calibration, _ => { }, CancellationToken.None);

    private LoadedCalibration Calibrated => CalibrationFile.Read(
        Path.Combine(ShapesSweeps.ShapesFolder, CalibrationFile.UsualName), sweeps.Whole.Pack, sweeps.Whole.All.Tree);

    [SkippableFact]
    public void A_cascade_of_two_packs_becomes_one_that_runs_and_is_worth_what_was_promised()
    {
        string[] two = [.. candidates.Packs.Where(p => Path.GetFileName(p) is "light" or "half")];
        var request = candidates.Request("latency_mean<=2.4ms,look_share>=1") with { Packs = two, IsExhaustive = true };
        var choice = ShapesCandidates.Choose(request);
        var chosen = choice.Report.Chosen!;
        Assert.Equal("light>half", chosen.Path);
        string folder = Path.Combine(candidates.Folder, "street");
        var files = choice.Write(folder, "street", replaces: false, calibrates: true, _ => { }, CancellationToken.None);
        Assert.Equal(["device.yaml", "manifest.json", "calibration.json"], files.Select(f => Path.GetFileName(f)!));
        Assert.Throws<InvalidDataException>(() => Choice.RequirePlace(folder, "street", replaces: false));
        var opened = OpenedSweep.Open(new SweepChoice(folder, null, ShapesCandidates.Source, 0, null, folder + "-sweep", long.MaxValue,
            FrameSpan.All, 0.1, null, TestPlaces.OnnxRuntimeLibrary, 1), ShapesSweeps.Report, _ => { }, CancellationToken.None);
        var policy = new CascadePolicy(opened.All.Tree, opened.Pack.Cascade!);
        var player = new SweepPlayer(opened.Part, opened.JudgeOf(opened.Part), opened.Tracking);
        var played = player.Play(new Router(opened.All.Tree, opened.Part.Profile(), policy));
        Assert.Equal(played.Average(p => (double)p.Quality), chosen.Figures.Quality, 3);
        Assert.Equal("street", CalibrationFile.Read(files[2], opened.Pack, opened.All.Tree).Document.Pack);
        RunsOn(files[0], "street", chosen.Threads);
    }

    /// <summary>The written pack, played as a frontier plays it and run as a device does, looks as often as was promised.</summary>
    [SkippableTheory]
    [InlineData("latency_mean<=5.5ms,quality>=0.9")]
    [InlineData("latency_mean<=5.5ms")]
    public void A_path_that_looks_at_some_frames_spends_what_was_promised(string under)
    {
        string[] full = [.. candidates.Packs.Where(p => Path.GetFileName(p) == "full")];
        var choice = ShapesCandidates.Choose(candidates.Request(under) with { Packs = full, Threads = [1], IsExhaustive = true });
        var chosen = choice.Report.Chosen!;
        string folder = Path.Combine(candidates.Folder, "carried" + under.Length);
        var files = choice.Write(folder, Path.GetFileName(folder), replaces: false, calibrates: true, _ => { }, CancellationToken.None);
        var policy = DeviceConfigReader.ReadFile(files[0]).Config!.Sources[0].Policy;
        Assert.Equal((PolicyKind.Skipping, chosen.Carry), (policy.Kind, policy.Carry));
        var opened = OpenedSweep.Open(new SweepChoice(folder, null, ShapesCandidates.Source, 0, null, folder + "-sweep", long.MaxValue,
            FrameSpan.All, 0.1, null, TestPlaces.OnnxRuntimeLibrary, 1), ShapesSweeps.Report, _ => { }, CancellationToken.None);
        var tree = opened.All.Tree;
        var skipping = new SkippingPolicy(tree, policy.PathName!, policy.Carry!);
        var played = new SweepPlayer(opened.Part, opened.JudgeOf(opened.Part), opened.Tracking).Play(
            new Router(tree, opened.Part.Profile(), skipping));
        bool[] looks = [.. played.Select(p => tree.Nodes[p.NodeIndex].VariantIndex >= 0)];
        Assert.Equal(played.Average(p => (double)p.Quality), chosen.Figures.Quality, 6);
        Assert.Equal(looks.Average(l => l ? 1.0 : 0), chosen.Figures.LookShare, 6);
        Assert.InRange(chosen.Figures.LookShare, 0.03, 0.9);

        const string Pack = "    pack: ";
        File.WriteAllText(files[0], File.ReadAllText(files[0]).Replace(Pack, "    take: every\n    pace: free\n" + Pack,
            StringComparison.Ordinal));
        using var engine = new EngineBuilder(DeviceConfigReader.ReadFile(files[0]).Config!,
            new EngineOptions(looks.Length, null, null, SimulatedSources.Schemes), ShapesSweeps.Report).Build();
        engine.Run(looks.Length);
        Assert.Equal(looks.Count(l => !l), engine.Report().Sources[0].Ends.Skipped);
    }

    [SkippableFact]
    public void A_single_path_keeps_only_the_stages_that_it_needs()
    {
        var choice = ShapesCandidates.Choose(candidates.Request("latency_p95<=0.7ms,look_share>=1"));
        string folder = Path.Combine(candidates.Folder, "single");
        var files = choice.Write(folder, "single", replaces: false, calibrates: false, _ => { }, CancellationToken.None);
        Assert.Equal(2, files.Count);
        var pack = PackReader.Read(folder);
        Assert.Equal(choice.Report.Chosen!.Path, Assert.Single(pack.Stages).Name);
        Assert.Null(pack.Cascade);
        RunsOn(files[0], "single", 2);
    }

    [SkippableTheory]
    [InlineData("cascade:5", "{ kind: cascade }")]
    [InlineData("fixed", "{ kind: fixed, path: ")]
    [InlineData("light", "{ kind: fixed, path: 'light' }")]
    [InlineData("every_nth:100", "{ kind: skipping, path: 'heavy_1>heavy_2', carry_ms: ")]
    [InlineData("motion_gated:100", "{ kind: skipping, path: 'heavy_1>heavy_2', carry_ms: 1000, carry_drift: 0.")]
    public void A_point_of_a_frontier_becomes_a_pack_that_runs(string point, string policy)
    {
        string folder = Path.Combine(candidates.Folder, "frontier-" + point.Replace(':', '-'));
        var wish = new FrontierWish(point, folder, false);
        var found = FrontierPack.Find(Points, wish, "heavy_1>heavy_2");
        var choice = sweeps.ChoiceOf(ShapesSweeps.ShapesFolder, "whole");
        string config = FrontierPack.Write(found, wish, choice, null);
        Assert.Contains(policy, File.ReadAllText(config), StringComparison.Ordinal);
        var pack = PackReader.Read(folder);
        if (found.Cascade is { } cascade)
        {
            Assert.Equal(cascade.EntryName, pack.Cascade!.EntryName);
            Assert.Equal(cascade.Rules, pack.Cascade.Rules);
            Assert.Equal(cascade.Reuse, pack.Cascade.Reuse);
            double heaviest = Points.First(p => p.Name == "heavy_1>heavy_2").Quality;
            Assert.Equal(Points.Where(p => p.Family == "cascade" && p.Quality >= heaviest - 0.05).Min(p => p.Ms), found.Ms);
        }

        RunsOn(config, Path.GetFileName(folder), 1);
        Assert.Throws<InvalidDataException>(() => FrontierPack.Require(wish));
        FrontierPack.Require(wish with { Replaces = true });
    }

    [SkippableFact]
    public void A_value_point_takes_its_calibration_along()
    {
        var wish = new FrontierWish("value:20", Path.Combine(candidates.Folder, "valued"), false);
        var found = FrontierPack.Find(Points, wish, "heavy_1>heavy_2");
        string config = FrontierPack.Write(found, wish, sweeps.ChoiceOf(ShapesSweeps.ShapesFolder, "whole"), Calibrated.Document);
        Assert.Contains("kind: value, price: ", File.ReadAllText(config), StringComparison.Ordinal);
        RunsOn(config, "valued", 1);
    }

    /// <summary>The whole road: played in a frontier, written, read, run, and told in the report.</summary>
    [SkippableFact]
    public void A_budget_of_lost_quality_is_written_with_its_calibration_and_held_by_the_engine()
    {
        var wish = new FrontierWish("at most 5 points lost", Path.Combine(candidates.Folder, "steered"), false);
        var found = FrontierPack.Find(Points, wish, "heavy_1>heavy_2");
        Assert.Equal(("quality_loss", 5), (found.Family, found.QualityLoss));
        string path = FrontierPack.Write(found, wish, sweeps.ChoiceOf(ShapesSweeps.ShapesFolder, "whole"), Calibrated.Document);
        Assert.Contains("policy: { kind: value }\n    budget: { quality_loss: 5 }", File.ReadAllText(path), StringComparison.Ordinal);
        var routing = RunsOn(path, "steered", 1)!;
        var budget = Assert.Single(routing.Budgets);
        Assert.Equal(("loss", 5, 0), (budget.Controller, budget.Target, budget.UnusableCount));
        Assert.InRange(budget.Measured ?? -1, 0, 20);
    }

    [SkippableFact]
    public void A_point_that_is_not_there_is_told_with_what_is()
    {
        FrontierPoint[] points = [.. Points.Where(p => p.Family != "value")];
        string Refusal(string point) => Assert.Throws<InvalidDataException>(() => FrontierPack.Find(points, new FrontierWish(point, "x",
            false), "heavy_1>heavy_2")).Message;
        Assert.Contains("did you mean 'light'?", Refusal("lihgt"), StringComparison.Ordinal);
        Assert.Contains("which is no point of this frontier", Refusal("cascade:x"), StringComparison.Ordinal);
        Assert.Contains("the value rule needs a calibration", Refusal("value"), StringComparison.Ordinal);
    }

    private static RoutingReport? RunsOn(string path, string pack, int threads)
    {
        var reading = DeviceConfigReader.ReadFile(path);
        Assert.Empty(reading.Problems);
        Assert.Equal((pack, threads), (reading.Config!.Packs[0].Name, reading.Config.Runtime.ThreadCount));
        Assert.Empty(StartCheck.Problems(reading.Config, SimulatedSources.Schemes));
        using var engine = new EngineBuilder(reading.Config, new EngineOptions(RunFrames, null, null, SimulatedSources.Schemes),
            ShapesSweeps.Report).Build();
        engine.Run(RunFrames);
        var ends = engine.Report().Sources[0].Ends;
        Assert.Equal((RunFrames, 0), (ends.Captured - ends.Dropped, ends.Failed));
        return engine.Report().Sources[0].Routing;
    }
}
