using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Engine.Stages.Heads;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Bare models of classes and depths for every place become packs that answer on a real session.</summary>
public sealed class SceneImportTests : IDisposable
{
    private const int Side = 64;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ImportReport Import(TinyOnnx model)
    {
        if (Directory.Exists(_folder.File("pack")))
        {
            Directory.Delete(_folder.File("pack"), recursive: true);
        }

        return ModelImport.Run(new ImportRequest(model.Write(_folder, "model.onnx"), null, null, _folder.File("pack"), null, null,
            TestPlaces.OnnxRuntimeLibrary, Replaces: false), (_, _) => { });
    }

    private static TinyOnnx Image() => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, Side, Side);

    /// <summary>The left quarter is of class 2, the rest of class 0.</summary>
    [Fact]
    public void A_map_of_logits_is_a_class_for_each_place()
    {
        float[] logits = new float[4 * 16 * 16];
        for (int y = 0; y < 16; y++)
        {
            logits.AsSpan(y * 16, 16).Fill(1);
            logits.AsSpan((2 * 256) + (y * 16), 4).Fill(2);
        }

        var report = Import(Image().Output("logits", [1, 4, 16, 16], logits));
        Assert.Equal(("semantic_segmentation", null), (report.Head, report.Trial!.Fault));
        Assert.Equal(["class 0 on 0.75 of the picture", "class 2 on 0.25 of the picture"], report.Trial.Answer);
        var pack = PackReader.Read(_folder.File("pack"));
        Assert.Equal((TaskKind.Segmentation, 4), (pack.Task, pack.Labels.Count));
    }

    [Theory]
    [InlineData(new long[] { 1, 1, 32, 32 })]
    [InlineData(new long[] { 1, 64, 64 })]
    public void A_map_of_one_plane_is_taken_for_depth_and_told_as_a_guess(long[] shape)
    {
        var (_, values) = ArrayTensors.Random(new Random(1), 2, 5, shape);
        (values[0], values[^1]) = (1.5f, 6);
        var report = Import(Image().Output("depth", shape, values));
        Assert.Equal(("depth", null), (report.Head, report.Trial!.Fault));
        Assert.Equal("depth from 1.5 to 6", Assert.Single(report.Trial.Answer));
        Assert.Contains(report.Guesses, g => g.What == "what the map means" && g.Value == "depth");
        Assert.Empty(PackReader.Read(_folder.File("pack")).Labels);
    }

    [Fact]
    public void A_coarse_map_of_a_detector_is_none()
    {
        var report = Import(Image().Output("out", [1, 9, 4, 4], new float[9 * 16]));
        Assert.Equal("fastestdet", report.Head);
    }
}
