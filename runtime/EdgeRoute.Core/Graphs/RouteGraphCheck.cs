namespace EdgeRoute.Core.Graphs;

/// <summary>Finds every reason why a declared graph cannot be routed, so that its author mends them in one go.</summary>
public static class RouteGraphCheck
{
    /// <summary>All problems, in words that name stages and edges; empty when the graph can be routed.</summary>
    public static IReadOnlyList<string> FindProblems(IReadOnlyList<RouteStage> stages, IReadOnlyList<RouteEdge> edges)
    {
        var problems = new List<string>();
        CheckCounts(stages, edges, problems);
        bool indicesAreValid = CheckIndices(stages, edges, problems);
        CheckParameters(stages, edges, problems);
        if (indicesAreValid)
        {
            CheckCycles(stages, edges, problems);
            CheckReach(stages, edges, problems);
            CheckWaysOut(stages, edges, problems);
        }

        return problems;
    }

    private static void CheckCounts(IReadOnlyList<RouteStage> stages, IReadOnlyList<RouteEdge> edges, List<string> problems)
    {
        if (stages.Count is 0 or > RouteGraph.StageLimit)
        {
            problems.Add($"the pack has {stages.Count} stages; 1 to {RouteGraph.StageLimit} are possible");
        }

        if (edges.Count > RouteGraph.EdgeLimit)
        {
            problems.Add($"the pack has {edges.Count} edges; at most {RouteGraph.EdgeLimit} are possible");
        }

        foreach (var twice in stages.GroupBy(s => s.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            problems.Add($"two stages are named '{twice.Key}'");
        }

        if (!stages.Any(s => s.HasExit))
        {
            problems.Add("no stage has an exit, so no path ends in an answer");
        }
    }

    private static bool CheckIndices(IReadOnlyList<RouteStage> stages, IReadOnlyList<RouteEdge> edges, List<string> problems)
    {
        int before = problems.Count;
        for (int i = 0; i < edges.Count; i++)
        {
            var (from, to) = (edges[i].FromStageIndex, edges[i].ToStageIndex);
            if (from != RouteGraph.Frame && (from < 0 || from >= stages.Count))
            {
                problems.Add($"edge {i} leaves stage {from}, which does not exist");
            }

            if (to != RouteGraph.Previous && (to < 0 || to >= stages.Count))
            {
                problems.Add($"edge {i} reaches stage {to}, which does not exist");
            }

            if (to == RouteGraph.Previous && from != RouteGraph.Frame)
            {
                problems.Add($"edge {i} reaches 'previous' from a stage; the previous answer is reused from 'frame' only");
            }
        }

        CheckFeatures(stages, problems);
        return problems.Count == before;
    }

    private static void CheckFeatures(IReadOnlyList<RouteStage> stages, List<string> problems)
    {
        for (int i = 0; i < stages.Count; i++)
        {
            foreach (int source in stages[i].FeatureStageIndices.Where(f => f < 0 || f >= stages.Count))
            {
                problems.Add($"stage '{stages[i].Name}' takes features of stage {source}, which does not exist");
            }

            if (stages[i].FeatureStageIndices.Contains(i))
            {
                problems.Add($"stage '{stages[i].Name}' takes features of itself; they must come from a stage that has run before it");
            }
        }
    }

    private static void CheckParameters(IReadOnlyList<RouteStage> stages, IReadOnlyList<RouteEdge> edges, List<string> problems)
    {
        foreach (var edge in edges)
        {
            string name = Name(stages, edge);
            foreach (double keep in edge.KeepRatios.Where(k => !(k > 0 && k <= 1)))
            {
                problems.Add($"edge {name}: keep ratio {keep} is outside (0, 1]");
            }

            foreach (double scale in edge.InputScales.Where(s => !(s > 0 && s <= 1)))
            {
                problems.Add($"edge {name}: input scale {scale} is outside (0, 1]");
            }

            if (edge.KeepRatios.Count == 0 || edge.InputScales.Count == 0)
            {
                problems.Add($"edge {name}: the lists of keep ratios and input scales must not be empty; 1 means all");
            }

            if (!edge.Region.IsInside)
            {
                problems.Add($"edge {name}: region {edge.Region} does not lie inside the frame (fractions 0..1)");
            }

            CheckLook(stages, edge, name, problems);
        }
    }

    private static void CheckLook(IReadOnlyList<RouteStage> stages, RouteEdge edge, string name, List<string> problems)
    {
        bool isKnown = edge.ToStageIndex >= 0 && edge.ToStageIndex < stages.Count;
        var stage = isKnown ? stages[edge.ToStageIndex] : null;
        if (edge.Windows is not null && stage is { FeatureStageIndices.Count: > 0 })
        {
            problems.Add($"edge {name}: windows chosen on each frame need a stage that takes the frame alone, and '{stage.Name}' takes "
                + "features");
        }

        if ((edge.Windows is not null || edge.Merge != MergeKind.Replace) && stage is not { HasExit: true })
        {
            problems.Add($"edge {name}: a window's answer is merged with the one at hand, so the edge must lead to a stage with an exit");
        }

        bool needsAnswer = edge.Windows is { From: WindowSource.Doubt };
        bool hasAnswer = edge.FromStageIndex >= 0 && edge.FromStageIndex < stages.Count && stages[edge.FromStageIndex].HasExit;
        if (needsAnswer && !hasAnswer)
        {
            problems.Add($"edge {name}: 'doubt' is that of an answer on this frame, so the edge must leave a stage with an exit");
        }
    }

    /// <summary>Windows may have nothing to look at; something must be left to take then.</summary>
    private static void CheckWaysOut(IReadOnlyList<RouteStage> stages, IReadOnlyList<RouteEdge> edges, List<string> problems)
    {
        for (int from = RouteGraph.Frame; from < stages.Count; from++)
        {
            var ways = edges.Where(e => e.FromStageIndex == from && e.ToStageIndex >= 0).ToList();
            bool mayStop = from >= 0 && stages[from].HasExit;
            if (ways.Count > 0 && !mayStop && ways.TrueForAll(e => e.Windows is { From: not WindowSource.Tiles }))
            {
                string place = from < 0 ? "'frame'" : $"'{stages[from].Name}'";
                problems.Add($"every edge out of {place} looks at windows, and on a frame with nothing to look at none could be taken; "
                    + "add one that sees the whole frame");
            }
        }
    }

    private static void CheckCycles(IReadOnlyList<RouteStage> stages, IReadOnlyList<RouteEdge> edges, List<string> problems)
    {
        var state = new int[stages.Count]; // 0 new, 1 on the current walk, 2 done
        for (int i = 0; i < stages.Count; i++)
        {
            if (Walk(i) is { } cycle)
            {
                problems.Add($"the edges form a cycle: {cycle}");
                return;
            }
        }

        string? Walk(int stage)
        {
            if (state[stage] != 0)
            {
                return state[stage] == 1 ? stages[stage].Name : null;
            }

            state[stage] = 1;
            foreach (var edge in edges.Where(e => e.FromStageIndex == stage && e.ToStageIndex >= 0 && !e.SeesPart))
            {
                if (Walk(edge.ToStageIndex) is { } rest)
                {
                    return stages[stage].Name + " -> " + rest;
                }
            }

            state[stage] = 2;
            return null;
        }
    }

    private static void CheckReach(IReadOnlyList<RouteStage> stages, IReadOnlyList<RouteEdge> edges, List<string> problems)
    {
        for (int i = 0; i < stages.Count; i++)
        {
            if (!IsReachable(edges, i, without: RouteGraph.Previous))
            {
                problems.Add($"{(stages[i].HasExit ? "exit" : "stage")} '{stages[i].Name}' is unreachable: no edges lead to it "
                    + "from 'frame'");
                continue;
            }

            if (!stages[i].HasExit && !edges.Any(e => e.FromStageIndex == i))
            {
                problems.Add($"stage '{stages[i].Name}' is a dead end: it has no exit and no edge leaves it");
            }

            foreach (int source in stages[i].FeatureStageIndices.Where(f => IsReachable(edges, i, without: f)))
            {
                problems.Add($"stage '{stages[i].Name}' takes features of '{stages[source].Name}', but a path reaches it that does not "
                    + "run that stage first");
            }
        }
    }

    /// <summary>Whether edges lead from the frame to a stage along a walk that does not pass <paramref name="without"/>.</summary>
    private static bool IsReachable(IReadOnlyList<RouteEdge> edges, int target, int without)
    {
        var seen = new HashSet<int> { RouteGraph.Frame };
        var open = new Queue<int>(seen);
        while (open.TryDequeue(out int from))
        {
            foreach (var edge in edges.Where(e => e.FromStageIndex == from && e.ToStageIndex >= 0 && e.ToStageIndex != without
                && seen.Add(e.ToStageIndex)))
            {
                open.Enqueue(edge.ToStageIndex);
            }
        }

        return target != without && seen.Contains(target);
    }

    private static string Name(IReadOnlyList<RouteStage> stages, RouteEdge edge)
    {
        string from = edge.FromStageIndex == RouteGraph.Frame ? "frame" : NameOrIndex(stages, edge.FromStageIndex);
        string to = edge.ToStageIndex == RouteGraph.Previous ? "previous" : NameOrIndex(stages, edge.ToStageIndex);
        return $"'{from}' -> '{to}'";
    }

    private static string NameOrIndex(IReadOnlyList<RouteStage> stages, int index) =>
        index >= 0 && index < stages.Count ? stages[index].Name : index.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
