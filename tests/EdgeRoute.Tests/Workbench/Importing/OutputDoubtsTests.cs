using System.Text.Json.Nodes;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Probing;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Outputs that are infinite, or that no picture changes, are warned of; what is rightly so is not.</summary>
public sealed class OutputDoubtsTests : IDisposable
{
    private static readonly string[] Detector = ["boxes", "classes", "confidences", "count"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 0, 0, "output 'out' is 0 everywhere, whatever the picture (grey, stripes and coloured fields), so that head ")]
    [InlineData(2, 2, 2, "output 'out' is 2 everywhere, whatever the picture")]
    [InlineData(1, 2, 3.5, "output 'out' holds the same 3 values, 1 to 3.5, whatever the picture")]
    public void An_output_that_no_picture_changes_is_warned_of(float a, float b, float c, string words)
    {
        string doubt = Assert.Single(Import(Image().Output("out", [1, 3], [a, b, c])).Doubts);
        Assert.StartsWith(words, doubt, StringComparison.Ordinal);
        Assert.Contains("head 'softmax_classification' reads the same in every frame: most likely the weights were not loaded", doubt,
            StringComparison.Ordinal);
        Assert.EndsWith("; --picture FILE tries it on a picture with something in it", doubt, StringComparison.Ordinal);
        Assert.Contains("model.onnx: " + doubt, _warnings);
    }

    [Fact]
    public void Weights_of_zero_are_warned_of_on_the_picture_that_was_given_too()
    {
        File.WriteAllBytes(_folder.File("street.png"), PictureMaker.Png(64, 48));
        var report = Import(Live(0, 1), _folder.File("street.png"));
        string doubt = Assert.Single(report.Doubts);
        Assert.Contains($"(grey, stripes, coloured fields and '{_folder.File("street.png")}')", doubt, StringComparison.Ordinal);
        Assert.DoesNotContain("--picture", doubt, StringComparison.Ordinal);
        Assert.Equal(doubt, (string)JsonNode.Parse(report.ToJson())!["doubts"]![0]!);
    }

    [Fact]
    public void A_model_that_looks_at_its_picture_is_not_warned_of()
    {
        File.WriteAllBytes(_folder.File("street.png"), PictureMaker.Png(64, 48));
        Assert.Empty(Import(Live(0.5f, 1)).Doubts);
        Assert.Empty(Import(Live(0.5f, 1), _folder.File("street.png")).Doubts);
    }

    [Fact]
    public void Infinite_values_are_warned_of_once()
    {
        string doubt = Assert.Single(Import(Live(1e38f, 1e38f)).Doubts);
        Assert.Matches("^output 'out' holds values that are infinite or no numbers on stripes, 3 of 3, the first -?Infinity at 0: ", doubt);
        Assert.EndsWith("export it again, in float32", doubt, StringComparison.Ordinal);
    }

    [Fact]
    public void What_divides_by_the_contrast_of_a_picture_may_be_infinite_on_grey()
    {
        var model = Image().Node("GlobalMaxPool", ["images"], "most").Node("Neg", ["images"], "negative")
            .Node("GlobalMaxPool", ["negative"], "least").Node("Add", ["most", "least"], "contrast").Constant("one", [1], [1])
            .Node("Div", ["most", "contrast"], "pooled").Node("Flatten", ["pooled"], "out").Declare("out", TinyOnnx.Float, 1, 3);
        Assert.Empty(Import(model).Doubts);
    }

    [Fact]
    public void Outputs_that_no_head_decodes_may_be_constant()
    {
        float[] mean = new float[192 * 448];
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] = (i % 97) / 97f / 192;
        }

        var report = Import(Image().Node("Flatten", ["images"], "flat").Constant("w", [192, 448], mean)
            .Node("MatMul", ["flat", "w"], "values").Constant("like", [1, 7, 64], new float[448]).Node("Shape", ["like"], "shape")
            .Node("Reshape", ["values", "shape"], "out").Declare("out", TinyOnnx.Float, 1, 7, 64)
            .Output("anchors", [1, 3, 8, 8], new float[192]).Output("sizes", [1, 3, 4, 4], new float[48]));
        Assert.Equal("yolov8", report.Head);
        Assert.Empty(report.Doubts);
    }

    [Theory]
    [InlineData("end_to_end", 0, 0)]
    [InlineData("end_to_end", 0.9f, 1)]
    [InlineData("end_to_end_pose", 0.1f, 0)]
    [InlineData("class_map", 0, 0)]
    [InlineData("yolov8", 0, 1)]
    public void Rows_and_maps_in_which_nothing_was_found_may_be_the_same(string head, float confidence, int doubts)
    {
        float[] rows = [10, 10, 20, 20, confidence, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(doubts, Doubts(head, ["out"], [2, 6], head == "class_map" ? new float[12] : rows).Count);
    }

    [Fact]
    public void Lists_in_which_nothing_was_found_may_be_the_same()
    {
        Assert.Empty(Doubts("ssd", Detector, [1, 1], [0, 0, 0, 0]));
        string found = Assert.Single(Doubts("ssd", Detector, [1, 1], [0.9f, 0.9f, 0.9f, 0.9f]));
        Assert.StartsWith("each of outputs 'boxes', 'confidences' is 0.9 everywhere", found, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_outputs_of_a_kind_make_one_line()
    {
        string[] maps = [.. Enumerable.Range(0, 8).Select(i => $"m{i}")];
        Assert.StartsWith("each of outputs 'm0', 'm1', 'm2', 'm3' and 4 more is 0 everywhere", Assert.Single(Doubts("dfl", maps, [1, 2],
            [0, 0])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false, 0, 0)]
    [InlineData(true, true, 0, 1)]
    [InlineData(true, false, 0.3f, 1)]
    [InlineData(false, false, 0, 1)]
    public void Confidences_that_eight_bits_round_to_nothing_need_a_picture_with_something_in_it(bool isQuantized, bool isGiven,
        float value, int doubts)
    {
        float[] values = [value, value];
        Assert.Equal(doubts, Doubts("detr", ["logits"], [1, 2], values, isQuantized, isGiven).Count);
    }

    [Theory]
    [InlineData("yolov8", true, 0, 1)]
    [InlineData("yolov8", false, 0, 1)]
    [InlineData("yolov8", true, 0.01f, 0)]
    [InlineData("yolov5", false, 0, 1)]
    [InlineData("end_to_end", false, 0, 0)]
    public void Boxes_that_move_do_not_hide_confidences_that_never_do(string head, bool isPlanes, float step, int doubts)
    {
        int labels = head == "yolov5" ? 1 : 2;
        var family = new ModelFamily("any", "detection", head, ["out"], labels, ModelEvidence.Thresholds(0.25, 0.1, null),
            FrameLook.Stretched);
        var runs = Enumerable.Range(0, 3).Select(run => new TrialRun($"picture {run}", run == 2, [new ProbedOutput("out",
            isPlanes ? [1, 6, 8] : [1, 8, 6], [.. Enumerable.Range(0, 48).Select(i => (isPlanes ? i / 8 : i % 6) < 4 ? i + run
                : 0.5f + (run * step))])])).ToList();
        var found = OutputDoubts.Of(family, runs, isQuantized: false);
        Assert.Equal(doubts, found.Count);
        Assert.All(found, d => Assert.StartsWith("output 'out' has the same confidences beside its boxes, 0.5 to 0.5, whatever", d,
            StringComparison.Ordinal));
    }

    /// <summary>The same values in every output and for every picture.</summary>
    private static IReadOnlyList<string> Doubts(string head, string[] outputs, long[] shape, float[] values, bool isQuantized = false,
        bool isGiven = false)
    {
        var family = new ModelFamily("any", "detection", head, outputs, 1, ModelEvidence.Thresholds(0.25, 0.1, null), FrameLook.Stretched);
        ProbedOutput[] found = [.. outputs.Select(o => new ProbedOutput(o, shape, values))];
        return OutputDoubts.Of(family, [new TrialRun("grey", false, found), new TrialRun("stripes", isGiven, found)], isQuantized);
    }

    /// <summary>The mean of each colour, times both factors.</summary>
    private static TinyOnnx Live(float factor, float again) => Image().Node("GlobalAveragePool", ["images"], "pooled")
        .Node("Flatten", ["pooled"], "flat").Constant("a", [1], [factor]).Constant("b", [1], [again]).Node("Mul", ["flat", "a"], "once")
        .Node("Mul", ["once", "b"], "out").Declare("out", TinyOnnx.Float, 1, 3);

    private static TinyOnnx Image() => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 8, 8);

    private ImportReport Import(TinyOnnx model, string? picture = null) => ModelImport.Run(new ImportRequest(
        model.Write(_folder, "model.onnx"), null, null, _folder.File("pack"), picture, null, TestPlaces.OnnxRuntimeLibrary, true),
        (level, text) => _warnings.AddRange(level == ReportLevel.Warning ? [text] : Array.Empty<string>()));
}
