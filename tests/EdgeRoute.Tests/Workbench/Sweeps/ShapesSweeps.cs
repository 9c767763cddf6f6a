using System.Text.Json.Nodes;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Tests.Workbench.Sweeps;

/// <summary>Sweeps of the simulated table through the shipped pack's real sessions; each is made once for the class that asks.</summary>
public sealed class ShapesSweeps : IDisposable
{
    public const int FrameCount = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<OpenedSweep> _whole, _withoutReuse;

    public ShapesSweeps()
    {
        _whole = new(() => Open(ChoiceOf(ShapesFolder, "whole")));
        _withoutReuse = new(() => Open(ChoiceOf(ManifestWithoutReuse(), "without-reuse")));
    }

    public static string ShapesFolder => Path.Combine(TestPlaces.Repository, "models", "shapes");

    /// <summary>The shipped pack on the table.</summary>
    public OpenedSweep Whole => _whole.Value;

    /// <summary>
    /// The same without the edge to the previous answer: what one frame is worth then does not depend on how the frames before it were
    /// decided.
    /// </summary>
    public OpenedSweep WithoutReuse => _withoutReuse.Value;

    public string Folder => _folder.Path;

    /// <summary>A table so full that light and heavy do not always agree.</summary>
    public static string SourceOf(int frames = FrameCount, int seed = 11) =>
        $"sim://tabletop?seed={seed}&frames={frames}&clutter=0.9&width=160&height=120";

    public static SweepRequest RequestOf(string source, string? manifest = null) =>
        new(manifest ?? ShapesFolder, ShapesFolder, source, 0, TestPlaces.OnnxRuntimeLibrary, 1, SimulatedSources.Schemes);

    public static void Report(ReportLevel level, string text)
    {
    }

    public SweepChoice ChoiceOf(string manifest, string sweepName) => new(
        manifest, ShapesFolder, SourceOf(), 0, null, _folder.File(sweepName), long.MaxValue, FrameSpan.All, 0.1, null,
        TestPlaces.OnnxRuntimeLibrary, 1);

    /// <summary>The shipped manifest without "previous", in a folder of its own.</summary>
    public string ManifestWithoutReuse()
    {
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(ShapesFolder, "manifest.json")))!.AsObject();
        var edges = manifest["edges"]!.AsArray();
        edges.Remove(edges.Single(e => (string?)e!["to"] == "previous"));
        manifest["policies"]!["cascade"]!.AsObject().Remove("reuse");
        File.Copy(Path.Combine(ShapesFolder, "labels.txt"), LabelsBeside(_folder.Write("without/manifest.json", manifest.ToJsonString())),
            overwrite: true);
        return _folder.File("without", "manifest.json");
    }

    public void Dispose() => _folder.Dispose();

    private static string LabelsBeside(string manifest) => Path.Combine(Path.GetDirectoryName(manifest)!, "labels.txt");

    private static OpenedSweep Open(SweepChoice choice) => OpenedSweep.Open(choice, Report, _ => { }, CancellationToken.None);
}
