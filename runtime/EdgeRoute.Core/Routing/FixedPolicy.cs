using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Core.Routing;

/// <summary>Always the same path, whatever the frame. The baseline of every comparison.</summary>
public sealed class FixedPolicy : IRoutePolicy
{
    private readonly int[] _choices;
    private readonly int _reuseChoice;

    /// <exception cref="ArgumentException">The tree has no path of this name; the message lists those it has.</exception>
    public FixedPolicy(RouteTree tree, string pathName)
    {
        var target = tree.FindPath(pathName)
            ?? throw new ArgumentException($"No path is named '{pathName}'. Paths of this pack: {string.Join(", ", tree.PathNames)}.");
        PathName = pathName;
        _reuseChoice = Array.FindIndex(tree.Nodes[0].Options, o => o.Kind == OptionKind.Previous);
        _choices = [.. tree.Nodes.Select(node => ChoiceAt(tree, node, target.Index))];
    }

    public string Name => "fixed";

    public bool ReadsSignals => false;

    public string PathName { get; }

    /// <summary>
    /// For action chunks: goes on with the plan at hand while it may be followed, and takes the path for each new one. Without it every
    /// frame makes a plan, of which one step is used.
    /// </summary>
    public bool FollowsPlans { get; init; }

    public int Choose(in DecisionPoint point, Span<OptionValue> values)
    {
        int reuse = FollowsPlans && point.Node.Index == 0 ? _reuseChoice : -1;
        return reuse >= 0 && values[reuse].Denial == OptionDenial.None ? reuse : _choices[point.Node.Index];
    }

    private static int ChoiceAt(RouteTree tree, RouteNode node, int targetIndex)
    {
        int next = tree.StepTowards(node.Index, targetIndex);
        int choice = Array.FindIndex(node.Options, o => o.NodeIndex == next && o.Kind != OptionKind.Stop);
        // Off the path (a constraint led here) the first option is "stop" wherever an answer is at hand.
        return Math.Max(choice, 0);
    }
}
