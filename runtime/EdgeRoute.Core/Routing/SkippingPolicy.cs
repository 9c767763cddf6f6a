using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Core.Routing;

/// <summary>To which frames an answer is carried after the one that was looked at.</summary>
/// <param name="AgeMsAtMost">Source time since that frame, in milliseconds; as much to it, where a source's time goes back.</param>
/// <param name="DriftAtMost">Change of the picture since, as <see cref="Signals.FrameSignals.Drift"/>; 1 for whatever it shows.</param>
public sealed record CarryRule(float AgeMsAtMost, float DriftAtMost = 1);

/// <summary>
/// One path every so often and the carried answer between: what people build before they build a router, so what a router must beat.
/// </summary>
public sealed class SkippingPolicy : IRoutePolicy
{
    private readonly FixedPolicy _path;
    private readonly CarryRule _rule;
    private readonly int _previous;

    /// <exception cref="ArgumentException">The tree has no path of this name, or none that carries an answer.</exception>
    public SkippingPolicy(RouteTree tree, string pathName, CarryRule rule)
    {
        (_path, _rule) = (new FixedPolicy(tree, pathName), rule);
        _previous = Array.FindIndex(tree.Nodes[0].Options, o => o.Kind == OptionKind.Previous);
        if (_previous < 0 || pathName == tree.Nodes[tree.Nodes[0].Options[_previous].NodeIndex].PathName)
        {
            throw new ArgumentException(_previous < 0 ? "The policy 'skipping' carries answers, and this pack allows no reuse of them."
                : $"The policy 'skipping' needs a path that looks at the frame, not '{pathName}'.");
        }
    }

    public string Name => "skipping";

    public bool ReadsSignals => _rule.DriftAtMost < 1;

    public int Choose(in DecisionPoint point, Span<OptionValue> values)
    {
        bool isCarried = point.Node.Index == 0 && values[_previous].Denial == OptionDenial.None
            && MathF.Abs(point.Frame.AgeMs) <= _rule.AgeMsAtMost && point.Frame.Drift <= _rule.DriftAtMost;
        return isCarried ? _previous : _path.Choose(point, values);
    }
}
