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
        var region = Region(part.Region, fields);
        if (fromIndex == Missing || toIndex == Missing)
        {
            return null;
        }

        CheckUse(part, toIndex, fields);
        return new RouteEdge(fromIndex, toIndex, keep, scale, region);
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

    /// <summary>Options are told apart by name, in configuration and traces; the region is not part of it.</summary>
    private void CheckSameOptions(List<RouteEdge> edges)
    {
        var options = from edge in edges
                      from keep in edge.KeepRatios
                      from scale in edge.InputScales
                      group edge by (edge.FromStageIndex, edge.ToStageIndex, keep, scale);
        foreach (var same in options.Where(g => g.Count() > 1))
        {
            string from = same.Key.FromStageIndex < 0 ? "frame" : stages[same.Key.FromStageIndex].Name;
            string to = same.Key.ToStageIndex < 0 ? "previous" : stages[same.Key.ToStageIndex].Name;
            problems.Add(string.Create(CultureInfo.InvariantCulture,
                $"edges: '{from}' -> '{to}' at keep {same.Key.keep} and scale {same.Key.scale} "
                + $"is given {same.Count()} times; once is enough"));
        }
    }
}
