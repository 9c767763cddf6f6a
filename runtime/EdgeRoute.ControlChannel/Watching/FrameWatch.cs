using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.ControlChannel.Watching;

/// <summary>Told of every frame that ended, on the watching thread.</summary>
public delegate void TraceSeen(in TraceRecord record);

/// <summary>
/// What the channel knows of frames. The loop's thread copies each frame's story into a ring and goes on; the channel's thread takes them
/// out and keeps, for each stream, the latest frames for windows, the latest whole stories, and counts by path. All but
/// <see cref="Publish"/> may be called from any thread.
/// </summary>
public sealed class FrameWatch
{
    /// <summary>What <c>status</c> looks back on.</summary>
    public const long WindowNs = 10_000_000_000;

    private readonly Lock _gate = new();

    /// <summary>Held for the time of an assignment, because the loop's thread takes it too.</summary>
    private readonly Lock _listGate = new();

    /// <summary>Those there are, and those that have gone while frames of theirs may be in the ring still.</summary>
    private volatile StreamWatch[] _streams, _gone = [];
    private StreamWatch? _spare;
    private volatile int _epoch;
    private readonly TraceRing _ring;
    private TraceRecord _record;

    /// <param name="startNs">Now: windows do not reach back beyond it.</param>
    /// <param name="ringCapacity">Frames that may wait for the watching thread, a power of two.</param>
    public FrameWatch(IReadOnlyList<WatchedStream> streams, long startNs, int ringCapacity = TraceRing.DefaultCapacity)
    {
        _streams = [.. streams.Select((s, i) => new StreamWatch(s with { Index = i }, startNs))];
        _ring = new TraceRing(ringCapacity);
    }

    /// <summary>Every frame, in the order the loop ended them.</summary>
    public event TraceSeen? Seen;

    /// <summary>After each <see cref="Pump"/>, with its time, outside of all locks.</summary>
    public event Action<long>? Pumped;

    /// <summary>Raised when streams have come or gone: names then have other numbers.</summary>
    public int Epoch => _epoch;

    /// <summary>Frames that the watching thread was too slow for: they are in no window.</summary>
    public long LostCount => _ring.LostCount;

    /// <summary>Null: there is none of that number any more.</summary>
    public WatchedStream? StreamOf(int streamIndex)
    {
        lock (_gate)
        {
            return Of(streamIndex)?.Stream;
        }
    }

    /// <summary>-1: there is none of that name.</summary>
    public int IndexOf(string streamName) => Array.Find(_streams, s => s.Stream.Name == streamName)?.Stream.Index ?? -1;

    /// <summary>On the loop's thread: a copy, nothing else.</summary>
    public void Publish(in TraceRecord record) => _ring.Push(record);

    /// <summary>Takes all frames that wait. Every 20 to 50 ms, by one thread.</summary>
    public void Pump(long nowNs)
    {
        lock (_gate)
        {
            var gone = _gone;

            // One ring's worth at most: a loop faster than this thread must not keep it from everything else.
            int count = 0;
            for (; count < _ring.Capacity && _ring.TryTake(ref _record); count++)
            {
                if (Of(_record.Stamp.SourceIndex) is { } stream)
                {
                    stream.Add(_record);
                    Seen?.Invoke(_record);
                }
            }

            if (count < _ring.Capacity)
            {
                Forget(gone);
            }
        }

        Pumped?.Invoke(nowNs);
    }

    /// <summary>The last ten seconds.</summary>
    public WindowStatus Window(int streamIndex, long nowNs) => WindowSince(streamIndex, nowNs - WindowNs, nowNs).Status;

    /// <summary>Frames published after an instant, as far as they are remembered.</summary>
    public WindowStatistics WindowSince(int streamIndex, long sinceNs, long nowNs)
    {
        lock (_gate)
        {
            return Of(streamIndex) is { } stream ? stream.Window.Since(sinceNs, nowNs, stream.Stream.NodeNames)
                : new StreamWindow(nowNs).Since(sinceNs, nowNs, []);
        }
    }

    /// <summary>A frame's whole story by its number; false where it is not among the latest 512 of its stream.</summary>
    public bool TryFind(int streamIndex, long sequence, ref TraceRecord found)
    {
        lock (_gate)
        {
            return Of(streamIndex)?.TryFind(sequence, ref found) == true;
        }
    }

    public bool TryPick(int streamIndex, TracePick pick, ref TraceRecord found)
    {
        lock (_gate)
        {
            return Of(streamIndex)?.TryPick(pick, ref found) == true;
        }
    }

    /// <summary>Frames by route tree node since start, or since the tree changed.</summary>
    public long[] NodeTotals(int streamIndex)
    {
        lock (_gate)
        {
            return [.. Of(streamIndex)?.NodeTotals ?? []];
        }
    }

    /// <summary>The same of all streams, by path.</summary>
    public IReadOnlyList<PathTotal> PathTotals()
    {
        lock (_gate)
        {
            return [.. _streams.SelectMany(s => PathCounts.ByName(s.NodeTotals,
                s.Stream.NodeNames).Select(p => new PathTotal(s.Stream.Name, p.Path, p.Count)))];
        }
    }

    /// <summary>How long the frames of all streams took since start, or since the tree changed.</summary>
    public IReadOnlyList<TimeTotal> TimeTotals()
    {
        lock (_gate)
        {
            return [.. _streams.SelectMany(s => s.Times.Totals(s.Stream.Name))];
        }
    }

    /// <summary>A stream has another route tree for frames published from an instant on. What is remembered of it begins anew.</summary>
    public void Change(int streamIndex, WatchedStream stream, long sinceNs)
    {
        lock (_gate)
        {
            Of(streamIndex)?.Change(stream with { Index = streamIndex }, sinceNs);
        }
    }

    /// <summary>
    /// Streams have come or gone; on the loop's thread. Those of the same number go on as they are. Frames of one that has gone are handed
    /// on as long as any wait.
    /// </summary>
    /// <param name="sinceNs">Now.</param>
    public void Follow(IReadOnlyList<WatchedStream> streams, long sinceNs)
    {
        lock (_listGate)
        {
            var before = _streams;
            _gone = [.. _gone, .. before.Where(b => !streams.Any(s => s.Index == b.Stream.Index))];
            _streams = [.. streams.Select(s => Array.Find(before, b => b.Stream.Index == s.Index) ?? Make(s, sinceNs))];
            _epoch++;
        }
    }

    /// <summary>What is remembered of a stream takes megabytes: the last one that went leaves them to the next that comes.</summary>
    private StreamWatch Make(WatchedStream stream, long sinceNs)
    {
        if (_spare is not { } spare)
        {
            return new StreamWatch(stream, sinceNs);
        }

        _spare = null;
        spare.Change(stream, sinceNs);
        return spare;
    }

    private StreamWatch? Of(int streamIndex) => Among(_streams, streamIndex) ?? Among(_gone, streamIndex);

    private static StreamWatch? Among(StreamWatch[] streams, int streamIndex)
    {
        foreach (var stream in streams)
        {
            if (stream.Stream.Index == streamIndex)
            {
                return stream;
            }
        }

        return null;
    }

    private void Forget(StreamWatch[] gone)
    {
        if (gone.Length > 0)
        {
            lock (_listGate)
            {
                _gone = [.. _gone.Except(gone)];
                _spare = gone[^1];
            }
        }
    }
}
