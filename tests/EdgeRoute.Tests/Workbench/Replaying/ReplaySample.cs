using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Documents.Packs;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Workbench.Replaying;

/// <summary>
/// A pack with a calibration made by hand, and recordings that the real router decided on it. The heaviest path is always right.
/// </summary>
internal sealed class ReplaySample : IDisposable
{
    private const string AccuratePath = "light>heavy";
    private readonly SamplePack _files = new();

    public ReplaySample()
    {
        Pack = _files.Read();
        Tree = new RouteTree(Pack.Graph);
        WriteCalibration(0.9f);
    }

    public Pack Pack { get; }

    public RouteTree Tree { get; }

    public string Folder => _files.Folder.Path;

    public LoadedCalibration Loaded => CalibrationFile.Read(Path.Combine(Folder, CalibrationFile.UsualName), Pack, Tree);

    public ReplayRequest Request => new(Folder, null, null, null, null);

    public void Dispose() => _files.Dispose();

    /// <summary>Writes the calibration anew; <paramref name="lightGain"/> is what the light answer is worth at most.</summary>
    public void WriteCalibration(float lightGain)
    {
        var document = new CalibrationDocument
        {
            Pack = Pack.Name, ManifestSha256 = Pack.ManifestSha256, Source = "hand", Device = "desk",
            Costs = [new() { Option = "light", MsP50 = 2, MsP95 = 3 }, new() { Option = "heavy", MsP50 = 8, MsP95 = 9 },
                new() { Option = "heavy@keep=0.5", MsP50 = 5, MsP95 = 6 }],
            Curve = [new() { PricePerMs = 0, Quality = 1, Ms = 10 }, new() { PricePerMs = 0.01, Quality = 0.95, Ms = 6 },
                new() { PricePerMs = 0.05, Quality = 0.9, Ms = 2 }],
            Floors = [new() { Floor = 0.95, Confidence = 0.95, PriceIndex = 1 },
                new() { Floor = 0.99, Confidence = 0.95, PriceIndex = -1 }],
        };
        CalibrationFile.Put(document, Tree, CalibrationOf(lightGain));
        File.WriteAllBytes(Path.Combine(Folder, CalibrationFile.UsualName), CalibrationFile.Write(document));
    }

    /// <summary>A whole recording of random frames; every tenth has a signal that is no number.</summary>
    public byte[] Record(IRoutePolicy policy, int frameCount, Action<Router, Random>? before = null, ChangeTrace? change = null,
        float lightMs = 2, float heavyMs = 8, string? told = null, long toldNs = 1_632_500_000)
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, SessionOf(policy));
        if (told is not null)
        {
            writer.WriteEvent(new RecordedEvent(toldNs, 0, EventKind.Note, told));
        }

        var router = RouterOf(policy, lightMs, heavyMs);
        var tally = default(EndTally);
        for (int i = 0; i < frameCount; i++)
        {
            var random = new Random(i);
            before?.Invoke(router, random);
            var record = Trace(router, 2 * i, random);
            change?.Invoke(ref record);
            writer.WriteTrace(record);
            tally = tally.With(record.End) with { Captured = i + 1 };
        }

        writer.WriteEnd(new SessionEnd(9_000_000_000, 0, 0, 0, [tally]));
        return stream.ToArray();
    }

    public Router RouterOf(IRoutePolicy policy, float lightMs = 2, float heavyMs = 8)
    {
        var costs = new CostTable(Tree);
        foreach (var option in Tree.Nodes.SelectMany(n => n.Options).Where(o => o.VariantIndex >= 0))
        {
            float ms = option.Name switch
            {
                "light" => lightMs,
                "heavy" => heavyMs,
                _ => heavyMs * 5 / 8,
            };
            costs.SetProfile(option.VariantIndex, new StageCost(ms, ms + 1));
        }

        return new Router(Tree, costs, policy);
    }

    public SessionStart SessionOf(IRoutePolicy policy) => new(
        1_000_000_000, 1_700_000_000_000_000_000, "0.1.0-sample", new byte[RecordingFormat.HashBytes],
        [new SessionSource("table", "sim://tabletop?seed=5", Pack.Name, Convert.FromHexString(Pack.ManifestSha256), policy.Name,
            SessionSource.NodesOf(Tree))
        {
            CalibrationHash = policy is ValuePolicy ? Convert.FromHexString(Loaded.Sha256) : new byte[RecordingFormat.HashBytes],
        }]);

    /// <summary>One frame from its signals to its end.</summary>
    public static TraceRecord Trace(Router router, long sequence, Random random)
    {
        float Draw() => random.Next(40) == 0 ? float.NaN : random.NextSingle();
        var record = new TraceRecord
        {
            Stamp = new FrameStamp(0, sequence, 1_500_000_000 + (sequence * 33_000_000), sequence * 33_333_333), DeadlineNs = long.MaxValue,
            EnergyMillijoules = float.NaN,
            Signals = new FrameSignals(
                Draw(), Draw(), Draw(), Draw() / 2, Draw(), sequence == 0 ? float.PositiveInfinity : 33 + (100 * random.NextSingle()),
                Draw(), Draw(), Draw(), random.Next(5),
                Draw(), Draw(), Draw(), Draw(), Draw(), Draw()),
            AnswerCount = random.Next(5), AnswerConfidence = random.NextSingle(), AuditLoss = float.NaN,
        };
        Walk(router, ref record, random);
        record.TakenNs = record.Stamp.CaptureNs + 400_000;
        record.PublishedNs = record.TakenNs + record.StagesNs + 1_000_000 + random.Next(1_000_000);
        return record;
    }

    private static void Walk(Router router, ref TraceRecord record, Random random)
    {
        RouteOption option;
        int node = 0;
        do
        {
            var exit = node == 0 ? default : new ExitSignals(random.NextSingle(), random.NextSingle(), random.NextSingle(),
                random.NextSingle(), random.Next(4));
            long slack = random.Next(4) == 0 ? random.Next(12_000_000) : long.MaxValue;
            option = router.Decide(node, record.Signals, exit, slack, 0, ref record.Decisions[record.DecisionCount++]);
            record.StagesNs += option.VariantIndex < 0 ? 0 : (long)(router.Costs.OfVariant(option.VariantIndex).MsP50 * 1e6);
            node = option.NodeIndex;
        }
        while (option.VariantIndex >= 0);

        record.NodeIndex = node;
        record.End = EndOf(option, router.Tree.Nodes[node]);
    }

    private static FrameEnd EndOf(RouteOption last, RouteNode node)
    {
        if (last.Kind == OptionKind.Previous)
        {
            return FrameEnd.Skipped;
        }

        return node.Options.Length > 1 ? FrameEnd.Exited : FrameEnd.Completed;
    }

    private Calibration CalibrationOf(float lightGain)
    {
        var nodes = new CalibratedNode?[Tree.Nodes.Count];
        foreach (var node in Tree.Nodes.Where(n => n.Index == 0 || n.Options.Length > 1))
        {
            int signals = node.Index == 0 ? SignalVector.FrameCount : SignalVector.Count;
            nodes[node.Index] = new CalibratedNode(Scale(signals), [.. node.Options.Select(o => Plans(o, 2 * signals, lightGain))]);
        }

        return new Calibration(Tree, nodes, [new float[SignalVector.FrameCount]]);
    }

    private static List<CalibratedPlan> Plans(RouteOption option, int featureCount, float lightGain) => option.Name switch
    {
        "previous" => [new(new LogisticGain(0.5f, [.. Enumerable.Range(0, featureCount).Select(i => i == 6 ? -2f : 0.1f)]), null)],
        "light" =>
        [
            new(new ConstantGain(1), new ConstantGain(1)),
            new(new LogisticGain(1.5f, [.. Enumerable.Range(0, featureCount).Select(i => i == 0 ? -1f : 0f)]), new ConstantGain(0)),
        ],
        "stop" => [new(new IsotonicGain(SignalVector.Names.ToList().IndexOf("max_probability"), [-1, 1], [0.5f, lightGain]), null)],
        "heavy" => [new(new ConstantGain(1), null)],
        _ => [new(new ConstantGain(0.97f), null)],
    };

    private static SignalScale Scale(int signalCount) =>
        new([.. Enumerable.Range(0, signalCount).Select(i =>
            (IReadOnlyList<float>)(SignalVector.Names[i] == "age_ms" ? [0, 50, 200] : [0, 0.25f, 0.5f, 1]))]);

    public RouteNode Accurate => Tree.FindPath(AccuratePath)!;
}

/// <summary>Changes a trace before it is written.</summary>
internal delegate void ChangeTrace(ref TraceRecord record);
