using System.Buffers.Binary;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Protocol.Recording;

/// <summary>
/// Reads a recording record by record. Whatever the bytes are, it never throws for them: it stops at the first bad record and says at which
/// byte and why. Memory is bounded by the largest record met; traces and frames allocate nothing once the buffer has grown. Not
/// thread-safe.
/// </summary>
/// <param name="stream">Read from where it stands; stays the caller's.</param>
public sealed class RecordReader(Stream stream)
{
    /// <summary>The buffer at first: any record but a frame or a large session start.</summary>
    private const int BufferBytes = 4 << 10;

    private byte[] _buffer = new byte[BufferBytes];
    private long _next;
    private int _payloadBytes;
    private TraceRecord _trace;
    private FrameStamp _frameStamp;
    private FrameLayout _frameLayout;

    /// <summary>The first record; null until it was read.</summary>
    public SessionStart? Session { get; private set; }

    /// <summary>The last record; null until it was read.</summary>
    public SessionEnd? End { get; private set; }

    /// <summary>The event, where <see cref="Kind"/> is <see cref="RecordKind.Event"/>.</summary>
    public RecordedEvent? Event { get; private set; }

    /// <summary>What was told to the frame that follows, where <see cref="Kind"/> is <see cref="RecordKind.Told"/>.</summary>
    public ToldRecord Told { get; private set; } = ToldRecord.None;

    /// <summary>Kind of the record that was just read; unknown kinds are given with their number, so that they can be copied.</summary>
    public RecordKind Kind { get; private set; }

    /// <summary>Byte at which the record that was just read, or the one that is bad, starts.</summary>
    public long OffsetBytes { get; private set; }

    /// <summary>Records of kinds this reader does not know.</summary>
    public long UnknownCount { get; private set; }

    public ReadStop Stop { get; private set; }

    /// <summary>Why it stopped and where, for people; empty while it has not.</summary>
    public string StopText { get; private set; } = "";

    /// <summary>The trace, where <see cref="Kind"/> is <see cref="RecordKind.Trace"/>. Valid until the next read.</summary>
    public ref readonly TraceRecord Trace => ref _trace;

    /// <summary>Stamp of the frame, where <see cref="Kind"/> is <see cref="RecordKind.Frame"/>.</summary>
    public FrameStamp FrameStamp => _frameStamp;

    /// <summary>Layout of the frame.</summary>
    public FrameLayout FrameLayout => _frameLayout;

    /// <summary>Bytes of the frame; empty for other kinds. Valid until the next read.</summary>
    public ReadOnlySpan<byte> FrameBytes => Kind == RecordKind.Frame ? Payload[RecordingFormat.FrameHeaderBytes..] : default;

    /// <summary>The payload as it stands in the file. Valid until the next read.</summary>
    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(0, _payloadBytes);

    /// <summary>Goes to the next record. False: see <see cref="Stop"/>.</summary>
    public bool Read()
    {
        if (Stop != ReadStop.None)
        {
            return false;
        }

        try
        {
            return (_next > 0 || ReadFileHeader()) && ReadRecord();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException)
        {
            return StopAt(ReadStop.StreamFailed, "the stream failed: " + e.Message);
        }
    }

    private bool ReadFileHeader()
    {
        Span<byte> header = stackalloc byte[RecordingFormat.FileHeaderBytes];
        int length = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        int magicBytes = Math.Min(length, RecordingFormat.Magic.Length);
        if (!header[..magicBytes].SequenceEqual(RecordingFormat.Magic[..magicBytes]) || length == 0)
        {
            return StopAt(ReadStop.NotRecording, "the file does not start as a recording");
        }

        if (length < header.Length)
        {
            return StopAt(ReadStop.Cut, $"the file ends after {length} of the {header.Length} bytes of its header");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Crc32C.Of(header[..12]))
        {
            return StopAt(ReadStop.Damaged, "the checksum of the file header is wrong");
        }

        int version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]), flags = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        _next = RecordingFormat.FileHeaderBytes;
        return (version == RecordingFormat.Version && flags == 0)
            || StopAt(ReadStop.UnknownVersion, $"format version {version} with flags {flags}; "
                + $"this program reads version {RecordingFormat.Version} with flags 0");
    }

    private bool ReadRecord()
    {
        OffsetBytes = _next;
        Span<byte> header = stackalloc byte[RecordingFormat.RecordHeaderBytes];
        int got = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (got == 0)
        {
            return End is not null ? StopAt(ReadStop.Complete, "") : StopAt(ReadStop.Unfinished, "the file ends without a session end");
        }

        if (got < header.Length)
        {
            return StopAt(ReadStop.Cut, $"the file ends after {got} of the {header.Length} bytes of a record header");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) != Crc32C.Of(header[..8]))
        {
            return StopAt(ReadStop.Damaged, "the checksum of a record header is wrong");
        }

        Kind = (RecordKind)BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        string problem = FindHeaderProblem(length);
        return problem.Length > 0 ? StopAt(ReadStop.Damaged, problem)
            : ReadPayload((int)length, BinaryPrimitives.ReadUInt32LittleEndian(header[12..])) && Decode();
    }

    private string FindHeaderProblem(uint length)
    {
        if (length > RecordingFormat.PayloadLimit(Kind))
        {
            return $"a record of kind {Kind} with {length} bytes; at most {RecordingFormat.PayloadLimit(Kind)} are possible";
        }

        if (End is not null)
        {
            return "a record after the session end";
        }

        if (Session is null != (Kind == RecordKind.SessionStart))
        {
            return "a recording has one session start, which is its first record";
        }

        return "";
    }

    private bool ReadPayload(int length, uint checksum)
    {
        int padded = length + RecordingFormat.PaddingBytes(length);
        int got = Fill(padded);
        if (got < padded)
        {
            return StopAt(ReadStop.Cut, $"the file ends after {got} of the {padded} payload bytes of a record of kind {Kind}");
        }

        _payloadBytes = length;
        _next += RecordingFormat.RecordHeaderBytes + padded;
        return Crc32C.Of(_buffer.AsSpan(0, padded)) == checksum
            || StopAt(ReadStop.Damaged, $"the checksum of a record of kind {Kind} is wrong");
    }

    /// <summary>
    /// Reads up to so many bytes into the buffer, which grows only by doubling what really arrived: a lying length costs nothing.
    /// </summary>
    private int Fill(int count)
    {
        int filled = 0;
        while (filled < count)
        {
            if (filled == _buffer.Length)
            {
                Array.Resize(ref _buffer, (int)Math.Min(filled * 2L, count));
            }

            int step = stream.Read(_buffer, filled, Math.Min(_buffer.Length, count) - filled);
            if (step == 0)
            {
                break;
            }

            filled += step;
        }

        return filled;
    }

    private bool Decode()
    {
        string? problem = Kind switch
        {
            RecordKind.SessionStart => DecodeSession(),
            RecordKind.Trace => DecodeTrace(),
            RecordKind.Frame => DecodeFrame(),
            RecordKind.Event => RecordedEvent.TryDecode(Payload, Session!.Sources.Count, out var recorded, out string why)
                ? Keep(recorded) : why,
            RecordKind.SessionEnd => DecodeEnd(),
            RecordKind.SweptFrame => null,
            RecordKind.Told => DecodeTold(),
            _ => CountUnknown(),
        };
        return problem is null || StopAt(ReadStop.Damaged, problem);
    }

    private string? DecodeSession()
    {
        bool isGood = SessionStartCodec.TryDecode(Payload, out var session, out string problem);
        Session = session;
        return isGood ? null : "the session start is not usable: " + problem;
    }

    private string? DecodeTrace()
    {
        if (_payloadBytes < RecordingFormat.TraceBytesLeast)
        {
            return $"a trace of {_payloadBytes} bytes; it has at least {RecordingFormat.TraceBytesLeast}";
        }

        TraceRecordCodec.Decode(Payload, out _trace);
        return TraceRecordCheck.FindProblem(_trace, Session!);
    }

    private string? DecodeFrame()
    {
        if (_payloadBytes < RecordingFormat.FrameHeaderBytes)
        {
            return $"a frame record of {_payloadBytes} bytes; it has at least {RecordingFormat.FrameHeaderBytes}";
        }

        string? problem = FrameRecordCodec.Decode(Payload, _payloadBytes - RecordingFormat.FrameHeaderBytes, out _frameStamp,
            out _frameLayout);
        return problem ?? (_frameStamp.SourceIndex < Session!.Sources.Count ? null
            : $"source index {_frameStamp.SourceIndex} of {Session.Sources.Count} sources");
    }

    private string? DecodeTold()
    {
        string? problem = ToldRecordCodec.Decode(Payload, Session!.Sources.Count, out var told);
        Told = told;
        return problem;
    }

    private string? DecodeEnd()
    {
        bool isGood = SessionEnd.TryDecode(Payload, Session!.Sources.Count, out var end, out string problem);
        End = end;
        return isGood ? null : problem;
    }

    private string? Keep(RecordedEvent? recorded)
    {
        Event = recorded;
        return null;
    }

    private string? CountUnknown()
    {
        UnknownCount++;
        return null;
    }

    private bool StopAt(ReadStop stop, string reason)
    {
        (Stop, Kind, _payloadBytes) = (stop, RecordKind.None, 0);
        StopText = reason.Length == 0 ? "" : $"at byte {OffsetBytes}: {reason}";
        return false;
    }
}
