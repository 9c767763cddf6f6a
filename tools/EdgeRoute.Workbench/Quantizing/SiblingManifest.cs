using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Packs;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>A model file that does what a stage does.</summary>
/// <param name="File">Below the folder of the pack's files, with '/' between folders.</param>
internal sealed record SiblingFile(string Name, string File, string Sha256)
{
    public static SiblingFile Of(string name, string folder, string path)
    {
        using var file = System.IO.File.OpenRead(path);
        return new SiblingFile(name, Path.GetRelativePath(folder, path), Convert.ToHexStringLower(SHA256.HashData(file)));
    }
}

/// <summary>Changes manifests so that a stage gets siblings: the same input and head, and the same way in and on.</summary>
internal static class SiblingManifest
{
    private const string Ending = "_int8";

    /// <summary>Of an identifier in a manifest.</summary>
    private const int NameLengthMost = 40;

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string NameOf(string stage) => stage[..Math.Min(stage.Length, NameLengthMost - Ending.Length)] + Ending;

    public static JsonObject Read(string path) =>
        JsonNode.Parse(DocumentFile.Read(path, PackReader.ManifestLimitBytes).AsSpan().TrimStart("\uFEFF"u8))!.AsObject();

    public static string TextOf(JsonObject manifest) => manifest.ToJsonString(Format) + "\n";

    /// <summary>
    /// Only one stage, from the frame straight to its answer, where it needs no other; else the whole pack. Labels are in it, so that it
    /// may stand anywhere.
    /// </summary>
    public static JsonObject Alone(JsonObject manifest, string stage, IReadOnlyList<string> labels)
    {
        var alone = manifest.DeepClone().AsObject();
        foreach (string name in new[] { "$schema", "labels_file", "cost_profiles", "multiply_adds", ManifestChecksums.Property })
        {
            alone.Remove(name);
        }

        PackExport.RemoveCrops(alone);
        alone.Remove("labels");
        if (labels.Count > 0)
        {
            alone["labels"] = new JsonArray([.. labels.Select(l => (JsonNode)l)]);
        }

        var block = StageOf(alone, stage);
        if (block["features"] is JsonArray { Count: > 0 })
        {
            alone["policies"]!.AsObject().Remove("cascade");
            return alone;
        }

        alone["stages"] = new JsonArray(block.DeepClone());
        alone["edges"] = new JsonArray(new JsonObject { ["from"] = "frame", ["to"] = stage });
        alone["policies"] = new JsonObject { ["fixed_route"] = stage };
        return alone;
    }

    public static JsonObject StageOf(JsonObject manifest, string stage) =>
        manifest["stages"]!.AsArray().Select(s => s!.AsObject()).First(s => (string?)s["name"] == stage);

    /// <summary>Another model in a stage's place.</summary>
    public static void Replace(JsonObject manifest, string stage, SiblingFile file)
    {
        var block = StageOf(manifest, stage);
        (block["file"], block["sha256"]) = (file.File, file.Sha256);
        block.Remove("weights");
    }

    /// <summary>
    /// Adds a sibling behind its stage. Edges to the stage lead to it too; those from the stage start from it as well, but for stages that
    /// go on with the float stage's own features.
    /// </summary>
    /// <returns>The sibling's block, still with the stage's own model.</returns>
    public static JsonObject Add(JsonObject manifest, string stage, string sibling)
    {
        var stages = manifest["stages"]!.AsArray();
        var block = StageOf(manifest, stage);
        var added = block.DeepClone().AsObject();
        added["name"] = sibling;
        stages.Insert(stages.IndexOf(block) + 1, added);
        var edges = manifest["edges"]!.AsArray();
        string[] fed = [.. stages.Where(s => FeedsOn(s!, stage)).Select(s => (string)s!["name"]!)];
        foreach (var edge in edges.Select(e => e!.AsObject()).ToList())
        {
            bool leadsTo = (string?)edge["to"] == stage, leadsOn = (string?)edge["from"] == stage && !fed.Contains((string?)edge["to"]);
            if (leadsTo || leadsOn)
            {
                var copy = edge.DeepClone().AsObject();
                copy[leadsTo ? "to" : "from"] = sibling;
                edges.Add((JsonNode)copy);
            }
        }

        return added;
    }

    public static void Remove(JsonObject manifest, string stage)
    {
        var stages = manifest["stages"]!.AsArray();
        stages.Remove(StageOf(manifest, stage));
        var edges = manifest["edges"]!.AsArray();
        foreach (var edge in edges.Where(e => (string?)e!["to"] == stage || (string?)e["from"] == stage).ToList())
        {
            edges.Remove(edge);
        }
    }

    /// <summary>What options cost on a device, beside what else is known of it.</summary>
    public static void SetCosts(JsonObject manifest, string device, IEnumerable<(string Option, StageTimes Times)> costs)
    {
        if (manifest["cost_profiles"] is not JsonArray profiles)
        {
            manifest["cost_profiles"] = profiles = [];
        }

        if (profiles.FirstOrDefault(p => (string?)p!["device"] == device) is not JsonObject profile)
        {
            profile = new JsonObject { ["device"] = device, ["options"] = new JsonObject() };
            profiles.Add((JsonNode)profile);
        }

        foreach (var (option, times) in costs)
        {
            profile["options"]![option] = new JsonObject { ["ms_p50"] = Rounded(times.MsP50), ["ms_p95"] = Rounded(times.MsP95) };
        }
    }

    private static double Rounded(float ms) => Math.Round(ms, 3);

    private static bool FeedsOn(JsonNode stage, string other) =>
        stage["features"] is JsonArray features && features.Any(f => (string?)f!["from_stage"] == other);
}
