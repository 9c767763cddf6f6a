using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// For how long no stage has answered a frame of a stream, in the source's time. Written by the loop's thread; the figures may be read by
/// others and are then at most one frame old.
/// </summary>
public sealed class StreamFreshness
{
    private long _lookedNs, _latestNs;
    private bool _hasBegun;

    /// <summary>Frames that ended while nothing had been looked at for longer than an answer may be old.</summary>
    public long StaleCount { get; private set; }

    /// <summary>The latest frame was one of them.</summary>
    public bool IsStale { get; private set; }

    /// <summary>From the frame that a stage answered last, or else the first one, to the latest; 0 before there is any.</summary>
    public double AgeMs => (_latestNs - _lookedNs) / 1e6;

    /// <summary>Whether a frame that ends so ends stale.</summary>
    public bool WouldBeStale(FrameEnd end, long sourceNs, float maxAgeMs) =>
        !HasLooked(end) && _hasBegun && (sourceNs - _lookedNs) / 1e6 > maxAgeMs;

    /// <summary>Takes in one ended frame. Words for people where the stream became stale with it, or is fresh again; else null.</summary>
    public string? Observe(in TraceRecord record, float maxAgeMs)
    {
        long now = record.Stamp.SourceNs;
        bool wasStale = IsStale;
        double before = AgeMs;
        IsStale = WouldBeStale(record.End, now, maxAgeMs);
        StaleCount += IsStale ? 1 : 0;
        // A source whose time went back is another scene: its frames were never looked at, but not for longer than since then.
        bool isAnother = !_hasBegun || now < _lookedNs;
        (_latestNs, _hasBegun) = (now, true);
        _lookedNs = HasLooked(record.End) || isAnother ? now : _lookedNs;
        if (IsStale == wasStale)
        {
            return null;
        }

        return IsStale ? string.Create(CultureInfo.InvariantCulture,
                $"stale: no stage has answered a frame for {AgeMs:0} ms, and answers may be {maxAgeMs:0} ms old (frame "
                + $"{record.Stamp.Sequence} ended as {record.End.ToString().ToLowerInvariant()})")
            : string.Create(CultureInfo.InvariantCulture, $"fresh again, after {before:0} ms: frame {record.Stamp.Sequence} was looked at");
    }

    private static bool HasLooked(FrameEnd end) => end is FrameEnd.Completed or FrameEnd.Exited or FrameEnd.Escalated;
}
