using EdgeRoute.Core.Costs;
using EdgeRoute.Workbench.Choosing;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Choosing;

/// <summary>Choices between public detectors on filmed footage, with times that are given.</summary>
public sealed class RealModelChooseTests : IDisposable
{
    private const int FrameLimit = 400;

    /// <summary>What a choice does not tell apart: half a point.</summary>
    private const double QualityTolerance = 0.005;

    /// <summary>How much quicker one frame is with as many threads.</summary>
    private static readonly float[] Pace = [1, 1.6f, 2, 2.2f];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("car-detection.mp4", "latency_p95<=6ms", "quality>=0.95", "latency_mean<=2ms")]
    [InlineData("bottle-detection.mp4", "latency_p95<=6ms", "quality>=0.95", "latency_mean<=4ms,look_share>=1")]
    public void The_point_of_an_exhaustive_search_is_found_with_a_quarter_of_its_runs(string video, params string[] constraints)
    {
        string source = TestPlaces.NeedData("video", video);
        string[] packs = [.. new[] { "fastestdet_352", "nanodet_m_416", "picodet_s_416", "yolox_nano_416" }.Select(Imported)];
        foreach (string under in constraints)
        {
            var request = new ChooseRequest(packs, source, Constraint.ParseAll(under),
                (pack, threads) => _folder.File("sweeps", $"{Path.GetFileName(pack)}-{threads}"))
            {
                Threads = [1, 2, 3, 4], Library = TestPlaces.OnnxRuntimeLibrary, Clocking = MsOf, FrameLimit = FrameLimit,
            };
            var all = ShapesCandidates.Choose(request with { IsExhaustive = true });
            var few = ShapesCandidates.Choose(request);
            Assert.True(4 * few.Report.RunCount <= all.Report.RunCount, $"{few.Report.RunCount} of {all.Report.RunCount}");
            Found(all, few);
        }
    }

    /// <summary>Judged on all frames, the point that was found on some is hardly another than the wanted one.</summary>
    private static void Found(Choice all, Choice few)
    {
        ChoicePoint wanted = all.Best!, found = few.Best!;
        var truth = all.Points.Where(p => p.Threads == found.Threads && p.Chain.Name == found.Chain.Name
            && p.Carried?.Name == found.Carried?.Name && p.Rules.Select(r => r.Signal).SequenceEqual(found.Rules.Select(r => r.Signal)))
            .MinBy(p => p.Rules.Zip(found.Rules).Sum(r => Math.Abs(r.First.Threshold - r.Second.Threshold)))!;
        string what = $"{found.Chain.Name} {found.Carried?.Name} {truth.Figures} instead of {wanted.Chain.Name} {wanted.Carried?.Name} "
            + wanted.Figures;
        Assert.True(truth.Figures.Quality >= wanted.Figures.Quality - QualityTolerance, what);
        Assert.True(truth.Figures.LatencyMean <= wanted.Figures.LatencyMean * (1 + ThreadChoice.Tolerance), what);
        Assert.Equal(wanted.Threads, found.Threads);
    }

    private string Imported(string model) => ModelImport.Run(new ImportRequest(TestPlaces.NeedData("detectors", model + ".onnx"), null,
        TestPlaces.NeedData("detectors", "coco.names"), _folder.File(model), null, null, TestPlaces.OnnxRuntimeLibrary, Replaces: false),
        (_, _) => { }).Folder;

    /// <summary>About what the models take on a core of a small board.</summary>
    private static float MsOf(string pack, string option, int threads, float measured)
    {
        float ms = Path.GetFileName(pack) switch { "fastestdet_352" => 2.2f, "nanodet_m_416" => 5, "picodet_s_416" => 7.5f, _ => 6 };
        return float.IsNaN(measured) ? measured : ms / Pace[threads - 1];
    }
}
