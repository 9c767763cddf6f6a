using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Tracing;

/// <summary>
/// A recording being taken. The loop pushes and goes on; a thread of its own writes. What reached the file survives the end of the process
/// at any moment.
/// </summary>
/// <remarks>
/// Traces come from one thread, the loop's; frames from one thread, the loop's or the one that compresses them; events from any.
/// </remarks>
public sealed class TraceSink : IDisposable
{
    /// <summary>Between two drains; what a killed process loses of its last traces.</summary>
    private const int DrainIntervalMs = 50;

    /// <summary>
    /// A disk that takes longer than this to accept the last few megabytes is stuck, and a stuck disk must not hold up the stop for ever.
    /// </summary>
    private const int CloseWaitMs = 5000;

    private readonly Stream _stream;
    private readonly SinkSettings _settings;
    private readonly Action<string> _report;
    private readonly TraceRing _traces;
    private readonly FrameQueue _frames;
    private readonly EventQueue _events = new();
    private readonly RecordingPump _pump;
    private readonly AutoResetEvent _wake = new(false);
    private readonly AutoResetEvent _room = new(false);
    private readonly Thread _thread;
    private bool _isStopping;
    private bool _isClosed;

    /// <param name="stream">Written from where it stands, which must be its start; owned and closed by the sink.</param>
    /// <param name="report">Told, from the sink's thread, once of each thing that keeps records out of the file.</param>
    /// <exception cref="ArgumentException">The session breaks a maximum of the format.</exception>
    public TraceSink(Stream stream, SessionStart session, SinkSettings settings, Action<string> report)
    {
        (_stream, _settings, _report) = (stream, settings, report);
        _traces = new TraceRing(settings.TraceCapacity);
        _frames = new FrameQueue(settings.FrameCapacity);
        _pump = new RecordingPump(new RecordWriter(stream, session), _traces, _frames, _events, settings.FileBytesLimit, report)
        {
            StreamIndices = settings.StreamIndices,
        };
        _thread = PartThread.Make("recording", Drain, fault => report($"The recording ended early: {PartThread.Words(fault)}"));
        _thread.Start();
    }

    /// <summary>Starts a recording in a new file.</summary>
    /// <exception cref="IOException">The file exists (a recording is never appended to) or cannot be made.</exception>
    public static TraceSink Create(string path, SessionStart session, SinkSettings settings, Action<string> report)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            return new TraceSink(file, session, settings, report);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Counts as of a moment ago; any thread.</summary>
    public SinkTotals Totals => _pump.Totals;

    /// <summary>The file could not be written; nothing more reaches it.</summary>
    public bool HasFailed => _pump.HasFailed;

    /// <summary>What comes is counted as lost until this is taken back; any thread.</summary>
    public bool IsPaused
    {
        get => _pump.IsPaused;
        set => _pump.IsPaused = value;
    }

    /// <summary>Never waits and never fails; when the disk is too slow the oldest trace is lost, and counted.</summary>
    public void PushTrace(in TraceRecord record)
    {
        _traces.Push(record);
        if ((_traces.PushedCount & ((_traces.Capacity / 2) - 1)) == 0)
        {
            _wake.Set();
        }
    }

    /// <summary>
    /// Copies the frame. False: no buffer was free, and the frame is counted as lost (unless <see cref="SinkSettings.WaitsForRoom"/>).
    /// </summary>
    /// <param name="told">Where what the frame was told of robot and task stands; null for nothing.</param>
    public bool PushFrame(in FrameStamp stamp, in FrameLayout layout, ReadOnlySpan<byte> bytes, FrameSlot? told = null)
    {
        while (_settings.WaitsForRoom && !_frames.HasRoom && !Volatile.Read(ref _isStopping))
        {
            _room.WaitOne(DrainIntervalMs);
        }

        bool isTaken = _frames.TryPush(stamp, layout, bytes, told);
        _wake.Set();
        return isTaken;
    }

    /// <summary>Counts a frame that was to be recorded and was lost before it came here. Any thread.</summary>
    public void CountLostFrame() => _frames.CountLost();

    public void PushEvent(RecordedEvent recorded) => _events.Push(recorded);

    /// <summary>
    /// Writes all that waits, the session end with the final tallies, and closes the file. Nothing is pushed any more. A second call does
    /// nothing.
    /// </summary>
    public SinkTotals Close(long endNs, IReadOnlyList<EndTally> tallies)
    {
        if (Stop())
        {
            _pump.WriteEnd(endNs, tallies);
            Release();
        }

        return _pump.Totals;
    }

    /// <summary>Without <see cref="Close"/> before it: writes all that waits, and leaves the recording without a session end.</summary>
    public void Dispose()
    {
        if (Stop())
        {
            Release();
        }
    }

    /// <summary>True when the thread has ended by this call; all is then the caller's.</summary>
    private bool Stop()
    {
        if (_isClosed)
        {
            return false;
        }

        _isClosed = true;
        Volatile.Write(ref _isStopping, true);
        _wake.Set();
        bool hasEnded = _thread.Join(CloseWaitMs);
        if (!hasEnded)
        {
            _report($"The recording could not be finished within {CloseWaitMs} ms: its disk does not answer. The file is readable up to "
                + "what was written.");
        }

        return hasEnded;
    }

    private void Release()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException e)
        {
            _report($"The recording could not be closed in order: {e.Message}");
        }

        _frames.Dispose();
        _wake.Dispose();
        _room.Dispose();
    }

    private void Drain()
    {
        bool isLast;
        do
        {
            _wake.WaitOne(DrainIntervalMs);
            isLast = Volatile.Read(ref _isStopping);
            _pump.Pump();
            _room.Set();
        }
        while (!isLast);
    }
}

/// <summary>How a recording is taken.</summary>
public sealed record SinkSettings
{
    /// <summary>Traces that wait for the disk; a power of two.</summary>
    public int TraceCapacity { get; init; } = TraceRing.DefaultCapacity;

    /// <summary>Frames that wait for the disk.</summary>
    public int FrameCapacity { get; init; } = FrameQueue.DefaultCapacity;

    /// <summary>
    /// Length at which traces and frames are no longer written (the session end still is). 16 GiB: 90 minutes of 720p JPEG at 30 frames per
    /// second, and a fraction of the smallest disk that a board's system image leaves free.
    /// </summary>
    public long FileBytesLimit { get; init; } = 16L << 30;

    /// <inheritdoc cref="RecordingPump.StreamIndices"/>
    public IReadOnlyList<int>? StreamIndices { get; init; }

    /// <summary>
    /// The push of a frame waits for a free buffer instead of losing the frame. Only for runs over files, where nothing is late: a loop
    /// over a camera must never wait for a disk.
    /// </summary>
    public bool WaitsForRoom { get; init; }
}

/// <summary>What a recording holds and what it lacks.</summary>
public readonly record struct SinkTotals(
    long TraceWrittenCount, long TraceLostCount, long FrameWrittenCount, long FrameLostCount, long EventWrittenCount, long EventLostCount,
    long FileBytes);
