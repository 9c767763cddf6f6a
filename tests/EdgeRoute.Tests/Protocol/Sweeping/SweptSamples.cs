using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Tests.Protocol.Recording;

namespace EdgeRoute.Tests.Protocol.Sweeping;

/// <summary>Swept frames drawn from seeds, the same in every run.</summary>
internal static class SweptSamples
{
    public static SweptFrame Frame(int seed, TaskKind task)
    {
        var random = new Random(seed);
        var stamp = new FrameStamp(random.Next(3), random.NextInt64(), random.NextInt64(), random.Next(4) == 0 ? -1 : random.NextInt64());
        var luma = new byte[random.Next(4) == 0 ? 0 : random.Next(300)];
        random.NextBytes(luma);
        var signals = new FrameSignals(Float(random), Float(random), Float(random), Float(random), Float(random), float.PositiveInfinity);
        return new SweptFrame(stamp, signals, luma, [.. Enumerable.Range(0, random.Next(6)).Select(_ => Variant(random, stamp, task))]);
    }

    /// <summary>The frame of a seed, with details for each detection.</summary>
    public static SweptFrame Detailed(int seed, DetailForm form)
    {
        var frame = Frame(seed, TaskKind.Detection);
        var random = new Random(seed);
        return frame with { Variants = [.. frame.Variants.Select(v => v with { Answer = v.Answer is { } a ? WithDetails(a, form, random)
            : null })] };
    }

    private static Answer WithDetails(Answer plain, DetailForm form, Random random)
    {
        var answer = new Answer(plain.Task, plain.DetectionCount, plain.ValueCount, form);
        answer.CopyFrom(plain);
        answer.Details.Begin(form, 640, 480);
        for (int i = 0; i < answer.DetectionCount; i++)
        {
            foreach (ref var point in answer.Details.Points(i))
            {
                point = new DetailPoint(random.NextSingle(), random.NextSingle(), random.NextSingle());
            }

            foreach (ref ulong word in answer.Details.Mask(i))
            {
                word = (ulong)random.NextInt64();
            }
        }

        return answer;
    }

    /// <summary>A sweep of answers with key points, and one of answers with masks.</summary>
    public static byte[] DetailedFile()
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, RecordingSamples.Session);
        writer.WriteRecord(RecordKind.SweptFrame, SweptFrameCodec.Encode(Detailed(3, new DetailForm(DetailKind.Keypoints, 5))));
        writer.WriteRecord(RecordKind.SweptFrame, SweptFrameCodec.Encode(Detailed(3, DetailForm.Mask)));
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>A recording as a sweep that was interrupted leaves it: session start, swept frames, no end.</summary>
    public static byte[] File()
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, RecordingSamples.Session);
        for (int seed = 1; seed <= 6; seed++)
        {
            writer.WriteRecord(RecordKind.SweptFrame, SweptFrameCodec.Encode(Frame(seed, TaskKind.Detection)));
        }

        writer.Flush();
        return stream.ToArray();
    }

    private static SweptVariant Variant(Random random, FrameStamp stamp, TaskKind task)
    {
        var exit = new ExitSignals(Float(random), Float(random), Float(random), Float(random), Float(random), Float(random), Float(random));
        if (random.Next(4) == 0)
        {
            return new SweptVariant(float.NaN, exit, null);
        }

        int detections = random.Next(5), values = random.Next(5);
        var answer = new Answer(task, detections, values) { Stamp = stamp, NodeIndex = random.Next(9), DetectionCount = detections,
            ValueCount = values };
        for (int i = 0; i < detections; i++)
        {
            answer.DetectionSlots[i] = new Detection(Float(random), Float(random), Float(random), Float(random), Float(random),
                random.Next(80));
        }

        for (int i = 0; i < values; i++)
        {
            answer.ValueSlots[i] = Float(random);
        }

        return new SweptVariant(random.NextSingle() * 40, exit, answer);
    }

    /// <summary>Quiet NaNs only: a processor may quieten a signalling one when it copies it.</summary>
    private static float Float(Random random) => random.Next(12) switch
    {
        0 => BitConverter.Int32BitsToSingle(0x7FE00001),
        1 => float.PositiveInfinity,
        2 => -0f,
        3 => float.Epsilon,
        _ => random.NextSingle(),
    };
}
