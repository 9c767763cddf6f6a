using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Layouts of detectors that have the shape of another family's, or that a variant of a family has.</summary>
public sealed class LayoutImportTests : IDisposable
{
    /// <summary>Cells of 64 x 64 at strides 8, 16 and 32, and with 64.</summary>
    private const int Side = 64, Cells = 64 + 16 + 4, MoreCells = Cells + 1;

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

    private JsonNode Exit => JsonNode.Parse(File.ReadAllText(_folder.File("pack", "manifest.json")))!["stages"]![0]!["exit"]!;

    private static TinyOnnx Image() => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, Side, Side);

    private static void Answers(ImportReport report, string head, string answer)
    {
        Assert.Equal((head, null), (report.Head, report.Trial!.Fault));
        Assert.StartsWith(answer, Assert.Single(report.Trial.Answer), StringComparison.Ordinal);
    }

    private static float[] Rows(int count, int width, int at, params float[] row)
    {
        float[] rows = new float[count * width];
        row.CopyTo(rows, at * width);
        return rows;
    }

    /// <summary>YOLO 6 has an objectness that is always 1.</summary>
    [Fact]
    public void YOLO_6_has_an_objectness_of_one()
    {
        float[] rows = [.. Enumerable.Range(0, Cells).SelectMany(i => (float[])[i == 7 ? 32 : i, 32, i == 7 ? 32 : 0, 32, 1, 0, 0,
            i == 7 ? 0.75f : 0])];
        var report = Import(Image().Output("outputs", [1, Cells, 8], rows));
        Answers(report, "yolov5", "class 2 0.75 at 0.25,0.17 size 0.50x0.67");
        Assert.Contains("5, 6, 7", report.Family, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 40, 7 })]
    [InlineData(new long[] { 1, 40, 7 })]
    public void YOLO_7_end_to_end_has_the_number_of_the_picture_in_front(long[] shape)
    {
        Answers(Import(Image().Output("output", shape, Rows(40, 7, 3, 0, 16, 16, 48, 48, 2, 0.75f))), "end_to_end",
            "car 0.75 at 0.25,0.17 size 0.50x0.67");
        Assert.True((bool)Exit["batch_column"]!);
    }

    [Fact]
    public void YOLO_6_and_7_with_lists_are_told_from_others()
    {
        var model = Image().Wholes("num_dets", [1, 1], [1]).Output("det_boxes", [1, 40, 4], Rows(40, 4, 0, 16, 16, 48, 48))
            .Output("det_scores", [1, 40], Rows(40, 1, 0, 0.75f)).Wholes("det_classes", [1, 40], [2, .. new long[39]]);
        Answers(Import(model), "ssd", "car 0.75 at 0.25,0.17 size 0.50x0.67");
        Assert.Equal("det_boxes det_classes det_scores num_dets", string.Join(' ', Exit["outputs"]!.AsArray().Select(o => (string)o!)));
    }

    /// <summary>The published DETR has 91 identifiers and nothing, and some exports yield hidden states as well.</summary>
    [Fact]
    public void DETR_is_known_by_its_number_of_classes_and_by_names_among_more_outputs()
    {
        float[] logits = new float[20 * 92];
        logits.AsSpan().Fill(-9);
        (logits[(5 * 92) + 18], logits[91]) = (9, 9);
        for (int i = 0; i < 20; i++)
        {
            logits[(i * 92) + 91] = i == 5 ? -9 : logits[91];
        }

        float[] boxes = [.. Enumerable.Repeat(0.5f, 80)];
        Answers(Import(Image().Output("logits", [1, 20, 92], logits).Output("pred_boxes", [1, 20, 4], boxes)
            .Output("last_hidden_state", [1, 20, 8], new float[160])), "detr", "dog 1.00 at 0.25,0.25 size 0.50x0.50");
        Assert.Equal("softmax", (string)Exit["activation"]!);
        float[] flat = new float[20 * 92];
        flat.AsSpan().Fill(-2);
        Import(Image().Output("pred_logits", [1, 20, 92], flat).Output("pred_boxes", [1, 20, 4], boxes));
        Assert.Equal("softmax", (string)Exit["activation"]!);
    }

    /// <summary>The mean of the mask is the probability that the model is sure of its first query with.</summary>
    [Fact]
    public void A_mask_of_the_pixels_says_that_all_are_picture()
    {
        float[] unlikely = new float[3 * 6];
        unlikely.AsSpan().Fill(-9);
        unlikely[2] = 0;
        var model = Image().Input("pixel_mask", TinyOnnx.Int64, -1, 8, -1)
            .Node("Cast", ["pixel_mask"], "mask", ("to", TinyOnnx.Float)).Node("ReduceMean", ["mask"], "mean", ("keepdims", 0))
            .Constant("unlikely", [1, 6, 3], unlikely).Node("Add", ["unlikely", "mean"], "logits")
            .Declare("logits", TinyOnnx.Float, 1, 6, 3).Output("pred_boxes", [1, 6, 4], [.. Enumerable.Repeat(0.5f, 24)]);
        Answers(Import(model.Metadata("names", "['a', 'b', 'c']")), "detr", "c 0.73 at 0.25,0.25 size 0.50x0.50");
        var stage = JsonNode.Parse(File.ReadAllText(_folder.File("pack", "manifest.json")))!["stages"]![0]!;
        Assert.Equal("pixel_mask", (string)stage["mask_input"]!);
    }

    [Fact]
    public void Probabilities_and_boxes_apart_are_no_queries()
    {
        float[] boxes = [.. Enumerable.Range(0, Cells).SelectMany(i => (float[])[16, 16, 48, 48])];
        float[] classes = Rows(Cells, 5, 7, 0, 0, 0.75f);
        Answers(Import(Image().Output("904", [1, Cells, 4], boxes).Output("913", [1, Cells, 5], classes)), "detr",
            "class 2 0.75 at 0.25,0.17 size 0.50x0.67");
        Assert.Equal(("none", "xyxy", "pixel"), ((string)Exit["activation"]!, (string)Exit["box_form"]!, (string)Exit["box_unit"]!));
        // Faces with the class of nothing in front; boxes are fractions of a stretched picture, with a side more.
        float[] faces = [.. Enumerable.Range(0, Cells).SelectMany(i => (float[])[i == 7 ? 0.25f : 1, i == 7 ? 0.75f : 0])];
        Answers(Import(Image().Output("scores", [1, Cells, 2], faces).Output("boxes", [1, Cells, 1, 4],
            [.. Enumerable.Range(0, Cells).SelectMany(i => (float[])[0.25f, 0.25f, 0.75f, 0.75f])])), "detr",
            "class 0 0.75 at 0.25,0.25 size 0.50x0.50");
        Assert.Equal((1, "fraction"), ((int)Exit["first_class"]!, (string)Exit["box_unit"]!));
    }

    [Fact]
    public void Cells_with_classes_and_distributions_side_by_side_are_one_tensor()
    {
        const int Width = 3 + 32;
        float[] rows = [.. Enumerable.Range(0, MoreCells).SelectMany(i => (float[])[0, i == 27 ? 0.75f : 0, 0.1f,
            .. Enumerable.Range(0, 32).Select(b => b % 8 == 2 ? 50f : -50)])];
        // Two cells of 8 pixels to each side of the corner of the cell in row 3, column 3.
        Answers(Import(Image().Output("output", [1, MoreCells, Width], rows)), "dfl", "class 1 0.75 at 0.13,0.00 size 0.50x0.67");
        Assert.Equal((0, 8, 4), ((int)Exit["cell_offset"]!, (int)Exit["bin_count"]!, Exit["strides"]!.AsArray().Count));
    }

    [Fact]
    public void Masks_with_an_objectness_are_those_of_YOLO_5()
    {
        const int Count = 3 * Cells, Masks = 8, Width = 5 + 2 + Masks;
        float[] rows = Rows(Count, Width, 9, 32, 32, 32, 32, 1, 0, 0.75f, 1);
        var report = Import(Image().Output("output0", [1, Count, Width], rows)
            .Output("output1", [1, Masks, 16, 16], [.. Enumerable.Repeat(1f, Masks * 256)]));
        Answers(report, "yolov5_seg", "class 1 0.75 at 0.25,0.17 size 0.50x0.67, a mask of 1.00 of its box");
        Assert.Equal(2, PackReader.Read(_folder.File("pack")).Labels.Count);
    }

    /// <summary>The left quarter is of class 2, the rest of class 0.</summary>
    [Theory]
    [InlineData(new long[] { 1, 16, 16 })]
    [InlineData(new long[] { 1, 1, 16, 16 })]
    public void A_map_of_whole_numbers_is_the_class_of_each_place(long[] shape)
    {
        var model = Image().Wholes("classes", shape, [.. Enumerable.Range(0, 256).Select(i => i % 16 < 4 ? 2L : 0)]);
        var report = Import(model);
        Assert.Equal(("class_map", null), (report.Head, report.Trial!.Fault));
        Assert.Equal(["class 0 on 0.75 of the picture", "class 2 on 0.25 of the picture"], report.Trial.Answer);
        Assert.Contains(report.Guesses, g => g.Change == "--labels FILE" && g.Value == "256");
        var named = Import(model.Metadata("names", "['road', 'sky', 'car']"));
        Assert.Equal(["road on 0.75 of the picture", "car on 0.25 of the picture"], named.Trial!.Answer);
        var pack = PackReader.Read(_folder.File("pack"));
        Assert.Equal((TaskKind.Segmentation, 3), (pack.Task, pack.Labels.Count));
    }

    /// <summary>The model adds a map of 16 x 16, so that it takes no other size.</summary>
    [Theory]
    [InlineData(null, "fails at 640x640; give its own with --size")]
    [InlineData(24, "fails at 24x24; most models want sides that are multiples of 32")]
    public void A_size_that_the_model_cannot_take_is_told_with_what_to_do(int? side, string words)
    {
        string path = new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, -1, -1).Constant("map", [1, 3, 16, 16], new float[768])
            .Node("Add", ["images", "map"], "out").Declare("out", TinyOnnx.Float, 1, 3, -1, -1).Write(_folder, "model.onnx");
        var refused = Assert.Throws<InvalidDataException>(() => ModelImport.Run(new ImportRequest(path, null, null, _folder.File("pack"),
            null, side is { } own ? (own, own) : null, TestPlaces.OnnxRuntimeLibrary, Replaces: false), (_, _) => { }));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_numbers_from_several_outputs_are_an_action()
    {
        var report = Import(Image().Output("steering", [1, 1], [-0.25f]).Output("collision", [1, 1], [0.5f]));
        Assert.Equal(("policy", null), (report.Head, report.Trial!.Fault));
        Assert.Equal(["value 0: -0.250", "value 1: 0.500"], report.Trial.Answer);
        Assert.Contains(report.Guesses, g => g.What == "what the numbers mean");
    }
}
