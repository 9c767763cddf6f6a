using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>What is shown of a model that is not recognised: few heads, the nearest first, with what does not fit.</summary>
public sealed class NearestHeadsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_many_outputs_each_head_is_shown_once_and_all_are_in_the_JSON()
    {
        var model = Image();
        for (int i = 0; i < 12; i++)
        {
            model.Output($"o{i}", [1, 20, 84 + i], new float[20 * (84 + i)]);
        }

        var report = Import(model);
        Assert.Equal(36, report.NearestHeads.Count);
        Assert.Equal(["yolov8", "yolov5", "yolox"], report.NearestHeads.Take(3).Select(h => h.Split('\'')[1]).Order()
            .OrderByDescending(h => h == "yolov8"));
        Assert.All(report.NearestHeads, h => Assert.EndsWith(" 11 other outputs are left over", h, StringComparison.Ordinal));
        var lines = ImportText.Lines(report);
        Assert.Equal(4, lines.Count(l => l.StartsWith("  nearest: ", StringComparison.Ordinal)));
        Assert.Contains("  further off: 32 more, which --json lists", lines);
    }

    [Fact]
    public void A_pair_that_nearly_fits_comes_before_one_of_its_outputs_alone()
    {
        var report = Import(Image().Output("logits", [1, 20, 7], [.. Enumerable.Repeat(-2f, 140)]).Output("found", [1, 21, 4],
            new float[84]));
        Assert.StartsWith("'detr' would read 'logits', 'found' with 7 labels; what does not fit: 'logits' has 20 rows and 'found' 21",
            report.NearestHeads.First(h => h.Contains("'detr'", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_without_names_are_seen_for_lists()
    {
        var report = Import(Image().Output("a", [1, 50, 4], new float[200]).Output("b", [1, 50], new float[50])
            .Output("c", [1, 50], new float[50]));
        Assert.Equal("'ssd' would read 'a', 'b', 'c'; what does not fit: no names tell which list holds classes and which confidences",
            report.NearestHeads[0]);
    }

    [Fact]
    public void Other_names_and_types_are_what_does_not_fit()
    {
        var report = Import(Image().Output("a", [1, 10], new float[10]).Output("b", [1, 50], new float[50])
            .Metadata("names", "['x', 'y']"));
        Assert.Equal("'softmax_classification' would read 'a' with 10 labels; what does not fit: 2 class names are known; 'b' is left over",
            report.NearestHeads.First(h => h.Contains("'softmax", StringComparison.Ordinal)));
        Assert.Equal("'policy' would read 'out' with 1 numbers of one action; what does not fit: 'out' is int64, where the head reads "
            + "float32 or float16", Assert.Single(Import(Image().Wholes("out", [1], [3])).NearestHeads));
    }

    private static TinyOnnx Image() => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 64, 64);

    private ImportReport Import(TinyOnnx model) => ModelImport.Run(new ImportRequest(model.Write(_folder, "model.onnx"), null, null,
        _folder.File("pack"), null, null, TestPlaces.OnnxRuntimeLibrary, true), (_, _) => { });
}
