using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Frontiers;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>A stage of a pack at one keep ratio, scale and region.</summary>
internal sealed record ChainLink(CandidatePack Pack, RouteVariant Variant)
{
    public PackStage Stage => Pack.Pack.Stages[Variant.StageIndex];

    /// <summary>There is an answer here.</summary>
    public bool CanStop => Stage.Exit is not null;

    /// <summary>The pack's name, with the option where it has several.</summary>
    public string Name => Pack.Tree.Variants.Count == 1 ? Pack.Name : $"{Pack.Name}/{CandidatePack.OptionOf(Pack.Tree, Variant.Index)}";
}

/// <summary>The answer of a link is taken where the signal is on the sure side of the threshold.</summary>
internal sealed record StopRule(int LinkIndex, ExitSignalKind Signal, float Threshold, bool StopsAbove)
{
    public bool IsSure(in ExitSignals exit)
    {
        float signal = exit.Of(Signal);
        return StopsAbove ? signal >= Threshold : signal <= Threshold;
    }
}

/// <summary>
/// Stages that follow each other: a path of one pack, or one of another after it. A policy on it takes it to its end, or stops where an
/// exit's rule is met.
/// </summary>
internal sealed record Chain(IReadOnlyList<ChainLink> Links)
{
    /// <summary>Stages on one path, as route trees bound them.</summary>
    private const int LengthMost = RouteTree.DepthLimit - 1;

    public string Name => string.Join('>', Links.Select(l => l.Name));

    public IEnumerable<CandidatePack> Packs => Links.Select(l => l.Pack).Distinct();

    /// <summary>Of the sessions that are open for it.</summary>
    public long MemoryBytes => Links.Sum(l => l.Pack.MemoryBytes(l.Variant.StageIndex));

    /// <summary>Exits at which it may end early.</summary>
    public IReadOnlyList<int> EarlyExits => [.. Enumerable.Range(0, Links.Count - 1).Where(i => Links[i].CanStop)];

    /// <summary>
    /// The paths of a pack's own graph that end in an answer. Those that look again at parts of the frame are not among them: what is
    /// written for a chain has each stage once.
    /// </summary>
    public static IEnumerable<Chain> PathsOf(CandidatePack pack) =>
        pack.Tree.Nodes.Where(n => n.CanStop && n.VariantIndex >= 0).Select(n => PathTo(pack, n)).Where(c =>
            !c.Links.Any(l => l.Variant.GoesOnFromAnswer) && c.Links.DistinctBy(l => l.Variant.StageIndex).Count() == c.Links.Count);

    /// <summary>Every path of every pack, and every two, one after the other.</summary>
    public static IReadOnlyList<Chain> Of(IReadOnlyList<CandidatePack> packs)
    {
        Chain[] paths = [.. packs.SelectMany(PathsOf)];
        var pairs = from first in paths
                    from second in paths
                    where first.Links.Count + second.Links.Count <= LengthMost
                        && !first.Links.Intersect(second.Links).Any()
                    select new Chain([.. first.Links, .. second.Links]);
        return [.. paths.Concat(pairs).DistinctBy(c => string.Join('|', c.Links.Select(l => $"{l.Pack.Name}:{l.Variant.Index}")))];
    }

    /// <summary>
    /// To its end, where it is a path of one pack; and by one signal at all early exits, with thresholds at even
    /// quantiles of its values on some frames.
    /// </summary>
    public IEnumerable<IReadOnlyList<StopRule>> Rules(IReadOnlyList<int> frames)
    {
        var exits = EarlyExits;
        if (exits.Count == 0 || Packs.Count() == 1)
        {
            yield return [];
        }

        foreach (var signal in exits.Count == 0 ? [] : CascadeGrid.Signals.Where(s => exits.All(e => Links[e].Stage.Exit!.Gives(s))))
        {
            float[][] sorted = [.. exits.Select(e => Values(e, signal, frames))];
            float[]? before = null;
            foreach (double share in sorted.Any(v => v.Length == 0 || v[0].Equals(v[^1])) ? [] : CascadeGrid.Shares)
            {
                float[] thresholds = [.. sorted.Select(v => v[Math.Min(v.Length - 1, (int)(share * v.Length))])];
                if (before is null || !thresholds.SequenceEqual(before))
                {
                    yield return [.. exits.Select((e, i) => new StopRule(e, signal, thresholds[i], CascadeGrid.Rises(signal)))];
                }

                before = thresholds;
            }
        }
    }

    private float[] Values(int exit, ExitSignalKind signal, IReadOnlyList<int> frames)
    {
        var link = Links[exit];
        // A manifest takes no threshold below 0.
        return [.. frames.Select(f => link.Pack.FrameAt(f)!.Variants[link.Variant.Index].Exit.Of(signal)).Where(v => v >= 0).Order()];
    }

    private static Chain PathTo(CandidatePack pack, RouteNode node)
    {
        var links = new List<ChainLink>();
        for (var at = node; at.Index > 0; at = pack.Tree.Nodes[at.ParentIndex])
        {
            links.Insert(0, new ChainLink(pack, pack.Tree.Variants[at.VariantIndex]));
        }

        return new Chain(links);
    }
}
