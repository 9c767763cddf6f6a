using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Importing;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>Makes a pack whose stages are parts of one vision transformer, with exits and numbers of tokens to choose from.</summary>
public static class SplitRun
{
    /// <param name="progress">How it stands, often.</param>
    /// <exception cref="InvalidDataException">The model is none that can be cut, or footage or labels do not do.</exception>
    /// <exception cref="EngineRefusedException">The library, the model or the source cannot be used.</exception>
    /// <exception cref="PackRefusedException">The pack cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing was written.</exception>
    public static SplitReport Run(SplitRequest request, EngineReporter report, Action<string> progress, CancellationToken cancel)
    {
        using var scene = new SplitScene(request, report, progress, cancel);
        var taps = FootageTaps.Of(scene);
        var sites = new SiteSearch(scene, taps.Ranks);
        var plan = sites.Run();
        var exits = new ExitSearch(scene, taps);
        plan = plan with { Exits = exits.Run() };
        double[] ratios = [.. request.Ratios.Append(1).Distinct().OrderDescending()];
        var figures = scene.Try("judging the pack", plan, ratios, FrameRole.Judges);
        var pack = new SplitPack(scene, plan, ratios);
        var paths = PathsOf(scene, pack, figures);
        cancel.ThrowIfCancellationRequested();
        string manifest = Write(scene, pack, figures, paths, exits.Thresholds);
        var found = FoundOf(scene.Vit);
        var chosen = new SplitChoice(plan.Sites, [.. plan.Exits.Select(e => e.At)], plan.Form, plan.Rank);
        var guide = new ImportRequest(request.Model, scene.Name, null, scene.Folder, null, null, request.Library, request.Replaces)
        {
            Source = request.Source,
        };
        string reference = scene.Labels is null ? "the whole model" : "the labels";
        return new SplitReport(manifest, request.Source, Environment.MachineName, reference, found,
            FigureOf("the model as it was", figures.Whole, 1, figures.Whole), taps.Ranks, sites.Tried, exits.Tried, paths)
        {
            Chosen = chosen,
            Config = PackGuide.Write(guide, scene.Folder, Page(found, chosen, paths), "edgeroute pack split"),
        };
    }

    private static FoundModel FoundOf(VitModel vit) => new(vit.Blocks.Count, vit.Width, vit.Blocks[0].Attention.HeadCount, vit.TokenCount,
        vit.PrefixCount, vit.HasClassToken, vit.Pooled is not null, vit.Layers);

    private static List<PathFigures> PathsOf(SplitScene scene, SplitPack pack, TrialFigures figures) =>
        [.. figures.Paths.Where(p => p.Key != SplitScene.WholeName).Select(p =>
            FigureOf(p.Key, p.Value, pack.ArithmeticOf(p.Key) / scene.Arithmetic.Whole, figures.Whole))];

    private static PathFigures FigureOf(string path, PathTally tally, double arithmetic, PathTally whole) =>
        new(path, tally.Quality, arithmetic, tally.MsP50, tally.MsP50 / whole.MsP50);

    /// <summary>Models first, then the manifest that names them, once it has been read as a start would.</summary>
    private static string Write(SplitScene scene, SplitPack pack, TrialFigures figures, List<PathFigures> paths,
        IReadOnlyDictionary<int, double> thresholds)
    {
        var manifest = pack.Write(scene.Folder, scene.Folder, hasWhole: false);
        string model = Path.GetFileName(scene.Base.Stages[0].FilePath);
        manifest["title"] = pack.Stages.Count == 1 ? $"{model}, its number of tokens to choose"
            : $"{model} in {pack.Stages.Count} parts, its number of tokens to choose";
        manifest["multiply_adds"] = new JsonObject(paths.Select(p => KeyValuePair.Create(p.Path,
            (JsonNode?)Math.Round(p.Arithmetic * scene.Arithmetic.Whole))));
        SiblingManifest.SetCosts(manifest, Environment.MachineName, figures.Options.Where(o => o.Option != SplitScene.WholeName)
            .Select(o => (o.Option, new StageTimes(o.P50, o.P95, 0))));
        if (pack.Stages.Count > 1 && scene.Base.Stages[0].Exit!.Gives(ExitSignalKind.MaxProbability))
        {
            manifest["policies"]!["cascade"] = Cascade(pack, [.. thresholds.OrderBy(t => t.Key).Where(t =>
                pack.ExitPlaces.Contains(t.Key)).Select(t => t.Value)]);
        }

        string path = Path.Combine(scene.Folder, PackWriter.ManifestName), part = path + ".part";
        File.WriteAllText(part, SiblingManifest.TextOf(manifest));
        try
        {
            PackReader.Read(part, scene.Folder);
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        return path;
    }

    private static JsonObject Cascade(SplitPack pack, IReadOnlyList<double> thresholds)
    {
        var exits = new JsonObject();
        for (int i = 0; i < pack.Stages.Count - 1; i++)
        {
            exits[pack.Stages[i].Name] = new JsonObject
            {
                ["signal"] = ManifestEnums.Of(ManifestEnums.Signals, ExitSignalKind.MaxProbability),
                ["stop_at_least"] = Math.Round(thresholds[i], 4), ["next"] = pack.Stages[i + 1].Name,
            };
        }

        return new JsonObject { ["entry"] = pack.Stages[0].Name, ["exits"] = exits };
    }

    private static string Page(FoundModel found, SplitChoice chosen, List<PathFigures> paths)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"{found.Depth} blocks of {found.Tokens} tokens. Before blocks ")
            .Append(string.Join(", ", chosen.Sites)).Append(" (counted from 0) tokens ")
            .Append(chosen.Form == TokenForm.Drop ? "are left out" : "are merged into others").Append("; `keep` is the share that each of ")
            .Append("these places leaves. Exits after: ").Append(string.Join(", ", chosen.Exits.DefaultIfEmpty(0)))
            .Append(" blocks (0: none).\n\n| path | quality | arithmetic | ms | time |\n|---|---|---|---|---|\n");
        foreach (var path in paths)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"| `{path.Path}` | {path.Quality:0.000} | {path.Arithmetic:0%} | {path.Ms:0.00} | {path.TimeShare:0%} |\n");
        }

        return page.Append("\nTo let the router choose frame by frame: `edgeroute calibrate --pack . --source FOOTAGE`, then ")
            .Append("`policy: { kind: value }` in device.yaml.").ToString();
    }
}
