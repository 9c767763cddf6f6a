using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.ControlChannel.Watching;

/// <summary>All that is remembered of one stream. One thread at a time.</summary>
internal sealed class StreamWatch
{
    /// <summary>
    /// Whole stories of frames for <c>trace.get</c>: 17 seconds at 30 frames per second; 1.8 MB. CHANNEL.md promises it.
    /// </summary>
    public const int HistoryCount = 512;

    private readonly TraceRecord[] _history = new TraceRecord[HistoryCount];
    private long _historyEnd;
    private long _sinceNs = long.MinValue;

    public StreamWatch(WatchedStream stream, long startNs)
    {
        (Stream, Window, NodeTotals) = (stream, new StreamWindow(startNs), new long[stream.NodeNames.Count]);
    }

    public WatchedStream Stream { get; private set; }

    public StreamWindow Window { get; }

    /// <summary>Frames since start, or since the route tree changed, by node.</summary>
    public long[] NodeTotals { get; private set; }

    public FrameTimes Times { get; } = new();

    public void Add(in TraceRecord record)
    {
        // A frame from before the route tree changed speaks of nodes that are no more.
        if (record.PublishedNs < _sinceNs)
        {
            return;
        }

        Window.Add(record);
        Times.Add(record);
        _history[_historyEnd++ % HistoryCount] = record;
        if (record.NodeIndex >= 0 && record.NodeIndex < NodeTotals.Length)
        {
            NodeTotals[record.NodeIndex]++;
        }
    }

    /// <summary>Another route tree from an instant on; what was remembered of the old one is forgotten.</summary>
    public void Change(WatchedStream stream, long sinceNs)
    {
        Stream = stream;
        NodeTotals = new long[stream.NodeNames.Count];
        _sinceNs = sinceNs;
        _historyEnd = 0;
        Window.Clear(sinceNs);
        Times.Clear();
    }

    public bool TryFind(long sequence, ref TraceRecord found)
    {
        for (long i = _historyEnd - 1; i >= Math.Max(0, _historyEnd - HistoryCount); i--)
        {
            if (_history[i % HistoryCount].Stamp.Sequence == sequence)
            {
                found = _history[i % HistoryCount];
                return true;
            }
        }

        return false;
    }

    public bool TryPick(TracePick pick, ref TraceRecord found)
    {
        long best = -1;
        for (long i = _historyEnd - 1; i >= Math.Max(0, _historyEnd - HistoryCount); i--)
        {
            ref readonly var record = ref _history[i % HistoryCount];
            bool isBetter = pick switch
            {
                TracePick.Last => best < 0,
                TracePick.Late => best < 0 && (record.Flags & TraceFlags.Late) != 0,
                _ => best < 0 || record.LatencyNs > _history[best % HistoryCount].LatencyNs,
            };
            best = isBetter ? i : best;
        }

        if (best >= 0)
        {
            found = _history[best % HistoryCount];
        }

        return best >= 0;
    }
}

/// <summary>Counts by route tree node as counts by path: nodes that mean the same answer have the same name.</summary>
internal static class PathCounts
{
    /// <summary>Paths that were taken, the most frequent first.</summary>
    public static IEnumerable<(string Path, long Count)> ByName(IReadOnlyList<long> nodeCounts, IReadOnlyList<string> nodeNames)
    {
        var byName = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < nodeCounts.Count; i++)
        {
            if (nodeCounts[i] > 0)
            {
                byName[nodeNames[i]] = byName.GetValueOrDefault(nodeNames[i]) + nodeCounts[i];
            }
        }

        return byName.OrderByDescending(p => p.Value).ThenBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value));
    }
}

/// <summary>A stream as it is watched.</summary>
/// <param name="NodeNames">Path names of its route tree's nodes, by index; several nodes may have the same.</param>
public sealed record WatchedStream(string Name, IReadOnlyList<string> NodeNames)
{
    /// <summary>The number that its frames carry; of those a watch begins with it is their place.</summary>
    public int Index { get; init; }
}

/// <summary>Frames of one path since start.</summary>
public readonly record struct PathTotal(string Stream, string Path, long FrameCount);

/// <summary>Which of the remembered frames is wanted.</summary>
public enum TracePick
{
    Last,

    /// <summary>The latest that was late.</summary>
    Late,

    /// <summary>With the longest latency.</summary>
    Slowest,
}
