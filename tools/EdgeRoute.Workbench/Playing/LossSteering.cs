using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Playing;

/// <summary>
/// A budget of lost quality while a policy is played through a sweep: the device's own controller, which is told what the device would
/// know, no more: what looks showed of answers at hand when the heaviest path ran.
/// </summary>
internal sealed class LossSteering
{
    private readonly LossPrice _price;
    private readonly RouteTree _tree;
    private readonly RouteNode? _previous;
    private readonly int _heaviestVariant;

    /// <param name="points">Of quality that may be lost.</param>
    /// <param name="scale">Prices between which choices change.</param>
    /// <param name="startPrice">See <see cref="LossPrice.StartOf"/>.</param>
    public LossSteering(SweptRecording sweep, double points, PriceScale scale, double startPrice)
    {
        _price = new LossPrice(new Budget(BudgetKind.QualityLoss, points), new DualPriceSettings(scale, 0, startPrice));
        (_tree, _heaviestVariant) = (sweep.Tree, sweep.HeaviestNode().VariantIndex);
        _previous = Array.Find(_tree.Nodes[0].Options, o => o.Kind == OptionKind.Previous) is { } option
            ? _tree.Nodes[option.NodeIndex] : null;
    }

    /// <summary>A device refuses the budget where anything but the heaviest path judged the calibration, and so it is here.</summary>
    public static bool Fits(OpenedSweep sweep) => sweep.Labels is null && sweep.Teacher.Index == sweep.All.HeaviestNode().Index;

    /// <summary>Before a frame.</summary>
    public void Begin(Router router) => router.Operating = router.Operating with { PricePerMs = (float)_price.Price };

    /// <summary>After it.</summary>
    /// <param name="node">Whose answer was published.</param>
    public void End(FrameState state, RouteNode node, ReadOnlySpan<DecisionRecord> decisions)
    {
        bool isHeaviest = node.VariantIndex == _heaviestVariant;
        float carried = isHeaviest && state.HasPrevious && _previous is not null ? 1 - state.QualityOf(_previous) : float.NaN;
        float lighter = isHeaviest && EarlierOf(node) is { } earlier ? 1 - state.QualityOf(earlier) : float.NaN;
        var loss = ExpectedLoss.Of(_tree, decisions, node.Index, _heaviestVariant, carried, lighter);
        _price.Observe(new FrameSpend(0, double.NaN, double.NaN, double.NaN, isHeaviest, 0, Loss: loss));
    }

    private RouteNode? EarlierOf(RouteNode node)
    {
        for (int at = node.ParentIndex; at > 0; at = _tree.Nodes[at].ParentIndex)
        {
            if (_tree.Nodes[at].CanStop)
            {
                return _tree.Nodes[at];
            }
        }

        return null;
    }
}
