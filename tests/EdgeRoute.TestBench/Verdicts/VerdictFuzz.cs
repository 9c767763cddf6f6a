using System.Text.Json.Nodes;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.TestBench.Verdicts;

/// <summary>
/// Whether a check accepts what a start accepts, and nothing else: bent manifests over the packs that the repository ships, and device
/// configs with odd settings. A seed makes the same documents each time.
/// </summary>
internal sealed class VerdictFuzz
{
    private static readonly string[] Packs = ["shapes", "tabletop"];

    /// <summary>Words of manifests that stand for others.</summary>
    private static readonly string[] ManifestWords = ["float16", "uint8", "float32", "nhwc", "nchw", "gray", "bgr", "stretch", "letterbox",
        "yolox", "fastestdet", "yolov8", "softmax_classification", "policy", "embedding", "detection", "frame", "previous", "margin",
        "count"];

    /// <summary>Lines of a source, by key; one of each is drawn now and then.</summary>
    private static readonly (string Key, string[] Values)[] Settings =
    [
        ("policy", ["{ kind: cascade }", "{ kind: fixed, path: heavy_1 }", "{ kind: fixed, path: light }",
            "{ kind: fixed, path: 'heavy_1>heavy_2' }",
            "{ kind: fixed, path: nowhere }", "{ kind: fixed, path: previous }", "{ kind: value }", "{ kind: value, floor: 0.97 }",
            "{ kind: value, price: 0.01 }", "{ kind: value, calibration: none.json }"]),
        ("lock", ["light", "nowhere", "heavy_1", "previous", "'heavy_1>heavy_2'"]),
        ("budget", ["{ device_ms: 5 }", "{ heavy_share: 0.5 }", "{ watts: 5 }", "{ device_ms_per_minute: 1 }", "{ latency_ms: 20 }",
            "{ heavy_runs_per_minute: 1, frames_per_second: 10 }", "{ quality_loss: 1 }"]),
        ("audit", ["{ share: 0.1 }", "{ share: 1, keep_per_hour: 5 }"]),
        ("instruction", ["'put the red star'", "'sing'", "''", "'put it there'"]),
        ("deadline_ms", ["5", "none", "0.1"]),
        ("max_age_ms", ["1", "100000"]),
        ("isolate", ["true", "false"]),
        ("take", ["newest", "every_frame"]),
        ("frames_per_second", ["0.01", "1000"]),
    ];

    private static readonly string[] Addresses = ["sim://tabletop", "sim://tabletop?task=pick_place", "sim://tabletop?width=x",
        "sim://nowhere", "sim://tabletop?fps=5"];

    private static readonly (string Key, string[] Values)[] RuntimeSettings =
    [
        ("threads", ["0", "1", "2"]), ("kernel", ["auto", "scalar", "vector128", "vector256"]), ("spin", ["true", "false"]),
        ("stage_limit_ms", ["5000", "60000"]), ("providers", ["[cpu]", "[]", "[{ name: cpu, require: true }]"]),
    ];

    private readonly string _models, _folder;
    private readonly string? _library;
    private readonly (string Name, JsonObject Manifest)[] _manifests;
    private readonly string[] _words;

    /// <param name="repository">Where the shipped packs are.</param>
    /// <param name="folder">Where bent documents are written.</param>
    /// <param name="library">The ONNX Runtime library; null searches the usual places.</param>
    public VerdictFuzz(string repository, string folder, string? library)
    {
        (_models, _folder, _library) = (Path.GetFullPath(Path.Combine(repository, "models")), folder, library);
        _manifests = [.. Packs.Select(n => (n, JsonNode.Parse(File.ReadAllText(ManifestOf(n)))!.AsObject()))];
        File.Copy(Path.Combine(_models, "shapes", "labels.txt"), Path.Combine(folder, "labels.txt"), overwrite: true);
        var headers = Packs.SelectMany(n => Directory.GetFiles(Path.Combine(_models, n), "*.onnx")).Select(OnnxHeader.Read);
        _words = [.. ManifestWords, .. headers.SelectMany(h => h.Inputs.Concat(h.Outputs)).Select(v => v.Name).Distinct().Order()];
    }

    /// <summary>The documents of one seed under a check and under a start.</summary>
    public VerdictCase Try(int seed)
    {
        var random = new Random(seed);
        string text = random.Next(2) == 0 ? WithBentManifest(random) : WithOddSettings(random);
        var reading = DeviceConfigReader.ReadText(text, Path.Combine(_folder, "device.yaml"));
        return reading.Config is not { } config ? new VerdictCase(seed, text, null, null)
            : new VerdictCase(seed, text, Verdict.OfCheck(config), Verdict.OfStart(config));
    }

    private string ManifestOf(string pack) => Path.Combine(_models, pack, "manifest.json");

    private string WithBentManifest(Random random)
    {
        var (name, manifest) = _manifests[random.Next(_manifests.Length)];
        string path = Path.Combine(_folder, "manifest.json");
        var bent = new DocumentMutator(random, _words).Bend(manifest);
        bent.Remove("checksums");
        File.WriteAllText(path, bent.ToJsonString());
        string open = name == "tabletop" ? "sim://tabletop?task=pick_place" : "sim://tabletop";
        return Text("", path, name, $"open: '{open}'");
    }

    private string WithOddSettings(Random random)
    {
        string name = Packs[random.Next(Packs.Length)];
        string open = random.Next(2) == 0 && name == "tabletop" ? "sim://tabletop?task=pick_place"
            : Addresses[random.Next(Addresses.Length)];
        string source = $"open: '{open}'" + Drawn(random, Settings, 4);
        return Text(Drawn(random, RuntimeSettings, 3), ManifestOf(name), name, source);
    }

    private static string Drawn(Random random, (string Key, string[] Values)[] settings, int oneIn) => string.Concat(settings
        .Where(_ => random.Next(oneIn) == 0).Select(s => $", {s.Key}: {s.Values[random.Next(s.Values.Length)]}"));

    private string Text(string runtime, string manifest, string pack, string source)
    {
        string library = _library is null ? "" : $", library: '{_library}'";
        string group = $"{library}{runtime}".TrimStart(',', ' ');
        return $"runtime: {{ {(group.Length > 0 ? group : "threads: 1")} }}\n"
            + $"packs: {{ p: {{ manifest: '{manifest}', files: '{Path.Combine(_models, pack)}' }} }}\n"
            + $"sources: {{ s: {{ {source}, pack: p }} }}\n";
    }
}

/// <summary>One pair of documents and what came of it.</summary>
/// <param name="Check">Null where the config itself cannot be read, which both see first.</param>
internal sealed record VerdictCase(int Seed, string Config, Verdict? Check, Verdict? Start)
{
    public bool Agree => Check?.IsAccepted == Start?.IsAccepted;

    public override string ToString() => $"seed {Seed}:\n{Config}check: {Words(Check)}\nstart: {Words(Start)}";

    private static string Words(Verdict? verdict) => verdict is { IsAccepted: true } ? "accepts" : $"refuses: {verdict?.Refusal}";
}
