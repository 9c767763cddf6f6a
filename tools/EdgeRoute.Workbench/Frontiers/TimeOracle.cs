using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Frontiers;

/// <summary>
/// Knows every answer to every frame, those to come included, and plans a whole recording at a price by dynamic programming over time. The
/// state is the answer at hand: the frame it was computed from and the path that gave it. To each frame it is carried on, or another is
/// computed. The age of an answer is bounded by what a router carries at most. Exact where what is carried depends on that answer alone:
/// classes, plans, maps. Tracked detections depend on the answers before it too; each state then knows the best way into it only. What is
/// planned can always be had as planned, and may there be a little less than the best.
/// </summary>
internal sealed class TimeOracle(SweptRecording sweep, QualityJudge judge, TrackerSettings tracking)
{
    private readonly Stack<AnswerCarrier> _free = new();
    private readonly RouteNode? _previous = Array.Find(sweep.Tree.Nodes[0].Options, o => o.Kind == OptionKind.Previous) is { } option
        ? sweep.Tree.Nodes[option.NodeIndex] : null;

    /// <summary>Nodes with an answer of their own, those of one variant together: they differ in the way to it only.</summary>
    private readonly RouteNode[][] _answering = [.. sweep.Tree.Nodes.Where(n => n is { CanStop: true, VariantIndex: >= 0 })
        .GroupBy(n => n.VariantIndex).Select(g => g.ToArray())];

    /// <summary>For each frame the node that is to answer it, for the most quality less price times measured device time in all.</summary>
    public IReadOnlyList<int> Plan(double pricePerMs)
    {
        var states = new List<State>();
        State? best = null;
        for (int i = 0; i < sweep.Frames.Count; i++)
        {
            // Carrying changes the states, so the ways on from the best of them are begun before.
            var computed = _answering.Select(nodes => Computed(i, nodes.MinBy(n => sweep.MeasuredMs(i, n))!, pricePerMs, best)).ToList();
            states.RemoveAll(s => !TryCarry(s, i));
            states.AddRange(computed);
            best = states.MaxBy(s => s.Value);
        }

        states.ForEach(s => _free.Push(s.Carrier));
        return PlanOf(best?.Past);
    }

    private bool TryCarry(State state, int frameIndex)
    {
        var frame = sweep.Frames[frameIndex];
        var carrier = state.Carrier;
        carrier.Advance(frame.Stamp);
        Follow(carrier, frameIndex, state.Past);
        bool isCarried = _previous is not null && carrier.HasPrevious
            && Math.Abs(ThumbnailSignals.AgeMs(frame.Stamp.SourceNs, carrier.Answer.Stamp.SourceNs)) <= Router.UsualMaxAgeMs;
        if (isCarried)
        {
            state.Value += judge.Of(frameIndex, carrier.Answer, isCarried: true);
            carrier.CarryOut();
        }
        else
        {
            _free.Push(carrier);
        }

        return isCarried;
    }

    /// <summary>The state after a path was run. Where its stage failed the frame has no quality; what was carried is carried on.</summary>
    private State Computed(int frameIndex, RouteNode node, double pricePerMs, State? before)
    {
        var frame = sweep.Frames[frameIndex];
        var ran = frame.Variants[node.VariantIndex];
        var carrier = _free.Count > 0 ? _free.Pop() : SweepPlayer.CarrierOf(sweep, tracking);
        carrier.Reset();
        if (before is not null)
        {
            carrier.CopyFrom(before.Carrier);
        }

        carrier.Advance(frame.Stamp);
        Follow(carrier, frameIndex, before?.Past);
        if (ran.Answer is { } answer)
        {
            carrier.Observe(answer, ran.Exit, tier: 0);
        }

        carrier.CarryOut();
        double value = judge.OfVariant(frameIndex, node.VariantIndex) - (pricePerMs * sweep.MeasuredMs(frameIndex, node));
        return new State(carrier, new Past(frameIndex, node, before?.Past)) { Value = (before?.Value ?? 0) + value };
    }

    private void Follow(AnswerCarrier carrier, int frameIndex, Past? answered) => carrier.Follow(sweep.Frames[frameIndex].Stamp,
        answered is null ? default : sweep.Moves.At(frameIndex, answered.FrameIndex, answered.Node.VariantIndex));

    private int[] PlanOf(Past? last)
    {
        var plan = new int[sweep.Frames.Count];
        Array.Fill(plan, _previous?.Index ?? 0);
        for (var at = last; at is not null; at = at.Before)
        {
            plan[at.FrameIndex] = at.Node.Index;
        }

        return plan;
    }

    /// <summary>An answer at hand.</summary>
    /// <param name="Past">The answers computed on the best way to it, itself the last.</param>
    private sealed record State(AnswerCarrier Carrier, Past Past)
    {
        /// <summary>Quality less price times cost of all frames so far, on that way.</summary>
        public double Value { get; set; }
    }

    private sealed record Past(int FrameIndex, RouteNode Node, Past? Before);
}

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
