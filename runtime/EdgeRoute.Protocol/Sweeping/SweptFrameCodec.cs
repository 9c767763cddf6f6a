using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Protocol.Sweeping;

/// <summary>Swept frames to bytes and back, as RECORDING.md section 9 lays them out.</summary>
public static class SweptFrameCodec
{
    /// <summary>Bytes of a thumbnail or picture at most: seven times the larger size in use.</summary>
    private const int LumaLimit = 64 << 10;

    /// <summary>Values or detections of an answer at most, as manifests allow them.</summary>
    private const int ValueLimit = 1 << 20;

    private const int DetectionBytes = 24;

    private const int PointBytes = 12;

    /// <summary>Points of a detection at most, as manifests allow them.</summary>
    private const int PointLimit = 256;

    /// <summary>Variants of a tree: at most one for each of its nodes.</summary>
    private const int VariantLimit = RouteTree.NodeLimit;

    public static byte[] Encode(SweptFrame frame)
    {
        var target = new ArrayBufferWriter<byte>();
        WriteI32(target, frame.Stamp.SourceIndex);
        WriteI32(target, frame.Variants.Count);
        WriteI64(target, frame.Stamp.Sequence);
        WriteI64(target, frame.Stamp.CaptureNs);
        WriteI64(target, frame.Stamp.SourceNs);
        WriteFloats(target, [frame.Signals.Motion, frame.Signals.Sharpness, frame.Signals.Exposure, frame.Signals.Contrast,
            frame.Signals.Noise]);
        WriteI32(target, frame.Luma.Length);
        target.Write(frame.Luma);
        foreach (var variant in frame.Variants)
        {
            Write(target, variant);
        }

        bool hasPicture = frame.Picture.Length > 0;
        if (hasPicture || frame.Variants.Any(v => v.Answer?.Details.Form.Kind > DetailKind.None))
        {
            foreach (var answer in frame.Variants.Select(v => v.Answer).OfType<Answer>())
            {
                WriteDetails(target, answer);
            }
        }

        if (hasPicture)
        {
            WriteI32(target, frame.Picture.Length);
            target.Write(frame.Picture);
        }

        return target.WrittenSpan.ToArray();
    }

    /// <summary>False: <paramref name="problem"/> says what is wrong with the payload.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> payload, TaskKind task, [NotNullWhen(true)] out SweptFrame? frame, out string problem)
    {
        var at = new Cursor(payload);
        int source = at.I32(), count = at.Count(VariantLimit);
        long sequence = at.I64(), captureNs = at.I64(), sourceNs = at.I64();
        var stamp = new FrameStamp(source, sequence, captureNs, sourceNs);
        var signals = new FrameSignals(at.F32(), at.F32(), at.F32(), at.F32(), at.F32(), float.PositiveInfinity);
        byte[] luma = at.Bytes(at.Count(LumaLimit));
        var variants = new SweptVariant[count];
        for (int i = 0; i < count; i++)
        {
            variants[i] = ReadVariant(ref at, task, stamp);
        }

        bool hasDetails = !at.IsAtEnd;
        for (int i = 0; i < count && hasDetails; i++)
        {
            variants[i] = variants[i] with { Answer = variants[i].Answer is { } answer ? ReadDetails(ref at, answer) : null };
        }

        byte[] picture = at.IsAtEnd ? [] : at.Bytes(at.Count(LumaLimit));
        problem = at.HasFailed ? "the payload ends inside a field, or a count is beyond its maximum" : "";
        frame = at.HasFailed ? null : new SweptFrame(stamp, signals, luma, variants) { Picture = picture };
        return frame is not null;
    }

    private static void Write(ArrayBufferWriter<byte> target, SweptVariant variant)
    {
        var exit = variant.Exit;
        WriteFloats(target, [variant.Ms, exit.MaxProbability, exit.Margin, exit.Entropy, exit.LowConfidenceMass, exit.Count,
            exit.TsallisEntropy, exit.Energy]);
        WriteI32(target, variant.Answer?.NodeIndex ?? -1);
        WriteI32(target, variant.Answer?.DetectionCount ?? 0);
        WriteI32(target, variant.Answer?.ValueCount ?? 0);
        if (variant.Answer is { } answer)
        {
            foreach (ref readonly var d in answer.Detections)
            {
                WriteFloats(target, [d.Left, d.Top, d.Width, d.Height, d.Confidence]);
                WriteI32(target, d.ClassIndex);
            }

            WriteFloats(target, answer.Values);
        }
    }

    private static SweptVariant ReadVariant(ref Cursor at, TaskKind task, in FrameStamp stamp)
    {
        float ms = at.F32();
        var exit = new ExitSignals(at.F32(), at.F32(), at.F32(), at.F32(), at.F32(), at.F32(), at.F32());
        int node = at.I32(), detections = at.Count(ValueLimit), values = at.Count(ValueLimit);
        if (!at.Has(((long)detections * DetectionBytes) + ((long)values * sizeof(float))) || node < 0)
        {
            return new SweptVariant(ms, exit, null);
        }

        var answer = new Answer(task, detections, values) { Stamp = stamp, NodeIndex = node, DetectionCount = detections,
            ValueCount = values };
        for (int i = 0; i < detections; i++)
        {
            answer.DetectionSlots[i] = new Detection(at.F32(), at.F32(), at.F32(), at.F32(), at.F32(), at.I32());
        }

        for (int i = 0; i < values; i++)
        {
            answer.ValueSlots[i] = at.F32();
        }

        return new SweptVariant(ms, exit, answer);
    }

    private static void WriteDetails(ArrayBufferWriter<byte> target, Answer answer)
    {
        var details = answer.Details;
        WriteI32(target, (int)details.Form.Kind);
        WriteI32(target, details.Form.PointCount);
        WriteI32(target, details.FrameWidth);
        WriteI32(target, details.FrameHeight);
        for (int i = 0; i < answer.DetectionCount; i++)
        {
            foreach (ref readonly var point in details.Points(i))
            {
                WriteFloats(target, [point.X, point.Y, point.Visibility]);
            }

            foreach (ulong word in details.Mask(i))
            {
                WriteI64(target, (long)word);
            }
        }
    }

    /// <summary>The answer with room for what follows, and that in it.</summary>
    private static Answer ReadDetails(ref Cursor at, Answer answer)
    {
        int kind = at.Count((int)DetailKind.Mask), points = at.Count(PointLimit), width = at.I32(), height = at.I32();
        var form = new DetailForm((DetailKind)kind, points);
        long maskBytes = form.Kind == DetailKind.Mask ? DetectionDetails.MaskWords * sizeof(ulong) : 0;
        if (!at.Has(answer.DetectionCount * ((points * (long)PointBytes) + maskBytes)))
        {
            return answer;
        }

        var filled = new Answer(answer.Task, answer.DetectionCount, answer.ValueCount, form);
        filled.CopyFrom(answer);
        filled.Details.Begin(form, width, height);
        for (int i = 0; i < filled.DetectionCount; i++)
        {
            foreach (ref var point in filled.Details.Points(i))
            {
                point = new DetailPoint(at.F32(), at.F32(), at.F32());
            }

            foreach (ref ulong word in filled.Details.Mask(i))
            {
                word = (ulong)at.I64();
            }
        }

        return filled;
    }

    private static void WriteI32(ArrayBufferWriter<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target.GetSpan(sizeof(int)), value);
        target.Advance(sizeof(int));
    }

    private static void WriteI64(ArrayBufferWriter<byte> target, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target.GetSpan(sizeof(long)), value);
        target.Advance(sizeof(long));
    }

    private static void WriteFloats(ArrayBufferWriter<byte> target, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            WriteI32(target, BitConverter.SingleToInt32Bits(value));
        }
    }

    /// <summary>Reads in sequence; after the first field that does not fit everything reads as zero.</summary>
    private ref struct Cursor(ReadOnlySpan<byte> payload)
    {
        private readonly ReadOnlySpan<byte> _payload = payload;
        private int _at;

        public bool HasFailed { get; private set; }

        public bool IsAtEnd => HasFailed || _at == _payload.Length;

        public bool Has(long count)
        {
            HasFailed |= count > _payload.Length - _at;
            return !HasFailed;
        }

        public int I32() => Take(sizeof(int)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;

        public long I64() => Take(sizeof(long)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

        public float F32() => BitConverter.Int32BitsToSingle(I32());

        public int Count(int limit)
        {
            int count = I32();
            HasFailed |= (uint)count > (uint)limit;
            return HasFailed ? 0 : count;
        }

        public byte[] Bytes(int count) => Take(count).ToArray();

        private ReadOnlySpan<byte> Take(int count)
        {
            if (!Has(count))
            {
                return default;
            }

            _at += count;
            return _payload.Slice(_at - count, count);
        }
    }
}
