using System.Text.Json.Nodes;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Importing;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Several files become one graph: each tried alone, joined by edges, and run as one.</summary>
public sealed class GraphImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Classifiers_become_a_cascade_with_an_edge_from_each_to_the_next()
    {
        var report = Import([Classes("a", [2, 0, 0]), Classes("b", [0, 9, 0]), Classes("sub/a", [0, 0, 9])]);
        Assert.Equal(["a", "a-2", "b"], report.Stages.Select(s => s.Name).Order());
        Assert.Null(report.Trial.Fault);
        var pack = PackReader.Read(_folder.File("pack"));
        string[] names = [.. report.Stages.Select(s => s.Name)];
        Assert.Equal(names, pack.Stages.Select(s => s.Name));
        Assert.Equal(names[2], pack.FixedRoute);
        Assert.All(report.Stages.Index(), s => Assert.Contains(s.Item.Import.Guesses,
            g => g.Change.StartsWith($"stages[{s.Index}].input", StringComparison.Ordinal)));
        Assert.Equal(names[..2], pack.Cascade!.Rules.Select(r => r.StageName));
        Assert.Equal(names[1..], pack.Cascade.Rules.Select(r => r.NextName));
        string[] paths = [.. new EdgeRoute.Core.Graphs.RouteTree(pack.Graph).PathNames];
        Assert.All([.. names, string.Join('>', names), "previous"], p => Assert.Contains(p, paths));
        Assert.Equal(report.Stages.Select(s => s.Import.Trial!.Ms).Order(), report.Stages.Select(s => s.Import.Trial!.Ms));
        Assert.Equal(["a", "a-2", "b"], Directory.GetDirectories(_folder.File("pack")).Select(d => Path.GetFileName(d)!).Order());
    }

    [Fact]
    public void Files_that_do_not_fit_are_refused_by_what_does_not()
    {
        string other = new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 8, 8).Output("out", [1, 84, 64], new float[84 * 64])
            .Write(_folder, "boxes.onnx");
        Refuses("answers a task of 'classification', the second one of 'detection'", Classes("a", [1, 0, 0]), other);
        Refuses("the first has 3 classes, the second 4", Classes("a", [1, 0, 0]), Classes("b", [1, 0, 0, 0]));
        Refuses("class 1 is 'y' in the first and 'z' in the second", Classes("a", [1, 0, 0], "x,y,z"), Classes("b", [1, 0, 0], "x,z,y"));
        Refuses("a.onnx' is named 2 times; a graph takes each file once", Classes("a", [1, 0, 0]), Classes("a", [1, 0, 0]));
        Refuses("is not recognised", Classes("a", [1, 0, 0]), new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 8, 8)
            .Output("a", [1, 9, 4], new float[36]).Output("b", [1, 20, 30], new float[600]).Write(_folder, "odd.onnx"));
        Assert.False(Directory.Exists(_folder.File("pack")));
    }

    /// <summary>Depths have no classes, and their heads no signal that a cascade could go by.</summary>
    [Fact]
    public void Models_without_labels_become_one_graph_too()
    {
        float[] map = [.. Enumerable.Repeat(2f, 256)];
        var report = Import([.. new[] { "near", "far" }.Select(n => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 16, 16)
            .Output("depth", [1, 1, 16, 16], map).Write(_folder, $"{n}.onnx"))]);
        Assert.Null(report.Trial.Fault);
        Assert.Empty(report.Rules);
        Assert.Equal((2, 0), (PackReader.Read(_folder.File("pack")).Stages.Count, PackReader.Read(_folder.File("pack")).Labels.Count));
    }

    [Fact]
    public void Weights_beside_each_model_stay_beside_it()
    {
        string[] models = [.. new[] { "a", "b" }.Select(n =>
        {
            _folder.Write($"{n}/m.data", "");
            File.WriteAllBytes(_folder.File(n, "m.data"), [.. new[] { 9f, 0, 0 }.SelectMany(BitConverter.GetBytes)]);
            return new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 8, 8).External("v", [1, 3], "m.data", 0, 12)
                .Node("Identity", ["v"], "out").Declare("out", TinyOnnx.Float, 1, 3).Write(_folder, $"{n}/{n}.onnx");
        })];
        Assert.Null(Import(models).Trial.Fault);
        Assert.All(PackReader.Read(_folder.File("pack")).Stages, s => Assert.Equal(Path.Combine(_folder.File("pack", s.Name), "m.data"),
            Assert.Single(s.WeightPaths)));
    }

    /// <summary>The light model is right where the picture is bright, and says so; the heavy one is the teacher.</summary>
    [Fact]
    public void Thresholds_are_chosen_on_footage()
    {
        string light = Network("light", 40), heavy = Network("heavy", 40);
        var report = Import([light, heavy]);
        var choice = new SweepChoice(report.Folder, null, "sim://tabletop?frames=40", 0, null, _folder.File("sweep"), long.MaxValue,
            FrameSpan.All, 0.1, null, TestPlaces.OnnxRuntimeLibrary, 1);
        var opened = OpenedSweep.Open(choice, (_, _) => { }, _ => { }, CancellationToken.None);
        var found = new FrontierRun(opened).CheapestCascade(0.01, CancellationToken.None)!;
        Assert.NotNull(found);
        Assert.Null(found.Settings.Reuse);
        Assert.Equal(1, found.Quality, 3);
        GraphImport.SetRules(report.Folder, [.. found.Settings.Rules.Select(r => new GraphRule(r.StageName, "max_probability", 0.25,
            r.StopsAbove, report.Stages[1].Name))]);
        Assert.Equal(0.25f, Assert.Single(PackReader.Read(report.Folder).Cascade!.Rules).Threshold);
    }

    /// <summary>Classes by the mean colour of the picture.</summary>
    private string Network(string name, int width) => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, width, width)
        .Node("GlobalAveragePool", ["images"], "pooled").Node("Flatten", ["pooled"], "flat")
        .Constant("w", [3, 3], [3, -1, 0, 0, 3, -1, -1, 0, 3]).Node("Gemm", ["flat", "w"], "out").Declare("out", TinyOnnx.Float, 1, 3)
        .Write(_folder, name + ".onnx");

    private string Classes(string name, float[] logits, string? names = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name + ".onnx"))!);
        var model = new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 8, 8).Output("out", [1, logits.Length], logits);
        return (names is null ? model : model.Metadata("names", names)).Write(_folder, name + ".onnx");
    }

    private GraphImportReport Import(string[] models) => GraphImport.Run(new ImportRequest(models[0], "both", null, _folder.File("pack"),
        null, null, TestPlaces.OnnxRuntimeLibrary, false), models, (_, _) => { }, _ => { }, CancellationToken.None);

    private void Refuses(string words, params string[] models) =>
        Assert.Contains(words, Assert.Throws<InvalidDataException>(() => Import(models)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_report_is_JSON()
    {
        var json = JsonNode.Parse(Import([Classes("a", [2, 0, 0]), Classes("b", [0, 9, 0])]).ToJson())!;
        Assert.Equal("max_probability", (string)json["rules"]![0]!["signal"]!);
        Assert.Equal("softmax_classification", (string)json["stages"]![1]!["import"]!["head"]!);
    }
}
