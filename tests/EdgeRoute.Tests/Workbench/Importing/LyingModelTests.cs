using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Metadata that is not the model's: outputs and shapes count, and what was said otherwise is told.</summary>
public sealed class LyingModelTests : IDisposable
{
    /// <summary>Of 96 x 96 by the strides 8, 16 and 32.</summary>
    private const int Cells = 189;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(79)]
    [InlineData(80)]
    [InlineData(81)]
    public void A_list_of_names_that_is_too_long_or_short_makes_no_other_head(int names)
    {
        var planes = Import(Image().Output("out", [1, 84, Cells], new float[84 * Cells]).Metadata("names", Names(names)));
        var anchored = Import(Image().Output("out", [1, 3 * Cells, 85], new float[3 * Cells * 85]).Metadata("names", Names(names)));
        Assert.Equal(("yolov8", "yolov5"), (planes.Head, anchored.Head));
        string told = $"names of the 80 classes, of which the model's metadata names {names}";
        Assert.All([planes, anchored], r => Assert.Equal(names != 80, r.Guesses.Any(g => g.What == told)));
    }

    [Theory]
    [InlineData("[999999999, 3]")]
    [InlineData("[99999999999999, 3]")]
    [InlineData("[17, 9]")]
    [InlineData("many")]
    public void Key_points_that_cannot_be_are_refused(string shape)
    {
        var model = Image().Output("out", [1, 56, Cells], new float[56 * Cells]).Metadata("task", "pose").Metadata("stride", "32")
            .Metadata("kpt_shape", shape);
        Assert.EndsWith($"this model has 'out' [1,56,189] and its 'kpt_shape' is '{shape}'",
            Assert.Throws<InvalidDataException>(() => Import(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_in_the_metadata_that_is_none_is_guessed_anew()
    {
        var model = new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, -1, -1).Output("out", [1, 3], [1, 2, 3]);
        var guess = Import(model.Metadata("imgsz", "[96, 99999999999]")).Guesses[0];
        Assert.Equal(("size of the input, which the model leaves open; its metadata 'imgsz' is '[96, 99999999999]', which is none",
            "640x640"), (guess.What, guess.Value));
    }

    [Fact]
    public void A_size_in_the_metadata_beside_that_of_the_input_is_told()
    {
        var report = Import(Image().Output("out", [1, 3], [1, 2, 3]).Metadata("imgsz", "[640, 320]"));
        Assert.Contains("size 96x96; the metadata 'imgsz' says 320x640, which does not count beside the input's shape or --size",
            report.Reasons);
        report = Import(Image().Output("out", [1, 3], [1, 2, 3]).Metadata("imgsz", "[96, 96]"));
        Assert.DoesNotContain(report.Reasons, r => r.Contains("imgsz", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_task_in_the_metadata_is_told()
    {
        var detector = Import(Image().Output("out", [1, 84, Cells], new float[84 * Cells]).Metadata("task", "classify"));
        Assert.Contains(detector.Guesses, g => g.What.EndsWith("metadata 'task', which is 'classify'", StringComparison.Ordinal));
        var classifier = Import(Image().Output("out", [1, 80], new float[80]).Metadata("task", "detect"));
        Assert.Contains(classifier.Guesses, g => g.Value == "a classifier");
        var unknown = Import(Image().Output("out", [1, 80], new float[80]).Metadata("task", "fly"));
        Assert.Contains("by its outputs alone; its metadata 'task' is 'fly', which none of those known is", unknown.Reasons);
        var sound = Import(Image().Output("out", [1, 80], new float[80]).Metadata("task", "classify"));
        Assert.DoesNotContain(sound.Guesses, g => g.What.Contains("'task'", StringComparison.Ordinal));
    }

    [Fact]
    public void Numbers_without_names_may_be_an_embedding()
    {
        Assert.Contains(Import(Image().Output("out", [1, 512], new float[512])).Guesses,
            g => g.What == "what the numbers mean" && g.Change.Contains("embedding", StringComparison.Ordinal));
        Assert.DoesNotContain(Import(Image().Output("out", [1, 1000], new float[1000])).Guesses, g => g.What == "what the numbers mean");
    }

    [Fact]
    public void Outputs_that_are_declared_otherwise_than_they_come_are_warned_of_and_taken_where_a_head_can()
    {
        var boxes = Import(Image().Constant("values", [1, 84, Cells], new float[84 * Cells]).Node("Identity", ["values"], "out")
            .Declare("out", TinyOnnx.Float, 1, 84, 8400));
        Assert.Null(boxes.Trial!.Fault);
        Assert.Contains("output 'out' is declared as [1,84,8400], but comes as [1,84,189]; export the model again, or leave the sizes of "
            + "its outputs open", boxes.Doubts);
        var classes = Import(Image().Constant("values", [1, 3], [1, 2, 3]).Node("Identity", ["values"], "out")
            .Declare("out", TinyOnnx.Float, 1, 9));
        Assert.Contains("'out' [1,9] yields 9 values, but the pack has 3 labels", classes.Trial!.Fault, StringComparison.Ordinal);
        Assert.StartsWith("output 'out' is declared as [1,9], but comes as [1,3]", classes.Doubts[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Fewer_rows_than_each_has_numbers_are_rows(int rows)
    {
        var report = Import(Image().Output("out", [1, rows, 6], [.. Enumerable.Repeat(new[] { 10f, 10, 50, 50, 0.9f, 2 }, rows)
            .SelectMany(r => r)]).Metadata("names", Names(3)));
        Assert.Equal("end_to_end", report.Head);
        Assert.StartsWith("n2 0.90 at", report.Trial!.Answer[0], StringComparison.Ordinal);
    }

    [Fact]
    public void More_classes_than_a_pack_can_name_are_refused_before_anything_is_written()
    {
        var model = Image().Output("out", [1, 100_001], new float[100_001]);
        Assert.StartsWith("head 'softmax_classification' would read 'out' with 100001 classes, and a pack names 100000 at most",
            Assert.Throws<InvalidDataException>(() => Import(model)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("pack")));
    }

    [Fact]
    public void Logits_beside_their_softmax_are_a_classifier()
    {
        var report = Import(Image().Output("logits", [1, 3], [1, 2, 3]).Node("Softmax", ["logits"], "likely", ("axis", 1))
            .Declare("likely", TinyOnnx.Float, 1, 3));
        Assert.Equal("probability_classification", report.Head);
        Assert.Contains("'likely' is the softmax of 'logits'", report.Reasons);
    }

    private static string Names(int count) => "{" + string.Join(", ", Enumerable.Range(0, count).Select(i => $"{i}: 'n{i}'")) + "}";

    private static TinyOnnx Image() => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 96, 96);

    private ImportReport Import(TinyOnnx model) => ModelImport.Run(new ImportRequest(model.Write(_folder, "model.onnx"), null, null,
        _folder.File("pack"), null, null, TestPlaces.OnnxRuntimeLibrary, true), (_, _) => { });
}
