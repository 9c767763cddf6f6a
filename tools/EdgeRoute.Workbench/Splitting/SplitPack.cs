using System.Globalization;
using System.Text.Json.Nodes;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>A plan as stages of a pack: models and manifest.</summary>
internal sealed class SplitPack
{
    private readonly SplitScene _scene;
    private readonly SplitPlan _plan;
    private readonly IReadOnlyList<double> _ratios;
    private readonly IReadOnlyList<StageModel> _models;

    public SplitPack(SplitScene scene, SplitPlan plan, IReadOnlyList<double> ratios)
    {
        (_scene, _plan, _ratios) = (scene, plan, ratios);
        _models = StageWriter.Write(scene.Vit, plan);
        Stages = [.. _models.Select((_, i) => (NameOf(i), NameOf(i) + ".onnx"))];
    }

    public IReadOnlyList<(string Name, string File)> Stages { get; }

    private string NameOf(int index) => _models.Count == 1 ? "main" : FormattableString.Invariant($"part_{index + 1}");

    /// <summary>Writes the models, and returns a manifest.</summary>
    /// <param name="folder">Of the models.</param>
    /// <param name="files">What the manifest's paths are relative to.</param>
    /// <param name="hasWhole">The whole model becomes a stage of its own.</param>
    public JsonObject Write(string folder, string files, bool hasWhole)
    {
        var manifest = _scene.Manifest.DeepClone().AsObject();
        var original = manifest["stages"]![0]!.AsObject();
        var stages = new JsonArray();
        var edges = new JsonArray();
        if (hasWhole)
        {
            var block = original.DeepClone().AsObject();
            block["name"] = SplitScene.WholeName;
            stages.Add((JsonNode)block);
            edges.Add((JsonNode)new JsonObject { ["from"] = "frame", ["to"] = SplitScene.WholeName });
        }

        for (int i = 0; i < _models.Count; i++)
        {
            string path = Path.Combine(folder, Stages[i].File);
            OnnxModelFile.Write(_models[i].Model, path);
            stages.Add((JsonNode)Stage(original, i, SiblingFile.Of(Stages[i].Name, files, path)));
            edges.Add((JsonNode)Edge(i));
        }

        edges.Add((JsonNode)new JsonObject { ["from"] = "frame", ["to"] = "previous" });
        manifest["name"] = _scene.Name;
        (manifest["stages"], manifest["edges"]) = (stages, edges);
        manifest["policies"] = new JsonObject { ["fixed_route"] = hasWhole ? SplitScene.WholeName : Route };
        return manifest;
    }

    /// <summary>The path with all tokens.</summary>
    public string Route => string.Join('>', Stages.Select(s => s.Name));

    /// <summary>Blocks before each exit but the last.</summary>
    public IReadOnlyList<int> ExitPlaces => [.. _plan.Exits.Select(e => e.At)];

    /// <summary>Multiply-adds of a path, by its name.</summary>
    public double ArithmeticOf(string path)
    {
        string[] steps = path.Split('>');
        int blocks = steps.Length == _models.Count ? _scene.Vit.Blocks.Count : _plan.Exits[steps.Length - 1].At;
        string? kept = steps.FirstOrDefault(s => s.Contains("@keep=", StringComparison.Ordinal));
        double ratio = kept is null ? 1
            : double.Parse(kept[(kept.IndexOf('=', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        return _scene.Arithmetic.Of(_plan, ratio, blocks);
    }

    private JsonObject Stage(JsonObject original, int index, SiblingFile file)
    {
        var block = new JsonObject { ["name"] = file.Name, ["file"] = file.File, ["sha256"] = file.Sha256 };
        if (index == 0)
        {
            block["input"] = original["input"]!.DeepClone();
        }
        else
        {
            block["features"] = new JsonArray([.. _models[index].Features.Select(f => (JsonNode)new JsonObject
            {
                ["tensor"] = f, ["from_stage"] = Stages[index - 1].Name, ["from_tensor"] = f,
            })]);
        }

        if (_models[index].TakesKeep)
        {
            block["keep_input"] = new JsonObject { ["tensor"] = StageWriter.KeepName, ["tokens"] = _scene.Vit.PatchCount };
        }

        block["exit"] = original["exit"]!.DeepClone();
        return block;
    }

    private JsonObject Edge(int index)
    {
        var edge = new JsonObject { ["from"] = index == 0 ? "frame" : Stages[index - 1].Name, ["to"] = Stages[index].Name };
        if (_models[index].TakesKeep)
        {
            edge["keep"] = new JsonArray([.. _ratios.Select(r => (JsonNode)r)]);
        }

        return edge;
    }
}
