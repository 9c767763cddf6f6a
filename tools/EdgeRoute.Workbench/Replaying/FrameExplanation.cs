namespace EdgeRoute.Workbench.Replaying;

/// <summary>
/// All that is known of one frame's way, for programs; <see cref="ExplanationText"/> puts it in words. Figures that do not exist are null.
/// </summary>
/// <param name="FromStartMs">Capture, in milliseconds since the recording started.</param>
/// <param name="Answer">In words: how many detections, or which class, and how sure.</param>
/// <param name="Notes">Everything beside the plain road: late, fallback, faults, a restarted source.</param>
public sealed record FrameExplanation(
    string Recording, string Source, string Address, string Pack, string Policy, long Frame, DateTime CapturedUtc, double FromStartMs,
    string Path, string End, string Answer,
    int ComparedFrameCount, IReadOnlyList<SignalLine> Signals, IReadOnlyList<DecisionExplanation> Decisions, FrameCost Cost,
    AuditExplanation? Audit, IReadOnlyList<string> Notes)
{
    /// <summary>What went wrong first, in words; null where nothing did.</summary>
    public string? Fault { get; init; }

    /// <summary>The parts of the frame that stages looked at closer.</summary>
    public IReadOnlyList<WindowExplanation> Windows { get; init; } = [];
}

/// <summary>A part of the frame that a stage looked at, as fractions of the frame's sides.</summary>
/// <param name="Option">The option that looked.</param>
/// <param name="Decision">The decision that led to it, from 1.</param>
public sealed record WindowExplanation(string Option, int Decision, double Left, double Top, double Width, double Height);

/// <summary>What the frame really cost.</summary>
/// <param name="DeadlineMs">From capture; null without a deadline.</param>
/// <param name="LateMs">Null where it was in time or had no deadline.</param>
public sealed record FrameCost(
    double WaitedMs, double SignalsMs, double PreprocessMs, double StagesMs, double HeadsMs, double LatencyMs, double? DeadlineMs,
    double? LateMs, double? EnergyMillijoules)
{
    /// <summary>What prices are paid for: preprocessing, stages and heads.</summary>
    public double DeviceMs => PreprocessMs + StagesMs + HeadsMs;

    /// <summary>Crops of its boxes that stages looked at, and their part of the device time.</summary>
    public int CropCount { get; init; }

    /// <inheritdoc cref="CropCount"/>
    public double CropsMs { get; init; }
}

/// <summary>What running the heaviest path as well has shown.</summary>
/// <param name="Loss">Of the published answer against the heaviest path's, in [0, 1].</param>
/// <param name="Probability">With which this frame was chosen for it.</param>
public sealed record AuditExplanation(double? Loss, double DeviceMs, double Probability);

/// <summary>One decision.</summary>
/// <param name="Place">The node decided at: <c>frame</c> or a path.</param>
/// <param name="PricePerMs">The price that counted.</param>
/// <param name="AskedPricePerMs">The price asked before the floor's ceiling; energy included.</param>
/// <param name="LossFactor">By which audits raise or lower predicted losses in the frame's context.</param>
/// <param name="ExitSignals">What the answer at hand says of itself; empty at the frame.</param>
/// <param name="Chosen">The option taken.</param>
/// <param name="Reason">The constraint or rule that chose.</param>
/// <param name="Why">In words, sentence by sentence.</param>
public sealed record DecisionExplanation(
    string Place, double? SlackMs, double PricePerMs, double? AskedPricePerMs, double? PriceCeiling, double? AllowanceMs, int? Context,
    double? LossFactor,
    IReadOnlyList<ExitSignalLine> ExitSignals, IReadOnlyList<OptionExplanation> Options, string Chosen, string Reason,
    IReadOnlyList<string> Why)
{
    /// <summary>The policy estimated what the options are worth.</summary>
    public bool IsWeighed => Options.Any(o => o.Gain is not null);
}

/// <summary>One signal of an exit.</summary>
public sealed record ExitSignalLine(string Name, double? Value);

/// <summary>One option as it was weighed.</summary>
/// <param name="Gain">Expected quality of the answer that the frame ends with by the option's best plan; null where the policy does not
/// estimate.</param>
/// <param name="CostMs">Predicted device time to the next exit, and its 95th percentile.</param>
/// <param name="PlanCostMs">Expected device time to the end of the frame.</param>
/// <param name="Paid">Price times plan cost.</param>
/// <param name="Value">Gain less what is paid.</param>
/// <param name="Denial">Why it could not be taken, in words; null where it could.</param>
/// <param name="IsCostKnown">False for a stage that neither a profile nor a run had told the cost of; it counted as 0.</param>
public sealed record OptionExplanation(
    string Name, double? Gain, double CostMs, double CostMsP95, double? PlanCostMs, double? Paid, double? Value, string? Denial,
    bool IsChosen, bool IsCostKnown);
