using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Workbench.Frontiers;

/// <summary>
/// Knows what every answer to the frame at hand is worth and what it costs, and takes the best at a price. The bound for any gain estimator
/// under the same rule; it does not look ahead in time either.
/// </summary>
internal sealed class OraclePolicy(double pricePerMs) : IRoutePolicy
{
    public string Name => "oracle";

    /// <summary>The frame at hand, set before it is decided.</summary>
    public FrameState? State { get; set; }

    public int Choose(in DecisionPoint point, Span<OptionValue> values)
    {
        var state = State!;
        int best = 0;
        double bestValue = double.NegativeInfinity;
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i].Denial == OptionDenial.None ? ValueOf(state, point.Node.Options[i]) : double.NegativeInfinity;
            (best, bestValue) = value > bestValue ? (i, value) : (best, bestValue);
        }

        return best;
    }

    private double ValueOf(FrameState state, RouteOption option)
    {
        var node = state.Tree.Nodes[option.NodeIndex];
        return option.VariantIndex < 0 ? ValueAt(state, node) : BestUnder(state, node);
    }

    private double BestUnder(FrameState state, RouteNode node)
    {
        double best = node.CanStop ? ValueAt(state, node) : double.NegativeInfinity;
        foreach (var option in node.Options.Where(o => o.VariantIndex >= 0))
        {
            best = Math.Max(best, BestUnder(state, state.Tree.Nodes[option.NodeIndex]));
        }

        return best;
    }

    private double ValueAt(FrameState state, RouteNode node) => state.QualityOf(node) - (pricePerMs * state.MsOf(node));
}
