using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Models that leave as many rows as there are things in the picture: here, the brighter the more, from 0 to 8.</summary>
public sealed class ChangingRowsTests : IDisposable
{
    private const int Side = 64, RowCount = 8;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The mean of a picture that has no rows.</summary>
    private float _dark;

    /// <param name="batch">A one where rows lie in a batch; empty where they do not.</param>
    private TinyOnnx Image(int perRow, out string rows, Func<int, float[]> row, params long[] batch)
    {
        rows = "kept";
        return Brightness(new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, Side, Side))
            .Constant("all", [.. batch, RowCount, perRow], [.. Enumerable.Range(0, RowCount).SelectMany(row)])
            .Node("Compress", ["all", "is_left"], rows, ("axis", batch.Length));
    }

    /// <summary>Row i is left where the mean of the picture is as far as (i + 0.5) / 8 from dark to white.</summary>
    private TinyOnnx Brightness(TinyOnnx model) => model.Node("ReduceMean", ["images"], "mean", ("keepdims", 0))
        .Constant("steps", [RowCount], [.. Enumerable.Range(0, RowCount).Select(i => _dark + ((1 - _dark) * (i + 0.5f) / RowCount))])
        .Node("Less", ["steps", "mean"], "is_left");

    private static float[] Box(int i) => [4, 4, 12 + (4 * i), 60];

    private TinyOnnx Sixes(params long[] batch) => Image(6, out string rows, i => [.. Box(i), 0.75f, i], batch)
        .Node("Identity", [rows], "output").Declare("output", TinyOnnx.Float, [.. batch, -1, 6]);

    private TinyOnnx Sevens() => Image(7, out string rows, i => [0, .. Box(i), i, 0.75f]).Node("Identity", [rows], "output")
        .Declare("output", TinyOnnx.Float, -1, 7);

    private TinyOnnx Lists() => Image(4, out string rows, Box).Node("Identity", [rows], "boxes")
        .Declare("boxes", TinyOnnx.Float, -1, 4)
        .Constant("all_labels", [RowCount], [.. Enumerable.Range(0, RowCount).Select(i => (float)i)])
        .Node("Compress", ["all_labels", "is_left"], "labels", ("axis", 0)).Declare("labels", TinyOnnx.Float, -1)
        .Constant("all_scores", [RowCount], [.. Enumerable.Repeat(0.75f, RowCount)])
        .Node("Compress", ["all_scores", "is_left"], "scores", ("axis", 0)).Declare("scores", TinyOnnx.Float, -1);

    private ImportReport Import(TinyOnnx model) => ModelImport.Run(new ImportRequest(model.Write(_folder, "model.onnx"), null, null,
        _folder.File("pack"), null, null, TestPlaces.OnnxRuntimeLibrary, Replaces: true), (_, _) => { });

    private OnnxStageSet Open(out RouteTree tree)
    {
        var pack = PackReader.Read(_folder.File("pack"));
        tree = new RouteTree(pack.Graph);
        return new OnnxStageSet(pack, tree, OrtPlace.Environment, new OrtSessionRequest());
    }

    /// <summary>The road of a frame from its tensor on.</summary>
    private static int Found(OnnxStageSet set, float brightness, Answer answer)
    {
        MemoryMarshal.Cast<byte, float>(set.FrameTensor(0)).Fill(brightness);
        set.Run(0);
        var mapping = new FrameMapping(1, 0, 1, 0, Side, Side, Side, Side);
        set.Head(0)!.Decode(set.HeadTensors(0), mapping, answer);
        return answer.DetectionCount;
    }

    public static TheoryData<string> Forms => ["[N,6]", "[1,N,6]", "[N,7]", "lists"];

    private TinyOnnx Model(string form) => form switch
    {
        "[N,6]" => Sixes(),
        "[1,N,6]" => Sixes(1),
        "[N,7]" => Sevens(),
        _ => Lists(),
    };

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Each_frame_has_the_rows_of_its_own_and_nothing_is_allocated(string form)
    {
        var report = Import(Model(form));
        Assert.Equal((form == "lists" ? "ssd" : "end_to_end", null), (report.Head, report.Trial!.Fault));
        using var set = Open(out _);
        var answer = new Answer(TaskKind.Detection, 100, 0);
        Assert.Equal([0, 4, 8, 2, 0, 8], ((float[])[0, 0.5f, 1, 0.25f, 0, 1]).Select(b => Found(set, b, answer)));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], answer.Detections.ToArray().Select(d => d.ClassIndex).Order());
        float brightness = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => Found(set, brightness = (brightness + 0.3f) % 1, answer)));
    }

    /// <summary>Nothing in grey leaves nothing to look at but shapes, which the model declares.</summary>
    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void A_model_that_finds_nothing_in_grey_is_imported_by_its_shapes(string form)
    {
        _dark = 0.5f;
        var report = Import(Model(form));
        Assert.Equal((form == "lists" ? "ssd" : "end_to_end", null), (report.Head, report.Trial!.Fault));
        using var set = Open(out _);
        Assert.Equal(8, Found(set, 1, new Answer(TaskKind.Detection, 100, 0)));
    }

    [SkippableFact]
    public void More_rows_than_the_limit_fail_that_frame_and_say_what_to_change()
    {
        Import(Sixes());
        string path = _folder.File("pack", "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest["stages"]![0]!["exit"]!["row_limit"] = 4;
        File.WriteAllText(path, manifest.ToJsonString());
        using var set = Open(out _);
        var answer = new Answer(TaskKind.Detection, 100, 0);
        Assert.Equal(4, Found(set, 0.5f, answer));
        var fault = Assert.Throws<StageFailedException>(() => Found(set, 1, answer));
        Assert.Contains("output 'output' has 8 rows for this frame, and 'row_limit' of its exit is 4; raise it", fault.Message,
            StringComparison.Ordinal);
        Assert.Equal(3, Found(set, 0.4f, answer));
    }

    [SkippableFact]
    public void Rows_of_a_width_that_nobody_knows_are_refused_with_what_to_do()
    {
        _dark = 0.5f;
        var model = Brightness(new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, Side, Side))
            .Constant("all", [RowCount, 9], new float[RowCount * 9]).Node("Compress", ["all", "is_left"], "output", ("axis", 0))
            .Declare("output", TinyOnnx.Float, -1, 9);
        var refused = Assert.Throws<InvalidDataException>(() => Import(model));
        Assert.Contains("output 'output' [0,9] has no rows for a grey picture", refused.Message, StringComparison.Ordinal);
        Assert.Contains("without the suppression", refused.Message, StringComparison.Ordinal);
    }
}
