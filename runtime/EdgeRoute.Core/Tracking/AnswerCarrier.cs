using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Quality;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Tracking;

/// <summary>
/// The last answer, carried to the frame at hand: what reuse would publish, and what is known of it. Detections are tracked; other answers stay as they are. One per
/// source; allocates nothing after construction.
/// </summary>
public sealed class AnswerCarrier
{
    private readonly DetectionTracker? _tracker;
    private readonly AnswerAgreement _agreement;
    private float _tier;
    private ExitSignals _exit;

    /// <param name="task">What the pack's exits yield.</param>
    /// <param name="tracking">For detections; its limit is the answers' own.</param>
    /// <param name="valueLimit">Values of an answer at most.</param>
    public AnswerCarrier(TaskKind task, TrackerSettings tracking, int valueLimit)
    {
        _tracker = task == TaskKind.Detection ? new DetectionTracker(tracking) : null;
        _agreement = new AnswerAgreement(new AgreementSettings(tracking.DetectionLimit));
        Answer = new Answer(task, tracking.DetectionLimit, valueLimit);
    }

    /// <summary>What reuse would publish for the frame last advanced to; its stamp is that of the frame it was computed from.</summary>
    public Answer Answer { get; }

    /// <summary>Takes in an answer that a stage computed.</summary>
    /// <param name="exit">The signals of its exit.</param>
    /// <param name="tier">What its path costs as a share of the pack's costliest, in [0, 1].</param>
    public void Observe(Answer answer, in ExitSignals exit, float tier)
    {
        (_exit, _tier) = (exit, tier);
        Answer.CopyFrom(answer);
        _tracker?.Observe(answer);
    }

    /// <summary>Carries the answer to a frame.</summary>
    public void Advance(in FrameStamp stamp)
    {
        if (Answer.HasValue)
        {
            _tracker?.Predict(stamp, Answer);
        }
    }

    /// <summary>Adds to a frame's signals what is carried to it.</summary>
    public FrameSignals Describe(in FrameStamp stamp, in FrameSignals signals)
    {
        if (!Answer.HasValue)
        {
            return signals;
        }

        var known = signals with { CarriedTier = _tier, LastMargin = _exit.Margin, LastLowConfidenceMass = _exit.LowConfidenceMass };
        if (_tracker is null)
        {
            return known;
        }

        var carried = _tracker.Carried(stamp.SourceNs);
        return known with
        {
            CarriedCount = carried.Count, CarriedDoubt = carried.Doubt, CarriedShift = carried.Shift, ExpectedAgreement = carried.ExpectedAgreement,
        };
    }

    /// <summary>The exit's signals, with its answer's agreement with what is carried and with the exit before on this frame (null where it is the first).</summary>
    public ExitSignals Compare(in ExitSignals exit, Answer answer, Answer? earlier) => exit with
    {
        CarriedAgreement = Answer.HasValue ? Likeness(answer, Answer) : 0,
        Consistency = earlier is { HasValue: true } ? Likeness(answer, earlier) : 0,
    };

    /// <summary>Forgets everything: after a restart of the source the scene may be another.</summary>
    public void Reset()
    {
        Answer.Clear();
        _tracker?.Reset();
    }

    /// <summary>For classifications the graded form: it moves before the most probable class does.</summary>
    private float Likeness(Answer a, Answer b) => a.Task == TaskKind.Classification ? AnswerAgreement.Overlap(a, b) : _agreement.Of(a, b);
}
