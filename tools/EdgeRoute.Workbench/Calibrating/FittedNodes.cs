using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Routing;

namespace EdgeRoute.Workbench.Calibrating;

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
