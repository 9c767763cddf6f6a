using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Workbench.Importing;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Choosing;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Choosing;

/// <summary>Smaller inputs take part where a model leaves the size of its input open.</summary>
public sealed class ScaledChoiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_smaller_input_that_says_the_same_is_chosen_and_written()
    {
        string open = Import("open", -1), closed = Import("closed", 64);
        var request = new ChooseRequest([open, closed], "sim://tabletop?frames=64&width=160&height=120", Constraint.ParseAll(""),
            (pack, threads) => _folder.File("sweeps", $"{Path.GetFileName(pack)}-{threads}"))
        {
            Threads = [1], Scales = [0.5], Library = TestPlaces.OnnxRuntimeLibrary,
            Clocking = (_, option, _, _) => option.Contains("@scale", StringComparison.Ordinal) ? 1 : 4,
        };
        var choice = ChooseRun.Run(request, ShapesSweeps.Report, _ => { }, CancellationToken.None);
        Assert.Equal("open/main@scale=0.5", choice.Report.Chosen!.Path);
        Assert.Equal(3 * 64, choice.Report.ExhaustiveRunCount);
        var files = choice.Write(_folder.File("small"), "small", replaces: false, calibrates: false, _ => { }, CancellationToken.None);
        Assert.Contains("path: 'open@scale=0.5'", File.ReadAllText(files[0]), StringComparison.Ordinal);
        var edge = PackReader.Read(_folder.File("small")).Graph.Edges.First(e => e.ToStageIndex != RouteGraph.Previous);
        Assert.Equal([0.5], edge.InputScales);
    }

    /// <summary>Classes by the mean colour of the picture, which hardly depends on its size.</summary>
    private string Import(string name, int side)
    {
        string model = new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, side, side)
            .Node("GlobalAveragePool", ["images"], "pooled").Node("Flatten", ["pooled"], "flat")
            .Constant("w", [3, 3], [3, -1, 0, 0, 3, -1, -1, 0, 3]).Node("Gemm", ["flat", "w"], "out").Declare("out", TinyOnnx.Float, 1, 3)
            .Write(_folder, name + ".onnx");
        var request = new ImportRequest(model, name, null, _folder.File(name), null, side < 0 ? (64, 64) : null,
            TestPlaces.OnnxRuntimeLibrary, false);
        Assert.Null(ModelImport.Run(request, ShapesSweeps.Report).Trial!.Fault);
        return _folder.File(name);
    }
}
