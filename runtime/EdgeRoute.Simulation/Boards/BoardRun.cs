using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.Simulation.Boards;

/// <summary>
/// A device config on a simulated board, in virtual time: real routers, cost tables, prices and sensor readers; costs as the pack measured
/// them, scaled to the board; no networks. Equal boards and configs give equal runs, bit for bit.
/// </summary>
public sealed class BoardRun : IDisposable
{
    /// <summary>Between two steps of the board, which its sensors are read after, as on a real one.</summary>
    private const long StepNs = 100_000_000;

    private readonly BoardAddress _address;
    private readonly SimulatedBoard _board;
    private readonly ScriptedClock _clock = new();
    private readonly DecidingStreams _deciding;
    private readonly BoardStream[] _streams;
    private readonly byte[] _trace = new byte[RecordingFormat.TraceBytes];
    private readonly BoardLog _log;
    private long _laneNs, _stepNs, _busyNs, _settledNs, _frameCount;
    private ulong _fingerprint = 14_695_981_039_346_656_037;

    /// <param name="report">Told of what cannot hold, and of sensors lost and regained.</param>
    /// <exception cref="EngineRefusedException">A pack, calibration, policy or budget of the config cannot be used.</exception>
    public BoardRun(DeviceConfig config, BoardAddress address, EngineReporter report)
    {
        (_address, _board) = (address, new SimulatedBoard(address));
        _deciding = new DecidingStreams(config, new BoardTree(_board).Files, _clock, report);
        try
        {
            _streams = [.. _deciding.Streams.Select((s, i) => new BoardStream(i, s, _board, (address.Seed * 1000) + (ulong)i + 1))];
        }
        catch
        {
            _deciding.Dispose();
            throw;
        }

        _log = new BoardLog(_board, _deciding.Routes, _streams);
    }

    /// <summary>Simulated.</summary>
    public double Seconds => _stepNs / 1e9;

    /// <summary>The board switched itself off, and nothing comes after.</summary>
    public bool IsOver => _board.IsOff;

    /// <summary>A row for each minute so far.</summary>
    public IReadOnlyList<BoardMinute> Minutes => _log.Minutes;

    /// <summary>Of every frame's trace, in order.</summary>
    public ulong Fingerprint => _fingerprint;

    public BoardReport Report() => _log.Report(_address, Seconds, _frameCount, _fingerprint);

    /// <summary>Lets so much time pass, or less where the board ends before.</summary>
    public void Advance(double seconds)
    {
        for (long until = _stepNs + (long)(seconds * 1e9); _stepNs < until && !_board.IsOff;)
        {
            Step();
        }
    }

    public void Dispose() => _deciding.Dispose();

    /// <summary>The frames of one step, then the board and its sensors.</summary>
    private void Step()
    {
        long until = _stepNs + StepNs;
        while (NextStream() is var stream && Math.Max(_laneNs, stream.NextNs) is var takenNs && takenNs < until)
        {
            long tookNs = stream.Run(takenNs, _deciding.Power, BacklogMs(stream, takenNs));
            (_laneNs, _busyNs, _frameCount) = (takenNs + tookNs, _busyNs + tookNs, _frameCount + 1);
            if (stream.Record.End != FrameEnd.Skipped)
            {
                _deciding.Routes.Count(stream.Index, stream.Record.NodeIndex);
            }

            Trace(stream);
        }

        // What a run does beyond this step keeps the board busy in the next one.
        long startNs = _stepNs;
        _stepNs = until;
        _clock.AdvanceMs(StepNs / 1e6);
        _board.Step(StepNs / 1e9, BusyBetween(startNs, until));
        _deciding.Measure();
        _log.Step(StepNs / 1e9);
    }

    /// <summary>Of the other streams' frames that wait, by what a frame took on the mean.</summary>
    private double BacklogMs(BoardStream taken, long nowNs)
    {
        int waiting = 0;
        foreach (var stream in _streams)
        {
            waiting += stream != taken && stream.NextNs <= nowNs ? 1 : 0;
        }

        return waiting * (_busyNs / 1e6 / Math.Max(_frameCount, 1));
    }

    /// <summary>Share of a step that the lane was busy: device time that was begun, less what reaches beyond.</summary>
    private double BusyBetween(long fromNs, long untilNs)
    {
        long beyond = Math.Max(0, _laneNs - untilNs);
        long spent = _busyNs - beyond - _settledNs;
        _settledNs = _busyNs - beyond;
        return Math.Clamp((double)spent / (untilNs - fromNs), 0, 1);
    }

    private BoardStream NextStream()
    {
        var next = _streams[0];
        foreach (var stream in _streams)
        {
            next = stream.NextNs < next.NextNs ? stream : next;
        }

        return next;
    }

    /// <summary>FNV-1a of the bytes that a recording would have.</summary>
    private void Trace(BoardStream stream)
    {
        TraceRecordCodec.Encode(stream.Record, _trace);
        // What lies beyond the decisions made is zero.
        var told = _trace.AsSpan(0, RecordingFormat.TraceHeaderBytes + (stream.Record.DecisionCount * RecordingFormat.DecisionBytes));
        foreach (ulong word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(told))
        {
            _fingerprint = (_fingerprint ^ word) * 1_099_511_628_211;
        }
    }
}
