using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// A pack with its paths unrolled and its stages ready to run; shared by the streams that use it, which take turns on one thread.
/// </summary>
public sealed record LoadedPack(Pack Pack, RouteTree Tree, IStageSet Stages) : IDisposable
{
    /// <summary>The execution provider that runs its stages, as a device config names it; null where that is not known.</summary>
    public string? Provider { get; init; }

    /// <summary>Threads that run its stages; 0 where the library chooses.</summary>
    public int ThreadCount { get; init; }

    /// <summary>What running each variant once took before the first frame; 0 where nobody looked.</summary>
    public double WarmUpMs { get; init; }

    /// <summary>Its stages on crops, in the manifest's order, each opened as a pack of its own.</summary>
    public IReadOnlyList<LoadedCrop> Crops { get; init; } = [];

    /// <summary>Boxes of answers that are published again are looked for in the frame.</summary>
    public bool FollowsBoxes => Pack.Carry == CarryKind.Picture && Tree.Nodes[0].Options.Any(o => o.Kind == OptionKind.Previous);

    public void Dispose()
    {
        Stages.Dispose();
        foreach (var crop in Crops)
        {
            crop.Loaded.Dispose();
        }
    }
}

/// <summary>A stage on crops, ready to run.</summary>
public sealed record LoadedCrop(PackCrop Crop, LoadedPack Loaded);
