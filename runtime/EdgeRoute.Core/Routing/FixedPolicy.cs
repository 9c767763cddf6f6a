namespace EdgeRoute.Core.Routing;

/// <summary>Always the same path, whatever the frame. The baseline of every comparison.</summary>
public sealed class FixedPolicy : IRoutePolicy
{
    private readonly int[] _choices;

    /// <exception cref="ArgumentException">The tree has no path of this name; the message lists those it has.</exception>
    public FixedPolicy(RouteTree tree, string pathName)
    {
        var target = tree.FindPath(pathName)
            ?? throw new ArgumentException($"No path is named '{pathName}'. Paths of this pack: {string.Join(", ", tree.PathNames)}.");
        PathName = pathName;
        _choices = [.. tree.Nodes.Select(node => ChoiceAt(tree, node, target.Index))];
    }

    public string Name => "fixed";

    public string PathName { get; }

    public int Choose(in DecisionPoint point, Span<OptionValue> values) => _choices[point.Node.Index];

    private static int ChoiceAt(RouteTree tree, RouteNode node, int targetIndex)
    {
        int next = tree.StepTowards(node.Index, targetIndex);
        int choice = Array.FindIndex(node.Options, o => o.NodeIndex == next && o.Kind != OptionKind.Stop);
        // Off the path (a constraint led here) the first option is "stop" wherever an answer is at hand.
        return Math.Max(choice, 0);
    }
}
