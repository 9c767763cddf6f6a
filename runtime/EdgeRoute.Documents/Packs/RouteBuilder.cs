using System.Globalization;
using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Documents.Packs;

/// <summary>Checks the edges and makes the route graph of them.</summary>
/// <param name="cropNames">Stages that run on crops and are no part of the route.</param>
internal sealed class RouteBuilder(PackProblems problems, IReadOnlyList<PackStage> stages, IReadOnlyList<ManifestDocument.StagePart> parts,
    IReadOnlySet<string> cropNames)
{
    private static readonly List<double> All = [1];

    /// <summary>The graph, or null with the reasons added.</summary>
    public RouteGraph? Build(IReadOnlyList<ManifestDocument.EdgePart> edgeParts)
    {
        var edges = new List<RouteEdge>();
        for (int i = 0; i < edgeParts.Count; i++)
        {
            if (Edge(edgeParts[i], new ManifestFields(problems, $"edges[{i}]")) is { } edge)
            {
                edges.Add(edge);
            }
        }

        // With an edge or a feature source missing, "unreachable" would be said of stages that are not.
        bool namesAreRight = edges.Count == edgeParts.Count && stages.All(s => s.Features.All(f => f.FromStageIndex >= 0));
        return namesAreRight ? Graph(edges) : null;
    }

    private RouteGraph? Graph(List<RouteEdge> edges)
    {
        // A stage whose exit block is wrong still has an exit; that it is wrong is said elsewhere.
        var nodes = stages.Select((s, i) => new RouteStage(
            s.Name, parts[i].Exit is not null, s.Input is not null, [.. s.Features.Select(f => f.FromStageIndex).Distinct()])).ToArray();
        var found = RouteGraphCheck.FindProblems(nodes, edges);
        foreach (string problem in found)
        {
            problems.Add(problem);
        }

        CheckSameOptions(edges);
        return found.Count == 0 ? new RouteGraph(nodes, edges) : null;
    }

    private RouteEdge? Edge(ManifestDocument.EdgePart part, ManifestFields fields)
    {
        string from = fields.Text("from", part.From), to = fields.Text("to", part.To);
        int fromIndex = from == "frame" ? RouteGraph.Frame : Find(from, ["frame"], fields);
        int toIndex = to == "previous" ? RouteGraph.Previous : Find(to, ["previous"], fields);
        var keep = part.Keep ?? All;
        var scale = part.Scale ?? All;
        var region = Region(part.Region?.Fixed, fields);
        var windows = part.Region?.Windows is { } rule ? Windows(rule, fields.Within("region")) : null;
        if (fromIndex == Missing || toIndex == Missing)
        {
            return null;
        }

        CheckUse(part, toIndex, fields);
        var usual = windows is not null && CanMerge(toIndex) ? MergeKind.Union : MergeKind.Replace;
        var edge = new RouteEdge(fromIndex, toIndex, keep, scale, region)
        {
            Windows = windows, Merge = fields.Choice("merge", part.Merge, ManifestEnums.Merges, usual),
        };
        CheckMerge(edge, fields);
        return edge;
    }

    /// <summary>Plain boxes can be merged: key points and masks of two looks cannot.</summary>
    private bool CanMerge(int stage) => stage >= 0 && stages[stage].Exit is { Detection: not null } exit && exit.Details == default;

    private static WindowRule Windows(WindowsPart part, ManifestFields fields)
    {
        var from = fields.Choice("from", part.From, ManifestEnums.WindowSources);
        float side = fields.Number("side", (float?)part.Side, 0.01f, (float)WindowRule.SideMost);
        if (side is > 1 and < LeastPixels)
        {
            fields.Fail(string.Create(CultureInfo.InvariantCulture,
                $"'side' is {side}: up to 1 it is a part of the frame's sides, else pixels, of which {LeastPixels} are the fewest"));
        }

        int count = fields.Whole("count", part.Count, 1, WindowRule.CountMost, 1);
        if (from == WindowSource.Tiles && count is not (1 or 4))
        {
            fields.Fail($"'count' is {count}; tiles are as many columns as rows, 1 or 4");
        }

        return new WindowRule(from, part.Side ?? side, count, fields.Number("at_least", (float?)part.AtLeast, 0, 1e6f, 0));
    }

    /// <summary>Pixels of a window's side: less is no picture of anything.</summary>
    private const int LeastPixels = 16;

    private void CheckMerge(RouteEdge edge, ManifestFields fields)
    {
        int[] ends = edge.Merge == MergeKind.Replace ? [] : [edge.FromStageIndex, edge.ToStageIndex];
        foreach (int end in ends.Where(e => e >= 0 && !CanMerge(e)).Distinct())
        {
            fields.Fail($"'merge' joins plain boxes, and stage '{stages[end].Name}' yields none; only 'replace' is possible");
        }

        if (edge is { Windows.Count: > 1, Merge: MergeKind.Replace })
        {
            fields.Fail($"{edge.Windows.Count} windows have one answer only where they are merged; write 'merge: union' or 'boxes', or "
                + "'count: 1'");
        }
    }

    private const int Missing = int.MinValue;

    private int Find(string name, string[] special, ManifestFields fields)
    {
        for (int i = 0; i < stages.Count; i++)
        {
            if (name.Length > 0 && stages[i].Name == name)
            {
                return i;
            }
        }

        if (name.Length > 0)
        {
            fields.Fail(cropNames.Contains(name) ? $"stage '{name}' runs on crops ('crops'); no edge leads to it or from it"
                : $"stage '{name}' does not exist{NearestName.Hint(name, stages.Select(s => s.Name).Concat(special))}");
        }

        return Missing;
    }

    private static FrameRegion Region(List<double>? region, ManifestFields fields)
    {
        if (region is null)
        {
            return FrameRegion.Full;
        }

        if (region.Count == 4)
        {
            return new FrameRegion(region[0], region[1], region[2], region[3]);
        }

        fields.Fail($"'region' has {region.Count} numbers; it must be [left, top, width, height] as fractions of the frame");
        return FrameRegion.Full;
    }

    /// <summary>A parameter that its stage cannot act on would give options that differ in name only.</summary>
    private void CheckUse(ManifestDocument.EdgePart part, int toIndex, ManifestFields fields)
    {
        string to = toIndex < 0 ? "previous" : stages[toIndex].Name;
        if ((toIndex < 0 || stages[toIndex].Keep is null) && part.Keep?.Any(k => k < 1) == true)
        {
            fields.Fail($"'keep' lists ratios below 1, but '{to}' has no 'keep_input'");
        }

        if ((toIndex < 0 || stages[toIndex].Input is null) && (part.Scale?.Any(s => s < 1) == true || part.Region is not null))
        {
            fields.Fail($"'scale' and 'region' change how the frame is taken, but '{to}' does not take the frame");
        }
    }

    /// <summary>Options are told apart by name, in configuration and traces.</summary>
    private void CheckSameOptions(List<RouteEdge> edges)
    {
        var options = from edge in edges
                      from keep in edge.KeepRatios
                      from scale in edge.InputScales
                      group edge by (edge.FromStageIndex, edge.ToStageIndex, keep, scale, edge.Region, edge.Windows?.Name);
        foreach (var same in options.Where(g => g.Count() > 1))
        {
            string from = same.Key.FromStageIndex < 0 ? "frame" : stages[same.Key.FromStageIndex].Name;
            string to = same.Key.ToStageIndex < 0 ? "previous" : stages[same.Key.ToStageIndex].Name;
            string look = same.Key.Name is { } name ? $" with windows by {name}" : "";
            problems.Add(string.Create(CultureInfo.InvariantCulture,
                $"edges: '{from}' -> '{to}' at keep {same.Key.keep} and scale {same.Key.scale}{look} "
                + $"is given {same.Count()} times; once is enough"));
        }
    }
}
