using System.Text.Json.Nodes;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Engine.Stages;
using EdgeRoute.Workbench.Quantizing;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>Real models on real pictures answer in int8 nearly as in float.</summary>
public sealed class RealModelQuantizeTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>What may be lost by labels: half a point.</summary>
    private const double LossMost = 0.005;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A pack of one stage of a fixture, with a copy of its model; quantized on pictures.</summary>
    private IReadOnlyList<PackStage> Quantized(string pack, string stage, string pictures, RangeMethod method)
    {
        string fixture = TestPlaces.Fixture("packs", pack);
        var read = PackReader.Read(fixture, TestPlaces.NeedData());
        var alone = SiblingManifest.Alone(SiblingManifest.Read(Path.Combine(fixture, "manifest.json")), stage, read.Labels);
        var block = SiblingManifest.StageOf(alone, stage).AsObject();
        File.Copy(read.Stages.Single(s => s.Name == stage).FilePath, _folder.File("model.onnx"));
        block["file"] = JsonValue.Create("model.onnx");
        _folder.Write("manifest.json", SiblingManifest.TextOf(alone));
        var report = SmallPacks.Quantize(new QuantizeRequest(_folder.Path, null, pictures, [])
        {
            Library = TestPlaces.OnnxRuntimeLibrary, FrameLimit = 128, Method = method,
        });
        var made = Assert.Single(report.Stages);
        output.WriteLine(report.ToJson());
        Assert.Equal(made.Int8LayerCount, made.Int8LayersRun);
        return PackReader.Read(_folder.Path).Stages;
    }

    [SkippableFact]
    public void A_detector_finds_what_it_found_in_float()
    {
        string pictures = TestPlaces.NeedData("coco-val", "images");
        var stages = Quantized("coco-fastestdet-yolox", "heavy", pictures, RangeMethod.Squares);
        var (plain, rounded) = (Precision(stages[0], pictures), Precision(stages[1], pictures));
        output.WriteLine($"AP50 {plain.At50:F4} in float, {rounded.At50:F4} in int8; AP {plain.Mean:F4}, {rounded.Mean:F4}");
        Assert.True(rounded.At50 >= plain.At50 - LossMost, $"AP50 {plain.At50:F4} became {rounded.At50:F4}");
        Assert.True(rounded.Mean >= plain.Mean - LossMost, $"AP {plain.Mean:F4} became {rounded.Mean:F4}");
    }

    [SkippableFact]
    public void A_vision_transformer_names_what_it_named_in_float()
    {
        string pictures = TestPlaces.NeedData("imagenet-samples");
        var stages = Quantized("imagenet-squeezenet-vit", "heavy", pictures, RangeMethod.MinMax);
        var (plain, rounded) = (TopOne(stages[0], pictures), TopOne(stages[1], pictures));
        output.WriteLine($"top-1 {plain:F4} in float, {rounded:F4} in int8");
        Assert.True(rounded >= plain - LossMost, $"top-1 {plain:F4} became {rounded:F4}");
    }

    private static (double At50, double Mean) Precision(PackStage stage, string folder)
    {
        var exit = stage.Exit! with { Detection = new DetectionSettings(Threshold: 0.05f, DoubtFloor: 0.05f, NmsOverlap: 0.6f,
            Limit: 1000) };
        string labels = TestPlaces.NeedData("coco-val", "labels");
        using var session = new StageSession(stage, exit);
        var pictures = new List<AveragePrecision.Picture>();
        foreach (string path in Directory.GetFiles(folder, "*.jpg"))
        {
            session.Run(path);
            var truth = AveragePrecision.ReadLabels(Path.Combine(labels, Path.GetFileNameWithoutExtension(path) + ".txt"));
            pictures.Add(new(truth, session.Answer.Detections.ToArray()));
        }

        return (AveragePrecision.At(0.5, pictures), Enumerable.Range(10, 10).Average(t => AveragePrecision.At(t / 20.0, pictures)));
    }

    /// <summary>The class index begins the file's name.</summary>
    private static double TopOne(PackStage stage, string folder)
    {
        using var session = new StageSession(stage, stage.Exit!);
        string[] pictures = Directory.GetFiles(folder);
        return pictures.Count(p =>
        {
            session.Run(p);
            return session.Answer.TopIndex == int.Parse(Path.GetFileName(p)[..3], null);
        }) / (double)pictures.Length;
    }
}
