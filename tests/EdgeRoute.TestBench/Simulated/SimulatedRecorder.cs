using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Tracing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.TestBench.Simulated;

/// <summary>
/// Recordings on a disk that is full or broken at times, by the real pump. Each file is read back when it ends: it holds what the pump says
/// it wrote.
/// </summary>
internal sealed class SimulatedRecorder : IAnswerConsumer, IDisposable
{
    /// <summary>A new file after so many bytes, so that a day of them stays small.</summary>
    private const long FileBytes = 1 << 20;

    private const long PumpNs = 200_000_000, RetryNs = 30_000_000_000;

    private readonly VirtualTime _time;
    private readonly Func<SessionStart> _session;
    private readonly FrameQueue _frames = new(1);
    private TraceRing _traces = new();
    private EventQueue _events = new();
    private RecordingPump? _pump;
    private SimulatedDisk? _disk;
    private long _pushedCount;

    public SimulatedRecorder(VirtualTime time, Func<SessionStart> session)
    {
        (_time, _session) = (time, session);
        Begin();
        time.In(PumpNs, Pump);
    }

    public bool IsDiskFull { get; set; }

    public int FileCount { get; private set; }

    public long WrittenCount { get; private set; }

    public long LostCount { get; private set; }

    public void Publish(in PublishedFrame frame)
    {
        _pushedCount++;
        _traces.Push(frame.Record);
    }

    public void Dispose() => _frames.Dispose();

    private void Pump()
    {
        _pump?.Pump();
        if (_pump is { HasFailed: true } || _disk is { Length: > FileBytes })
        {
            bool hasFailed = _pump!.HasFailed;
            End();
            _time.In(hasFailed ? RetryNs : 0, Begin);
        }

        _time.In(PumpNs, Pump);
    }

    private void Begin()
    {
        if (IsDiskFull)
        {
            _time.In(RetryNs, Begin);
            return;
        }

        (_traces, _events, _disk) = (new TraceRing(), new EventQueue(), new SimulatedDisk(this));
        _pushedCount = 0;
        _pump = new RecordingPump(new RecordWriter(_disk, _session()), _traces, _frames, _events, long.MaxValue, _ => { });
    }

    private void End()
    {
        var totals = _pump!.Totals;
        if (totals.TraceWrittenCount + totals.TraceLostCount != _pushedCount)
        {
            throw new BrokenLawException($"a recording was given {_pushedCount} traces, and tells {totals.TraceWrittenCount} written and "
                + $"{totals.TraceLostCount} lost");
        }

        _pump.WriteEnd(_time.NowNs, []);
        long read = CountOf(_disk!);
        if (read < totals.TraceWrittenCount)
        {
            throw new BrokenLawException($"a recording tells {totals.TraceWrittenCount} traces written, and {read} can be read");
        }

        FileCount++;
        (WrittenCount, LostCount) = (WrittenCount + totals.TraceWrittenCount, LostCount + totals.TraceLostCount);
        (_pump, _disk) = (null, null);
    }

    private static long CountOf(SimulatedDisk disk)
    {
        disk.Position = 0;
        var reader = new RecordReader(disk);
        long count = 0;
        while (reader.Read())
        {
            count += reader.Kind == RecordKind.Trace ? 1 : 0;
        }

        return count;
    }

    /// <summary>Takes what it has room for; a write on a full one reaches it in part.</summary>
    private sealed class SimulatedDisk(SimulatedRecorder recorder) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (recorder.IsDiskFull)
            {
                base.Write(buffer, offset, count / 2);
                throw new IOException("No space left on device");
            }

            base.Write(buffer, offset, count);
        }
    }
}
