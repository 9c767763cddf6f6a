using System.Text.Json.Nodes;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.Cli;
using EdgeRoute.Tests.Engine.Steering;
using EdgeRoute.Workbench.Measuring;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>A detector and what looks at its boxes become one pack by one import.</summary>
public sealed class CropImportTests : IDisposable
{
    private const int Side = 64;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Yields a map with one line of text in it, whatever the picture.</summary>
    private string Finder(string name = "finder.onnx")
    {
        float[] map = new float[Side * Side];
        for (int y = 20; y <= 24; y++)
        {
            map.AsSpan((y * Side) + 10, 21).Fill(0.75f);
        }

        return new TinyOnnx().Input("x", TinyOnnx.Float, 1, 3, Side, Side).Output("sigmoid_0.tmp_0", [1, 1, Side, Side], map)
            .Write(_folder, name);
    }

    /// <summary>Reads "baü", whatever the crop; its characters are in a file.</summary>
    private string Reader()
    {
        float[] steps = [.. new[] { 2, 0, 1, 1, 3 }.SelectMany(b => Enumerable.Range(0, 4).Select(c => c == b ? 0.97f : 0.01f))];
        return new TinyOnnx().Input("x", TinyOnnx.Float, 1, 3, 16, Side).Output("out", [1, 5, 4], steps).Write(_folder, "reader.onnx");
    }

    private (int ExitCode, string Output, string Error) Import(params string[] arguments) => LaptopTool.Run(_folder.Path, "", [],
        ["import", .. arguments, "--onnxruntime", TestPlaces.OnnxRuntimeLibrary]);

    [Fact]
    public async Task A_finder_and_a_reader_of_text_become_a_pack_that_reads_what_it_finds()
    {
        string characters = _folder.Write("characters.txt", "a\nb\nü\n");
        var run = Import(Finder(), "--crop", $"{Reader()},{characters}", "--name", "signs");
        Assert.True(run.ExitCode == WorkConsole.Done, run.Error);
        Assert.Contains("on each box reader: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("head 'ctc_text'", run.Output, StringComparison.Ordinal);
        Assert.Contains("reader: ", File.ReadAllText(_folder.File("signs", "README.md")), StringComparison.Ordinal);
        var pack = PackReader.Read(_folder.File("signs"));
        Assert.Equal(["a", "b", "ü"], Assert.Single(pack.Crops).Pack.Labels);
        Assert.Equal(["text"], pack.Labels);
        Assert.False(Directory.Exists(_folder.File("signs.crops")));
        var measured = LaptopTool.Run(_folder.Path, "", [], ["measure", "signs", "--seconds", "0.1", "--threads", "1", "--dry-run",
            "--force", "--onnxruntime", TestPlaces.OnnxRuntimeLibrary]);
        Assert.True(measured.ExitCode == WorkConsole.Done, measured.Error);
        Assert.Contains("crop:reader", measured.Output, StringComparison.Ordinal);
        using (var rig = new SteeringRig("kind: cascade", packs: $", signs: {{ manifest: {_folder.File("signs", "manifest.json")} }}"))
        {
            await rig.Change(new SettingSet { Pack = SettingValue.Of("signs"), Policy = SettingValue.Of("fixed:main") });
            var turns = await rig.Call<MeasureTurnsReply>(ControlMethod.Measure, new MeasureTurnsRequest { Ms = 5 });
            Assert.Equal(("crop:reader", turns.Variants[0].Ms.Length), (Assert.Single(turns.Crops).Name, turns.Crops[0].Ms.Length));
            Assert.All(turns.Crops[0].Ms, ms => Assert.True(ms > 0));
            var over = new DeviceMeasure();
            over.Add(turns);
            Assert.Equal("crop:reader", Assert.Single(over.Report().Settings[0].Crops).Name);
            Assert.Equal("main", Assert.Single(over.StoreRequest(over.Report()).Options).Option);
        }

        Assert.Equal(["baü", "baü"], Texts(_folder.File("signs", "manifest.json")));
    }

    /// <summary>What two frames' boxes are read as by a running engine.</summary>
    private IEnumerable<string> Texts(string manifest)
    {
        string answers = _folder.File("answers.jsonl");
        var config = DeviceConfigReader.ReadFile(_folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { signs: { manifest: {{manifest}} } }
            sources:
              table:
                open: "sim://tabletop?width=320&height=240&fps=30&seed=1"
                pack: signs
                take: every
                pace: free
                policy: { kind: fixed, path: main }
                deadline_ms: none
            """));
        Assert.Empty(config.Problems);
        using (var engine = new EngineBuilder(config.Config!, new EngineOptions(2, null, answers, SimulatedSources.Schemes), (_, _) => { })
            .Build())
        {
            engine.Run(2);
        }

        return [.. File.ReadLines(answers).Select(l => (string)JsonNode.Parse(l)!["detections"]![0]!["crops"]![0]!["text"]!)];
    }

    [Fact]
    public void What_cannot_look_at_crops_leaves_nothing_behind()
    {
        var other = Import(Finder(), "--crop", Finder("other.onnx"), "--name", "signs");
        Assert.Equal(WorkConsole.Refused, other.ExitCode);
        Assert.Contains("at crops look a classifier, an embedding or a reader of text", other.Error, StringComparison.Ordinal);
        var absent = Import(Finder(), "--crop", "none.onnx", "--name", "signs");
        Assert.Contains("there is no file 'none.onnx'", absent.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public void Without_boxes_there_is_nothing_to_look_at()
    {
        string characters = _folder.Write("characters.txt", "a\nb\nü\n");
        var run = Import(Reader(), "--labels", characters, "--crop", $"{Reader()},{characters}", "--name", "lines");
        Assert.Equal(WorkConsole.Refused, run.ExitCode);
        Assert.Contains("crops are cut at the boxes of detections", run.Error, StringComparison.Ordinal);
    }
}
