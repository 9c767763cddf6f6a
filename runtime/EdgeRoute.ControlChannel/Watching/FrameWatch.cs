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
    private readonly StreamWatch[] _streams;
    private readonly TraceRing _ring;
    private TraceRecord _record;

    /// <param name="startNs">Now: windows do not reach back beyond it.</param>
    /// <param name="ringCapacity">Frames that may wait for the watching thread, a power of two.</param>
    public FrameWatch(IReadOnlyList<WatchedStream> streams, long startNs, int ringCapacity = TraceRing.DefaultCapacity)
    {
        _streams = [.. streams.Select(s => new StreamWatch(s, startNs))];
        _ring = new TraceRing(ringCapacity);
    }

    /// <summary>Every frame, in the order the loop ended them.</summary>
    public event TraceSeen? Seen;

    /// <summary>After each <see cref="Pump"/>, with its time, outside of all locks.</summary>
    public event Action<long>? Pumped;

    public int StreamCount => _streams.Length;

    /// <summary>Frames that the watching thread was too slow for: they are in no window.</summary>
    public long LostCount => _ring.LostCount;

    public WatchedStream StreamOf(int streamIndex)
    {
        lock (_gate)
        {
            return _streams[streamIndex].Stream;
        }
    }

    /// <summary>-1: there is none of that name.</summary>
    public int IndexOf(string streamName) => Array.FindIndex(_streams, s => s.Stream.Name == streamName);

    /// <summary>On the loop's thread: a copy, nothing else.</summary>
    public void Publish(in TraceRecord record) => _ring.Push(record);

    /// <summary>Takes all frames that wait. Every 20 to 50 ms, by one thread.</summary>
    public void Pump(long nowNs)
    {
        lock (_gate)
        {
            // One ring's worth at most: a loop faster than this thread must not keep it from everything else.
            for (int i = 0; i < _ring.Capacity && _ring.TryTake(ref _record); i++)
            {
                if ((uint)_record.Stamp.SourceIndex < (uint)_streams.Length)
                {
                    _streams[_record.Stamp.SourceIndex].Add(_record);
                    Seen?.Invoke(_record);
                }
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
            var stream = _streams[streamIndex];
            return stream.Window.Since(sinceNs, nowNs, stream.Stream.NodeNames);
        }
    }

    /// <summary>A frame's whole story by its number; false where it is not among the latest 512 of its stream.</summary>
    public bool TryFind(int streamIndex, long sequence, ref TraceRecord found)
    {
        lock (_gate)
        {
            return _streams[streamIndex].TryFind(sequence, ref found);
        }
    }

    public bool TryPick(int streamIndex, TracePick pick, ref TraceRecord found)
    {
        lock (_gate)
        {
            return _streams[streamIndex].TryPick(pick, ref found);
        }
    }

    /// <summary>Frames by route tree node since start, or since the tree changed.</summary>
    public long[] NodeTotals(int streamIndex)
    {
        lock (_gate)
        {
            return [.. _streams[streamIndex].NodeTotals];
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

    /// <summary>A stream has another route tree for frames published from an instant on. What is remembered of it begins anew.</summary>
    public void Change(int streamIndex, WatchedStream stream, long sinceNs)
    {
        lock (_gate)
        {
            _streams[streamIndex].Change(stream, sinceNs);
        }
    }
}
