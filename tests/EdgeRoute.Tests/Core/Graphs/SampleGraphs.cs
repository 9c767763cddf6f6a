using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Tests.Core.Graphs;

/// <summary>Graphs that several tests share.</summary>
internal static class SampleGraphs
{
    public static RouteStage Stage(string name, bool hasExit = true, params int[] features) => new(name, hasExit,
        features.Length == 0, features);

    public static RouteEdge Edge(int from, int to, double[]? keep = null, double[]? scale = null) => new(from, to, keep ?? [1],
        scale ?? [1], FrameRegion.Full);

    /// <summary>frame -> light, frame -> heavy, light -> heavy, frame -> previous.</summary>
    public static RouteTree Cascade() => new(new RouteGraph(
        [Stage("light"), Stage("heavy")],
        [Edge(RouteGraph.Frame, 0), Edge(RouteGraph.Frame, 1), Edge(0, 1), Edge(RouteGraph.Frame, RouteGraph.Previous)]));

    /// <summary>frame -> s1 (exit) -> s2 (no exit) -> s3 (exit), with keep ratios 1 and 0.5 into s2.</summary>
    public static RouteTree EarlyExit() => new(new RouteGraph(
        [Stage("s1"), Stage("s2", false, 0), Stage("s3", true, 1)],
        [Edge(RouteGraph.Frame, 0), Edge(0, 1, [1, 0.5]), Edge(1, 2)]));
}
