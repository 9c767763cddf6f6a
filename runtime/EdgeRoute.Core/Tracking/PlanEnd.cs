namespace EdgeRoute.Core.Tracking;

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
