using System.Diagnostics;
using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Tracking;

/// <summary>How boxes of an answer that is reused come to where they are now.</summary>
public enum CarryKind
{
    /// <summary>They go on as their tracks moved.</summary>
    Motion,

    /// <summary>They are found again in the frame by what they looked like; those that are not go on as they moved.</summary>
    Picture,
}

/// <summary>
/// The last answer, carried to the frame at hand: what reuse would publish, and what is known of it. Detections are tracked, plans are
/// followed step by step; other answers stay as they are. One per source; allocates nothing after construction.
/// </summary>
public sealed class AnswerCarrier
{
    private readonly DetectionTracker? _tracker;
    private readonly ActionPlan? _plan;
    private readonly AnswerAgreement _agreement;
    private float _tier;
    private ExitSignals _exit;

    /// <param name="task">What the pack's exits yield.</param>
    /// <param name="tracking">For detections; its limit is the answers' own.</param>
    /// <param name="valueLimit">Values of an answer at most.</param>
    /// <param name="plan">For policies: how far a plan is followed; null where answers are to stay as they are.</param>
    /// <param name="tally">Counts what becomes of plans; null where nobody asks.</param>
    /// <param name="lastTrackId">Ids of tracks given out before at this source; see <see cref="DetectionTrack.Id"/>.</param>
    public AnswerCarrier(TaskKind task, TrackerSettings tracking, int valueLimit, PlanRules? plan = null, PlanTally? tally = null,
        long lastTrackId = 0)
    {
        _tracker = task == TaskKind.Detection ? new DetectionTracker(tracking, lastTrackId) : null;
        _agreement = new AnswerAgreement(new AgreementSettings(tracking.DetectionLimit));
        Answer = new Answer(task, tracking.DetectionLimit, valueLimit, tracking.Details, tracking.Crops);
        _plan = plan is not null && task == TaskKind.Policy ? new ActionPlan(plan, Answer, tally ?? new PlanTally()) : null;
    }

    /// <summary>
    /// What reuse would publish for the frame last advanced to; its stamp is that of the frame it was computed from. Of a plan: the rest,
    /// with the step due now first.
    /// </summary>
    public Answer Answer { get; }

    /// <summary>The last id of a track given out; 0 for other tasks.</summary>
    public long LastTrackId => _tracker?.LastId ?? 0;

    /// <summary>Whether there is something to reuse: an answer, and of a plan one that still holds.</summary>
    public bool HasPrevious => _plan?.IsDue ?? Answer.HasValue;

    /// <summary>The plan's own confidence in [0, 1]; NaN where there is none.</summary>
    public float PlanConfidence => _plan?.Confidence ?? float.NaN;

    /// <summary>
    /// What is carried out by now belongs to another task: of the plan at hand where it holds no more, else of the one before it.
    /// </summary>
    public bool IsOtherTask => _plan is { IsOtherTask: true };

    /// <summary>Carries what another carrier, made alike, carries: to try several ways on from one frame.</summary>
    public void CopyFrom(AnswerCarrier other)
    {
        (_tier, _exit) = (other._tier, other._exit);
        Answer.CopyFrom(other.Answer);
        _tracker?.CopyFrom(other._tracker!);
        _plan?.CopyFrom(other._plan!);
    }

    /// <summary>Takes in an answer that a stage computed, and tells it which objects its detections show.</summary>
    /// <param name="exit">The signals of its exit.</param>
    /// <param name="tier">What its path costs as a share of the pack's costliest, in [0, 1].</param>
    public void Observe(Answer answer, in ExitSignals exit, float tier)
    {
        Debug.Assert(tier is >= 0 and <= 1, "A tier is a share of the costliest path.");
        bool hadPlan = Answer.HasValue;
        (_exit, _tier) = (exit, tier);
        _tracker?.Observe(answer);
        Answer.CopyFrom(answer);
        _plan?.Begin(exit.MaxProbability, hadPlan);
    }

    /// <summary>Carries the answer to a frame. To be called once for each frame, before anything is asked of it.</summary>
    /// <param name="state">What the robot knows of itself at the frame; empty where nothing is told.</param>
    /// <param name="instruction">The task at the frame; null where none is given.</param>
    public void Advance(in FrameStamp stamp, ReadOnlySpan<float> state = default, string? instruction = null)
    {
        _plan?.Advance(stamp, state, instruction);
        _tracker?.Follow(default);
        if (Answer.HasValue)
        {
            _tracker?.Predict(stamp, Answer);
        }
    }

    /// <summary>
    /// Where the picture of the frame last advanced to shows the boxes of the last answer observed, by their index: they are carried to
    /// there. Nothing for other tasks.
    /// </summary>
    public void Follow(in FrameStamp stamp, ReadOnlySpan<BoxMove> moves)
    {
        if (_tracker is not null && Answer.HasValue)
        {
            _tracker.Follow(moves);
            _tracker.Predict(stamp, Answer);
        }
    }

    /// <summary>The frame has ended and the action due is given out; the next <see cref="Advance"/> goes on to the step after it.</summary>
    public void CarryOut() => _plan?.CarryOut();

    /// <summary>The frame has ended and the robot was held instead: the plan holds no more.</summary>
    public void Forgo() => _plan?.Forgo();

    /// <summary>
    /// Adds to a frame's signals what is carried to it. A plan that no longer holds is nothing to reuse: its age is infinite, as without
    /// any answer.
    /// </summary>
    public FrameSignals Describe(in FrameStamp stamp, in FrameSignals signals)
    {
        if (!HasPrevious)
        {
            return signals with { AgeMs = float.PositiveInfinity };
        }

        var known = signals with { CarriedTier = _tier, LastMargin = _exit.Margin, LastLowConfidenceMass = _exit.LowConfidenceMass };
        if (_tracker is null)
        {
            return known;
        }

        var carried = _tracker.Carried(stamp.SourceNs);
        return known with
        {
            CarriedCount = carried.Count, CarriedDoubt = carried.Doubt, CarriedShift = carried.Shift,
            ExpectedAgreement = carried.ExpectedAgreement,
        };
    }

    /// <summary>
    /// The exit's signals, with its answer's agreement with what is carried and with the exit before on this frame (null where it is the
    /// first).
    /// </summary>
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
