using System.Diagnostics;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Tracking;

/// <summary>
/// Follows an action chunk step by step: plan long, execute short, replan early. The answer it is given always holds the rest of the plan,
/// with the step due now first. The plan goes on by frames that ended, not by time: a frame that was dropped carries nothing out. Where its
/// steps are carried out at a rate of their own it goes on by the source's time instead. Pure; allocates nothing after construction.
/// </summary>
internal sealed class ActionPlan(PlanRules rules, Answer rest, PlanTally tally)
{
    /// <summary>
    /// Change of a watched state value that ends a plan: such values are switches of 0 or 1 (a gripper holds something), and half way is
    /// another position.
    /// </summary>
    public const float StateStep = 0.5f;

    private readonly float[] _stateNow = new float[rules.ReplanOnState.Count];
    private readonly float[] _stateThen = new float[rules.ReplanOnState.Count];
    private string? _instructionNow, _instructionThen;
    private float _confidence;
    private bool _isCarriedOut, _followsOtherTask;
    private PlanEnd _end;

    /// <summary>There is a plan, and its first remaining step is the action of the frame last advanced to.</summary>
    public bool IsDue => rest.HasValue && _end == PlanEnd.Running;

    /// <summary>The task is another than the plan's, or than that of the plan before it.</summary>
    public bool IsOtherTask => rest.HasValue
        && (_end == PlanEnd.InstructionChanged || (_end == PlanEnd.Running && _followsOtherTask));

    /// <summary>The plan's own confidence in [0, 1]; NaN where the pack has none.</summary>
    public float Confidence => rules.HasConfidence ? _confidence : float.NaN;

    /// <summary>Follows what another follows; its answer is copied beside.</summary>
    public void CopyFrom(ActionPlan other)
    {
        other._stateNow.CopyTo(_stateNow, 0);
        other._stateThen.CopyTo(_stateThen, 0);
        (_instructionNow, _instructionThen) = (other._instructionNow, other._instructionThen);
        (_confidence, _isCarriedOut, _end) = (other._confidence, other._isCarriedOut, other._end);
        _followsOtherTask = other._followsOtherTask;
    }

    /// <summary>The next frame: goes past the steps carried out since the one before, then judges whether the plan still holds.</summary>
    public void Advance(in FrameStamp stamp, ReadOnlySpan<float> state, string? instruction)
    {
        _instructionNow = instruction;
        for (int i = 0; i < _stateNow.Length; i++)
        {
            // A value that is not told is not known to be as it was: the plan ends.
            _stateNow[i] = rules.ReplanOnState[i] < state.Length ? state[rules.ReplanOnState[i]] : float.NaN;
        }

        if (!rest.HasValue)
        {
            return;
        }

        long passed = rules.StepNs > 0 ? StepsPassed(stamp) : rest.StepIndex + (_isCarriedOut ? 1 : 0);
        while (_end == PlanEnd.Running && !rules.IsSetPoint && rest.StepIndex < passed && rest.ValueCount >= rules.DimensionCount)
        {
            DropFirstStep();
            if (rules.StepNs > 0)
            {
                tally.AddStep();
            }
        }

        _isCarriedOut = false;
        _end = _end == PlanEnd.Running ? Judge() : _end;
    }

    /// <summary>The answer holds a new plan, made at the frame last advanced to.</summary>
    /// <param name="confidence">The plan's own, in [0, 1]; ignored where the pack has none.</param>
    /// <param name="hadPlan">It takes the place of another.</param>
    public void Begin(float confidence, bool hadPlan)
    {
        _followsOtherTask = hadPlan && _end == PlanEnd.InstructionChanged;
        if (hadPlan)
        {
            tally.AddEnd(_end);
        }

        tally.AddPlan();
        _stateNow.CopyTo(_stateThen, 0);
        _instructionThen = _instructionNow;
        _confidence = confidence;
        _isCarriedOut = false;
        _end = PlanEnd.Running;
    }

    /// <summary>
    /// The frame ends, and its action is given out: the step due, or a hold where none is. Nothing where steps have a rate of their own.
    /// </summary>
    public void CarryOut()
    {
        if (rules.StepNs > 0)
        {
            return;
        }

        _isCarriedOut = IsDue;
        if (_isCarriedOut)
        {
            tally.AddStep();
        }
        else
        {
            tally.AddHold();
        }
    }

    /// <summary>The robot was held, whatever was due: the plan was made for where it would have been, and is over.</summary>
    public void Forgo()
    {
        tally.AddHold();
        _isCarriedOut = false;
        _end = _end == PlanEnd.Running ? PlanEnd.StateChanged : _end;
    }

    /// <summary>Step i is due i step times after the plan's own frame, and half a step earlier or later still counts as then.</summary>
    private long StepsPassed(in FrameStamp stamp) => (stamp.SourceNs - rest.Stamp.SourceNs + (rules.StepNs / 2)) / rules.StepNs;

    private void DropFirstStep()
    {
        Debug.Assert(rest.HasValue && _end == PlanEnd.Running, "Only a step of a plan that runs was carried out.");
        int step = Math.Min(rules.DimensionCount, rest.ValueCount);
        rest.Values[step..].CopyTo(rest.ValueSlots);
        rest.ValueCount -= step;
        rest.StepIndex++;
    }

    private PlanEnd Judge()
    {
        if (!ReferenceEquals(_instructionNow, _instructionThen)
            && !string.Equals(_instructionNow, _instructionThen, StringComparison.Ordinal))
        {
            return PlanEnd.InstructionChanged;
        }

        if (HasStateChanged())
        {
            return PlanEnd.StateChanged;
        }

        if (rules.IsSetPoint)
        {
            return PlanEnd.Running;
        }

        bool isUnsure = rules.HasConfidence && !(_confidence >= rules.ConfidenceAtLeast);
        if (rest.StepIndex >= rules.ExecuteStepCount || rest.ValueCount < rules.DimensionCount)
        {
            return PlanEnd.Spent;
        }

        if (isUnsure && rest.StepIndex > 0)
        {
            return PlanEnd.Unsure;
        }

        return PlanEnd.Running;
    }

    private bool HasStateChanged()
    {
        for (int i = 0; i < _stateNow.Length; i++)
        {
            if (!(Math.Abs(_stateNow[i] - _stateThen[i]) <= StateStep))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Why a plan is not followed any further.</summary>
public enum PlanEnd : byte
{
    /// <summary>It is followed: its next step is due.</summary>
    Running,

    /// <summary>All steps that may be carried out are.</summary>
    Spent,

    /// <summary>It was made with too little confidence for a second step.</summary>
    Unsure,

    /// <summary>The robot's state is no longer the one it was made for.</summary>
    StateChanged,

    /// <summary>The task is another.</summary>
    InstructionChanged,
}

/// <summary>What the values of an action mean to who carries it out.</summary>
public enum ActionMeaning : byte
{
    /// <summary>The pack does not say.</summary>
    Unknown,

    /// <summary>Where to go: the mean of two plans is a place between both.</summary>
    Positions,

    /// <summary>How far to move on: two plans part ways, and their mean leads to neither's aim.</summary>
    Movements,
}

/// <summary>How far the action chunks of a pack are followed before a new one must be made; from its manifest.</summary>
/// <param name="DimensionCount">Values of one step.</param>
public sealed record PlanRules(int DimensionCount)
{
    /// <summary>Steps carried out of one plan at most.</summary>
    public int ExecuteStepCount { get; init; } = int.MaxValue;

    /// <summary>The pack's exits say how sure they are of a plan.</summary>
    public bool HasConfidence { get; init; }

    /// <summary>A plan made with less confidence, in [0, 1], is followed for its first step only.</summary>
    public float ConfidenceAtLeast { get; init; }

    /// <summary>0-based indices of the robot's state values that end a plan when they change by more than half their range (0.5).</summary>
    public IReadOnlyList<int> ReplanOnState { get; init; } = [];

    /// <summary>Time of a step in nanoseconds where steps have a rate of their own; 0: one with each frame that ends.</summary>
    public long StepNs { get; init; }

    /// <summary>What the values of a step are.</summary>
    public ActionMeaning Meaning { get; init; }

    /// <summary>
    /// Of movements, 0-based indices of the values of a step that are none, such as a gripper that is open or closed; null where the pack
    /// does not say.
    /// </summary>
    public IReadOnlyList<int>? Switches { get; init; }

    /// <summary>An answer is one command that holds until the next, not a chunk whose steps are used up.</summary>
    public bool IsSetPoint { get; init; }
}
