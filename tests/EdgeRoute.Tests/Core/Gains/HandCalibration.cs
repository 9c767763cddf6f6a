using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Tests.Core.Gains;

/// <summary>
/// A calibration written by hand for the graph frame -> light -> heavy with reuse: gains that tests can follow with a pencil.
/// </summary>
internal static class HandCalibration
{
    /// <summary>
    /// Stopping at light is worth its max probability, heavy is worth 1, reuse is worth <paramref name="reuseGain"/>; light with what
    /// follows is worth <paramref name="lightGain"/>, of the way on <paramref name="onwardPart"/> is run.
    /// </summary>
    public static Calibration Of(RouteTree tree, float reuseGain = 0.2f, float lightGain = 0.98f, float onwardPart = 0.3f)
    {
        var nodes = new CalibratedNode?[tree.Nodes.Count];
        var frame = tree.Nodes[0];
        nodes[0] = new CalibratedNode(ScaleOf(SignalVector.FrameCount),
            [.. frame.Options.Select(o => PlansAtFrame(o, reuseGain, lightGain, onwardPart))]);
        var light = tree.FindPath("light")!;
        int maxProbability = SignalVector.FrameCount;
        nodes[light.Index] = new CalibratedNode(ScaleOf(SignalVector.Count), [.. light.Options.Select(o => (IReadOnlyList<CalibratedPlan>)
            [new CalibratedPlan(o.Kind == OptionKind.Stop ? new IsotonicGain(maxProbability, [-1, 1], [0, 1]) : new ConstantGain(1),
                null)])]);
        return new Calibration(tree, nodes, []);
    }

    /// <summary>Signals in [0, 1] go to [-1, 1] as they are; larger ones are held at the end.</summary>
    public static SignalScale ScaleOf(int signalCount) => new([.. Enumerable.Repeat((IReadOnlyList<float>)[0, 1], signalCount)]);

    private static IReadOnlyList<CalibratedPlan> PlansAtFrame(RouteOption option, float reuseGain, float lightGain,
        float onwardPart) => option.Name switch
    {
        "previous" => [new CalibratedPlan(new ConstantGain(reuseGain), null)],
        "heavy" => [new CalibratedPlan(new ConstantGain(1), null)],
        _ => [new CalibratedPlan(new ConstantGain(lightGain), new ConstantGain(onwardPart)),
            new CalibratedPlan(new ConstantGain(0.7f), new ConstantGain(0))],
    };
}
