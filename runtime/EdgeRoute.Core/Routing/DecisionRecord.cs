using System.Runtime.CompilerServices;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Routing;

/// <summary>Why an option could not be taken. Byte values are part of the trace format.</summary>
public enum OptionDenial : byte
{
    None = 0,

    /// <summary>Its stage's predicted p95 cost overruns the slack to the deadline. What runs no stage is never too late to do.</summary>
    Deadline = 1,

    /// <summary>There is no previous answer to reuse, or none that is young enough.</summary>
    NoPrevious = 2,

    /// <summary>Its stage failed on this frame, or is left out because it failed too often in a row.</summary>
    StageFailed = 3,

    /// <summary>The longest run of its stage, with a margin, is more than what a strict allowance lets out now.</summary>
    Allowance = 4,

    /// <summary>It looks at windows of the frame, and there is nothing in this frame to look at.</summary>
    NothingThere = 5,
}

/// <summary>Which part of the rule made the choice. Byte values are part of the trace format.</summary>
public enum DecisionReason : byte
{
    None = 0,

    /// <summary>The policy chose among the options that were left.</summary>
    Policy = 1,

    /// <summary>Only one option was possible.</summary>
    OnlyOption = 2,

    /// <summary>A safety lock forces a path.</summary>
    SafetyLock = 3,

    /// <summary>The policy's choice overran the deadline or the allowance; the cheapest stage that fits was taken, or a
    /// young previous answer where no stage is left.</summary>
    Deadline = 4,

    /// <summary>No option fits the deadline; the cheapest was taken and the frame will be late.</summary>
    DeadlineMissed = 5,

    /// <summary>Signals could not be computed; the fixed route was taken.</summary>
    FixedRoute = 6,

    /// <summary>A strict allowance cannot pay any option, and there is no previous answer to reuse: the frame fails.</summary>
    AllowanceSpent = 7,
}

/// <summary>One option as it was weighed.</summary>
/// <param name="Gain">Estimated quality, in [0, 1], of the answer that its best plan ends with; NaN where the policy does not
/// estimate.</param>
/// <param name="CostMs">Predicted median device time in milliseconds, on to the next exit.</param>
/// <param name="CostMsP95">The same at the 95th percentile.</param>
/// <param name="OnwardMs">Predicted device time of the costliest way on from the next exit; 0 where there is none.</param>
/// <param name="PlanCostMs">Expected device time of its best plan, to the end of the frame; NaN where the policy does not estimate.</param>
/// <param name="EnergyMillijoules">Expected energy of the best plan; NaN where there is no sensor.</param>
/// <param name="Denial">Why it could not be taken.</param>
/// <param name="PlanIndex">Which of the option's plans was best; 0 where the policy has none.</param>
public record struct OptionValue(
    float Gain, float CostMs, float CostMsP95, float OnwardMs, float PlanCostMs, float EnergyMillijoules, OptionDenial Denial,
    byte PlanIndex);

/// <summary>Room for the options of one node inside a record, so that records are fixed-size.</summary>
[InlineArray(RouteTree.OptionLimit)]
public struct OptionValues
{
    private OptionValue _first;
}

/// <summary>All that one decision saw and chose: enough to explain it, and to decide it again.</summary>
public struct DecisionRecord
{
    public int NodeIndex;

    /// <summary>Index into the node's options.</summary>
    public int OptionIndex;
    public int OptionCount;
    public DecisionReason Reason;

    /// <summary>Time left to the deadline when deciding, in nanoseconds; <see cref="long.MaxValue"/> without a deadline.</summary>
    public long SlackNs;
    public ExitSignals Exit;
    public OperatingPoint Operating;

    /// <summary>Cluster of signals the frame belongs to, -1 for none, and the factor that audits put on its losses, 1 for none.</summary>
    public int ContextIndex;
    public float LossFactor;
    public OptionValues Values;
}
