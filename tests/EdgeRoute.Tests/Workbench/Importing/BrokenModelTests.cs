using System.Text.Json.Nodes;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.TestBench.Verdicts;
using EdgeRoute.Tests.Documents.Packs;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>Each broken model is refused or warned of in words that say what to do, wherever it is first met.</summary>
public sealed class BrokenModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> AtImport => [.. BrokenModels.All.Where(b => b.AtImport is not null).Select(b => b.Name)];

    public static TheoryData<string> All => [.. BrokenModels.All.Select(b => b.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(AtImport))]
    public void Import_says_what_is_wrong(string name)
    {
        var broken = Write(name);
        string labels = _folder.Write("labels.txt", "a\nb\nc\n");
        var request = new ImportRequest(_folder.File("model.onnx"), null, labels, _folder.File("pack"), null, null,
            TestPlaces.OnnxRuntimeLibrary, Replaces: false);
        var warnings = new List<string>();
        void Report(ReportLevel level, string text) => warnings.AddRange(level == ReportLevel.Warning ? [text] : Array.Empty<string>());
        var refused = Record.Exception(() => ModelImport.Run(request, Report));
        Assert.Equal(broken.IsRefused, refused is InvalidDataException or EngineRefusedException);
        string said = refused?.Message ?? string.Join('\n', warnings);
        Assert.Contains(broken.AtImport!, said, StringComparison.Ordinal);
        Assert.All(warnings.Where(w => w.Contains(", stage 'main'", StringComparison.Ordinal)),
            w => Assert.StartsWith("pack pack, ", w, StringComparison.Ordinal));
        Assert.Equal(!broken.IsRefused, Directory.Exists(_folder.File("pack")));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_check_and_a_start_say_the_same_of_a_manifest_written_by_hand(string name)
    {
        var broken = Write(name);
        var config = Config(broken);
        var (check, start) = (Verdict.OfCheck(config), Verdict.OfStart(config));
        bool isRefused = broken is { IsRefused: true, AtStart: not null };
        foreach (var verdict in new[] { check, start })
        {
            Assert.True(isRefused != verdict.IsAccepted, verdict.Refusal);
            Assert.Contains(broken.AtStart ?? "", isRefused ? verdict.Refusal : string.Join('\n', verdict.Warnings),
                StringComparison.Ordinal);
        }

        Assert.True(!isRefused || start.Refusal.Contains(check.Refusal, StringComparison.Ordinal), $"{check.Refusal}\n{start.Refusal}");
    }

    private BrokenModel Write(string name)
    {
        var broken = BrokenModels.All.Single(b => b.Name == name);
        broken.Write(_folder);
        return broken;
    }

    private DeviceConfig Config(BrokenModel broken)
    {
        var weights = broken.Weights.Select(w => (JsonNode)new JsonObject { ["file"] = w,
            ["sha256"] = SamplePack.Sha256(_folder.File(w)) });
        _folder.Write("manifest.json", $$"""
            { "manifest": 1, "name": "broken", "version": "1", "title": "A broken model",
              "task": "{{(broken.Exit.Contains("classification", StringComparison.Ordinal) ? "classification" : "detection")}}",
              "labels": ["a", "b", "c"], "licence": { "spdx": "MIT", "origin": "this test" },
              "stages": [{ "name": "main", "file": "model.onnx", "sha256": "{{SamplePack.Sha256(_folder.File("model.onnx"))}}",
                "weights": {{new JsonArray([.. weights]).ToJsonString()}},
                "input": { "tensor": "images", "width": 8, "height": 8, "channels": "rgb", "fit": "stretch" },
                "exit": {{broken.Exit}} }],
              "edges": [{ "from": "frame", "to": "main" }], "policies": { "fixed_route": "main" } }
            """);
        var reading = DeviceConfigReader.ReadText($$"""
            runtime: { library: '{{TestPlaces.OnnxRuntimeLibrary}}', threads: 1 }
            packs: { p: { manifest: '{{_folder.File("manifest.json")}}' } }
            sources: { s: { open: 'sim://tabletop', pack: p, policy: { kind: fixed, path: main } } }
            """, _folder.File("device.yaml"));
        Assert.True(reading.Config is not null, string.Join('\n', reading.Problems));
        return reading.Config!;
    }
}
