using System.Buffers;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>Telemetry to one subscriber.</summary>
internal sealed class TelemetrySubscription(ChannelConnection connection, int number)
{
    public ChannelConnection Connection { get; } = connection;

    public int Number { get; } = number;

    private long _messageNumber, _lostCount;

    /// <param name="status">The status as MessagePack, written once for all subscribers of one rate.</param>
    /// <returns>False where the message was lost.</returns>
    public bool Send(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> status)
    {
        TelemetryEnvelope.Write(buffer, Number, ++_messageNumber, _lostCount, status);
        bool isSent = Connection.TrySendTelemetry(buffer.WrittenSpan);
        _lostCount += isSent ? 0 : 1;
        return isSent;
    }
}

/// <summary>Events to one subscriber.</summary>
internal sealed class EventSubscription(ChannelConnection connection, int number, long lastNumber)
{
    public ChannelConnection Connection { get; } = connection;

    public int Number { get; } = number;

    /// <summary>Number of the event that was sent last.</summary>
    public long LastNumber { get; set; } = lastNumber;
}

/// <summary>Traces to one subscriber, gathered into batches.</summary>
/// <param name="stream">Name of the only stream that is wanted; empty for all.</param>
/// <param name="periodNs">Time from one frame to the next; 0 for every frame.</param>
internal sealed class TraceSubscription(ChannelConnection connection, int number, string stream, bool isFull, long periodNs,
    bool isOnlyNotable)
{
    private readonly byte[] _batch = new byte[ChannelLimits.BatchBytes];
    private readonly int _recordBytes = isFull ? EdgeRoute.Protocol.Recording.RecordingFormat.TraceBytes : BriefTrace.Bytes;
    private int _batchBytes, _streamIndex = -1, _epoch;
    private long _messageNumber, _lostCount, _dueNs = long.MinValue, _ringLost;
    private FrameWatch? _watch;

    public ChannelConnection Connection { get; } = connection;

    public int Number { get; } = number;

    /// <summary>Streams have other numbers in another run of the engine.</summary>
    public void Follow(FrameWatch? watch)
    {
        if (!ReferenceEquals(watch, _watch))
        {
            (_watch, _streamIndex) = (watch, -1);
            FindStream();
            _ringLost = watch?.LostCount ?? 0;
        }
    }

    /// <returns>Records that were lost because the client reads too slowly.</returns>
    public int Add(ArrayBufferWriter<byte> buffer, in TraceRecord record)
    {
        if (_watch is { } followed && followed.Epoch != _epoch)
        {
            FindStream();
        }

        bool isWanted = (stream.Length == 0 || record.Stamp.SourceIndex == _streamIndex) && (!isOnlyNotable || IsNotable(record));
        if (!isWanted || (periodNs > 0 && record.PublishedNs < _dueNs))
        {
            return 0;
        }

        _dueNs = record.PublishedNs + periodNs;
        int lost = _batchBytes + _recordBytes > _batch.Length ? Flush(buffer) : 0;
        var at = _batch.AsSpan(_batchBytes, _recordBytes);
        if (isFull)
        {
            EdgeRoute.Protocol.Recording.TraceRecordCodec.Encode(record, at);
        }
        else
        {
            BriefTrace.Of(record).Write(at);
        }

        _batchBytes += _recordBytes;
        return lost;
    }

    /// <summary>Sends what was gathered.</summary>
    /// <returns>As <see cref="Add"/>.</returns>
    public int Flush(ArrayBufferWriter<byte> buffer)
    {
        if (_watch is { } watch)
        {
            _lostCount += watch.LostCount - _ringLost;
            _ringLost = watch.LostCount;
        }

        if (_batchBytes == 0)
        {
            return 0;
        }

        int count = _batchBytes / _recordBytes;
        TraceEnvelope.Write(buffer, Number, ++_messageNumber, _lostCount, _recordBytes, _batch.AsSpan(0, _batchBytes));
        _batchBytes = 0;
        int lost = Connection.TrySendTelemetry(buffer.WrittenSpan) ? 0 : count;
        _lostCount += lost;
        return lost;
    }

    /// <summary>
    /// Streams come and go, and one of the same name may have another number. Of one that has gone the last frames are on their way still.
    /// </summary>
    private void FindStream()
    {
        _epoch = _watch?.Epoch ?? 0;
        int found = stream.Length > 0 ? _watch?.IndexOf(stream) ?? -1 : -1;
        _streamIndex = found >= 0 ? found : _streamIndex;
    }

    private static bool IsNotable(in TraceRecord record) =>
        (record.Flags & (TraceFlags.Late | TraceFlags.Fallback)) != 0 || record.End == EdgeRoute.Core.Frames.FrameEnd.Failed
            || !float.IsNaN(record.AuditLoss);
}
