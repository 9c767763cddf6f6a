using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Protocol.Sweeping;

namespace EdgeRoute.Workbench.Sweeps;

/// <summary>The swept frames of one source in order, with the route tree they were swept with.</summary>
public sealed class SweptRecording(string name, RouteTree tree, TaskKind task, IReadOnlyList<SweptFrame> frames)
{
    /// <summary>What was swept, for people.</summary>
    public string Name { get; } = name;

    public RouteTree Tree { get; } = tree;

    public TaskKind Task { get; } = task;

    public IReadOnlyList<SweptFrame> Frames { get; } = frames;

    /// <summary>For policies: how far a plan is followed; null for other tasks.</summary>
    public PlanRules? Plan { get; init; }

    /// <summary>Where its pictures show the boxes of answers later on.</summary>
    internal SweptMoves Moves { get; } = new(frames);

    /// <summary>A part of the recording, by fractions of its frames: 0 to 0.5 is the first half.</summary>
    public SweptRecording Part(double from, double to)
    {
        int first = (int)Math.Round(from * Frames.Count), end = (int)Math.Round(to * Frames.Count);
        return new SweptRecording(Name, Tree, Task, [.. Frames.Skip(first).Take(end - first)]) { Plan = Plan };
    }

    /// <summary>
    /// The teacher where there are no labels: the exit that the costliest path by median measured time ends in, reached the cheapest way.
    /// </summary>
    public RouteNode HeaviestNode()
    {
        var costs = Profile();
        var exits = Tree.Nodes.Where(n => n.CanStop && n.VariantIndex >= 0).ToList();
        int variant = exits.MaxBy(n => PathMs(costs, n))!.VariantIndex;
        return exits.Where(n => n.VariantIndex == variant).MinBy(n => PathMs(costs, n))!;
    }

    /// <summary>Median and p95 of each variant over the frames, as a profile that a table starts from.</summary>
    public CostTable Profile()
    {
        var table = new CostTable(Tree);
        foreach (var variant in Tree.Variants)
        {
            float[] ms = [.. Frames.Select(f => f.Variants[variant.Index].Ms).Where(float.IsFinite).Order()];
            table.SetProfile(variant.Index, ms.Length == 0 ? default
                : new StageCost(ms[ms.Length / 2], ms[Math.Min(ms.Length - 1, ms.Length * 95 / 100)]));
        }

        return table;
    }

    /// <summary>Median device time of all stages on the way to a node, in milliseconds.</summary>
    public double PathMs(CostTable costs, RouteNode node) =>
        PathVariants(node).Sum(v => (double)costs.OfVariant(v).MsP50);

    /// <summary>Device time that all stages on the way to a node took on one frame, in milliseconds; failed ones count nothing.</summary>
    public float MeasuredMs(int frameIndex, RouteNode node)
    {
        float sum = 0;
        foreach (int variant in PathVariants(node))
        {
            float ms = Frames[frameIndex].Variants[variant].Ms;
            sum += float.IsFinite(ms) ? ms : 0;
        }

        return sum;
    }

    /// <summary>Variants run on the way to a node.</summary>
    public IEnumerable<int> PathVariants(RouteNode node)
    {
        for (var at = node; at.Index > 0; at = Tree.Nodes[at.ParentIndex])
        {
            if (at.VariantIndex >= 0)
            {
                yield return at.VariantIndex;
            }
        }
    }
}
