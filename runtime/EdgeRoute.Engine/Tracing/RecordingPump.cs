using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Tracing;

/// <summary>
/// Moves what waits in the queues into the file, one call at a time. A stream that fails ends the recording, not the run: it is reported
/// once, and all that comes after is taken from the queues and counted as lost. Traces and frames allocate nothing.
/// </summary>
/// <param name="report">Told once of each thing that keeps records out of the file.</param>
internal sealed class RecordingPump(RecordWriter writer, TraceRing traces, FrameQueue frames, EventQueue events, long fileBytesLimit,
    Action<string> report)
{
    private TraceRecord _trace;
    private bool _hasFailed;
    private bool _isOverLimit;
    private bool _hasRefused;
    private Counts _written;
    private Counts _unflushed;
    private Counts _lost;

    /// <summary>Indices of the streams that the session's sources are; null: each is its place in the session.</summary>
    public IReadOnlyList<int>? StreamIndices { get; init; }

    private record struct Counts(long Traces, long Frames, long Events)
    {
        public static Counts operator +(Counts a, Counts b) => new(a.Traces + b.Traces, a.Frames + b.Frames, a.Events + b.Events);
    }

    /// <summary>Traces and frames are counted as lost, not written, because the disk is nearly full. Any thread.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The stream has failed; nothing more reaches the file.</summary>
    public bool HasFailed => Volatile.Read(ref _hasFailed);

    /// <summary>Counts as of the last <see cref="Pump"/>. Read them on the pumping thread or after it has ended.</summary>
    public SinkTotals Totals => new(
        _written.Traces, _lost.Traces + traces.LostCount, _written.Frames, _lost.Frames + frames.LostCount,
        _written.Events, _lost.Events + events.LostCount, writer.LengthBytes);

    /// <summary>Takes all that waits, writes it and flushes. A record counts as written once it was flushed.</summary>
    public void Pump()
    {
        while (events.TryTake(out var recorded))
        {
            _unflushed.Events += Write(recorded!) ? 1 : Lose(new Counts(0, 0, 1));
        }

        while (frames.Peek() is { } slot)
        {
            _unflushed.Frames += Write(slot) ? 1 : Lose(new Counts(0, 1, 0));
            frames.Release();
        }

        while (traces.TryTake(ref _trace))
        {
            _trace.Stamp = InSession(_trace.Stamp);
            _unflushed.Traces += Write(_trace) ? 1 : Lose(new Counts(1, 0, 0));
        }

        Flush();
    }

    /// <summary>Writes the last record, after a last <see cref="Pump"/>.</summary>
    public void WriteEnd(long endNs, IReadOnlyList<EndTally> tallies)
    {
        if (HasFailed)
        {
            return;
        }

        try
        {
            var totals = Totals;
            writer.WriteEnd(new SessionEnd(endNs, totals.TraceLostCount, totals.FrameLostCount, totals.EventLostCount, tallies));
        }
        catch (Exception e) when (IsStreamFault(e))
        {
            Fail(e);
        }
    }

    private bool Write(RecordedEvent recorded)
    {
        try
        {
            return !HasFailed && WriteUnlessFailed(recorded);
        }
        catch (ArgumentException e)
        {
            return Refuse(e);
        }
        catch (Exception e) when (IsStreamFault(e))
        {
            return Fail(e);
        }
    }

    private bool WriteUnlessFailed(RecordedEvent recorded)
    {
        writer.WriteEvent(recorded with { SourceIndex = PlaceOf(recorded.SourceIndex) });
        return true;
    }

    private FrameStamp InSession(in FrameStamp stamp) =>
        StreamIndices is null ? stamp : stamp with { SourceIndex = PlaceOf(stamp.SourceIndex) };

    /// <summary>Where a stream stands in the session; -1, nobody's, for one that has come or gone meanwhile.</summary>
    private int PlaceOf(int streamIndex)
    {
        if (StreamIndices is not { } indices)
        {
            return streamIndex;
        }

        for (int i = 0; i < indices.Count; i++)
        {
            if (indices[i] == streamIndex)
            {
                return i;
            }
        }

        return -1;
    }

    private bool Write(FrameSlot slot)
    {
        try
        {
            if (HasFailed || IsOverLimit(slot.Layout.SizeBytes))
            {
                return false;
            }

            if (slot.State.Length > 0 || slot.Instruction is not null)
            {
                writer.WriteTold(InSession(slot.Stamp), slot.State, slot.Instruction);
            }

            writer.WriteFrame(InSession(slot.Stamp), slot.Layout, slot.Bytes);
            return true;
        }
        catch (ArgumentException e)
        {
            return Refuse(e);
        }
        catch (Exception e) when (IsStreamFault(e))
        {
            return Fail(e);
        }
    }

    private bool Write(in TraceRecord record)
    {
        try
        {
            if (HasFailed || IsOverLimit(RecordingFormat.TraceBytes))
            {
                return false;
            }

            writer.WriteTrace(record);
            return true;
        }
        catch (ArgumentException e)
        {
            return Refuse(e);
        }
        catch (Exception e) when (IsStreamFault(e))
        {
            return Fail(e);
        }
    }

    private void Flush()
    {
        try
        {
            if (!HasFailed)
            {
                writer.Flush();
                _written += _unflushed;
                _unflushed = default;
            }
        }
        catch (Exception e) when (IsStreamFault(e))
        {
            Fail(e);
        }

        if (HasFailed)
        {
            // What was handed to the stream since the last flush may be in the file or not; nothing can rely on it.
            _lost += _unflushed;
            _unflushed = default;
        }
    }

    private int Lose(Counts counts)
    {
        _lost += counts;
        return 0;
    }

    private bool IsOverLimit(int payloadBytes)
    {
        if (IsPaused)
        {
            return true;
        }

        bool isOver = _isOverLimit || writer.LengthBytes + payloadBytes > fileBytesLimit;
        if (isOver && !_isOverLimit)
        {
            _isOverLimit = true;
            report($"The recording has reached its limit of {fileBytesLimit} bytes: traces and frames from now on are counted, "
                + "not written.");
        }

        return isOver;
    }

    /// <summary>A record that breaks the format is kept out, because a reader would stop at it and lose all that follows.</summary>
    private bool Refuse(ArgumentException e)
    {
        if (!_hasRefused)
        {
            _hasRefused = true;
            report($"A record was kept out of the recording ({e.Message}); this is a fault of the program. Later ones like it are "
                + "counted as lost.");
        }

        return false;
    }

    private bool Fail(Exception e)
    {
        if (!HasFailed)
        {
            Volatile.Write(ref _hasFailed, true);
            report($"The recording ends after about {writer.LengthBytes} bytes because it cannot be written: {e.Message} "
                + "The run goes on; records from now on are counted as lost.");
        }

        return false;
    }

    private static bool IsStreamFault(Exception e) => PartThread.IsPartsOwn(e);
}
