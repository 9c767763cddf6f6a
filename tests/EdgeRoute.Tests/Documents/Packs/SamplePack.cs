using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Documents.Packs;

/// <summary>
/// A small valid pack in a temporary folder, for tests to spoil: two detectors, the heavy one with tokens to drop and features.
/// </summary>
internal sealed class SamplePack : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SamplePack()
    {
        string light = Sha256(_folder.Write("light.onnx", "light")), heavy = Sha256(_folder.Write("sub/heavy.onnx", "heavy"));
        Manifest = JsonNode.Parse($$"""
            {
              "manifest": 1, "name": "sample", "version": "1", "title": "A sample", "task": "detection",
              "licence": { "spdx": "MIT", "origin": "this test" },
              "labels": ["person", "bike", "car"],
              "stages": [
                { "name": "light", "file": "light.onnx", "sha256": "{{light}}",
                  "input": { "tensor": "images", "width": 64, "height": 32, "channels": "bgr", "fit": "letterbox",
                             "pad": { "value": 114, "placement": "top_left" } },
                  "exit": { "head": "yolox", "outputs": ["boxes"], "strides": [8, 16],
                            "detection_threshold": 0.4, "doubt_floor": 0.1, "nms_overlap": 0.5, "detection_limit": 10 } },
                { "name": "heavy", "file": "sub/heavy.onnx", "sha256": "{{heavy}}",
                  "keep_input": { "tensor": "k", "tokens": 100 },
                  "features": [{ "tensor": "features", "from_stage": "light", "from_tensor": "features" }],
                  "exit": { "head": "fastestdet", "outputs": ["cells"],
                            "detection_threshold": 0.5, "doubt_floor": 0.2, "nms_overlap": 0.6, "detection_limit": 10 } }
              ],
              "edges": [{ "from": "frame", "to": "light" }, { "from": "light", "to": "heavy", "keep": [1, 0.5] },
                        { "from": "frame", "to": "previous" }],
              "policies": {
                "fixed_route": "light>heavy@keep=0.5",
                "cascade": { "entry": "light",
                             "exits": { "light": { "signal": "low_confidence_mass", "stop_at_most": 0.3, "next": "heavy@keep=0.5" } },
                             "reuse": { "motion_at_most": 0.01, "age_ms_at_most": 100 } }
              },
              "cost_profiles": [{ "device": "desk",
                                  "options": { "light": { "ms_p50": 2, "ms_p95": 3 }, "heavy": { "ms_p50": 8, "ms_p95": 9 } } }]
            }
            """)!.AsObject();
    }

    public JsonObject Manifest { get; }

    public JsonObject Light => Manifest["stages"]![0]!.AsObject();

    public JsonObject Heavy => Manifest["stages"]![1]!.AsObject();

    public JsonObject LightExit => Light["exit"]!.AsObject();

    public TemporaryFolder Folder => _folder;

    public Pack Read() => ReadText(Manifest.ToJsonString());

    public Pack ReadText(string json) => PackReader.Read(_folder.Write("manifest.json", json));

    /// <summary>All reasons for which the manifest as it now stands is refused.</summary>
    public IReadOnlyList<string> Reasons() => ReasonsOf(Manifest.ToJsonString());

    public IReadOnlyList<string> ReasonsOf(string json) => Assert.Throws<PackRefusedException>(() => ReadText(json)).Reasons;

    /// <summary>Sets the value at a path such as <c>stages.0.input.width</c>; null takes the property away.</summary>
    public void Set(string path, string? json)
    {
        string[] names = path.Split('.');
        var parent = names[..^1].Aggregate((JsonNode)Manifest, (node, name) => int.TryParse(name, out int i) ? node[i]! : node[name]!);
        var value = json is null ? null : JsonNode.Parse(json);
        if (parent is JsonArray list)
        {
            list[int.Parse(names[^1], null)] = value;
        }
        else if (value is null)
        {
            parent.AsObject().Remove(names[^1]);
        }
        else
        {
            parent[names[^1]] = value;
        }
    }

    public void Dispose() => _folder.Dispose();

    public static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
