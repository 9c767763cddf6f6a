using System.Buffers.Binary;

namespace EdgeRoute.Protocol.Recording;

/// <summary>What happened beside the frames. Values are part of the format; readers keep those they do not know.</summary>
public enum EventKind : ushort
{
    None = 0,
    Note = 1,
    SourceFault = 2,
    SourceRestarted = 3,
    SourceEnded = 4,
    StageFailed = 5,
    ProviderFallback = 6,
    CommandApplied = 7,
    RecordsLost = 8,
    Stale = 9,
    Rule = 10,
}

/// <summary>An event as recorded.</summary>
/// <param name="TimeNs">Monotonic clock.</param>
/// <param name="SourceIndex">-1: the whole engine.</param>
/// <param name="Text">For people: what, where, value, consequence. Cut at <see cref="RecordingFormat.EventTextBytesLimit"/> bytes.</param>
public sealed record RecordedEvent(long TimeNs, int SourceIndex, EventKind Kind, string Text)
{
    /// <summary>Writes the payload; returns its length. <paramref name="target"/> has room for the largest event.</summary>
    public int Encode(Span<byte> target)
    {
        int length = Utf8Text.Write(Text, target.Slice(RecordingFormat.EventHeaderBytes, RecordingFormat.EventTextBytesLimit));
        BinaryPrimitives.WriteInt64LittleEndian(target, TimeNs);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], SourceIndex);
        BinaryPrimitives.WriteUInt16LittleEndian(target[12..], (ushort)Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(target[14..], (ushort)length);
        return RecordingFormat.EventHeaderBytes + length;
    }

    /// <summary>False, with the reason, where the payload is not an event of a session with so many sources.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> payload, int sourceCount, out RecordedEvent? recorded, out string problem)
    {
        recorded = null;
        if (payload.Length < RecordingFormat.EventHeaderBytes
            || payload.Length != RecordingFormat.EventHeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(payload[14..]))
        {
            problem = $"an event of {payload.Length} bytes does not hold its text";
            return false;
        }

        int source = BinaryPrimitives.ReadInt32LittleEndian(payload[8..]);
        string? text = Utf8Text.Read(payload[RecordingFormat.EventHeaderBytes..]);
        problem = FindProblem(text, source, sourceCount);
        if (problem.Length > 0)
        {
            return false;
        }

        var kind = (EventKind)BinaryPrimitives.ReadUInt16LittleEndian(payload[12..]);
        recorded = new RecordedEvent(BinaryPrimitives.ReadInt64LittleEndian(payload), source, kind, text!);
        return true;
    }

    /// <summary>Empty where there is none.</summary>
    private static string FindProblem(string? text, int source, int sourceCount)
    {
        if (text is null)
        {
            return "event text that is not UTF-8";
        }

        return source < -1 || source >= sourceCount ? $"source index {source} of {sourceCount} sources" : "";
    }
}
