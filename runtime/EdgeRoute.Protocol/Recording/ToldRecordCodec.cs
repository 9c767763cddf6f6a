using System.Buffers.Binary;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Protocol.Recording;

/// <summary>What a frame was told beside its pixels, to bytes and back: RECORDING.md section 10.</summary>
internal static class ToldRecordCodec
{
    private const ushort HasInstruction = 1;

    /// <summary>Room for the largest.</summary>
    public const int BytesLimit = RecordingFormat.ToldHeaderBytes + (RecordingFormat.StateLimit * sizeof(float))
        + RecordingFormat.TextBytesLimit;

    /// <summary>Writes the payload; returns its length.</summary>
    public static int Encode(in FrameStamp stamp, ReadOnlySpan<float> state, string? instruction, Span<byte> target)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, stamp.SourceIndex);
        BinaryPrimitives.WriteUInt16LittleEndian(target[4..], (ushort)state.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], instruction is null ? (ushort)0 : HasInstruction);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], stamp.Sequence);
        int at = RecordingFormat.ToldHeaderBytes;
        foreach (float value in state)
        {
            BinaryPrimitives.WriteSingleLittleEndian(target[at..], value);
            at += sizeof(float);
        }

        return instruction is null ? at : at + Utf8Text.Write(instruction, target.Slice(at, RecordingFormat.TextBytesLimit));
    }

    /// <summary>Null, with what it says, or what is wrong.</summary>
    public static string? Decode(ReadOnlySpan<byte> payload, int sourceCount, out ToldRecord told)
    {
        told = ToldRecord.None;
        if (payload.Length < RecordingFormat.ToldHeaderBytes)
        {
            return $"what a frame was told in {payload.Length} bytes; it has at least {RecordingFormat.ToldHeaderBytes}";
        }

        int source = BinaryPrimitives.ReadInt32LittleEndian(payload), count = BinaryPrimitives.ReadUInt16LittleEndian(payload[4..]);
        bool hasText = (BinaryPrimitives.ReadUInt16LittleEndian(payload[6..]) & HasInstruction) != 0;
        int textAt = RecordingFormat.ToldHeaderBytes + (count * sizeof(float));
        if (source < 0 || source >= sourceCount || count > RecordingFormat.StateLimit || textAt > payload.Length)
        {
            return $"what a frame was told is of source {source} of {sourceCount} and has {count} values in {payload.Length} bytes";
        }

        string? text = hasText ? Utf8Text.Read(payload[textAt..]) : null;
        if (hasText && text is null)
        {
            return "an instruction that is not UTF-8";
        }

        float[] state = new float[count];
        for (int i = 0; i < count; i++)
        {
            state[i] = BinaryPrimitives.ReadSingleLittleEndian(payload[(RecordingFormat.ToldHeaderBytes + (i * sizeof(float)))..]);
        }

        told = new ToldRecord(source, BinaryPrimitives.ReadInt64LittleEndian(payload[8..]), state, text);
        return null;
    }
}

/// <summary>What one frame was told beside its pixels.</summary>
/// <param name="State">The robot's, in the pack's own units; empty where none was told.</param>
/// <param name="Instruction">The task in words; null where none was given with the frame.</param>
public sealed record ToldRecord(int SourceIndex, long Sequence, IReadOnlyList<float> State, string? Instruction)
{
    public static ToldRecord None { get; } = new(-1, -1, [], null);
}
