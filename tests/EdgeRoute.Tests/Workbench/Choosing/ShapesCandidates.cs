using System.Text.Json.Nodes;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Choosing;

namespace EdgeRoute.Tests.Workbench.Choosing;

/// <summary>
/// Packs of the shipped networks with other thresholds, some of one stage and one of two, and a time for each stage that does not depend on
/// this machine.
/// </summary>
public sealed class ShapesCandidates : IDisposable
{
    public const int FrameCount = 256;

    private readonly TemporaryFolder _folder = new();

    public ShapesCandidates()
    {
        Packs =
        [
            Make("light-low", 0.5, "light"), Make("light", 0.65, "light"), Make("light-high", 0.8, "light"),
            Make("half-low", 0.5, "heavy_1"), Make("half", 0.65, "heavy_1"),
            Make("full", 0.65, "heavy_1", "heavy_2"),
        ];
    }

    public IReadOnlyList<string> Packs { get; }

    public string Folder => _folder.Path;

    public static string Source { get; } = ShapesSweeps.SourceOf(FrameCount);

    public ChooseRequest Request(string under, string sweeps = "sweeps") => new(Packs, Source, Constraint.ParseAll(under),
        (pack, threads) => _folder.File(sweeps, $"{Path.GetFileName(pack)}-{threads}"))
    {
        Threads = [1, 2, 3], Library = TestPlaces.OnnxRuntimeLibrary, Clocking = MsOf,
    };

    public static Choice Choose(ChooseRequest request) => ChooseRun.Run(request, ShapesSweeps.Report, _ => { }, CancellationToken.None);

    public void Dispose() => _folder.Dispose();

    /// <summary>A third thread brings too little to be worth its while. A run that failed stays one.</summary>
    private static float MsOf(string pack, string option, int threads, float measured)
    {
        float ms = option switch { "light" => 1, "heavy_1" => 5, _ => 6 };
        float[] pace = [1, 1.6f, 1.65f];
        return float.IsNaN(measured) ? measured : ms / pace[threads - 1];
    }

    private string Make(string name, double threshold, params string[] stages)
    {
        string shapes = ShapesSweeps.ShapesFolder;
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(shapes, "manifest.json")))!.AsObject();
        manifest["name"] = name;
        var blocks = manifest["stages"]!.AsArray().Where(s => stages.Contains((string)s!["name"]!)).Select(s => s!.DeepClone()).ToArray();
        foreach (var block in blocks)
        {
            block["exit"]!["detection_threshold"] = threshold;
            Directory.CreateDirectory(_folder.File(name));
            File.Copy(Path.Combine(shapes, (string)block["file"]!), _folder.File(name, (string)block["file"]!));
        }

        manifest["stages"] = new JsonArray(blocks);
        manifest["edges"] = new JsonArray([.. stages.Select((s, i) => new JsonObject { ["from"] = i == 0 ? "frame" : stages[i - 1],
            ["to"] = s })]);
        manifest["policies"] = new JsonObject { ["fixed_route"] = string.Join('>', stages) };
        manifest.Remove("checksums");
        manifest.Remove("multiply_adds");
        manifest.Remove("cost_profiles");
        _folder.Write($"{name}/manifest.json", manifest.ToJsonString());
        File.Copy(Path.Combine(shapes, "labels.txt"), _folder.File(name, "labels.txt"));
        return _folder.File(name);
    }
}
