namespace EdgeRoute.Core.Tracking;

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

    /// <summary>An answer is one command that holds until the next, not a chunk whose steps are used up.</summary>
    public bool IsSetPoint { get; init; }
}
