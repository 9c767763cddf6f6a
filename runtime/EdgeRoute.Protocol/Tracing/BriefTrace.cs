using System.Buffers.Binary;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Protocol.Tracing;

/// <summary>
/// The 64 bytes of a frame that watching wants: what it took, how it ended, when. CHANNEL.md section 7 gives the layout.
/// </summary>
public readonly record struct BriefTrace(
    long Sequence, long CaptureNs, uint LatencyMicroseconds, uint DeviceMicroseconds, uint WaitMicroseconds, short SourceIndex,
    short NodeIndex, FrameEnd End,
    byte DecisionCount, TraceFlags Flags, int AnswerCount, float AnswerConfidence, float PricePerMs, float Gain, float SlackMs,
    float EnergyMillijoules, float AuditLoss)
{
    public const int Bytes = 64;

    public static BriefTrace Of(in TraceRecord record)
    {
        ref readonly var first = ref record.Decisions[0];
        ref readonly var last = ref record.Decisions[Math.Max(record.DecisionCount - 1, 0)];
        bool isDecided = record.DecisionCount > 0;
        float slack = record.DeadlineNs == long.MaxValue ? float.PositiveInfinity : (record.DeadlineNs - record.PublishedNs) / 1e6f;
        return new BriefTrace(
            record.Stamp.Sequence, record.Stamp.CaptureNs, Microseconds(record.LatencyNs),
            Microseconds(record.PreprocessNs + record.StagesNs + record.HeadsNs),
            Microseconds(record.TakenNs - record.Stamp.CaptureNs), (short)record.Stamp.SourceIndex, (short)record.NodeIndex, record.End,
            (byte)record.DecisionCount,
            record.Flags, record.AnswerCount, record.AnswerConfidence, isDecided ? first.Operating.EffectivePricePerMs : float.NaN,
            isDecided ? last.Values[last.OptionIndex].Gain : float.NaN, slack, record.EnergyMillijoules, record.AuditLoss);
    }

    public void Write(Span<byte> at)
    {
        BinaryPrimitives.WriteInt64LittleEndian(at, Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(at[8..], CaptureNs);
        BinaryPrimitives.WriteUInt32LittleEndian(at[16..], LatencyMicroseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(at[20..], DeviceMicroseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(at[24..], WaitMicroseconds);
        BinaryPrimitives.WriteInt16LittleEndian(at[28..], SourceIndex);
        BinaryPrimitives.WriteInt16LittleEndian(at[30..], NodeIndex);
        (at[32], at[33]) = ((byte)End, DecisionCount);
        BinaryPrimitives.WriteUInt16LittleEndian(at[34..], (ushort)Flags);
        BinaryPrimitives.WriteInt32LittleEndian(at[36..], AnswerCount);
        BinaryPrimitives.WriteSingleLittleEndian(at[40..], AnswerConfidence);
        BinaryPrimitives.WriteSingleLittleEndian(at[44..], PricePerMs);
        BinaryPrimitives.WriteSingleLittleEndian(at[48..], Gain);
        BinaryPrimitives.WriteSingleLittleEndian(at[52..], SlackMs);
        BinaryPrimitives.WriteSingleLittleEndian(at[56..], EnergyMillijoules);
        BinaryPrimitives.WriteSingleLittleEndian(at[60..], AuditLoss);
    }

    /// <param name="at">At least <see cref="Bytes"/>.</param>
    public static BriefTrace Read(ReadOnlySpan<byte> at) => new(
        BinaryPrimitives.ReadInt64LittleEndian(at), BinaryPrimitives.ReadInt64LittleEndian(at[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(at[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(at[20..]), BinaryPrimitives.ReadUInt32LittleEndian(at[24..]),
        BinaryPrimitives.ReadInt16LittleEndian(at[28..]),
        BinaryPrimitives.ReadInt16LittleEndian(at[30..]), (FrameEnd)at[32], at[33],
        (TraceFlags)BinaryPrimitives.ReadUInt16LittleEndian(at[34..]),
        BinaryPrimitives.ReadInt32LittleEndian(at[36..]), BinaryPrimitives.ReadSingleLittleEndian(at[40..]),
        BinaryPrimitives.ReadSingleLittleEndian(at[44..]),
        BinaryPrimitives.ReadSingleLittleEndian(at[48..]), BinaryPrimitives.ReadSingleLittleEndian(at[52..]),
        BinaryPrimitives.ReadSingleLittleEndian(at[56..]),
        BinaryPrimitives.ReadSingleLittleEndian(at[60..]));

    private static uint Microseconds(long ns) => (uint)Math.Clamp(ns / 1000, 0, uint.MaxValue);
}
