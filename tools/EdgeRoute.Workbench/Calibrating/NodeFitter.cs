using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Workbench.Fitting;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Workbench.Calibrating;

/// <summary>
/// Fits the nodes of the route tree from the leaves to the frame (fitted value iteration, backwards as in Ernst et al., JMLR 6, 2005): what
/// an option behind which more is decided is worth, is seen by deciding there with what is already fitted.
/// </summary>
internal sealed class NodeFitter
{
    /// <summary>Runs of frames that belong together when fits are judged out of sample.</summary>
    private const int BlockLimit = 40, BlockFrames = 15;

    /// <summary>Two plans whose outcomes differ by less than this share of cost and gain are one.</summary>
    private const double PlanResolution = 0.002;

    private readonly IReadOnlyList<FrameState> _states, _carried;
    private readonly RouteTree _tree;
    private readonly Router _router;
    private readonly FittedNodes _fitted;
    private readonly double[] _planPrices;
    private readonly int _frameCount;
    private DecisionRecord _record;

    /// <param name="carried">States that what carrying is worth is fitted to; empty where nothing is carried.</param>
    public NodeFitter(IReadOnlyList<FrameState> states, IReadOnlyList<FrameState> carried, EdgeRoute.Core.Costs.CostTable costs,
        double[] planPrices)
    {
        (_states, _tree, _planPrices) = (states, states[0].Tree, planPrices);
        _carried = [.. carried.Where(s => s.HasPrevious)];
        _frameCount = states.Max(s => s.FrameIndex) + 1;
        _fitted = new FittedNodes(_tree.Nodes.Count);
        _router = new Router(_tree, costs, _fitted);
    }

    public List<PlanFit> Fits { get; } = [];

    /// <summary>Children come after their parents in the tree.</summary>
    public IReadOnlyList<CalibratedNode?> FitAll(CancellationToken cancel)
    {
        for (int i = _tree.Nodes.Count - 1; i >= 0; i--)
        {
            cancel.ThrowIfCancellationRequested();
            if (i == 0 || _tree.Nodes[i].Options.Length > 1)
            {
                _fitted.Set(i, Fit(_tree.Nodes[i]));
            }
        }

        return _fitted.Nodes;
    }

    private CalibratedNode Fit(RouteNode node)
    {
        var scale = node.Index == 0 ? FrameScale.Fixed : ScaleFit.Fit([.. _states.Select(s => SignalsOf(s, node))]);
        var plans = node.Options.Select(option => PlansOf(node, option, scale)).ToList();
        return new CalibratedNode(scale, plans);
    }

    private static float[] SignalsOf(FrameState state, RouteNode exit)
    {
        var signals = new float[SignalVector.Count];
        SignalVector.Fill(state.Signals, state.ExitAt(exit.Index), signals);
        return signals;
    }

    private List<CalibratedPlan> PlansOf(RouteNode node, RouteOption option, SignalScale scale)
    {
        var target = _tree.Nodes[option.NodeIndex];
        bool endsThere = option.VariantIndex < 0 || target.Options.Length <= 1 && target.CanStop;
        var states = option.Kind == OptionKind.Previous ? _carried : _states;
        if (states.Count == 0)
        {
            return [new CalibratedPlan(new ConstantGain(0), null)];
        }

        if (endsThere)
        {
            return [new CalibratedPlan(FitGain(node, option, 0, Rows(node, scale, states, s => s.QualityOf(target))), null)];
        }

        return OnwardPlans(node, option, scale, target);
    }

    /// <summary>One plan for each price at which what lies behind the option is decided differently.</summary>
    private List<CalibratedPlan> OnwardPlans(RouteNode node, RouteOption option, SignalScale scale, RouteNode target)
    {
        var plans = new List<CalibratedPlan>();
        (double Quality, double Part) last = (double.NaN, double.NaN);
        foreach (double price in _planPrices)
        {
            var outcomes = _states.Select(s => Follow(s, target, price)).ToArray();
            var mean = (Quality: outcomes.Average(o => (double)o.Quality), Part: outcomes.Average(o => (double)o.OnwardPart));
            if (Math.Abs(mean.Quality - last.Quality) < PlanResolution && Math.Abs(mean.Part - last.Part) < PlanResolution)
            {
                continue;
            }

            last = mean;
            var gains = Rows(node, scale, _states, (_, i) => outcomes[i].Quality);
            var parts = Rows(node, scale, _states, (_, i) => outcomes[i].OnwardPart);
            plans.Add(new CalibratedPlan(FitGain(node, option, plans.Count, gains), FitChoice.Best(parts).Estimator));
        }

        return plans;
    }

    private (float Quality, float OnwardPart) Follow(FrameState state, RouteNode start, double price)
    {
        _router.Operating = OperatingPoint.Free with { PricePerMs = (float)price };
        float spent = 0, most = _router.Costs.CostliestOnward(start.Index);
        for (int at = start.Index; ;)
        {
            var option = _router.Decide(at, state.Signals, state.ExitAt(at), long.MaxValue, 0, ref _record);
            if (option.VariantIndex < 0)
            {
                return (state.QualityOf(_tree.Nodes[option.NodeIndex]), most > 0 ? Math.Clamp(spent / most, 0, 1) : 0);
            }

            spent += _router.Costs.OfVariant(option.VariantIndex).MsP50;
            at = option.NodeIndex;
        }
    }

    private IGainEstimator FitGain(RouteNode node, RouteOption option, int planIndex, FitRows rows)
    {
        bool isCarried = option.Kind == OptionKind.Previous;
        var (fitted, quality) = isCarried ? FitChoice.BestSmooth(rows) : FitChoice.Best(rows);
        var estimator = fitted is ConstantGain || isCarried ? fitted : Humbled(fitted, rows);
        Fits.Add(new PlanFit(node.PathName, option.Name, planIndex, estimator.Name, rows.MeanTarget(), quality));
        return estimator;
    }

    /// <summary>
    /// Drawn towards the mean by the weight of one block of frames: a table that saw only perfect answers somewhere has not seen that there
    /// are no others.
    /// </summary>
    private AveragedGain Humbled(IGainEstimator fitted, FitRows rows)
    {
        var mean = new ConstantGain((float)Math.Clamp(rows.MeanTarget(), 0, 1));
        float part = 1f / (BlockCount + 1);
        var (members, shares) = fitted is AveragedGain average ? (average.Members, average.Shares) : ([fitted], [1f]);
        return new AveragedGain([.. members, mean], [.. shares.Select(s => s * (1 - part)), part]);
    }

    private int BlockCount => Math.Clamp(_frameCount / BlockFrames, 2, BlockLimit);

    private FitRows Rows(RouteNode node, SignalScale scale, IReadOnlyList<FrameState> states, Func<FrameState, float> target) =>
        Rows(node, scale, states, (s, _) => target(s));

    private FitRows Rows(RouteNode node, SignalScale scale, IReadOnlyList<FrameState> states, Func<FrameState, int, float> target)
    {
        var rows = new FitRows(scale.FeatureCount);
        var features = new float[scale.FeatureCount];
        int blocks = BlockCount;
        for (int i = 0; i < states.Count; i++)
        {
            scale.Apply(states[i].Signals, node.Index == 0 ? default : states[i].ExitAt(node.Index), features);
            rows.Add(features, target(states[i], i), 1, states[i].FrameIndex * blocks / _frameCount);
        }

        return rows;
    }
}

/// <summary>The value rule while it is being fitted, from the leaves to the frame: decides at the nodes that are done.</summary>
internal sealed class FittedNodes(int nodeCount) : IRoutePolicy
{
    private readonly CalibratedNode?[] _nodes = new CalibratedNode?[nodeCount];

    public string Name => "value";

    public IReadOnlyList<CalibratedNode?> Nodes => _nodes;

    public void Set(int nodeIndex, CalibratedNode node) => _nodes[nodeIndex] = node;

    public int Choose(in DecisionPoint point, Span<OptionValue> values) =>
        _nodes[point.Node.Index] is { } node ? ValuePolicy.Choose(node, point, values) : 0;
}

/// <summary>How well one plan of one option was fitted, out of sample.</summary>
/// <param name="PathName">The node decided at.</param>
/// <param name="PlanIndex">0-based plan of the option.</param>
/// <param name="EstimatorName">What was chosen for its gain.</param>
/// <param name="MeanGain">Mean of the quality it is fitted to.</param>
internal sealed record PlanFit(string PathName, string OptionName, int PlanIndex, string EstimatorName, double MeanGain, FitQuality Gain);
