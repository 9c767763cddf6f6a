using System.Globalization;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Packs;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>Which point of a frontier is to be written, and where.</summary>
/// <param name="Point">Its name, or its family, with the points of quality that it may lose after a colon; null for none.</param>
public sealed record FrontierWish(string? Point, string Folder, bool Replaces)
{
    internal string Name => Path.GetFileName(Path.GetFullPath(Folder).TrimEnd('/')).ToLowerInvariant();
}

/// <summary>Writes a point of a frontier: the pack as it is, with that policy, and a device config that runs it.</summary>
public static class FrontierPack
{
    /// <summary>Families that a device can run.</summary>
    private static readonly string[] Families = ["fixed", "every_nth", "motion_gated", "cascade", "value", "quality_loss"];

    /// <summary>Points of quality that may be lost where none are given.</summary>
    private const double UsualLoss = 1;

    /// <summary>Refuses a place that could not be written.</summary>
    /// <exception cref="InvalidDataException">A pack is there already, or the folder's name is none for a pack.</exception>
    public static void Require(FrontierWish wish)
    {
        if (wish.Point is not null)
        {
            _ = new WrittenPack(wish.Folder, wish.Name, wish.Replaces);
        }
    }

    /// <param name="heaviestPath">Against which quality is lost.</param>
    /// <exception cref="InvalidDataException">There is no such point.</exception>
    public static FrontierPoint Find(IReadOnlyList<FrontierPoint> points, FrontierWish wish, string heaviestPath)
    {
        string text = wish.Point!;
        if (points.FirstOrDefault(p => p.Name == text && Families.Contains(p.Family)) is { } named)
        {
            return named;
        }

        string[] parts = text.Split(':', 2);
        double loss = UsualLoss;
        if (!Families.Contains(parts[0]) || (parts.Length == 2
            && !(double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out loss) && loss >= 0)))
        {
            string[] names = [.. points.Where(p => Families.Contains(p.Family)).Select(p => p.Name)];
            throw new InvalidDataException($"--write is '{text}', which is no point of this frontier; name one, or write one of "
                + $"{string.Join(", ", Families)} with the points of quality that may be lost, such as cascade:1; "
                + NearestName.Suggest(text, names));
        }

        double heaviest = points.First(p => p.Family == "fixed" && p.Name == heaviestPath).Quality;
        return points.Where(p => p.Family == parts[0] && p.Quality >= heaviest - (loss / 100)).MinBy(p => p.Ms)
            ?? throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"--write is '{text}', but no {parts[0]} point "
                + $"loses at most {loss:0.##} points against always {heaviestPath}")
                + (parts[0] is "value" or "quality_loss" ? "; the value rule needs a calibration" : ""));
    }

    /// <param name="calibration">Of the pack; goes along where there is one.</param>
    /// <returns>The device config.</returns>
    /// <exception cref="IOException">Something cannot be copied or written.</exception>
    public static string Write(FrontierPoint point, FrontierWish wish, SweepChoice choice, CalibrationDocument? calibration)
    {
        var target = new WrittenPack(wish.Folder, wish.Name, wish.Replaces);
        var pack = PackReader.Read(choice.Pack, choice.Files);
        string[] own = [PackPlace.ManifestName, CalibrationFile.UsualName];
        foreach (var file in PackExport.FilesOf(pack, choice.Files).Where(f => !own.Contains(f.Name)))
        {
            target.AddFile(file.Name, file.Path);
        }

        var manifest = JsonNode.Parse(File.ReadAllText(pack.ManifestPath))!.AsObject();
        manifest["name"] = target.Name;
        // They would be of the manifest as it was.
        manifest.Remove("checksums");
        manifest.Remove("$schema");
        Set(manifest["policies"]!.AsObject(), point);
        target.WriteManifest(manifest);
        var written = PackReader.Read(target.Manifest);
        if (calibration is not null)
        {
            // Gains are of stages and edges, which are the same.
            (calibration.Pack, calibration.ManifestSha256) = (written.Name, written.ManifestSha256);
            File.WriteAllBytes(Path.Combine(target.Folder, CalibrationFile.UsualName), CalibrationFile.Write(calibration));
        }

        string policy = PolicyOf(point, new RouteTree(written.Graph));
        return target.WriteConfig(new WrittenConfig(choice.Source, target.Name, choice.ThreadCount, choice.Library, policy)
        {
            FramesPerSecond = choice.FramesPerSecond,
            QualityLoss = point.QualityLoss,
            Remark = $"a point of a frontier on this source: {point.Family}, {point.Name}",
        });
    }

    private static string PolicyOf(FrontierPoint point, RouteTree tree) => point.Family switch
    {
        "fixed" => $"{{ kind: fixed, path: {WrittenConfig.Quoted(point.Name)} }}",
        _ when point.Skipping is { } skipping => WrittenConfig.Skipping(skipping.PathName!, skipping.Carry!),
        "quality_loss" => "{ kind: value }",
        "value" => string.Create(CultureInfo.InvariantCulture, $"{{ kind: value, price: {point.PricePerMs:0.##########} }}"),
        _ => IsOnlyEntry(point.Cascade!) ? $"{{ kind: fixed, path: {WrittenConfig.Quoted(FirstPath(point.Cascade!, tree))} }}"
            : "{ kind: cascade }",
    };

    private static string FirstPath(CascadeSettings cascade, RouteTree tree)
    {
        var at = tree.Nodes[tree.Nodes[0].Options.First(o => o.Name == cascade.EntryName).NodeIndex];
        while (!at.CanStop)
        {
            at = tree.Nodes[at.Options.First(o => o.VariantIndex >= 0).NodeIndex];
        }

        return at.PathName;
    }

    /// <summary>A cascade without rules stops at its first exit, as a fixed path does.</summary>
    private static bool IsOnlyEntry(CascadeSettings cascade) => cascade.Rules.Count == 0 && cascade.Reuse is null;

    private static void Set(JsonObject policies, FrontierPoint point)
    {
        if (point.Family == "fixed")
        {
            policies["fixed_route"] = point.Name;
        }

        if (point.Cascade is not { } cascade || IsOnlyEntry(cascade))
        {
            return;
        }

        var exits = new JsonObject();
        foreach (var rule in cascade.Rules)
        {
            var exit = new JsonObject
            {
                ["signal"] = ManifestEnums.Of(ManifestEnums.Signals, rule.Signal),
                [rule.StopsAbove ? "stop_at_least" : "stop_at_most"] = rule.Threshold,
            };
            if (rule.NextName is { } next)
            {
                exit["next"] = next;
            }

            exits[rule.StageName] = exit;
        }

        var block = new JsonObject { ["entry"] = cascade.EntryName, ["exits"] = exits };
        if (cascade.Reuse is { } reuse)
        {
            block["reuse"] = new JsonObject { ["motion_at_most"] = reuse.MotionAtMost, ["age_ms_at_most"] = reuse.AgeMsAtMost };
        }

        policies["cascade"] = block;
    }
}
