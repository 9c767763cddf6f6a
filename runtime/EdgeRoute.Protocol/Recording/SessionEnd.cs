using System.Buffers.Binary;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Protocol.Recording;

/// <summary>The last record of a recording that was closed in order.</summary>
/// <param name="EndNs">Monotonic clock at the end.</param>
/// <param name="TraceLostCount">Frames that ended but whose trace is not in the file.</param>
/// <param name="FrameLostCount">Frames that were to be recorded but are not in the file.</param>
/// <param name="Tallies">One for each source of the session start, in its order.</param>
public sealed record SessionEnd(long EndNs, long TraceLostCount, long FrameLostCount, long EventLostCount, IReadOnlyList<EndTally> Tallies)
{
    public byte[] Encode()
    {
        var target = new byte[RecordingFormat.SessionEndHeaderBytes + (Tallies.Count * RecordingFormat.TallyBytes)];
        BinaryPrimitives.WriteInt64LittleEndian(target, EndNs);
        BinaryPrimitives.WriteInt64LittleEndian(target.AsSpan(8), TraceLostCount);
        BinaryPrimitives.WriteInt64LittleEndian(target.AsSpan(16), FrameLostCount);
        BinaryPrimitives.WriteInt64LittleEndian(target.AsSpan(24), EventLostCount);
        BinaryPrimitives.WriteInt32LittleEndian(target.AsSpan(32), Tallies.Count);
        for (int i = 0; i < Tallies.Count; i++)
        {
            WriteTally(target.AsSpan(RecordingFormat.SessionEndHeaderBytes + (i * RecordingFormat.TallyBytes)), Tallies[i]);
        }

        return target;
    }

    /// <summary>False, with the reason, where the payload is not the end of a session with so many sources.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> payload, int sourceCount, out SessionEnd? end, out string problem)
    {
        end = null;
        int need = RecordingFormat.SessionEndHeaderBytes + (sourceCount * RecordingFormat.TallyBytes);
        if (payload.Length < need || BinaryPrimitives.ReadInt32LittleEndian(payload[32..]) != sourceCount)
        {
            problem = $"a session end of {payload.Length} bytes does not hold the tally of {sourceCount} sources";
            return false;
        }

        var tallies = new EndTally[sourceCount];
        for (int i = 0; i < sourceCount; i++)
        {
            tallies[i] = ReadTally(payload[(RecordingFormat.SessionEndHeaderBytes + (i * RecordingFormat.TallyBytes))..]);
        }

        end = new SessionEnd(ReadI64(payload, 0), ReadI64(payload, 8), ReadI64(payload, 16), ReadI64(payload, 24), tallies);
        problem = HasNegative(end) ? "a count below zero" : "";
        return problem.Length == 0;
    }

    private static bool HasNegative(SessionEnd end) => (end.TraceLostCount | end.FrameLostCount | end.EventLostCount) < 0
        || end.Tallies.Any(t => (t.Captured | t.Completed | t.Exited | t.Escalated | t.Skipped | t.Dropped | t.Failed) < 0);

    private static void WriteTally(Span<byte> target, in EndTally tally)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, tally.Captured);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], tally.Completed);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], tally.Exited);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], tally.Escalated);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], tally.Skipped);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], tally.Dropped);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], tally.Failed);
    }

    private static EndTally ReadTally(ReadOnlySpan<byte> bytes) => new(
        ReadI64(bytes, 0), ReadI64(bytes, 8), ReadI64(bytes, 16), ReadI64(bytes, 24), ReadI64(bytes, 32), ReadI64(bytes, 40),
        ReadI64(bytes, 48));

    private static long ReadI64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);
}
