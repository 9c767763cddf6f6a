using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Protocol.Recording;

/// <summary>Small sessions, traces and frames, the same in every run. Decisions come from the real router.</summary>
internal static class RecordingSamples
{
    public static readonly RouteTree Cascade = new(new RouteGraph(
        [new RouteStage("light", true, true, []), new RouteStage("heavy", true, true, [])],
        [
            Edge(RouteGraph.Frame, RouteGraph.Previous),
            Edge(RouteGraph.Frame, 0),
            Edge(RouteGraph.Frame, 1),
            new RouteEdge(0, 1, [1], [0.5, 1], FrameRegion.Full),
        ]));

    private static readonly RouteTree Single = new(new RouteGraph([new RouteStage("only", true, true, [])], [Edge(RouteGraph.Frame, 0)]));

    public static SessionStart Session { get; } = new(
        1_000_000_007, 1_700_000_000_123_456_789, "0.1.0-sample", Hash(1),
        [
            new SessionSource("front", "rtsp://robot:secret@10.0.0.7/front", "cascade-sample", Hash(2), "cascade",
                SessionSource.NodesOf(Cascade)) { CalibrationHash = Hash(4) },
            new SessionSource("side é", "videotestsrc ! appsink", "single-sample", Hash(3), "fixed", SessionSource.NodesOf(Single)),
        ]);

    public static IRoutePolicy Policy(float threshold = 0.6f) => new CascadePolicy(
        Cascade, new CascadeSettings("light", [new CascadeRule("light", ExitSignalKind.MaxProbability, threshold, true, "heavy")],
            new ReuseRule(0.02f, 500)));

    public static Router NewRouter(IRoutePolicy policy)
    {
        var costs = new CostTable(Cascade);
        for (int i = 0; i < Cascade.Variants.Count; i++)
        {
            costs.SetProfile(i, new StageCost(2 + (3 * i), 3 + (4 * i)));
        }

        return new Router(Cascade, costs, policy);
    }

    /// <summary>
    /// A frame of source 0 as a loop would leave it: signals drawn from the seed, decided by the router from the frame to a stop.
    /// </summary>
    public static TraceRecord Trace(Router router, long sequence, int seed)
    {
        var random = new Random(seed);
        var record = new TraceRecord
        {
            Stamp = new FrameStamp(0, sequence, 5_000_000_000 + (sequence * 33_000_000), sequence * 33_333_333),
            TakenNs = 5_000_100_000 + (sequence * 33_000_000),
            PublishedNs = 5_012_000_000 + (sequence * 33_000_000),
            DeadlineNs = seed % 3 == 0 ? long.MaxValue : 5_040_000_000 + (sequence * 33_000_000),
            Signals = new FrameSignals(Draw(random), Draw(random), Draw(random), Draw(random) / 2, Draw(random),
                sequence == 0 ? float.PositiveInfinity : 33),
            SignalsNs = random.Next(100_000),
            PreprocessNs = random.Next(1_000_000),
            StagesNs = random.Next(10_000_000),
            HeadsNs = random.Next(100_000),
            AnswerCount = random.Next(5),
            AnswerConfidence = Draw(random),
            Flags = seed % 5 == 0 ? TraceFlags.Late : TraceFlags.None,
        };
        Walk(router, ref record, random);
        return record;
    }

    private static void Walk(Router router, ref TraceRecord record, Random random)
    {
        int node = 0;
        while (true)
        {
            var exit = node == 0 ? default : new ExitSignals(Draw(random), Draw(random), Draw(random), Draw(random), random.Next(4));
            long slack = random.Next(4) == 0 ? random.Next(12_000_000) : long.MaxValue;
            var option = router.Decide(node, record.Signals, exit, slack, 0, ref record.Decisions[record.DecisionCount++]);
            bool isOver = option.Kind is OptionKind.Stop or OptionKind.Previous;
            node = option.NodeIndex;
            if (isOver)
            {
                record.NodeIndex = node;
                record.End = EndOf(option, router.Tree.Nodes[node]);
                return;
            }
        }
    }

    private static FrameEnd EndOf(RouteOption last, RouteNode node)
    {
        if (last.Kind == OptionKind.Previous)
        {
            return FrameEnd.Skipped;
        }

        if (node.WasEscalated)
        {
            return FrameEnd.Escalated;
        }

        return node.Options.Length > 1 ? FrameEnd.Exited : FrameEnd.Completed;
    }

    /// <summary>Layouts of every pixel format, with padded rows and odd sides among them, and their bytes.</summary>
    public static IEnumerable<(FrameLayout Layout, byte[] Bytes)> Frames()
    {
        FrameLayout[] layouts =
        [
            new(PixelFormat.Nv12, 5, 3, ColorSpace.Bt709Limited, new PlaneLayout(0, 8), new PlaneLayout(24, 8), default),
            FrameLayout.Packed(PixelFormat.I420, 6, 4),
            FrameLayout.Packed(PixelFormat.Yuy2, 5, 2),
            FrameLayout.Packed(PixelFormat.Rgb, 3, 3, ColorSpace.Bt601Full),
            new(PixelFormat.Bgr, 3, 2, ColorSpace.Bt709Full, new PlaneLayout(0, 12), default, default),
            FrameLayout.Packed(PixelFormat.Gray8, 7, 3),
            FrameLayout.Compressed(640, 480, 29),
            FrameLayout.Compressed(0, 0, 8),
        ];
        for (int i = 0; i < layouts.Length; i++)
        {
            var bytes = new byte[layouts[i].SizeBytes];
            new Random(i + 1).NextBytes(bytes);
            yield return (layouts[i], bytes);
        }
    }

    /// <summary>A whole file with every kind of record, an unknown one, and floats of every sort.</summary>
    public static byte[] WholeFile()
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, Session);
        var tally = default(EndTally);
        long sequence = 0;
        foreach (var (layout, bytes) in Frames())
        {
            writer.WriteFrame(new FrameStamp(0, sequence, 5_000_000_000 + sequence, sequence * 33_333_333), layout, bytes);
            var trace = sequence == 1 ? OddTrace() : WrittenTrace(sequence);
            writer.WriteTrace(trace);
            tally = tally.With(trace.End) with { Captured = ++sequence };
        }

        writer.WriteEvent(new RecordedEvent(6_000_000_000, -1, EventKind.Note, "naïve ✓ 日本"));
        writer.WriteRecord((RecordKind)0x8001, [1, 2, 3]);
        writer.WriteEvent(new RecordedEvent(6_000_000_001, 1, (EventKind)777, ""));
        tally = tally with { Captured = sequence + 2, Dropped = 2 };
        writer.WriteEnd(new SessionEnd(7_000_000_000, 0, 0, 0, [tally, default]));
        return stream.ToArray();
    }

    /// <summary>Frames that were told a state, an instruction, or both.</summary>
    public static byte[] ToldFile()
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, Session);
        var (layout, bytes) = Frames().First();
        (float[] State, string? Instruction)[] told =
            [([0.5f, -1, 1], "put the red star on the blue pad"), ([0.25f, 0, -1], null), ([], "grün")];
        for (int i = 0; i < told.Length; i++)
        {
            var stamp = new FrameStamp(0, i, 5_000_000_000 + i, i * 33_333_333);
            writer.WriteTold(stamp, told[i].State, told[i].Instruction);
            writer.WriteFrame(stamp, layout, bytes);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Infinities, NaNs with and without a payload, negative zero and a subnormal, where each may stand.</summary>
    private static TraceRecord OddTrace()
    {
        var record = WrittenTrace(1);
        // Quiet NaNs only: a processor may quieten a signalling one when it copies it.
        float payload = BitConverter.Int32BitsToSingle(0x7FE00001);
        record.Signals = new FrameSignals(
            float.NaN, float.NegativeInfinity, -0f, float.Epsilon, payload, float.PositiveInfinity, -0f, payload, 0.5f, 3, float.NaN, 1,
            payload, -0f, 2, payload);
        record.AuditLoss = float.NaN;
        record.AnswerConfidence = BitConverter.UInt32BitsToSingle(0xFFC12345);
        record.WindowCount = 2;
        record.Windows[0] = new TracedWindow(0.25f, 0, 0.5f, 0.5f, 0);
        record.Windows[1] = new TracedWindow(-0f, 0.75f, float.Epsilon, 0.25f, 1);
        return record;
    }

    /// <summary>
    /// A trace written by hand, because golden bytes must not follow the router's rules: from the frame to the light exit, and there a
    /// stop.
    /// </summary>
    private static TraceRecord WrittenTrace(long sequence)
    {
        float part = sequence / 16f;
        int light = Cascade.Nodes[0].Options[1].NodeIndex;
        var record = new TraceRecord
        {
            Stamp = new FrameStamp(0, sequence, 5_000_000_000 + sequence, sequence * 33_333_333),
            TakenNs = 5_000_100_000 + sequence, PublishedNs = 5_012_000_000 + sequence,
            DeadlineNs = sequence % 2 == 0 ? long.MaxValue : 5_040_000_000,
            End = (FrameEnd)((sequence % 4) + 1), Flags = (TraceFlags)(sequence % 16), NodeIndex = light,
            Signals = new FrameSignals(
                part, part / 2, part / 3, part / 4, part / 5, 33 * sequence, part / 6, part / 7, part / 12, sequence, part / 8, part / 9,
                part / 10, part / 11,
                part / 13, part / 14),
            SignalsNs = 1000 + sequence, PreprocessNs = 2000 + sequence, StagesNs = 3000 + sequence, HeadsNs = 4000 + sequence,
            AnswerCount = (int)sequence, AnswerConfidence = part, DecisionCount = 2,
            EnergyMillijoules = part * 5, AuditNs = 5000 + sequence, AuditLoss = part / 10, AuditProbability = part / 11,
        };
        record.Decisions[0] = WrittenDecision(0, 1, part);
        record.Decisions[1] = WrittenDecision(light, 0, part);
        return record;
    }

    private static DecisionRecord WrittenDecision(int node, int option, float part)
    {
        var decision = new DecisionRecord
        {
            NodeIndex = node, OptionIndex = option, OptionCount = Cascade.Nodes[node].Options.Length, Reason = DecisionReason.Policy,
            SlackNs = 30_000_000 - node, Exit = new ExitSignals(part, part / 2, part / 3, part / 4, node, part / 5, part - 7,
                part / 6, part / 7),
            Operating = new OperatingPoint(part / 8, part / 9, float.PositiveInfinity, 100 + part, float.NaN), ContextIndex = node - 1,
            LossFactor = 1 + part,
        };
        for (int i = 0; i < decision.OptionCount; i++)
        {
            decision.Values[i] = new OptionValue(i == 0 ? float.NaN : part, i + part, i + 1, part * 2, part * 3, float.NaN,
                (OptionDenial)(i % 5), (byte)i);
        }

        return decision;
    }

    public static byte[] Hash(byte seed) => [.. Enumerable.Range(0, RecordingFormat.HashBytes).Select(i => (byte)((i * 7) + seed))];

    private static RouteEdge Edge(int from, int to) => new(from, to, [1], [1], FrameRegion.Full);

    private static float Draw(Random random) => random.NextSingle();
}
