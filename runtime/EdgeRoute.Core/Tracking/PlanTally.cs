namespace EdgeRoute.Core.Tracking;

/// <summary>
/// What became of one stream's plans. Written by the loop's thread; others may read and see figures at most a frame old. A plan's end is
/// counted when the next one begins.
/// </summary>
public sealed class PlanTally
{
    private readonly long[] _ends = new long[(int)PlanEnd.InstructionChanged + 1];

    /// <summary>Plans made and taken up.</summary>
    public long PlanCount { get; private set; }

    /// <summary>Actions that came from a plan.</summary>
    public long StepCount { get; private set; }

    /// <summary>Frames without a plan to follow: the robot was told to stay where it is.</summary>
    public long HoldCount { get; private set; }

    /// <summary>Frames that failed because their instruction or state was missing or not understood.</summary>
    public long UntoldCount { get; private set; }

    /// <summary>Actions given out, holds included: one for each frame that ended.</summary>
    public long ActionCount => StepCount + HoldCount;

    /// <summary>Actions from a plan, per plan; 0 without one.</summary>
    public double StepsPerPlanMean => PlanCount == 0 ? 0 : (double)StepCount / PlanCount;

    /// <summary>
    /// Plans that gave way for this reason; <see cref="PlanEnd.Running"/>: the policy chose a new one although the old one had a step due.
    /// </summary>
    public long EndCount(PlanEnd end) => _ends[(int)end];

    public void AddUntold() => UntoldCount++;

    internal void AddPlan() => PlanCount++;

    internal void AddEnd(PlanEnd end) => _ends[(int)end]++;

    internal void AddStep() => StepCount++;

    internal void AddHold() => HoldCount++;
}
