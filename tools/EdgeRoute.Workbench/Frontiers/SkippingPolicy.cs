using System.Globalization;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Workbench.Frontiers;

/// <summary>
/// One path every so often and the carried answer between: what people build before they build a router, so what a router must beat. Plays
/// one recording; it counts frames.
/// </summary>
/// <param name="mayCarry">Whether the answer is carried to a frame, by its signals and by how many frames it was carried before.</param>
internal sealed class SkippingPolicy(RouteTree tree, RouteNode path, Func<FrameSignals, int, bool> mayCarry) : IRoutePolicy
{
    /// <summary>At 30 frames per second, from every second frame to once a second.</summary>
    private static readonly int[] Intervals = [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30];

    /// <summary>
    /// Mean change of brightness since the frame answered last, from the noise of a still camera to a scene that is another one.
    /// </summary>
    private static readonly float[] Drifts = [0.0005f, 0.001f, 0.002f, 0.003f, 0.005f, 0.007f, 0.01f, 0.015f, 0.02f, 0.03f, 0.05f, 0.1f];

    private readonly FixedPolicy _path = new(tree, path.PathName);
    private readonly int _previous = Array.FindIndex(tree.Nodes[0].Options, o => o.Kind == OptionKind.Previous);
    private int _carriedCount;

    public string Name => "skipping";

    /// <summary>The path on every n-th frame.</summary>
    public static IEnumerable<(string Name, SkippingPolicy Policy)> EveryNth(RouteTree tree, RouteNode path) =>
        Intervals.Select(n => ($"{path.PathName} on every {n}. frame", new SkippingPolicy(tree, path, (_, carried) => carried < n - 1)));

    /// <summary>The path on frames that differ enough from the one it saw last.</summary>
    public static IEnumerable<(string Name, SkippingPolicy Policy)> MotionGated(RouteTree tree, RouteNode path) =>
        Drifts.Select(d => (string.Create(CultureInfo.InvariantCulture, $"{path.PathName} when drift > {d:0.####}"),
            new SkippingPolicy(tree, path, (signals, _) => signals.Drift <= d)));

    public int Choose(in DecisionPoint point, Span<OptionValue> values)
    {
        if (point.Node.Index > 0)
        {
            return _path.Choose(point, values);
        }

        bool isCarried = _previous >= 0 && values[_previous].Denial == OptionDenial.None && mayCarry(point.Frame, _carriedCount);
        _carriedCount = isCarried ? _carriedCount + 1 : 0;
        return isCarried ? _previous : _path.Choose(point, values);
    }
}
