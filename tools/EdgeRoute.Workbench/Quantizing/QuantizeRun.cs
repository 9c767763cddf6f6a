using System.Text;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// Gives stages of a pack an int8 sibling each: a model whose ranges come from footage, with measured quality and cost, so that the router
/// may use both.
/// </summary>
public static class QuantizeRun
{
    /// <summary>The pack changes in the last moment, and whole or not at all.</summary>
    /// <param name="progress">How it stands, often.</param>
    /// <exception cref="InvalidDataException">Nothing of the pack can become int8, or footage or labels do not do.</exception>
    /// <exception cref="EngineRefusedException">The library, the pack or the source cannot be used.</exception>
    /// <exception cref="PackRefusedException">The pack cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the pack is as it was.</exception>
    public static QuantizeReport Run(QuantizeRequest request, EngineReporter report, Action<string> progress, CancellationToken cancel)
    {
        using var scene = new QuantizeScene(request, report, progress, cancel);
        var labels = request.Labels is { } path ? FrameLabels.Read(path, request.Source) : null;
        var leftOut = new List<string>();
        var quantizers = StagesOf(scene, leftOut).Select(s => Opened(scene, s, labels, leftOut)).OfType<StageQuantizer>().ToList();
        if (quantizers.Count == 0)
        {
            throw new InvalidDataException(string.Join('\n', leftOut));
        }

        var options = OptionsWith(scene, quantizers.ConvertAll(q => q.StageName));
        var made = quantizers.ConvertAll(q => q.Run());
        cancel.ThrowIfCancellationRequested();
        var stages = made.ConvertAll(s => s with { File = Path.GetRelativePath(scene.FilesFolder, FileOf(scene, s)) });
        if (!request.IsDryRun)
        {
            Write(scene, made, stages, options);
        }

        return new QuantizeReport(scene.Pack.ManifestPath, request.Source, Environment.MachineName, stages, leftOut)
        {
            WeightBits = scene.WeightBits, CutsSumsHere = scene.CutsSumsHere,
        };
    }

    private static List<PackStage> StagesOf(QuantizeScene scene, List<string> leftOut)
    {
        var (pack, wanted) = (scene.Pack, scene.Request.Stages);
        if (wanted.FirstOrDefault(w => pack.Stages.All(s => s.Name != w)) is { } unknown)
        {
            throw new InvalidDataException($"the pack has no stage '{unknown}'; "
                + NearestName.Suggest(unknown, [.. pack.Stages.Select(s => s.Name)]));
        }

        var found = new List<PackStage>();
        foreach (var stage in pack.Stages.Where(s => wanted.Count == 0 ? s.Quantized is null : wanted.Contains(s.Name)))
        {
            string sibling = SiblingManifest.NameOf(stage.Name);
            if (stage.Quantized is { } from)
            {
                leftOut.Add($"stage '{stage.Name}' is int8 already; name '{from.Stage}', which it was made of, with --replace");
            }
            else if (stage.Exit is null)
            {
                leftOut.Add($"stage '{stage.Name}' has no exit, so that no sibling can stand in for it");
            }
            else if (pack.Stages.Any(s => s.Name == sibling) && !scene.Request.Replaces)
            {
                leftOut.Add($"stage '{stage.Name}' has a sibling '{sibling}' already; --replace makes it anew");
            }
            else
            {
                found.Add(stage);
            }
        }

        return found;
    }

    private static StageQuantizer? Opened(QuantizeScene scene, PackStage stage, FrameLabels? labels, List<string> leftOut)
    {
        try
        {
            return new StageQuantizer(scene, stage, labels);
        }
        catch (InvalidDataException refused)
        {
            leftOut.Add($"stage '{stage.Name}' ({Path.GetFileName(stage.FilePath)}): {refused.Message}");
            return null;
        }
    }

    /// <summary>Models first, then the manifest that names them, once it has been read as a start would.</summary>
    /// <param name="made">With the files that were tried, and <paramref name="stages"/> with those that stay.</param>
    private static void Write(QuantizeScene scene, List<QuantizedStage> made, List<QuantizedStage> stages, HashSet<string> options)
    {
        var manifest = scene.Manifest.DeepClone().AsObject();
        for (int i = 0; i < made.Count; i++)
        {
            string from = Path.Combine(scene.FilesFolder, made[i].File);
            AddTo(manifest, stages[i], scene.WeightBits, scene.Written(stages[i].Sibling, from).Sha256);
            File.Move(from, Path.Combine(scene.FilesFolder, stages[i].File), overwrite: true);
        }

        SiblingManifest.SetCosts(manifest, Environment.MachineName, stages
            .SelectMany(s => new[] { (Option: s.Stage, Times: s.Float), (Option: s.Sibling, Times: s.Int8) })
            .Where(c => options.Contains(c.Option)));
        Save(scene, manifest, isTrial: false);
    }

    private static string FileOf(QuantizeScene scene, QuantizedStage stage)
    {
        string original = scene.Pack.Stages.First(s => s.Name == stage.Stage).FilePath;
        string name = Path.GetFileNameWithoutExtension(original) + "_int8.onnx";
        return Path.Combine(Path.GetDirectoryName(original)!, name);
    }

    private static void AddTo(JsonObject manifest, QuantizedStage stage, int weightBits, string sha256)
    {
        var block = Sibling(manifest, stage.Stage);
        SiblingManifest.Replace(manifest, stage.Sibling, new SiblingFile(stage.Sibling, stage.File, sha256));
        block["quantized"] = new JsonObject
        {
            ["from_stage"] = stage.Stage,
            ["method"] = RangeChoice.WordOf(stage.Method),
            ["float_layers"] = stage.FloatLayers.Count,
            ["agreement"] = Math.Round(stage.Quality.Agreement, 4),
            ["frame_count"] = stage.Quality.FrameCount,
            ["weight_bits"] = weightBits,
        };
    }

    /// <summary>In the place of one that is there already.</summary>
    private static JsonObject Sibling(JsonObject manifest, string stage)
    {
        string name = SiblingManifest.NameOf(stage);
        if (manifest["stages"]!.AsArray().Any(s => (string?)s!["name"] == name))
        {
            SiblingManifest.Remove(manifest, name);
        }

        return SiblingManifest.Add(manifest, stage, name);
    }

    /// <summary>
    /// Names of the options that the pack will have. Before any work is done, so that a graph that would be too large, or a folder that
    /// cannot be written to, is told at once.
    /// </summary>
    private static HashSet<string> OptionsWith(QuantizeScene scene, List<string> stages)
    {
        var manifest = scene.Manifest.DeepClone().AsObject();
        stages.ForEach(s => Sibling(manifest, s));
        manifest.Remove(ManifestChecksums.Property);
        var pack = Save(scene, manifest, isTrial: true);
        return new RouteTree(pack.Graph).Nodes.SelectMany(n => n.Options).Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
    }

    private static Pack Save(QuantizeScene scene, JsonObject manifest, bool isTrial)
    {
        byte[] json = Encoding.UTF8.GetBytes(SiblingManifest.TextOf(manifest));
        json = manifest.ContainsKey(ManifestChecksums.Property) ? ManifestChecksums.Seal(json) : json;
        string path = scene.Pack.ManifestPath, part = path + ".part";
        try
        {
            File.WriteAllBytes(part, json);
            var pack = PackReader.Read(part, scene.FilesFolder);
            if (!isTrial)
            {
                File.Move(part, path, overwrite: true);
            }

            return pack;
        }
        finally
        {
            File.Delete(part);
        }
    }
}
