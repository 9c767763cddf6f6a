using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>How the frames of a stream ended: each in exactly one way. Written by the loop's thread.</summary>
internal sealed class StreamEnds
{
    private EndTally _ends, _before;

    /// <summary>For how long nothing was looked at.</summary>
    public StreamFreshness Freshness { get; } = new();

    /// <summary>Ends by the loop, and captures and drops by the exchange: the two sides of the law.</summary>
    public EndTally Tally(SlotExchange exchange)
    {
        var counts = exchange.Counts;
        return _ends with { Captured = counts.Captured, Dropped = counts.Dropped };
    }

    /// <summary>A frame begins.</summary>
    public void Begin() => _before = _ends;

    /// <summary>After publishing: says when nothing has been looked at for too long, and when something is again.</summary>
    public void TellStale(in TraceRecord record, float maxAgeMs, Action<EventKind, string>? onEvent)
    {
        if (Freshness.Observe(record, maxAgeMs) is { } words)
        {
            onEvent?.Invoke(EventKind.Stale, words);
        }
    }

    /// <summary>The frame at hand ends; a later call for the same frame takes the place of the one before.</summary>
    /// <param name="nodeIndex">The node that it ends at; -1 where it failed.</param>
    /// <param name="maxAgeMs">How old an answer may be.</param>
    public void Close(ref TraceRecord record, FrameEnd end, int nodeIndex, long nowNs, float maxAgeMs)
    {
        (record.End, record.NodeIndex, record.PublishedNs) = (end, nodeIndex, nowNs);
        _ends = _before.With(end);
        record.Flags |= nowNs > record.DeadlineNs ? TraceFlags.Late : TraceFlags.None;
        record.Flags |= Freshness.WouldBeStale(end, record.Stamp.SourceNs, maxAgeMs) ? TraceFlags.Stale : TraceFlags.None;
    }
}
