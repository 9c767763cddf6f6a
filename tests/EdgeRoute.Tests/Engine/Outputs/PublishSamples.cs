using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Engine.Outputs;

/// <summary>A cascade of two stages and traces of frames that went through it.</summary>
internal static class PublishSamples
{
    public static CascadeSettings Cascade { get; } = new(null,
        [new CascadeRule("light", ExitSignalKind.LowConfidenceMass, 0.3f, false, null)], null);

    public static RouteTree Tree()
    {
        RouteEdge Edge(int from, int to) => new(from, to, [1], [1], FrameRegion.Full);
        RouteStage[] stages = [new("light", true, true, []), new("heavy", true, true, [])];
        return new RouteTree(new RouteGraph(stages, [Edge(RouteGraph.Frame, 0), Edge(0, 1), Edge(RouteGraph.Frame, RouteGraph.Previous)]));
    }

    /// <summary>A frame that ended at a path, taken 1 ms after capture and published at <paramref name="latencyMs"/>.</summary>
    public static TraceRecord Record(RouteTree tree, string path, FrameEnd end, double latencyMs, float doubt = 0.1f)
    {
        var record = new TraceRecord
        {
            Stamp = new FrameStamp(0, 123, 1_000_000, 1_000_000),
            TakenNs = 2_000_000,
            PublishedNs = 1_000_000 + (long)(latencyMs * 1e6),
            DeadlineNs = long.MaxValue,
            End = end,
            NodeIndex = tree.FindPath(path)!.Index,
            StagesNs = (long)(latencyMs * 0.5e6),
        };
        record.Decisions[record.DecisionCount++] = Decision(tree, 0, path == "previous" ? "previous" : "light", default);
        if (path != "previous")
        {
            var exit = new ExitSignals(0.8f, 0.2f, 0.4f, doubt, 2);
            record.Decisions[record.DecisionCount++] = Decision(tree, tree.FindPath("light")!.Index,
                end == FrameEnd.Escalated ? "heavy" : "stop", exit);
        }

        if (end == FrameEnd.Escalated)
        {
            record.Decisions[record.DecisionCount++] = Decision(tree, tree.FindPath("light>heavy")!.Index, "stop",
                default) with { Reason = DecisionReason.OnlyOption };
        }

        return record;
    }

    /// <summary>As a policy that estimates nothing leaves it.</summary>
    private static DecisionRecord Decision(RouteTree tree, int node, string option, ExitSignals exit)
    {
        var decision = new DecisionRecord
        {
            NodeIndex = node,
            OptionIndex = Array.FindIndex(tree.Nodes[node].Options, o => o.Name == option),
            OptionCount = tree.Nodes[node].Options.Length,
            Reason = DecisionReason.Policy,
            Exit = exit,
            SlackNs = 5_000_000,
        };
        for (int i = 0; i < decision.OptionCount; i++)
        {
            decision.Values[i] = new OptionValue(float.NaN, 2, 3, 0, float.NaN, float.NaN, OptionDenial.None, 0);
        }

        return decision;
    }
}
