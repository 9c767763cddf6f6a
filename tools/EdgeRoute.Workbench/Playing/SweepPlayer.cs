using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Playing;

/// <summary>How one frame went when a policy was played through.</summary>
/// <param name="FrameIndex">Index in the recording's frames.</param>
/// <param name="NodeIndex">Node whose answer was published; that of "previous" for a reused one.</param>
/// <param name="Quality">Of the answer published, in [0, 1].</param>
/// <param name="Ms">Device time that the stages on its way took when this frame was swept.</param>
/// <param name="PredictedGain">What the policy expected of the path it took; NaN where it expects nothing.</param>
internal readonly record struct PlayedFrame(int FrameIndex, int NodeIndex, float Quality, float Ms, float PredictedGain);

/// <summary>
/// Plays a policy through a swept recording: the frame loop's decisions, carry-over and signals, with swept answers in place of stages.
/// Costs are those measured at the sweep; predictions are the profile's.
/// </summary>
internal sealed class SweepPlayer
{
    private readonly SweptRecording _sweep;
    private readonly QualityJudge _judge;
    private readonly AnswerCarrier _carrier;
    private readonly DecisionRecord[] _decisions = new DecisionRecord[RouteTree.DepthLimit];
    private int _decisionCount;

    public SweepPlayer(SweptRecording sweep, QualityJudge judge, TrackerSettings tracking)
    {
        (_sweep, _judge) = (sweep, judge);
        _carrier = CarrierOf(sweep, tracking);
    }

    /// <summary>A carrier with room for every answer of a recording, in which nothing is carried yet.</summary>
    public static AnswerCarrier CarrierOf(SweptRecording sweep, TrackerSettings tracking)
    {
        var answers = sweep.Frames.SelectMany(f => f.Variants).Select(v => v.Answer).OfType<Answer>().ToList();
        int detections = answers.Select(a => a.DetectionCount).DefaultIfEmpty(1).Max();
        int values = answers.Select(a => a.ValueCount).DefaultIfEmpty(0).Max();
        // A sweep keeps no state of the robot, so plans are played without its changes.
        var rules = sweep.Plan is { } plan ? plan with { ReplanOnState = [] } : null;
        var details = answers.Select(a => a.Details.Room).Aggregate(default(DetailForm), (a, b) => a.Or(b));
        tracking = tracking with { DetectionLimit = Math.Max(1, detections), Details = details };
        return new AnswerCarrier(sweep.Task, tracking, values, rules);
    }

    /// <summary>
    /// Called, where given, with each frame before it is decided: its state holds signals and qualities of all that could be done.
    /// </summary>
    public Action<FrameState>? OnFrame { get; set; }

    /// <summary>Moves the price from frame to frame; null: it stays as the router has it.</summary>
    public LossSteering? Steering { get; set; }

    /// <summary>Plays all frames in order, from a fresh start.</summary>
    public IReadOnlyList<PlayedFrame> Play(Router router)
    {
        _carrier.Reset();
        var played = new List<PlayedFrame>(_sweep.Frames.Count);
        int answered = -1, answeredBy = -1;
        for (int i = 0; i < _sweep.Frames.Count; i++)
        {
            var frame = _sweep.Frames[i];
            _carrier.Advance(frame.Stamp);
            _carrier.Follow(frame.Stamp, answered < 0 ? default : _sweep.Moves.At(i, answered, answeredBy));
            var signals = _carrier.Describe(frame.Stamp, Basic(frame, answered < 0 ? null : _sweep.Frames[answered].Luma));
            var state = new FrameState(_sweep, _judge, _carrier, i, signals);
            OnFrame?.Invoke(state);
            Steering?.Begin(router);
            var (node, gain) = Route(router, state);
            Steering?.End(state, node, _decisions.AsSpan(0, _decisionCount));
            played.Add(new PlayedFrame(i, node.Index, state.QualityOf(node), state.MsOf(node), gain));
            var exit = state.ExitAt(node.Index);
            state.End();
            if (state.AnswerAt(node) is { } answer)
            {
                _carrier.Observe(answer, exit, router.Costs.TierOf(node.Index));
                (answered, answeredBy) = (i, node.VariantIndex);
            }

            _carrier.CarryOut();
        }

        return played;
    }

    private FrameSignals Basic(EdgeRoute.Protocol.Sweeping.SweptFrame frame, byte[]? answered)
    {
        if (answered is null)
        {
            return frame.Signals;
        }

        var (peak, outside) = ThumbnailSignals.PeakMotion(frame.Luma, answered, Thumbnail.Width, SignalMeter.BlockSide,
            _carrier.Answer.Detections);
        return frame.Signals with
        {
            AgeMs = ThumbnailSignals.AgeMs(frame.Stamp.SourceNs, _carrier.Answer.HasValue ? _carrier.Answer.Stamp.SourceNs : null),
            Drift = ThumbnailSignals.Motion(frame.Luma, answered),
            DriftPeak = peak,
            DriftOutside = outside,
        };
    }

    private (RouteNode Node, float Gain) Route(Router router, FrameState state)
    {
        int at = 0;
        for (_decisionCount = 1; ; _decisionCount++)
        {
            ref var decision = ref _decisions[_decisionCount - 1];
            var option = router.Decide(at, state.Signals, at == 0 ? default : state.ExitAt(at), long.MaxValue, 0, ref decision);
            float gain = decision.Values[decision.OptionIndex].Gain;
            if (option.VariantIndex < 0)
            {
                return (_sweep.Tree.Nodes[option.NodeIndex], gain);
            }

            at = option.NodeIndex;
        }
    }
}

/// <summary>A policy's play in figures.</summary>
/// <param name="Quality">Mean quality of the answers, in [0, 1].</param>
/// <param name="Ms">Mean device time per frame, measured at the sweep.</param>
internal readonly record struct PlayScore(double Quality, double Ms)
{
    public static PlayScore Of(IReadOnlyList<PlayedFrame> played) => new(played.Average(p => (double)p.Quality),
        played.Average(p => (double)p.Ms));
}
