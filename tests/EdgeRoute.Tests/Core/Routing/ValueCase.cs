using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Tests.Core.Gains;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Core.Routing;

/// <summary>
/// One decision of the value rule drawn by chance from a seed: tree, calibration, costs, contexts, prices, limits, signals, denials; odd
/// numbers among them.
/// </summary>
internal sealed class ValueCase
{
    private static readonly RouteTree[] Trees = [SampleGraphs.Cascade(), SampleGraphs.EarlyExit(), Scales()];

    public ValueCase(int seed)
    {
        var random = new Random(seed);
        Tree = Trees[random.Next(Trees.Length)];
        Calibration = RandomCalibration.Of(random, Tree);
        Router = new Router(Tree, CostsOf(random), new ValuePolicy(Calibration)) { Operating = PointOf(random),
            Contexts = ContextsOf(random) };
        Node = Tree.Nodes[random.Next(3) == 0 ? 0 : random.Next(Tree.Nodes.Count)];
        var f = Enumerable.Range(0, SignalVector.Count).Select(_ => Odd(random)).ToArray();
        Frame = new FrameSignals(f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11], f[12], f[13], f[14], f[15]);
        Exit = Node.Index == 0 ? default : new ExitSignals(f[16], f[17], f[18], f[19], f[20], f[21], f[22], f[23], f[24]);
        SlackNs = random.Next(3) == 0 ? long.MaxValue : random.Next(-5_000_000, 60_000_000);
        FailedOptions = random.Next(3) == 0 ? (uint)random.Next(16) : 0;
        Random = random;
    }

    public RouteTree Tree { get; }

    public Calibration Calibration { get; }

    public Router Router { get; }

    public RouteNode Node { get; }

    public FrameSignals Frame { get; }

    public ExitSignals Exit { get; }

    public long SlackNs { get; }

    public uint FailedOptions { get; }

    /// <summary>For what a test draws beside.</summary>
    public Random Random { get; }

    public DecisionRecord Decide()
    {
        var record = default(DecisionRecord);
        Router.Decide(Node.Index, Frame, Exit, SlackNs, FailedOptions, ref record);
        return record;
    }

    /// <summary>Mostly an ordinary number; else one at the ends of what a float can be, or none.</summary>
    public static float Odd(Random random) => random.Next(24) switch
    {
        0 => float.NaN,
        1 => float.PositiveInfinity,
        2 => float.NegativeInfinity,
        3 => float.MaxValue,
        4 => -float.MaxValue,
        5 => float.Epsilon,
        6 => -0f,
        7 => 0,
        _ => (random.NextSingle() * 4) - 2,
    };

    /// <summary>Costs as above; ordinary ones are up to 40 ms.</summary>
    public static float OddMs(Random random) => random.Next(4) == 0 ? Odd(random) : 40 * random.NextSingle();

    /// <summary>frame -> a, frame -> b at three scales, a -> b at two; with reuse: six options at the frame.</summary>
    private static RouteTree Scales() => new(new RouteGraph(
        [SampleGraphs.Stage("a"), SampleGraphs.Stage("b")],
        [SampleGraphs.Edge(RouteGraph.Frame, RouteGraph.Previous), SampleGraphs.Edge(RouteGraph.Frame, 0),
            SampleGraphs.Edge(RouteGraph.Frame, 1, scale: [0.25, 0.5, 1]),
            SampleGraphs.Edge(0, 1, keep: [0.5, 1])]));

    private CostTable CostsOf(Random random)
    {
        var costs = new CostTable(Tree);
        bool isOdd = random.Next(2) == 0;
        foreach (var variant in Tree.Variants)
        {
            float ms = isOdd ? OddMs(random) : 40 * random.NextSingle();
            costs.SetProfile(variant.Index, new StageCost(ms, isOdd ? OddMs(random) : ms * 1.3f));
        }

        return costs;
    }

    private static OperatingPoint PointOf(Random random)
    {
        float allowance = random.Next(3) == 0 ? 30 * random.NextSingle() : float.PositiveInfinity;
        float ceiling = random.Next(2) == 0 ? float.PositiveInfinity : Price(random);
        return new OperatingPoint(Price(random), Price(random), ceiling, allowance, random.Next(2) == 0 ? float.NaN : Odd(random));
    }

    private static float Price(Random random) => random.Next(3) == 0 ? Odd(random) : MathF.Pow(10, -4 * random.NextSingle());

    /// <summary>Half of the cases have contexts about which audits said something.</summary>
    private ContextLosses? ContextsOf(Random random)
    {
        if (random.Next(2) == 0)
        {
            return null;
        }

        var contexts = new ContextLosses(Calibration.ContextCount);
        for (int i = 0; i < 60 * contexts.ContextCount; i++)
        {
            contexts.Observe(i % contexts.ContextCount, 0.2, i % 3 == 0 ? 1 : random.NextDouble(), 0.5);
        }

        return contexts;
    }
}
