using System.Buffers.Binary;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Protocol.Recording;

/// <summary>
/// Trace record to bytes and back at the offsets of RECORDING.md section 5. Floats keep their bits. Decisions and options beyond their
/// counts are written as zero, so equal stories give equal bytes whatever an earlier frame left in the record.
/// </summary>
public static class TraceRecordCodec
{
    /// <summary>Writes <see cref="RecordingFormat.TraceBytes"/> bytes. The record has passed <see cref="TraceRecordCheck"/>.</summary>
    public static void Encode(in TraceRecord record, Span<byte> target)
    {
        target[..RecordingFormat.TraceBytes].Clear();
        EncodeHeader(record, target);
        for (int i = 0; i < record.DecisionCount; i++)
        {
            EncodeDecision(record.Decisions[i], target[(RecordingFormat.TraceHeaderBytes + (i * RecordingFormat.DecisionBytes))..]);
        }

        EncodeWindows(record, target[RecordingFormat.TraceWindowsAt..]);
    }

    /// <summary>
    /// Reads a payload of at least <see cref="RecordingFormat.TraceBytesLeast"/> bytes; what it holds is still to be checked.
    /// </summary>
    public static void Decode(ReadOnlySpan<byte> payload, out TraceRecord record)
    {
        record = default;
        DecodeHeader(payload, ref record);
        int count = Math.Clamp(record.DecisionCount, 0, RouteTree.DepthLimit);
        for (int i = 0; i < count; i++)
        {
            DecodeDecision(payload[(RecordingFormat.TraceHeaderBytes + (i * RecordingFormat.DecisionBytes))..], ref record.Decisions[i]);
        }

        if (payload.Length >= RecordingFormat.TraceBytes)
        {
            DecodeWindows(payload[RecordingFormat.TraceWindowsAt..], ref record);
        }
    }

    private static void EncodeWindows(in TraceRecord record, Span<byte> at)
    {
        at[0] = (byte)record.WindowCount;
        for (int i = 0; i < record.WindowCount; i++)
        {
            var window = record.Windows[i];
            var to = at[(8 + (i * RecordingFormat.TraceWindowBytes))..];
            WriteF32(to, 0, window.Left);
            WriteF32(to, 4, window.Top);
            WriteF32(to, 8, window.Width);
            WriteF32(to, 12, window.Height);
            to[16] = window.DecisionIndex;
        }
    }

    private static void DecodeWindows(ReadOnlySpan<byte> at, ref TraceRecord record)
    {
        record.WindowCount = at[0];
        for (int i = 0; i < Math.Min(record.WindowCount, TraceRecord.WindowLimit); i++)
        {
            var from = at[(8 + (i * RecordingFormat.TraceWindowBytes))..];
            record.Windows[i] = new TracedWindow(F32(from, 0), F32(from, 4), F32(from, 8), F32(from, 12), from[16]);
        }
    }

    private static void EncodeHeader(in TraceRecord record, Span<byte> at)
    {
        WriteI32(at, 0, record.Stamp.SourceIndex);
        at[4] = (byte)record.End;
        at[5] = (byte)record.Fault;
        BinaryPrimitives.WriteUInt16LittleEndian(at[6..], (ushort)record.Flags);
        WriteI64(at, 8, record.Stamp.Sequence);
        WriteI64(at, 16, record.Stamp.CaptureNs);
        WriteI64(at, 24, record.Stamp.SourceNs);
        WriteI64(at, 32, record.TakenNs);
        WriteI64(at, 40, record.PublishedNs);
        WriteI64(at, 48, record.DeadlineNs);
        WriteI32(at, 56, record.NodeIndex);
        WriteI32(at, 60, record.AnswerCount);
        WriteF32(at, 64, record.AnswerConfidence);
        WriteI32(at, 68, record.DecisionCount);
        WriteF32(at, 72, record.Signals.Motion);
        WriteF32(at, 76, record.Signals.Sharpness);
        WriteF32(at, 80, record.Signals.Exposure);
        WriteF32(at, 84, record.Signals.Contrast);
        WriteF32(at, 88, record.Signals.Noise);
        WriteF32(at, 92, record.Signals.AgeMs);
        WriteI64(at, 96, record.SignalsNs);
        WriteI64(at, 104, record.PreprocessNs);
        WriteI64(at, 112, record.StagesNs);
        WriteI64(at, 120, record.HeadsNs);
        WriteF32(at, 128, record.Signals.Drift);
        WriteF32(at, 132, record.Signals.DriftPeak);
        WriteF32(at, 136, record.Signals.CarriedCount);
        WriteF32(at, 140, record.Signals.CarriedDoubt);
        WriteF32(at, 144, record.Signals.CarriedShift);
        WriteF32(at, 148, record.EnergyMillijoules);
        WriteI64(at, 152, record.AuditNs);
        WriteF32(at, 160, record.AuditLoss);
        WriteF32(at, 164, record.AuditProbability);
        WriteF32(at, 168, record.Signals.ExpectedAgreement);
        WriteF32(at, 172, record.Signals.CarriedTier);
        WriteF32(at, 176, record.Signals.DriftOutside);
        WriteF32(at, 180, record.Signals.LastMargin);
        WriteF32(at, 184, record.Signals.LastLowConfidenceMass);
        WriteI32(at, 188, record.CropCount | (record.CropsMicroseconds << 8));
    }

    private static void DecodeHeader(ReadOnlySpan<byte> at, ref TraceRecord record)
    {
        record.Stamp = new FrameStamp(I32(at, 0), I64(at, 8), I64(at, 16), I64(at, 24));
        record.End = (FrameEnd)at[4];
        record.Fault = (FrameFault)at[5];
        record.Flags = (TraceFlags)BinaryPrimitives.ReadUInt16LittleEndian(at[6..]);
        record.TakenNs = I64(at, 32);
        record.PublishedNs = I64(at, 40);
        record.DeadlineNs = I64(at, 48);
        record.NodeIndex = I32(at, 56);
        record.AnswerCount = I32(at, 60);
        record.AnswerConfidence = F32(at, 64);
        record.DecisionCount = I32(at, 68);
        record.Signals = new FrameSignals(F32(at, 72), F32(at, 76), F32(at, 80), F32(at, 84), F32(at, 88), F32(at, 92),
            F32(at, 128), F32(at, 132), F32(at, 176), F32(at, 136), F32(at, 140), F32(at, 144), F32(at, 168), F32(at, 172), F32(at, 180),
            F32(at, 184));
        record.SignalsNs = I64(at, 96);
        record.PreprocessNs = I64(at, 104);
        record.StagesNs = I64(at, 112);
        record.HeadsNs = I64(at, 120);
        record.EnergyMillijoules = F32(at, 148);
        record.AuditNs = I64(at, 152);
        record.AuditLoss = F32(at, 160);
        record.AuditProbability = F32(at, 164);
        record.CropCount = at[188];
        record.CropsMicroseconds = (int)((uint)I32(at, 188) >> 8);
    }

    private static void EncodeDecision(in DecisionRecord decision, Span<byte> at)
    {
        WriteI32(at, 0, decision.NodeIndex);
        WriteI32(at, 4, decision.OptionIndex);
        WriteI32(at, 8, decision.OptionCount);
        at[12] = (byte)decision.Reason;
        WriteI64(at, 16, decision.SlackNs);
        WriteF32(at, 24, decision.Exit.MaxProbability);
        WriteF32(at, 28, decision.Exit.Margin);
        WriteF32(at, 32, decision.Exit.Entropy);
        WriteF32(at, 36, decision.Exit.LowConfidenceMass);
        WriteF32(at, 40, decision.Exit.Count);
        WriteF32(at, 44, decision.Exit.TsallisEntropy);
        WriteF32(at, 48, decision.Exit.Energy);
        WriteF32(at, 52, decision.Exit.CarriedAgreement);
        WriteF32(at, 56, decision.Exit.Consistency);
        WriteF32(at, 60, decision.Operating.PricePerMs);
        WriteF32(at, 64, decision.Operating.PricePerMillijoule);
        WriteF32(at, 68, decision.Operating.PriceCeiling);
        WriteF32(at, 72, decision.Operating.AllowanceMs);
        WriteF32(at, 76, decision.Operating.MillijoulesPerMs);
        WriteI32(at, 80, decision.ContextIndex);
        WriteF32(at, 84, decision.LossFactor);
        for (int i = 0; i < decision.OptionCount; i++)
        {
            EncodeOption(decision.Values[i], at[(RecordingFormat.DecisionHeaderBytes + (i * RecordingFormat.OptionBytes))..]);
        }
    }

    private static void DecodeDecision(ReadOnlySpan<byte> at, ref DecisionRecord decision)
    {
        decision.NodeIndex = I32(at, 0);
        decision.OptionIndex = I32(at, 4);
        decision.OptionCount = I32(at, 8);
        decision.Reason = (DecisionReason)at[12];
        decision.SlackNs = I64(at, 16);
        decision.Exit = new ExitSignals(F32(at, 24), F32(at, 28), F32(at, 32), F32(at, 36), F32(at, 40),
            F32(at, 44), F32(at, 48), F32(at, 52), F32(at, 56));
        decision.Operating = new OperatingPoint(F32(at, 60), F32(at, 64), F32(at, 68), F32(at, 72), F32(at, 76));
        decision.ContextIndex = I32(at, 80);
        decision.LossFactor = F32(at, 84);
        int count = Math.Clamp(decision.OptionCount, 0, RouteTree.OptionLimit);
        for (int i = 0; i < count; i++)
        {
            var option = at[(RecordingFormat.DecisionHeaderBytes + (i * RecordingFormat.OptionBytes))..];
            decision.Values[i] = new OptionValue(
                F32(option, 0), F32(option, 4), F32(option, 8), F32(option, 12), F32(option, 16), F32(option, 20), (OptionDenial)option[24],
                option[25]);
        }
    }

    private static void EncodeOption(in OptionValue value, Span<byte> at)
    {
        WriteF32(at, 0, value.Gain);
        WriteF32(at, 4, value.CostMs);
        WriteF32(at, 8, value.CostMsP95);
        WriteF32(at, 12, value.OnwardMs);
        WriteF32(at, 16, value.PlanCostMs);
        WriteF32(at, 20, value.EnergyMillijoules);
        at[24] = (byte)value.Denial;
        at[25] = value.PlanIndex;
    }

    private static void WriteI32(Span<byte> at, int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(at[offset..], value);

    private static void WriteI64(Span<byte> at, int offset, long value) => BinaryPrimitives.WriteInt64LittleEndian(at[offset..], value);

    private static void WriteF32(Span<byte> at, int offset, float value) => BinaryPrimitives.WriteSingleLittleEndian(at[offset..], value);

    private static int I32(ReadOnlySpan<byte> at, int offset) => BinaryPrimitives.ReadInt32LittleEndian(at[offset..]);

    private static long I64(ReadOnlySpan<byte> at, int offset) => BinaryPrimitives.ReadInt64LittleEndian(at[offset..]);

    private static float F32(ReadOnlySpan<byte> at, int offset) => BinaryPrimitives.ReadSingleLittleEndian(at[offset..]);
}
