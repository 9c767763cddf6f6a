using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;

namespace EdgeRoute.Workbench.Frontiers;

/// <summary>Goes where a plan made beforehand says, frame by frame.</summary>
/// <param name="plan">For each frame of the recording the node that is to answer it.</param>
internal sealed class PlannedPolicy(RouteTree tree, IReadOnlyList<int> plan) : IRoutePolicy
{
    private readonly Dictionary<int, FixedPolicy> _paths = plan.Distinct().ToDictionary(n => n,
        n => new FixedPolicy(tree, tree.Nodes[n].PathName));

    public string Name => "planned";

    /// <summary>The frame at hand, set before it is decided.</summary>
    public int FrameIndex { get; set; }

    public int Choose(in DecisionPoint point, Span<OptionValue> values) => _paths[plan[FrameIndex]].Choose(point, values);
}
