using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Bare model files become packs that answer. The models are constants in the layout of each family's exports.</summary>
public sealed class ModelImportTests : IDisposable
{
    /// <summary>Cells of 64 x 64 at strides 8, 16 and 32.</summary>
    private const int Cells = 64 + 16 + 4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static TinyOnnx Image(int side = 64) => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, side, side);

    private ImportReport Import(TinyOnnx model, string? labels = null, (int Width, int Height)? size = null) => ModelImport.Run(
        new ImportRequest(model.Write(_folder, "model.onnx"), null, labels, _folder.File("pack"), null, size,
            TestPlaces.OnnxRuntimeLibrary, Replaces: false), (_, _) => { });

    private JsonNode Stage => JsonNode.Parse(File.ReadAllText(_folder.File("pack", "manifest.json")))!["stages"]![0]!;

    private static void Answers(ImportReport report, string head, string answer)
    {
        Assert.Equal(head, report.Head);
        Assert.Null(report.Trial!.Fault);
        Assert.StartsWith(answer, Assert.Single(report.Trial.Answer), StringComparison.Ordinal);
    }

    /// <summary>Candidates of a width, all nothing but number 7: a box at 16,16 of 32 x 32 pixels, and its last number 0.75.</summary>
    private static float[] Candidates(int count, int width, bool isPlanes, bool hasObjectness = false)
    {
        float[] values = new float[count * width];
        for (int i = 0; i < count; i++)
        {
            float[] row = new float[width];
            (row[0], row[1]) = (64f * i / count, 64f * i / count);
            if (i == 7)
            {
                (row[0], row[1]) = (32, 32);
                (row[2], row[3]) = (32, 32);
                row[4] = hasObjectness ? 1 : 0;
                row[^1] = 0.75f;
            }

            for (int c = 0; c < width; c++)
            {
                values[isPlanes ? (c * count) + i : (i * width) + c] = row[c];
            }
        }

        return values;
    }

    [Fact]
    public void An_Ultralytics_export_is_known_by_its_metadata()
    {
        var report = Import(Image().Output("output0", [1, 7, Cells], Candidates(Cells, 7, isPlanes: true))
            .Metadata("task", "detect").Metadata("stride", "32").Metadata("imgsz", "[64, 64]")
            .Metadata("license", "AGPL-3.0 License (https://ultralytics.com/license)")
            .Metadata("names", """{0: 'person', 1: "rider's bike", 2: 'car'}"""));
        // The picture is 640 x 480 under a square letterbox, so that its upper edge lies an eighth of the input below the input's.
        Answers(report, "yolov8", "car 0.75 at 0.25,0.17 size 0.50x0.67");
        Assert.Empty(report.Guesses);
        Assert.Equal(["person", "rider's bike", "car"], PackReader.Read(_folder.File("pack")).Labels);
        Assert.Equal("AGPL-3.0-only", PackReader.Read(_folder.File("pack")).Licence.Spdx);
    }

    [Fact]
    public void Without_metadata_the_shape_decides_and_guesses_are_told()
    {
        var report = Import(Image().Output("out", [1, 84, Cells * 3], Candidates(Cells * 3, 84, isPlanes: true)));
        Answers(report, "yolov8", "toothbrush 0.75");
        string change = report.Guesses.Single(g => g.Value == "the 80 classes of COCO").Change;
        Assert.StartsWith("--labels FILE", change, StringComparison.Ordinal);
        Assert.Contains(report.Guesses, g => g.What == "how pixels become values");
    }

    [Fact]
    public void A_transposed_export_is_told_from_one_with_objectness() =>
        Answers(Import(Image().Output("out", [1, Cells * 3, 84], Candidates(Cells * 3, 84, isPlanes: false))), "yolov8", "toothbrush 0.75");

    [Fact]
    public void Anchors_make_three_candidates_a_cell()
    {
        var report = Import(Image().Output("output", [1, Cells * 3, 9], Candidates(Cells * 3, 9, isPlanes: false, hasObjectness: true)));
        Answers(report, "yolov5", "class 3 0.75");
        Assert.Equal(4, PackReader.Read(_folder.File("pack")).Labels.Count);
    }

    [Fact]
    public void Decoded_cells_with_objectness_are_told_from_raw_ones()
    {
        var decoded = Import(Image().Output("output", [1, Cells, 9], Candidates(Cells, 9, isPlanes: false, hasObjectness: true)));
        Answers(decoded, "yolov5", "class 3 0.75");
        float[] raw = Candidates(Cells, 9, isPlanes: false);
        for (int i = 0; i < Cells; i++)
        {
            (raw[i * 9], raw[(i * 9) + 1]) = (0.5f, 0.5f);
            (raw[(i * 9) + 2], raw[(i * 9) + 3]) = (-1, -1);
        }

        raw[(7 * 9) + 4] = 1;
        Directory.Delete(_folder.File("pack"), recursive: true);
        Answers(Import(Image().Output("output", [1, Cells, 9], raw)), "yolox", "class 3 0.75");
        Assert.Equal("bgr", (string)Stage["input"]!["channels"]!);
    }

    [Fact]
    public void Rows_of_six_are_boxes_that_are_suppressed_already()
    {
        float[] rows = new float[300 * 6];
        float[] first = [16, 16, 48, 48, 0.75f, 2];
        first.CopyTo(rows, 0);
        string labels = _folder.Write("names.txt", "a\nb\nc\n");
        Answers(Import(Image().Output("output0", [1, 300, 6], rows), labels), "end_to_end", "c 0.75");
    }

    [Fact]
    public void Queries_with_a_sigmoid_or_a_softmax_are_told_apart()
    {
        float[] boxes = new float[30 * 4], logits = new float[30 * 4];
        boxes.AsSpan().Fill(0.5f);
        logits.AsSpan().Fill(-9);
        logits[5] = MathF.Log(3);
        Answers(Import(Image().Output("logits", [1, 30, 4], logits).Output("pred_boxes", [1, 30, 4], boxes)), "detr", "class 1 0.75");
        Assert.Equal("sigmoid", (string)Stage["exit"]!["activation"]!);
        for (int i = 0; i < 30; i++)
        {
            logits[(i * 4) + 3] = i == 1 ? -9 : 9;
        }

        Directory.Delete(_folder.File("pack"), recursive: true);
        Answers(Import(Image().Output("logits", [1, 30, 4], logits).Output("pred_boxes", [1, 30, 4], boxes)), "detr", "class 1 1.00");
        Assert.Equal("softmax", (string)Stage["exit"]!["activation"]!);
        Assert.Equal(3, PackReader.Read(_folder.File("pack")).Labels.Count);
    }

    /// <summary>The model multiplies its boxes by the sizes that it is told, as RT-DETR's own decoding does.</summary>
    [Fact]
    public void A_model_that_asks_for_the_size_is_told_that_of_its_input()
    {
        var model = new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 32, 64).Input("orig_target_sizes", TinyOnnx.Int64, 1, 2)
            .Constant("relative", [1, 1, 4], [0.25f, 0.25f, 0.75f, 0.5f])
            .Node("Cast", ["orig_target_sizes"], "sizes", ("to", TinyOnnx.Float))
            .Node("Concat", ["sizes", "sizes"], "both", ("axis", 1))
            .Node("Mul", ["relative", "both"], "boxes").Declare("boxes", TinyOnnx.Float, 1, 1, 4)
            .Wholes("labels", [1, 1], [1]).Output("scores", [1, 1], [0.75f]);
        Answers(Import(model), "ssd", "bicycle 0.75 at 0.25,0.25 size 0.50x0.25");
        Assert.Equal("orig_target_sizes", (string)Stage["size_input"]!);
    }

    [Fact]
    public void Lists_of_boxes_are_read_by_their_names()
    {
        var model = new TinyOnnx().Input("input_tensor", TinyOnnx.UInt8, 1, 64, 64, 3)
            .Output("detection_boxes", [1, 2, 4], [0.25f, 0, 0.75f, 0.5f, 0, 0, 0, 0]).Output("detection_classes", [1, 2], [3, 1])
            .Output("detection_scores", [1, 2], [0.75f, 0]).Output("num_detections", [1], [1]);
        Answers(Import(model), "ssd", "car 0.75 at 0.00,0.25 size 0.50x0.50");
        Assert.Equal("nhwc", (string)Stage["input"]!["layout"]!);
        Assert.Equal(1, (int)Stage["exit"]!["first_class"]!);
    }

    [Theory]
    [InlineData(new[] { 0.125f, 0.75f, 0.125f }, "probability_classification", "class 1 0.75")]
    [InlineData(new[] { 0f, 2f, -5f }, "softmax_classification", "class 1 0.88")]
    public void Classes_are_probabilities_where_they_sum_to_one(float[] values, string head, string answer)
    {
        var report = Import(Image().Output("out", [1, 3], values));
        Assert.Equal(head, report.Head);
        Assert.StartsWith(answer, report.Trial!.Answer[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_size_is_the_users_the_exporters_or_the_usual_one()
    {
        static TinyOnnx Open() => new TinyOnnx().Input("images", TinyOnnx.Float, -1, 3, -1, -1).Output("out", [1, 3], [9, 0, 0]);
        Assert.Contains(Import(Open()).Guesses, g => g.Value == "640x640" && g.Change.StartsWith("--size", StringComparison.Ordinal));
        Directory.Delete(_folder.File("pack"), recursive: true);
        Import(Open().Metadata("imgsz", "[48, 96]"));
        Assert.Equal((96, 48), ((int)Stage["input"]!["width"]!, (int)Stage["input"]!["height"]!));
        Directory.Delete(_folder.File("pack"), recursive: true);
        Import(Open(), size: (32, 16));
        Assert.Equal((32, 16), ((int)Stage["input"]!["width"]!, (int)Stage["input"]!["height"]!));
    }

    [Fact]
    public void Logits_in_place_of_probabilities_are_written_but_do_not_answer()
    {
        float[] values = Candidates(Cells, 84, isPlanes: true);
        values.AsSpan(4 * Cells).Fill(-7);
        var report = Import(Image().Output("out", [1, 84, Cells], values));
        Assert.Contains("export the model with the sigmoid", report.Trial!.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_of_which_there_are_never_any_are_refused()
    {
        Refuses("'output0' [1,0,6] is declared without rows", Image().Output("output0", [1, 0, 6], []));
        Refuses("a number of them that is left open", Image().Output("boxes", [1, 0, 4], []).Output("labels", [1, 0], [])
            .Output("scores", [1, 0], []));
    }

    [Fact]
    public void What_is_not_recognised_is_shown_and_nothing_is_written()
    {
        var report = Import(Image().Output("a", [1, 9, 4], new float[36]).Output("b", [1, 20, 30], new float[600]));
        Assert.Null(report.Family);
        Assert.Equal(["'a' [1,9,4]", "'b' [1,20,30]"], report.Outputs);
        Assert.Contains("'yolov8' would read 'b' with 16 labels; what does not fit: 30 candidates, where 64x64 has 84 cells; 'a' is left "
            + "over", report.NearestHeads);
        Assert.False(Directory.Exists(_folder.File("pack")));
    }

    [Fact]
    public void What_cannot_be_imported_is_refused_with_what_to_do()
    {
        Refuses("batch 1", new TinyOnnx().Input("images", TinyOnnx.Float, 4, 3, 8, 8).Output("out", [1, 3], [1, 2, 3]));
        Refuses("nothing here can fill 'other'", Image().Input("other", TinyOnnx.Float, 1, 3, 64, 64).Output("out", [1, 3], [1, 2, 3]));
        Refuses("declared as [1,3,0,0]; sides of pictures are from 1 to 16384 pixels", new TinyOnnx()
            .Input("images", TinyOnnx.Float, 1, 3, 0, 0).Output("out", [1, 3], [1, 2, 3]));
        Refuses("declared as [1,3,20000,8]", new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 20000, 8).Output("out", [1, 3],
            [1, 2, 3]));
        Refuses("the model fails on a picture of 64x64, the size of its own input", Image().Constant("like", [1, 5], new float[5])
            .Node("Shape", ["like"], "shape").Node("Reshape", ["images", "shape"], "out").Declare("out", TinyOnnx.Float, 1, -1));
        Refuses("is a map of a picture of 64x64 with its classes last", Image().Output("map", [1, 32, 32, 9], new float[9216]));
        Refuses("the model yields 'out' of double; heads read float32", Image().Node("GlobalAveragePool", ["images"], "pooled")
            .Node("Cast", ["pooled"], "out", ("to", TinyOnnx.Double)).Declare("out", TinyOnnx.Double, 1, 3, 1, 1));
        Refuses("none of these is a picture", new TinyOnnx().Input("x", TinyOnnx.Float, 1, 9).Output("out", [1, 3], [1, 2, 3]));
        Refuses("maps of anchors that are not decoded", Image().Output("a", [1, 3, 8, 8, 6], new float[1152])
            .Output("b", [1, 3, 4, 4, 6], new float[288]));
        string labels = _folder.Write("names.txt", "a\nb\n");
        Refuses("has 2 labels, but the model has 3 classes", Image().Output("out", [1, 3], [1, 2, 3]), labels);
        string path = Image().Output("out", [1, 3], [1, 2, 3]).Write(_folder, "model.onnx");
        Assert.Contains("names.txt' is a file; give the folder to write with --out", Assert.Throws<InvalidDataException>(() =>
            ModelImport.Run(new ImportRequest(path, null, null, labels, null, null, null, true), (_, _) => { })).Message,
            StringComparison.Ordinal);
        Assert.Contains("--out is empty", Assert.Throws<InvalidDataException>(() => ModelImport.Run(new ImportRequest(path, null, null, "",
            null, null, null, true), (_, _) => { })).Message, StringComparison.Ordinal);
        Assert.Contains("' is a folder; name a file in it", Assert.Throws<InvalidDataException>(() => ModelImport.Run(new ImportRequest(
            _folder.Path, null, null, null, null, null, null, true), (_, _) => { })).Message, StringComparison.Ordinal);
        _folder.Write("pack/manifest.json", "{}");
        Refuses("holds a pack already", Image().Output("out", [1, 3], [1, 2, 3]));
    }

    [Fact]
    public void Weights_beside_the_model_come_along_with_their_hash()
    {
        _folder.Write("weights/any.bin", "");
        File.WriteAllBytes(_folder.File("weights", "any.bin"), [.. new byte[4], .. new[] { 9f, 0, 0 }.SelectMany(BitConverter.GetBytes)]);
        var report = Import(Image().External("values", [1, 3], "weights/any.bin", offset: 4, length: 12)
            .Node("Identity", ["values"], "out").Declare("out", TinyOnnx.Float, 1, 3));
        Assert.StartsWith("class 0 1.00", report.Trial!.Answer[0], StringComparison.Ordinal);
        Assert.Equal("weights/any.bin", (string)Stage["weights"]![0]!["file"]!);
        Assert.Equal(_folder.File("pack", "weights", "any.bin"),
            Assert.Single(PackReader.Read(_folder.File("pack")).Stages[0].WeightPaths));
    }

    [Fact]
    public void A_pack_is_written_over_only_when_told_to()
    {
        string model = Image().Output("out", [1, 3], [9, 0, 0]).Write(_folder, "model.onnx");
        var request = new ImportRequest(model, null, null, _folder.File("pack"), null, null, TestPlaces.OnnxRuntimeLibrary, false);
        ModelImport.Run(request, (_, _) => { });
        Assert.Throws<InvalidDataException>(() => ModelImport.Run(request, (_, _) => { }));
        Assert.Equal("model", PackReader.Read(_folder.File("pack")).Name);
        ModelImport.Run(request with { Name = "other", Replaces = true }, (_, _) => { });
        Assert.Equal("other", PackReader.Read(_folder.File("pack")).Name);
        Assert.Throws<InvalidDataException>(() => ModelImport.Run(request with { Name = "No name" }, (_, _) => { }));
        Assert.Throws<InvalidDataException>(() => ModelImport.Run(request with { Picture = _folder.File("gone.jpg") }, (_, _) => { }));
    }

    /// <summary>The pack's own file under another name must not be emptied by copying it onto itself.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_to_the_file_of_the_pack_is_written_over_it(bool isSymbolic)
    {
        byte[] bytes = Image().Output("out", [1, 3], [9, 0, 0]).ToBytes();
        _folder.Write("pack/model.onnx", "");
        File.WriteAllBytes(_folder.File("pack", "model.onnx"), bytes);
        using var link = Process.Start("ln", [.. isSymbolic ? ["-s"] : Array.Empty<string>(), _folder.File("pack", "model.onnx"),
            _folder.File("model.onnx")]);
        link.WaitForExit();
        var report = ModelImport.Run(new ImportRequest(_folder.File("model.onnx"), null, null, _folder.File("pack"), null, null,
            TestPlaces.OnnxRuntimeLibrary, true), (_, _) => { });
        Assert.Null(report.Trial!.Fault);
        Assert.Equal(bytes, File.ReadAllBytes(_folder.File("pack", "model.onnx")));
        Assert.DoesNotContain(Directory.GetFiles(_folder.File("pack")), f => f.EndsWith(".copying", StringComparison.Ordinal));
    }

    private void Refuses(string words, TinyOnnx model, string? labels = null) =>
        Assert.Contains(words, Assert.Throws<InvalidDataException>(() => Import(model, labels)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_only_the_library_refuses_is_told_with_what_to_do() => Assert.EndsWith(
        "; export the model again, for this version of the library, or use a newer one", Assert.Throws<EngineRefusedException>(() => Import(
            Image().Node("Kernel", ["images"], "out").Declare("out", TinyOnnx.Float, 1, 3))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n", "git lfs pull")]
    [InlineData("no model at all", "model.onnx")]
    public void What_is_no_model_is_refused(string content, string words)
    {
        string path = _folder.Write("model.onnx", content);
        var refused = Assert.Throws<EngineRefusedException>(() => ModelImport.Run(
            new ImportRequest(path, null, null, _folder.File("pack"), null, null, TestPlaces.OnnxRuntimeLibrary, false), (_, _) => { }));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0: 'a', 1: \"b's\", 2: 'c\\'d'}", "a|b's|c'd")]
    [InlineData("""{"0": "a", "1": "b: c"}""", "a|b: c")]
    [InlineData("['a', 'b']", "a|b")]
    [InlineData("{2: 'c', 0: 'a', 1: 'b'}", "a|b|c")]
    [InlineData("{0: 'a', 3: 'd'}", "a|class 1|class 2|d")]
    [InlineData("{0: 'a', 0: 'b'}", "a|b")]
    [InlineData("{0: 'a', 999999999: 'b'}", "a|b")]
    [InlineData("""["\u00e9t\xe9", "a\tb\u001b", "c\\d"]""", "été|a b |c\\d")]
    [InlineData("{0: 'a', 1: 'b", "a")]
    [InlineData("a, b,c", "a|b|c")]
    [InlineData("a\nb, c\n", "a|b, c")]
    public void Names_are_read_as_exporters_write_them(string text, string expected) =>
        Assert.Equal(expected.Split('|'), LabelNames.Parse(text));

    /// <summary>The real models, without a word of what they are: head, outputs and input of the manifests written by hand.</summary>
    [SkippableTheory]
    [InlineData("detectors/fastestdet_352.onnx", "fastestdet")]
    [InlineData("detectors/yolox_nano_416.onnx", "yolox")]
    [InlineData("detectors/light_person_detector.onnx", "yolox")]
    [InlineData("detectors/nanodet_m_416.onnx", "dfl")]
    [InlineData("detectors/picodet_s_320.onnx", "dfl")]
    [InlineData("detectors/picodet_s_416.onnx", "dfl")]
    [InlineData("classifiers/SqueezeNet_fp16.onnx", "probability_classification")]
    [InlineData("classifiers/vit_tiny_patch16_224.onnx", "softmax_classification")]
    [InlineData("policies/pulp_dronet.onnx", "policy")]
    public void A_real_model_is_recognised_and_answers(string file, string head)
    {
        string model = TestPlaces.NeedData(file), picture = Directory.GetFiles(TestPlaces.NeedData("coco-val", "images")).Min()!;
        var request = new ImportRequest(model, "real", null, _folder.File("pack"), picture, null, TestPlaces.OnnxRuntimeLibrary,
            Replaces: true);
        Assert.Empty(ModelImport.Run(request with { Picture = null }, (_, _) => { }).Doubts);
        var report = ModelImport.Run(request, (_, _) => { });
        Assert.Equal(head, report.Head);
        Assert.Empty(report.Doubts);
        Assert.Null(report.Trial!.Fault);
        var stage = Directory.GetFiles(TestPlaces.Fixture("packs"), "manifest.json", SearchOption.AllDirectories)
            .SelectMany(p => JsonNode.Parse(File.ReadAllText(p))!["stages"]!.AsArray()).First(s => (string)s!["file"]! == file)!;
        Assert.True(JsonNode.DeepEquals(stage["exit"]!["outputs"], Stage["exit"]!["outputs"]));
        bool isDetector = PackReader.Read(_folder.File("pack")).Task == TaskKind.Detection;
        string[] same = !isDetector ? ["tensor", "width", "height"] : ["tensor", "width", "height", "channels", "fit", "pad"];
        Assert.All(same, p => Assert.True(JsonNode.DeepEquals(stage["input"]![p], Stage["input"]![p]), p));
    }

    [SkippableFact]
    public void A_real_model_that_takes_two_pictures_is_refused()
    {
        string model = TestPlaces.NeedData("trackers/vittrack.onnx");
        var request = new ImportRequest(model, "real", null, _folder.File("pack"), null, null, TestPlaces.OnnxRuntimeLibrary, false);
        Assert.Contains("a stage sees one picture", Assert.Throws<InvalidDataException>(() => ModelImport.Run(request, (_, _) => { }))
            .Message, StringComparison.Ordinal);
    }

    /// <summary>Every head has a row, and what the section on one's own model names is a head.</summary>
    [Fact]
    public void The_page_on_packs_lists_the_heads_that_there_are()
    {
        string page = File.ReadAllText(Path.Combine(TestPlaces.Repository, "models", "README.md"));
        string Section(string from, string to) =>
            page[page.IndexOf("## " + from, StringComparison.Ordinal)..page.IndexOf("## " + to, StringComparison.Ordinal)];
        string own = Section("Your own model", "Write one"), heads = Section("Heads", "Looking at parts");
        Assert.Equal(ManifestEnums.Heads.Select(h => h.Text).Order(), FirstWords(heads, 1).Order());
        Assert.All(FirstWords(own, 2), w => Assert.Contains(ManifestEnums.Heads, h => h.Text == w));
        var taken = ManifestEnums.Heads.Where(h => ExitSpec.TaskOf(h.Value) is TaskKind.Detection or TaskKind.Classification);
        Assert.All(taken, h => Assert.Contains($"`{h.Text}`", own, StringComparison.Ordinal));
    }

    /// <summary>Words between backticks in one column of a table.</summary>
    private static IEnumerable<string> FirstWords(string text, int column) => text.Split('\n')
        .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && l.Contains('`', StringComparison.Ordinal))
        .SelectMany(l => l.Split('|')[column].Split('`').Where((_, i) => i % 2 == 1)).Where(w => w != "head");
}
