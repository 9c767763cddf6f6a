using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// A pack with its paths unrolled and its stages ready to run; shared by the streams that use it, which take turns on one thread.
/// </summary>
public sealed record LoadedPack(Pack Pack, RouteTree Tree, IStageSet Stages) : IDisposable
{
    public void Dispose() => Stages.Dispose();
}
