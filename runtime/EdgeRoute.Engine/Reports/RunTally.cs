using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Reports;

/// <summary>Sums over the frames that one path answered.</summary>
public readonly record struct PathTally(long Count, long LatencyNs, long BusyNs, long StagesNs);

/// <summary>
/// What the frames of one source came to. The loop's thread adds records and allocates nothing; another thread may read for the status line
/// and sees sums that are at most a frame apart.
/// </summary>
/// <param name="earlier">The same source's frames on the pack it had before; null at start. Its counts and latencies go on.</param>
public sealed class RunTally(string sourceName, RouteTree tree, RunTally? earlier = null)
{
    private readonly PathTally[] _paths = new PathTally[tree.Nodes.Count];

    public string SourceName { get; } = sourceName;

    public RouteTree Tree { get; } = tree;

    /// <summary>Capture to publish of every frame that got an answer.</summary>
    public LatencyHistogram Latency { get; } = earlier?.Latency ?? new();

    public long LateCount { get; private set; } = earlier?.LateCount ?? 0;

    public long FallbackCount { get; private set; } = earlier?.FallbackCount ?? 0;

    /// <summary>Paths of the pack before; null where there was none.</summary>
    public RunTally? Earlier { get; } = earlier;

    /// <summary>Sums by route tree node: the node whose answer was published.</summary>
    public ReadOnlySpan<PathTally> Paths => _paths;

    /// <summary>This tally and those of the packs before.</summary>
    public IEnumerable<RunTally> WithEarlier()
    {
        for (var tally = this; tally is not null; tally = tally.Earlier)
        {
            yield return tally;
        }
    }

    /// <summary>
    /// Adds one frame that was taken from its source. Failed frames have no path and no latency; dropped ones are not traced.
    /// </summary>
    public void Add(in TraceRecord record)
    {
        LateCount += (record.Flags & TraceFlags.Late) != 0 ? 1 : 0;
        FallbackCount += (record.Flags & TraceFlags.Fallback) != 0 ? 1 : 0;
        if ((uint)record.NodeIndex >= (uint)_paths.Length || record.End is FrameEnd.Failed or FrameEnd.Dropped)
        {
            return;
        }

        Latency.Add(record.LatencyNs);
        ref var path = ref _paths[record.NodeIndex];
        path = new PathTally(
            path.Count + 1, path.LatencyNs + record.LatencyNs, path.BusyNs + record.PublishedNs - record.TakenNs,
            path.StagesNs + record.StagesNs);
    }
}

/// <summary>Adds every ended frame to its source's tally.</summary>
/// <param name="tallyOf">By the index of the stream.</param>
internal sealed class TallyConsumer(Func<int, RunTally> tallyOf) : IAnswerConsumer
{
    public void Publish(in PublishedFrame frame) => tallyOf(frame.StreamIndex).Add(frame.Record);
}
