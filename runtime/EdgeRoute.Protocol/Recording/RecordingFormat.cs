using EdgeRoute.Core.Graphs;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Protocol.Recording;

/// <summary>What a record holds. Values are part of the format; others are skipped by readers.</summary>
public enum RecordKind : ushort
{
    None = 0,
    SessionStart = 1,
    Trace = 2,
    Frame = 3,
    Event = 4,
    SessionEnd = 5,
    SweptFrame = 6,
    Told = 7,
}

/// <summary>Constants of the recording format. RECORDING.md defines them and gives the reason of each maximum.</summary>
public static class RecordingFormat
{
    public const string Extension = ".erec";
    public const int Version = 2;
    public const int FileHeaderBytes = 16;
    public const int RecordHeaderBytes = 16;

    /// <summary>Each record starts at a multiple of this.</summary>
    public const int AlignmentBytes = 8;

    /// <summary>An 8K RGB frame has 99.5 million bytes.</summary>
    public const int FrameBytesLimit = 128 << 20;

    public const int FrameHeaderBytes = 64;
    public const int PayloadBytesLimit = FrameBytesLimit + FrameHeaderBytes;

    /// <summary>Every source with a full route tree comes to 6.5 MB.</summary>
    public const int SessionStartBytesLimit = 8 << 20;

    /// <summary>Trace and session end: room for fields that later versions append.</summary>
    public const int SmallPayloadBytesLimit = 64 << 10;

    public const int ToldHeaderBytes = 16;

    /// <summary>Values of a state: two arms with hands, and more than any pack wants.</summary>
    public const int StateLimit = 256;

    /// <summary>The longest path Linux takes; longer text is cut at a character.</summary>
    public const int TextBytesLimit = 4096;

    /// <summary>An error text of a library with its consequence; longer text is cut at a character.</summary>
    public const int EventTextBytesLimit = 1024;

    public const int EventHeaderBytes = 16;
    public const int SessionEndHeaderBytes = 40;
    public const int TallyBytes = 56;

    /// <summary>More sources than any one board has camera lanes or decoder sessions for.</summary>
    public const int SourceLimit = 64;

    public const int OptionBytes = 28;
    public const int DecisionHeaderBytes = 96;
    public const int DecisionBytes = DecisionHeaderBytes + (RouteTree.OptionLimit * OptionBytes);
    public const int TraceHeaderBytes = 192;
    public const int TraceWindowBytes = 20;
    public const int TraceWindowsAt = TraceHeaderBytes + (RouteTree.DepthLimit * DecisionBytes);
    public const int TraceBytes = TraceWindowsAt + 8 + (TraceRecord.WindowLimit * TraceWindowBytes);

    /// <summary>Of a trace without windows, as earlier versions wrote it.</summary>
    public const int TraceBytesLeast = TraceWindowsAt;

    public const int HashBytes = 32;

    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'E', (byte)'R', (byte)'E', (byte)'C', 0x0D, 0x0A, 0x1A];

    /// <summary>Padding after a payload, up to the next record.</summary>
    public static int PaddingBytes(int payloadBytes) => -payloadBytes & (AlignmentBytes - 1);

    /// <summary>The largest payload of a kind; a longer one is damage.</summary>
    public static int PayloadLimit(RecordKind kind) => kind switch
    {
        RecordKind.SessionStart => SessionStartBytesLimit,
        RecordKind.Trace or RecordKind.SessionEnd or RecordKind.Told => SmallPayloadBytesLimit,
        RecordKind.Event => EventHeaderBytes + EventTextBytesLimit,
        _ => PayloadBytesLimit,
    };
}
