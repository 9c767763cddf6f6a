using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.Engine.Stages.Heads;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>
/// Bare models of poses, oriented boxes and masks become packs, and what such a pack answers on a real session is what a plain decoding of
/// the model's outputs says.
/// </summary>
public sealed class DetailImportTests : IDisposable
{
    private const int Side = 64, Cells = 64 + 16 + 4, Masks = 32;

    private static readonly DetectionSettings Settings = new(Threshold: 0.25f, DoubtFloor: 0.1f, NmsOverlap: 0.7f, Limit: 100);
    private static readonly FrameMapping Letterbox = new(10, 0, 10, -80, 640, 480, Side, Side);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static TinyOnnx Image() => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, Side, Side);

    private ImportReport Import(TinyOnnx model, string? labels = null)
    {
        if (Directory.Exists(_folder.File("pack")))
        {
            Directory.Delete(_folder.File("pack"), recursive: true);
        }

        return ModelImport.Run(new ImportRequest(model.Write(_folder, "model.onnx"), null, labels, _folder.File("pack"), null, null,
            TestPlaces.OnnxRuntimeLibrary, Replaces: false), (_, _) => { });
    }

    private JsonNode Exit => JsonNode.Parse(File.ReadAllText(_folder.File("pack", "manifest.json")))!["stages"]![0]!["exit"]!;

    /// <summary>The imported pack's answer to a picture of 640 x 480.</summary>
    private Answer Run()
    {
        string picture = _folder.File("black.png");
        File.WriteAllBytes(picture, new RgbPicture(640, 480).ToPng());
        using var session = SweepSession.Open(new SweepRequest(_folder.File("pack"), null, picture, 0, TestPlaces.OnnxRuntimeLibrary, 0,
            SimulatedSources.Schemes), (_, _) => { });
        Assert.True(session.TryNext(out _), session.LastFault);
        return session.Sweep()!.Variants[0].Answer ?? throw new InvalidOperationException(session.LastFault);
    }

    /// <summary>Random candidates, row by row, with details as they are drawn.</summary>
    private static float[] Rows(int seed, int classes, int detailCount, Func<Random, int, double> detail)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Cells).SelectMany(_ => (double[])
        [
            random.NextDouble() * Side, random.NextDouble() * Side, 5 + (30 * random.NextDouble()), 5 + (30 * random.NextDouble()),
            .. Enumerable.Range(0, classes).Select(_ => Math.Pow(random.NextDouble(), 4)),
            .. Enumerable.Range(0, detailCount).Select(i => detail(random, i)),
        ]).Select(v => (float)v)];
    }

    private static float[] Planes(float[] rows) => [.. Enumerable.Range(0, rows.Length / Cells)
        .SelectMany(c => Enumerable.Range(0, Cells).Select(r => rows[(r * (rows.Length / Cells)) + c]))];

    private static TinyOnnx Described(TinyOnnx model, string task, string names) => model.Metadata("task", task).Metadata("stride", "32")
        .Metadata("imgsz", "[64, 64]").Metadata("names", names);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pose_model_is_known_by_its_metadata_and_answers(bool isPlanes)
    {
        float[] rows = Rows(1, 2, 15, (random, i) => i % 3 == 2 ? random.NextDouble() : random.NextDouble() * Side);
        var model = isPlanes ? Image().Output("output0", [1, 21, Cells], Planes(rows)) : Image().Output("output0", [1, Cells, 21], rows);
        var report = Import(Described(model, "pose", "{0: 'cat', 1: 'dog'}").Metadata("kpt_shape", "[5, 3]"));
        Assert.Equal(("yolov8_pose", null), (report.Head, report.Trial!.Fault));
        Assert.Equal((5, 3), ((int)Exit["keypoint_count"]!, (int)Exit["keypoint_values"]!));
        var answer = Run();
        var expected = SlowDetails.Rows(rows, 2, 15, Settings, Letterbox);
        SlowDecoding.AssertSame(expected.ConvertAll(f => f.Box), answer.Detections);
        for (int i = 0; i < expected.Count; i++)
        {
            for (int k = 0; k < 5; k++)
            {
                var (x, y) = SlowDetails.Place(expected[i].Row[6 + (k * 3)], expected[i].Row[7 + (k * 3)], Letterbox);
                Assert.Equal(x, answer.Details.Points(i)[k].X, 1e-4);
                Assert.Equal(y, answer.Details.Points(i)[k].Y, 1e-4);
                Assert.Equal(expected[i].Row[8 + (k * 3)], answer.Details.Points(i)[k].Visibility, 1e-4);
            }
        }
    }

    [Fact]
    public void A_pose_model_without_metadata_is_taken_for_COCOs()
    {
        float[] rows = Rows(2, 1, 51, (random, _) => random.NextDouble());
        var report = Import(Image().Output("out", [1, 56, Cells], Planes(rows)));
        Assert.Equal(("yolov8_pose", null), (report.Head, report.Trial!.Fault));
        Assert.Contains(report.Guesses, g => g.What == "number of key points" && g.Value == "17");
        Assert.Equal(new DetailForm(DetailKind.Keypoints, 17), Run().Details.Form);
    }

    [Fact]
    public void An_oriented_model_is_known_by_its_metadata_and_answers()
    {
        float[] rows = Rows(3, 3, 1, (random, _) => (random.NextDouble() * Math.PI) - (Math.PI / 4));
        var report = Import(Described(Image().Output("output0", [1, 8, Cells], Planes(rows)), "obb", "['ship', 'plane', 'port']"));
        Assert.Equal(("yolov8_obb", null), (report.Head, report.Trial!.Fault));
        var answer = Run();
        var expected = SlowDetails.Rows(rows, 3, 1, Settings, Letterbox, isOriented: true);
        SlowDecoding.AssertSame(expected.ConvertAll(f => f.Box), answer.Detections);
        for (int i = 0; i < expected.Count; i++)
        {
            var corners = SlowDetails.Corners(expected[i].Row, Letterbox);
            Assert.All(corners.Zip(answer.Details.Points(i).ToArray()), pair => Assert.True(
                Math.Max(Math.Abs(pair.First.X - pair.Second.X), Math.Abs(pair.First.Y - pair.Second.Y)) <= 1e-4));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_of_masks_is_known_by_its_prototypes_and_answers(bool hasMetadata)
    {
        float[] rows = Rows(4, 3, Masks, (random, _) => (random.NextDouble() * 2) - 1);
        var (shape, prototypes) = ArrayTensors.Random(new Random(5), -1, 1, 1, Masks, 16, 16);
        var model = Image().Output("output0", [1, 7 + Masks, Cells], Planes(rows)).Output("output1", shape, prototypes);
        var report = Import(hasMetadata ? Described(model, "segment", "['a', 'b', 'c']") : model);
        Assert.Equal(("yolov8_seg", null), (report.Head, report.Trial!.Fault));
        Assert.Equal(3, PackReader.Read(_folder.File("pack")).Labels.Count);
        var answer = Run();
        var expected = SlowDetails.Rows(rows, 3, Masks, Settings, Letterbox);
        SlowDecoding.AssertSame(expected.ConvertAll(f => f.Box), answer.Detections);
        Assert.NotEmpty(expected);
        int differing = 0, set = 0;
        for (int cell = 0; cell < DetectionDetails.MaskSide * DetectionDetails.MaskSide; cell++)
        {
            var box = expected[0].Box;
            int column = cell % DetectionDetails.MaskSide, row = cell / DetectionDetails.MaskSide;
            double sum = SlowDetails.MaskAt(box.Left + ((column + 0.5) / DetectionDetails.MaskSide * (box.Right - box.Left)),
                box.Top + ((row + 0.5) / DetectionDetails.MaskSide * (box.Bottom - box.Top)), expected[0].Row[^Masks..], prototypes, 16, 16,
                Letterbox);
            bool isSet = DetectionDetails.IsSet(answer.Details.Mask(0), column, row);
            differing += isSet != sum > 0 && Math.Abs(sum) > 1e-4 ? 1 : 0;
            set += isSet ? 1 : 0;
        }

        Assert.Equal(0, differing);
        Assert.InRange(set, 1, (DetectionDetails.MaskSide * DetectionDetails.MaskSide) - 1);
    }

    /// <summary>The imported pack on an engine of its own; each answer is reused for one frame.</summary>
    [Fact]
    public void A_running_engine_writes_key_points_and_carries_them_along()
    {
        const int FrameCount = 9, Joints = 17;
        float[] rows = Rows(7, 1, Joints * 3, (random, i) => i % 3 == 2 ? 0.9 : random.NextDouble() * Side);
        Import(Described(Image().Output("output0", [1, 56, Cells], Planes(rows)), "pose", "{0: 'person'}")
            .Metadata("kpt_shape", "[17, 3]"));
        string path = _folder.File("pack", "manifest.json"), answers = _folder.File("answers.jsonl");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest["edges"]!.AsArray().Add(JsonNode.Parse("""{ "from": "frame", "to": "previous" }"""));
        manifest["policies"]!["cascade"] = JsonNode.Parse("""
            { "entry": "main", "reuse": { "motion_at_most": 1, "age_ms_at_most": 50 } }
            """);
        File.WriteAllText(path, manifest.ToJsonString());
        var config = DeviceConfigReader.ReadFile(_folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { people: { manifest: {{path}} } }
            sources:
              table:
                open: "sim://tabletop?width=640&height=480&fps=30&seed=1"
                pack: people
                take: every
                pace: free
                policy: { kind: cascade }
                deadline_ms: none
            """));
        Assert.Empty(config.Problems);
        var options = new EngineOptions(FrameCount, null, answers, SimulatedSources.Schemes);
        using (var engine = new EngineBuilder(config.Config!, options, (_, _) => { }).Build())
        {
            engine.Run(FrameCount);
        }

        var lines = File.ReadLines(answers).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(FrameCount, lines.Count);
        Assert.Contains(lines, l => (string)l["end"]! == "skipped");
        Assert.All(lines, l => Assert.NotEmpty(l["detections"]!.AsArray()));
        Assert.All(lines.SelectMany(l => l["detections"]!.AsArray()), d => Assert.Equal(Joints, d!["keypoints"]!.AsArray().Count));
    }

    [Fact]
    public void Listed_boxes_with_details_are_known_by_their_rows()
    {
        float[] Listed(int width, params float[] first)
        {
            float[] rows = new float[300 * width];
            first.CopyTo(rows, 0);
            return rows;
        }

        var pose = Import(Described(Image().Output("output0", [1, 300, 57], Listed(57, 16, 20, 48, 44, 0.75f, 0, 32, 32, 0.5f)), "pose",
            "{0: 'person'}").Metadata("kpt_shape", "[17, 3]"));
        Assert.Equal("end_to_end_pose", pose.Head);
        Assert.Equal("person 0.75 at 0.25,0.25 size 0.50x0.50, 1 of 17 key points seen", Assert.Single(pose.Trial!.Answer));
        Assert.Equal(new DetailPoint(0.5f, 0.5f, 0.5f), Run().Details.Points(0)[0]);
        var turned = Import(Described(Image().Output("output0", [1, 300, 7], Listed(7, 32, 32, 16, 8, 0.75f, 1, 0)), "obb", "['a', 'b']"));
        Assert.Equal("end_to_end_obb", turned.Head);
        Assert.EndsWith("turned by 0 degrees", Assert.Single(turned.Trial!.Answer), StringComparison.Ordinal);
        Assert.Equal((1, 0.375f), (Run().Detections[0].ClassIndex, Run().Details.Points(0)[0].X));
        var masks = Import(Described(Image().Output("output0", [1, 300, 14], Listed(14, 16, 20, 48, 44, 0.75f, 1, 1))
            .Output("output1", [1, 8, 16, 16], [.. Enumerable.Repeat(1f, 8 * 256)]), "segment", "['a', 'b']"));
        Assert.Equal("end_to_end_seg", masks.Head);
        Assert.EndsWith("a mask of 1.00 of its box", Assert.Single(masks.Trial!.Answer), StringComparison.Ordinal);
        Assert.All(Run().Details.Mask(0).ToArray(), w => Assert.Equal(ulong.MaxValue, w));
    }

    [Theory]
    [InlineData("pose", "[1, 4 + classes + 3 for each key point, N]")]
    [InlineData("obb", "[1, 4 + classes + 1, N]")]
    [InlineData("segment", "prototypes [1, coefficients, height, width]")]
    public void A_task_that_the_outputs_do_not_fit_is_refused_with_what_was_expected(string task, string words)
    {
        var model = Described(Image().Output("out", [1, 3], [1, 2, 3]), task, "['a']");
        string told = Assert.Throws<InvalidDataException>(() => Import(model)).Message;
        Assert.Contains($"the model's task is '{task}'", told, StringComparison.Ordinal);
        Assert.Contains(words, told, StringComparison.Ordinal);
        Assert.Contains("'out' [1,3]", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_do_not_fit_are_refused()
    {
        float[] rows = Rows(6, 3, 1, (_, _) => 0);
        string labels = _folder.Write("names.txt", "a\nb\n");
        var model = Image().Output("output0", [1, 8, Cells], Planes(rows)).Metadata("task", "obb").Metadata("stride", "32");
        string told = Assert.Throws<InvalidDataException>(() => Import(model, labels)).Message;
        Assert.Contains("has 2 labels, but the model has 3 classes", told, StringComparison.Ordinal);
    }
}
