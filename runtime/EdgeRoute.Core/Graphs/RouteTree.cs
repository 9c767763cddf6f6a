using System.Globalization;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Graphs;

/// <summary>What an option does. Byte values are part of the trace format.</summary>
public enum OptionKind : byte
{
    /// <summary>Publish the answer at hand.</summary>
    Stop = 1,

    /// <summary>Reuse the previous answer.</summary>
    Previous = 2,

    /// <summary>Out of the frame: run a first stage.</summary>
    Run = 3,

    /// <summary>At an exit: run the next stage on the features of this one.</summary>
    Continue = 4,

    /// <summary>At an exit: send the frame itself to a costlier stage.</summary>
    Escalate = 5,
}

/// <summary>One choice at a node.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="NodeIndex">The node it leads to; for <see cref="OptionKind.Stop"/> the node itself.</param>
/// <param name="VariantIndex">The stage variant it runs, or -1.</param>
/// <param name="Name">As people write it: <c>stop</c>, <c>previous</c>, <c>heavy</c>, <c>heavy@keep=0.5</c>,
/// <c>heavy@doubt</c>.</param>
public sealed record RouteOption(OptionKind Kind, int NodeIndex, int VariantIndex, string Name);

/// <summary>
/// A stage at one keep ratio, input scale and region, fed by given variants: what has one shape of every tensor, and one cost.
/// </summary>
public sealed record RouteVariant(
    int Index, int StageIndex, double KeepRatio, double InputScale, FrameRegion Region, IReadOnlyList<int> FeatureVariantIndices)
{
    /// <summary>Windows chosen on each frame: the stage runs once on each. Null for none.</summary>
    public WindowRule? Windows { get; init; }

    /// <summary>What becomes of the answer that it finds at hand.</summary>
    public MergeKind Merge { get; init; }

    /// <summary>The variant whose answer it finds; -1 out of the frame. It is of one path alone where that matters to it.</summary>
    public int AfterVariantIndex { get; init; } = -1;

    /// <summary>What it yields depends on the answer at hand.</summary>
    public bool GoesOnFromAnswer => Windows is not null || Merge != MergeKind.Replace;
}

/// <summary>A place where something is decided: the frame (index 0), or the end of a stage on one particular path.</summary>
/// <param name="Index">Index in <see cref="RouteTree.Nodes"/>; node 0 is the frame.</param>
/// <param name="ParentIndex">The node before, -1 for the frame.</param>
/// <param name="StageIndex">The stage that has run, <see cref="RouteGraph.Frame"/> or <see cref="RouteGraph.Previous"/>.</param>
/// <param name="VariantIndex">The variant that has run, or -1.</param>
/// <param name="PathName">The options taken so far joined by '>': <c>light>heavy@keep=0.5</c>; <c>frame</c> for node 0.</param>
/// <param name="CanStop">There is an answer to publish here.</param>
/// <param name="WasEscalated">An <see cref="OptionKind.Escalate"/> lies on the path.</param>
/// <param name="Options">Stop first where possible, then the edges in the pack's order.</param>
public sealed record RouteNode(
    int Index, int ParentIndex, int StageIndex, int VariantIndex, string PathName, bool CanStop, bool WasEscalated, RouteOption[] Options);

/// <summary>
/// Every path through a pack, unrolled once at load: a node for each way to have arrived somewhere. Decisions, traces and fixed paths name
/// nodes by index.
/// </summary>
public sealed class RouteTree
{
    /// <summary>Nodes of one tree. Each costs a few hundred bytes; more paths than this cannot be told apart by any calibration.</summary>
    public const int NodeLimit = 512;

    /// <summary>Options at one node: the fixed-size trace record holds this many.</summary>
    public const int OptionLimit = 16;

    /// <summary>Decisions on one path: the fixed-size trace record holds this many.</summary>
    public const int DepthLimit = 6;

    private readonly List<RouteNode> _nodes = [];
    private readonly List<RouteVariant> _variants = [];

    public RouteTree(RouteGraph graph)
    {
        Graph = graph;
        Grow(new Branch(-1, RouteGraph.Frame, -1, "frame", false, [], []));
        SeesChange = _variants.Exists(v => v.Windows is { From: WindowSource.Motion or WindowSource.Drift });
    }

    /// <summary>Some windows are chosen by how the picture changes, so that each frame's thumbnail is wanted.</summary>
    public bool SeesChange { get; }

    public RouteGraph Graph { get; }

    public IReadOnlyList<RouteNode> Nodes => _nodes;

    /// <summary>Distinct stage variants, each with shapes and a cost of its own.</summary>
    public IReadOnlyList<RouteVariant> Variants => _variants;

    /// <summary>Names of the paths that end in an answer.</summary>
    public IEnumerable<string> PathNames => _nodes.Where(n => n.CanStop).Select(n => n.PathName);

    /// <summary>The node a path's name leads to, or null when no path has this name.</summary>
    public RouteNode? FindPath(string pathName) =>
        _nodes.Find(n => n.CanStop && string.Equals(n.PathName, pathName, StringComparison.Ordinal));

    /// <summary>
    /// The node on the way from <paramref name="fromIndex"/> to <paramref name="targetIndex"/> that comes right after it, or -1 when it
    /// does not lie that way.
    /// </summary>
    public int StepTowards(int fromIndex, int targetIndex)
    {
        for (int at = targetIndex; at > 0; at = _nodes[at].ParentIndex)
        {
            if (_nodes[at].ParentIndex == fromIndex)
            {
                return at;
            }
        }

        return -1;
    }

    private sealed record Branch(int ParentIndex, int StageIndex, int VariantIndex, string PathName, bool WasEscalated,
        IReadOnlyList<int> Variants, IReadOnlyList<RouteEdge> Edges);

    private int Grow(Branch branch)
    {
        int index = _nodes.Count;
        bool canStop = branch.StageIndex == RouteGraph.Previous || (branch.StageIndex >= 0 && Graph.Stages[branch.StageIndex].HasExit);
        if (index >= NodeLimit || branch.Variants.Count > DepthLimit - 1)
        {
            throw new ArgumentException($"Path '{branch.PathName}' is too much: a pack may have {NodeLimit} path nodes and "
                + $"{DepthLimit - 1} stages on one path. "
                + "Shorten the lists of keep ratios and input scales, or the chain of stages.");
        }

        _nodes.Add(new RouteNode(index, branch.ParentIndex, branch.StageIndex, branch.VariantIndex, branch.PathName, canStop,
            branch.WasEscalated, []));
        var options = new List<RouteOption>();
        if (canStop)
        {
            options.Add(new RouteOption(OptionKind.Stop, index, -1, "stop"));
        }

        foreach (var edge in Graph.Edges.Where(e => e.FromStageIndex == branch.StageIndex && MayTake(e, branch)))
        {
            AddOptions(branch with { ParentIndex = index }, edge, options);
        }

        if (options.Count > OptionLimit)
        {
            throw new ArgumentException($"'{branch.PathName}' has {options.Count} options; at most {OptionLimit} are possible.");
        }

        _nodes[index] = _nodes[index] with { Options = [.. options] };
        return index;
    }

    /// <summary>
    /// An edge lies on a path once, which bounds the rounds of those that come back to a stage. A look at a part of the frame is no longer
    /// offered where a path is as long as paths may be.
    /// </summary>
    private static bool MayTake(RouteEdge edge, Branch branch) =>
        !branch.Edges.Any(e => ReferenceEquals(e, edge)) && !(edge.SeesPart && branch.Variants.Count >= DepthLimit - 1);

    private void AddOptions(Branch branch, RouteEdge edge, List<RouteOption> options)
    {
        if (edge.ToStageIndex == RouteGraph.Previous)
        {
            int node = Grow(branch with { StageIndex = RouteGraph.Previous, VariantIndex = -1, PathName = "previous" });
            options.Add(new RouteOption(OptionKind.Previous, node, -1, "previous"));
            return;
        }

        var stage = Graph.Stages[edge.ToStageIndex];
        var kind = KindOf(edge, stage);
        foreach (double keep in edge.KeepRatios)
        {
            foreach (double scale in edge.InputScales)
            {
                string name = NameOf(stage.Name, keep, scale, edge);
                int variant = VariantOf(edge, keep, scale, branch.Variants);
                int node = Grow(new Branch(
                    branch.ParentIndex, edge.ToStageIndex, variant, branch.ParentIndex == 0 ? name : branch.PathName + ">" + name,
                    branch.WasEscalated || kind == OptionKind.Escalate, [.. branch.Variants, variant],
                    [.. branch.Edges, edge]));
                options.Add(new RouteOption(kind, node, variant, name));
            }
        }
    }

    /// <summary>A stage that begins again with the frame is an escalation; one that takes features over goes on.</summary>
    private static OptionKind KindOf(RouteEdge edge, RouteStage stage)
    {
        if (edge.FromStageIndex == RouteGraph.Frame)
        {
            return OptionKind.Run;
        }

        return stage.TakesFrame && stage.FeatureStageIndices.Count == 0 ? OptionKind.Escalate : OptionKind.Continue;
    }

    /// <summary>Variants are shared between paths where all that feeds them is the same, so sessions bind each shape once.</summary>
    private int VariantOf(RouteEdge edge, double keep, double scale, IReadOnlyList<int> before)
    {
        int[] features = [.. Graph.Stages[edge.ToStageIndex].FeatureStageIndices.Select(f => FeaturesOf(f, edge, before))];
        var made = new RouteVariant(_variants.Count, edge.ToStageIndex, keep, scale, edge.Region, features)
        {
            Windows = edge.Windows, Merge = edge.Merge, AfterVariantIndex = before.Count == 0 ? -1 : before[^1],
        };
        var known = made.GoesOnFromAnswer ? null : _variants.Find(v => v.StageIndex == edge.ToStageIndex && !v.GoesOnFromAnswer
            && v.KeepRatio.Equals(keep) && v.InputScale.Equals(scale) && v.Region == edge.Region
            && v.FeatureVariantIndices.SequenceEqual(features));
        if (known is not null)
        {
            return known.Index;
        }

        _variants.Add(made);
        return made.Index;
    }

    /// <summary>Of windows the last one alone would be left to go on from.</summary>
    private int FeaturesOf(int stageIndex, RouteEdge edge, IReadOnlyList<int> before)
    {
        for (int i = before.Count - 1; i >= 0; i--)
        {
            if (_variants[before[i]].StageIndex == stageIndex && _variants[before[i]].Windows is null)
            {
                return before[i];
            }
        }

        throw new ArgumentException($"'{Graph.Stages[edge.ToStageIndex].Name}' takes features of '{Graph.Stages[stageIndex].Name}', but on "
            + "one of its paths that stage runs on windows of the frame only, and windows hand no features on. Lead an edge without "
            + "'region: {from}' to it first.");
    }

    private static string NameOf(string stage, double keep, double scale, RouteEdge edge)
    {
        string name = stage;
        name += edge.Windows is { } windows ? "@" + windows.Name : RegionName(edge.Region);
        name += keep < 1 ? string.Create(CultureInfo.InvariantCulture, $"@keep={keep}") : "";
        return name + (scale < 1 ? string.Create(CultureInfo.InvariantCulture, $"@scale={scale}") : "");
    }

    /// <summary>Width by height, then left and top.</summary>
    private static string RegionName(in FrameRegion region) => region == FrameRegion.Full ? "" : string.Create(CultureInfo.InvariantCulture,
        $"@{region.Width}x{region.Height}+{region.Left}+{region.Top}");

    /// <summary>How a frame ends whose last choice was this option; one that leads nowhere is the failure.</summary>
    public FrameEnd EndOf(RouteOption option)
    {
        if (option.Kind == OptionKind.Previous)
        {
            return FrameEnd.Skipped;
        }

        if (option.NodeIndex < 0)
        {
            return FrameEnd.Failed;
        }

        var node = Nodes[option.NodeIndex];
        if (node.WasEscalated)
        {
            return FrameEnd.Escalated;
        }

        if (node.Options.Length > 1)
        {
            return FrameEnd.Exited;
        }

        return FrameEnd.Completed;
    }
}
