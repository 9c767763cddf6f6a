using System.Diagnostics;
using System.Globalization;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Benchmarks.Decisions;

/// <summary>
/// Time and bytes of one decision at the frame among eight options, by the value rule with estimators as calibrations have them, beside the
/// threshold cascade on the same tree: the cheapest rule that looks at a signal. Then those of fifty rules on fifty boxes.
/// </summary>
public static class DecisionBenchmark
{
    private const int StageCount = 7, MemberCount = 3, PlanCount = 3, TablePoints = 32;
    private const int WarmUpCount = 20_000, Count = 200_000, RuleFrameCount = 20_000;

    public static int Run()
    {
        var tree = Tree();
        var value = new ValuePolicy(Calibrated(tree));
        var cascade = new CascadePolicy(tree, new CascadeSettings("stage0", [], new ReuseRule(0.01f, 100)));
        Measure("value", tree, value);
        Measure("cascade", tree, cascade);
        var frame = new RuledFrame();
        Time("50 rules on 50 boxes, a frame", RuleFrameCount, frame.Observe);
        return 0;
    }

    private static void Measure(string name, RouteTree tree, IRoutePolicy policy)
    {
        var router = new Router(tree, Costs(tree), policy) { Operating = OperatingPoint.Free with { PricePerMs = 0.01f },
            Contexts = new ContextLosses(8) };
        var random = new Random(1);
        var frames = new FrameSignals[1024];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = new FrameSignals(
                Draw(random), Draw(random), Draw(random), Draw(random), Draw(random), 100 * Draw(random), Draw(random), Draw(random),
                Draw(random), 3, Draw(random));
        }

        DecisionRecord record = default;
        Time(name, Count, i => router.Decide(0, frames[i % frames.Length], default, long.MaxValue, 0, ref record));
    }

    /// <summary>Prints a row of a markdown table.</summary>
    private static void Time(string name, int count, Action<int> step)
    {
        var times = new long[count];
        for (int i = 0; i < WarmUpCount; i++)
        {
            step(i);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            step(i);
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Array.Sort(times);
        double us = 1e6 / Stopwatch.Frequency;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {times[count / 2] * us:0.000} | {times[count * 99 / 100] * us:0.000} | {bytes} |"));
    }

    private static float Draw(Random random) => random.NextSingle();

    /// <summary>Seven first stages, each with a costlier one behind it, and the previous answer: eight options at the frame.</summary>
    private static RouteTree Tree()
    {
        var stages = Enumerable.Range(0, StageCount).Select(i => new RouteStage("stage" + i, true, true, []))
            .Append(new RouteStage("last", true, true, []));
        var edges = Enumerable.Range(0, StageCount).SelectMany(i => new[] { Edge(RouteGraph.Frame, i), Edge(i, StageCount) })
            .Append(Edge(RouteGraph.Frame, RouteGraph.Previous));
        return new RouteTree(new RouteGraph([.. stages], [.. edges]));
    }

    private static RouteEdge Edge(int from, int to) => new(from, to, [1], [1], FrameRegion.Full);

    private static CostTable Costs(RouteTree tree)
    {
        var costs = new CostTable(tree);
        foreach (var variant in tree.Variants)
        {
            costs.SetProfile(variant.Index, new StageCost(2 + variant.Index, 3 + variant.Index));
        }

        return costs;
    }

    private static Calibration Calibrated(RouteTree tree)
    {
        var random = new Random(2);
        var nodes = tree.Nodes.Select(n => n.Index != 0 && n.Options.Length < 2 ? null : NodeOf(n, random)).ToList();
        float[][] centroids = [.. Enumerable.Range(0,
            8).Select(_ => Enumerable.Range(0, SignalVector.FrameCount).Select(_ => Draw(random)).ToArray())];
        return new Calibration(tree, nodes, centroids);
    }

    private static CalibratedNode NodeOf(RouteNode node, Random random)
    {
        int signals = node.Index == 0 ? SignalVector.FrameCount : SignalVector.Count;
        IReadOnlyList<float> knots = [.. Enumerable.Range(0, SignalScale.KnotLimit).Select(i => i / (SignalScale.KnotLimit - 1f))];
        var plans = node.Options.Select(o => (IReadOnlyList<CalibratedPlan>)[.. Enumerable.Range(0, o.VariantIndex < 0 ? 1 : PlanCount)
            .Select(_ => new CalibratedPlan(Average(signals, random), o.VariantIndex < 0 ? null : Average(signals, random)))]);
        return new CalibratedNode(new SignalScale([.. Enumerable.Repeat(knots, signals)]), [.. plans]);
    }

    private static AveragedGain Average(int signals, Random random) =>
        new([.. Enumerable.Range(0, MemberCount).Select(i => i == 0 ? Logistic(signals, random) : Table(signals, random))]);

    private static IGainEstimator Logistic(int signals, Random random) => new LogisticGain(0,
        [.. Enumerable.Range(0, 2 * signals).Select(_ => Draw(random) - 0.5f)]);

    private static IGainEstimator Table(int signals, Random random) => new IsotonicGain(
        random.Next(signals), [.. Enumerable.Range(0, TablePoints).Select(i => (i / (TablePoints / 2f)) - 1)],
        [.. Enumerable.Range(0, TablePoints).Select(i => i / (float)TablePoints)]);
}
