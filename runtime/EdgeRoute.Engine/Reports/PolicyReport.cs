using System.Globalization;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Engine.Reports;

/// <summary>What became of the plans of a policy, and what the robot was told to do.</summary>
/// <param name="ActionCount">Actions given out, one for each frame that ended; holds included.</param>
/// <param name="PlanCount">Plans made and taken up.</param>
/// <param name="StepsPerPlanMean">Actions from a plan, per plan; 0 without one.</param>
/// <param name="HoldCount">Frames without a plan to follow: the robot was told to stay where it is.</param>
/// <param name="UntoldCount">Frames that failed because their instruction or state was missing or not understood.</param>
/// <param name="SpentCount">Plans that gave way because all steps that may be carried out were.</param>
/// <param name="UnsureCount">Plans that gave way after one step because they were made with too little confidence.</param>
/// <param name="StateChangedCount">Plans that gave way because the robot's state changed.</param>
/// <param name="InstructionChangedCount">Plans that gave way to another task.</param>
/// <param name="ChosenCount">Plans with a step due that gave way because the route policy chose to make a new one.</param>
public sealed record PolicyReport(
    long ActionCount, long PlanCount, double StepsPerPlanMean, long HoldCount, long UntoldCount,
    long SpentCount, long UnsureCount, long StateChangedCount, long InstructionChangedCount, long ChosenCount)
{
    public static PolicyReport Of(PlanTally tally) => new(
        tally.ActionCount, tally.PlanCount, tally.StepsPerPlanMean, tally.HoldCount, tally.UntoldCount, tally.EndCount(PlanEnd.Spent), tally.EndCount(PlanEnd.Unsure),
        tally.EndCount(PlanEnd.StateChanged), tally.EndCount(PlanEnd.InstructionChanged), tally.EndCount(PlanEnd.Running));

    /// <summary>Of all sources together; null where none has a policy.</summary>
    public static PolicyReport? Sum(IEnumerable<PolicyReport?> reports)
    {
        PolicyReport? sum = null;
        foreach (var report in reports.OfType<PolicyReport>())
        {
            sum = sum is null ? report : sum.Plus(report);
        }

        return sum;
    }

    /// <summary>For a status line.</summary>
    public string ToBrief() => string.Create(CultureInfo.InvariantCulture, $"plans {PlanCount} of {StepsPerPlanMean:0.0} steps  holds {HoldCount}");

    private PolicyReport Plus(PolicyReport other)
    {
        long plans = PlanCount + other.PlanCount, actions = ActionCount + other.ActionCount, holds = HoldCount + other.HoldCount;
        return new PolicyReport(
            actions, plans, plans == 0 ? 0 : (double)(actions - holds) / plans, holds, UntoldCount + other.UntoldCount, SpentCount + other.SpentCount,
            UnsureCount + other.UnsureCount, StateChangedCount + other.StateChangedCount, InstructionChangedCount + other.InstructionChangedCount,
            ChosenCount + other.ChosenCount);
    }
}
