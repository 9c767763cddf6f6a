using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.ControlChannel;

/// <summary>All that is remembered of one stream. One thread at a time.</summary>
internal sealed class StreamWatch
{
    /// <summary>Whole stories of frames for <c>trace.get</c>: 17 seconds at 30 frames per second; 1.8 MB. PROTOCOL.md promises it.</summary>
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

    public void Add(in TraceRecord record)
    {
        // A frame from before the route tree changed speaks of nodes that are no more.
        if (record.PublishedNs < _sinceNs)
        {
            return;
        }

        Window.Add(record);
        _history[_historyEnd++ % HistoryCount] = record;
        if (record.NodeIndex >= 0 && record.NodeIndex < NodeTotals.Length)
        {
            NodeTotals[record.NodeIndex]++;
        }
    }

    /// <summary>Another route tree from an instant on; what was remembered of the old one is forgotten.</summary>
    public void Change(WatchedStream stream, long sinceNs)
    {
        (Stream, NodeTotals, _sinceNs, _historyEnd) = (stream, new long[stream.NodeNames.Count], sinceNs, 0);
        Window.Clear(sinceNs);
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
