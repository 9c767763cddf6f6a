using System.Buffers.Binary;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Protocol.Recording;

/// <summary>
/// Writes a recording to a stream, from its first byte. After construction traces and frames allocate nothing. Small records gather in a
/// buffer until <see cref="Flush"/> or until it is full; frames go straight from the caller's memory. Not thread-safe.
/// </summary>
/// <remarks>
/// When the stream throws, the file ends in a part of a record, which a reader reports as a cut; the writer then refuses further calls with
/// <see cref="ObjectDisposedException"/>. The stream stays the caller's.
/// </remarks>
public sealed class RecordWriter
{
    /// <summary>A few dozen traces: one write call for all that gathers between two flushes.</summary>
    private const int BufferBytes = 64 << 10;

    private static readonly byte[] Zeros = new byte[RecordingFormat.AlignmentBytes];

    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly byte[] _told = new byte[ToldRecordCodec.BytesLimit];
    private int _used;
    private bool _isClosed;

    /// <summary>Writes file header and session start into the buffer; nothing reaches the stream before the first flush.</summary>
    /// <exception cref="ArgumentException">The session breaks a maximum of the format.</exception>
    public RecordWriter(Stream stream, SessionStart session)
    {
        byte[] payload = SessionStartCodec.Encode(session);
        (_stream, Session) = (stream, session);
        WriteFileHeader();
        WriteRecord(RecordKind.SessionStart, payload);
    }

    public SessionStart Session { get; }

    /// <summary>Length of the file once flushed.</summary>
    public long LengthBytes { get; private set; }

    /// <exception cref="ArgumentException">The record breaks the format (<see cref="TraceRecordCheck"/>). Nothing was written.</exception>
    public void WriteTrace(in TraceRecord record)
    {
        Refuse(TraceRecordCheck.FindProblem(record, Session), nameof(record));
        var payload = Reserve(RecordKind.Trace, RecordingFormat.TraceBytes);
        TraceRecordCodec.Encode(record, payload);
        Seal(RecordKind.Trace, RecordingFormat.TraceBytes);
    }

    /// <summary>
    /// Writes a frame: <paramref name="bytes"/> are the <c>layout.SizeBytes</c> bytes as they came, raw or a whole JPEG file.
    /// </summary>
    /// <exception cref="ArgumentException">The layout does not describe these bytes, or they are more than a record holds. Nothing was
    /// written.</exception>
    public void WriteFrame(in FrameStamp stamp, in FrameLayout layout, ReadOnlySpan<byte> bytes)
    {
        Refuse(FrameRecordCodec.FindProblem(stamp, layout, bytes.Length), nameof(layout));
        Refuse(stamp.SourceIndex < Session.Sources.Count ? null : "the source is not one of this session", nameof(stamp));
        Span<byte> header = stackalloc byte[RecordingFormat.FrameHeaderBytes];
        FrameRecordCodec.Encode(stamp, layout, header);
        WriteRecord(RecordKind.Frame, header, bytes);
    }

    /// <summary>Writes what a frame was told beside its pixels; before the frame itself.</summary>
    /// <exception cref="ArgumentException">The state has more values than a record holds. Nothing was written.</exception>
    public void WriteTold(in FrameStamp stamp, ReadOnlySpan<float> state, string? instruction)
    {
        Refuse(stamp.SourceIndex < Session.Sources.Count ? null : "the source is not one of this session", nameof(stamp));
        Refuse(state.Length <= RecordingFormat.StateLimit ? null : $"a state of {state.Length} values", nameof(state));
        WriteRecord(RecordKind.Told, _told.AsSpan(0, ToldRecordCodec.Encode(stamp, state, instruction, _told)));
    }

    public void WriteEvent(RecordedEvent recorded)
    {
        Refuse(recorded.SourceIndex >= -1 && recorded.SourceIndex < Session.Sources.Count ? null : "the source is not one of this session",
            nameof(recorded));
        Span<byte> payload = stackalloc byte[RecordingFormat.EventHeaderBytes + RecordingFormat.EventTextBytesLimit];
        WriteRecord(RecordKind.Event, payload[..recorded.Encode(payload)]);
    }

    /// <summary>A record of any type; private ones are from 0x8000.</summary>
    public void WriteRecord(RecordKind kind, ReadOnlySpan<byte> payload) => WriteRecord(kind, payload, []);

    /// <summary>Writes the last record and flushes. No call may follow.</summary>
    public void WriteEnd(SessionEnd end)
    {
        Refuse(end.Tallies.Count == Session.Sources.Count ? null : "there must be one tally for each source of the session", nameof(end));
        WriteRecord(RecordKind.SessionEnd, end.Encode());
        Flush();
        _isClosed = true;
    }

    /// <summary>Hands everything to the stream and flushes it.</summary>
    public void Flush()
    {
        Empty();
        _stream.Flush();
    }

    private void WriteFileHeader()
    {
        var header = _buffer.AsSpan(0, RecordingFormat.FileHeaderBytes);
        RecordingFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], RecordingFormat.Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Of(header[..12]));
        _used = RecordingFormat.FileHeaderBytes;
        LengthBytes = _used;
    }

    private void WriteRecord(RecordKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        int length = head.Length + body.Length;
        if (RecordingFormat.RecordHeaderBytes + length + RecordingFormat.AlignmentBytes <= BufferBytes)
        {
            var payload = Reserve(kind, length);
            head.CopyTo(payload);
            body.CopyTo(payload[head.Length..]);
            Seal(kind, length);
            return;
        }

        WriteLarge(kind, head, body);
    }

    /// <summary>Past the buffer: what is larger than it, without a copy.</summary>
    private void WriteLarge(RecordKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        Refuse(head.Length + body.Length <= RecordingFormat.PayloadLimit(kind) ? null : "the payload is larger than its kind may be",
            nameof(body));
        int length = head.Length + body.Length;
        var padding = Zeros.AsSpan(0, RecordingFormat.PaddingBytes(length));
        Empty();
        Span<byte> header = stackalloc byte[RecordingFormat.RecordHeaderBytes];
        uint state = Crc32C.Append(Crc32C.Append(Crc32C.Append(Crc32C.Start, head), body), padding);
        WriteHeader(header, kind, length, Crc32C.Finish(state));
        LengthBytes += header.Length + length + padding.Length;
        Send(header);
        Send(head);
        Send(body);
        Send(padding);
    }

    /// <summary>Room in the buffer for a record; returns that of its payload.</summary>
    private Span<byte> Reserve(RecordKind kind, int length)
    {
        Refuse(length <= RecordingFormat.PayloadLimit(kind) ? null : "the payload is larger than its kind may be", nameof(length));
        if (_used + RecordingFormat.RecordHeaderBytes + length + RecordingFormat.AlignmentBytes > BufferBytes)
        {
            Empty();
        }

        ObjectDisposedException.ThrowIf(_isClosed, this);
        return _buffer.AsSpan(_used + RecordingFormat.RecordHeaderBytes, length);
    }

    /// <summary>Closes the record whose payload now lies in the reserved room.</summary>
    private void Seal(RecordKind kind, int length)
    {
        int padded = length + RecordingFormat.PaddingBytes(length);
        var record = _buffer.AsSpan(_used, RecordingFormat.RecordHeaderBytes + padded);
        var payload = record[RecordingFormat.RecordHeaderBytes..];
        payload[length..].Clear();
        WriteHeader(record, kind, length, Crc32C.Of(payload));
        _used += record.Length;
        LengthBytes += record.Length;
    }

    private static void WriteHeader(Span<byte> header, RecordKind kind, int length, uint payloadChecksum)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)kind);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32C.Of(header[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], payloadChecksum);
    }

    private void Empty()
    {
        Send(_buffer.AsSpan(0, _used));
        _used = 0;
    }

    /// <summary>Closed while it writes, so that after an exception nothing can follow a part of a record.</summary>
    private void Send(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        _isClosed = true;
        _stream.Write(bytes);
        _isClosed = false;
    }

    private static void Refuse(string? problem, string parameter)
    {
        if (problem is not null)
        {
            throw new ArgumentException("This cannot be recorded: " + problem, parameter);
        }
    }
}
