using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Routing;

/// <summary>Everything a policy may look at. It has no clock and no memory: equal points give equal choices.</summary>
public readonly ref struct DecisionPoint(RouteNode node, FrameSignals frame, ExitSignals exit, long slackNs, OperatingPoint operating,
    float lossFactor)
{
    public RouteNode Node { get; } = node;

    public FrameSignals Frame { get; } = frame;

    /// <summary>Signals of the answer at hand; all zero at the frame node.</summary>
    public ExitSignals Exit { get; } = exit;

    public long SlackNs { get; } = slackNs;

    /// <summary>Prices and limits in force.</summary>
    public OperatingPoint Operating { get; } = operating;

    /// <summary>What audits say of losses in the frame's context: predicted losses are multiplied with it.</summary>
    public float LossFactor { get; } = lossFactor;
}

/// <summary>Chooses among the options of a node: the fast loop's plug-in. Total: any signals, finite or not, give a choice.</summary>
public interface IRoutePolicy
{
    /// <summary>As configuration and traces name it.</summary>
    string Name { get; }

    /// <summary>It looks at what a frame looks like, and not only at how old the previous answer is.</summary>
    bool ReadsSignals => true;

    /// <summary>How old the previous answer may be where the router, not the policy, falls back to it; in milliseconds; the router has
    /// its own limit beside it.</summary>
    float FallbackAgeMs => float.PositiveInfinity;

    /// <summary>
    /// Index into <c>point.Node.Options</c>. <paramref name="values"/> arrive with costs and denials; the policy may fill in gains.
    /// A denied option may be returned: the router then takes the cheapest stage that is possible.
    /// </summary>
    int Choose(in DecisionPoint point, Span<OptionValue> values);
}
