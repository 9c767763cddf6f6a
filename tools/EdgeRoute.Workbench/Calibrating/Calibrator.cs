using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Workbench.Fitting;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Calibrating;

/// <summary>A calibration with how well it fits.</summary>
internal sealed record FittedCalibration(Calibration Calibration, CostTable Costs, IReadOnlyList<PlanFit> Fits);

/// <summary>
/// Fits gains to a swept recording: plays it through by chance to see options in all states, fits, then plays it through by the fitted rule
/// at several prices and fits again to the states that the rule itself brings about (dataset aggregation, Ross et al., AISTATS 2011).
/// </summary>
internal sealed class Calibrator(SweptRecording sweep, QualityJudge judge, TrackerSettings tracking)
{
    /// <summary>States that are kept for fitting at most; more take longer and say little new.</summary>
    private const int StateLimit = 24_000;

    /// <summary>Of two seeds and these shares of reuse come the first rounds: from never to nearly always.</summary>
    private static readonly double[] ReuseShares = [0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98];

    /// <summary>
    /// Shares of reuse of the rounds in which the costliest path looks: at low prices nearly all that is carried is its answers, and chance
    /// among all paths seldom shows them grown old.
    /// </summary>
    private static readonly double[] CarryShares = [0.5, 0.67, 0.8, 0.9, 0.95, 0.5, 0.67, 0.8, 0.9, 0.95];

    /// <summary>Prices of the rounds by the rule, as shares of the full gain that the costliest path costs.</summary>
    private static readonly int[] RulePrices = [8, 16, 22, 28, 34, 40, 46, 52];

    /// <summary>What the first round leads into (answers grown old, above all) is only seen in the second.</summary>
    private const int RuleRounds = 2;

    private readonly CostTable _costs = sweep.Profile();

    /// <param name="progress">Told what is being done.</param>
    public FittedCalibration Fit(Action<string> progress, CancellationToken cancel)
    {
        bool canReuse = sweep.Tree.Nodes[0].Options.Any(o => o.Kind == OptionKind.Previous);
        var states = new List<FrameState>();
        foreach (double share in canReuse ? ReuseShares : [0])
        {
            states.AddRange(StatesOf(new Router(sweep.Tree, _costs, new RandomPolicy(share, 0.5, states.Count + 1))));
        }

        // What carrying loses is fitted to looks by chance alone: where the rule looks itself, the frames on which it would lose most are
        // missing.
        IReadOnlyList<FrameState> carried = canReuse ? Thinned([.. states, .. SparseStates()]) : [];
        progress($"fitting to {states.Count} states of {sweep.Frames.Count} frames");
        var first = new NodeFitter(Thinned(states), carried, _costs, PriceGrid.PlansOf(sweep));
        var nodes = first.FitAll(cancel);
        if (!canReuse)
        {
            // Without reuse the states do not depend on what was decided before.
            return Finish(nodes, states, first.Fits);
        }

        var fits = first.Fits;
        for (int round = 0; round < RuleRounds; round++)
        {
            AddRuleStates(states, new ValuePolicy(new Calibration(sweep.Tree, nodes, [])));
            progress($"fitting again to {states.Count} states, those of the rule itself among them");
            var again = new NodeFitter(Thinned(states), carried, _costs, PriceGrid.PlansOf(sweep));
            (nodes, fits) = (again.FitAll(cancel), again.Fits);
        }

        return Finish(nodes, states, fits);
    }

    private IEnumerable<FrameState> SparseStates()
    {
        var heaviest = new FixedPolicy(sweep.Tree, sweep.HeaviestNode().PathName);
        return CarryShares.SelectMany((s, i) => StatesOf(new Router(sweep.Tree, _costs, new SparseLooks(heaviest, s, i + 1))));
    }

    private void AddRuleStates(List<FrameState> states, ValuePolicy policy)
    {
        double[] grid = PriceGrid.Of(sweep);
        foreach (int index in RulePrices)
        {
            var router = new Router(sweep.Tree, _costs, policy) { Operating =
                OperatingPoint.Free with { PricePerMs = (float)grid[index] } };
            states.AddRange(StatesOf(router));
        }
    }

    private FittedCalibration Finish(IReadOnlyList<CalibratedNode?> nodes, List<FrameState> states, IReadOnlyList<PlanFit> fits)
    {
        var contexts = ContextsOf(nodes[0]!.Scale, Thinned(states));
        return new FittedCalibration(new Calibration(sweep.Tree, nodes, contexts), _costs, fits);
    }

    private static IReadOnlyList<IReadOnlyList<float>> ContextsOf(SignalScale scale, List<FrameState> states)
    {
        var rows = new FitRows(scale.FeatureCount);
        var features = new float[scale.FeatureCount];
        foreach (var state in states)
        {
            scale.Apply(state.Signals, default, features);
            rows.Add(features, 0, 1, 0);
        }

        return ContextFit.Fit(rows, Calibration.ContextLimit, seed: 1);
    }

    private List<FrameState> StatesOf(Router router)
    {
        var states = new List<FrameState>();
        var player = new SweepPlayer(sweep, judge, tracking)
        {
            OnFrame = s =>
            {
                s.Settle();
                states.Add(s);
            },
        };
        player.Play(router);
        return states;
    }

    private static List<FrameState> Thinned(List<FrameState> states)
    {
        int step = (states.Count + StateLimit - 1) / StateLimit;
        return step <= 1 ? states : [.. states.Where((_, i) => i % step == 0)];
    }
}

/// <summary>One path on frames drawn by chance, its answer carried to the others. Plays the same for the same seed.</summary>
/// <param name="reuseShare">Probability of reusing the previous answer where that is possible.</param>
internal sealed class SparseLooks(FixedPolicy path, double reuseShare, int seed) : IRoutePolicy
{
    private readonly Random _random = new(seed);

    public string Name => "sparse looks";

    public int Choose(in DecisionPoint point, Span<OptionValue> values)
    {
        int reuse = Array.FindIndex(point.Node.Options, o => o.Kind == OptionKind.Previous);
        bool isCarried = reuse >= 0 && values[reuse].Denial == OptionDenial.None && _random.NextDouble() < reuseShare;
        return isCarried ? reuse : path.Choose(point, values);
    }
}
