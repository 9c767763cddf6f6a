using System.Globalization;
using System.Text.Json.Serialization;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Engine.Reports;

/// <summary>Latency from capture to publish in milliseconds; null where no frame was answered.</summary>
public sealed record LatencyReport(double? MeanMs, double? P50Ms, double? P95Ms, double? P99Ms, double? MaxMs)
{
    public static LatencyReport Of(LatencyHistogram histogram) => histogram.Count == 0
        ? new LatencyReport(null, null, null, null, null)
        : new LatencyReport(histogram.MeanNs / 1e6, Ms(histogram, 0.5), Ms(histogram, 0.95), Ms(histogram, 0.99), histogram.MaxNs / 1e6);

    private static double Ms(LatencyHistogram histogram, double fraction) => Math.Round(histogram.QuantileNs(fraction) / 1e6, 4);
}

/// <summary>The frames one path answered.</summary>
/// <param name="Share">Of all answered frames, in [0, 1].</param>
/// <param name="MeanMs">From taking the frame to publishing its answer.</param>
/// <param name="MeanStagesMs">Of that, inside stages.</param>
/// <param name="MeanLatencyMs">From capture to publish, waiting included.</param>
public sealed record PathReport(string Path, long FrameCount, double Share, double MeanMs, double MeanStagesMs, double MeanLatencyMs);

/// <summary>What one source, or all together, came to.</summary>
/// <param name="IsLawKept">Frames captured equal the sum of the ends.</param>
public sealed record SourceReport(
    string Name, EndTally Ends, bool IsLawKept, long LateCount, long FallbackCount, long FaultCount, long RestartCount,
    IReadOnlyList<PathReport> Paths, LatencyReport Latency)
{
    /// <summary>Prices, floor and audits at the end; null where the policy knows no prices.</summary>
    public RoutingReport? Routing { get; init; }

    /// <summary>Plans and actions; null for tasks that have none.</summary>
    public PolicyReport? Policy { get; init; }

    /// <summary>Why frames failed and stages were gone around, by kind.</summary>
    public IReadOnlyList<FaultCount> Faults { get; init; } = [];

    /// <summary>The stages that ever failed, and which of them are left out.</summary>
    public IReadOnlyList<StageHealth> Stages { get; init; } = [];

    /// <summary>What became of the stages on crops; empty where the pack has none.</summary>
    public IReadOnlyList<CropTally> Crops { get; init; } = [];

    public long AnsweredCount => Paths.Sum(p => p.FrameCount);
}

/// <summary>What the heads of one pack let go, over the frames of all sources that use it.</summary>
/// <param name="Sources">Names of those sources.</param>
public sealed record PackReport(string Name, IReadOnlyList<string> Sources, HeadLosses HeadLosses)
{
    /// <summary>What became of the instructions it was told; null where it takes none.</summary>
    public InstructionCounts? Instructions { get; init; }
}

/// <summary>The account of a run, for people (<see cref="RunReportText"/>) and programs (<see cref="ToJson"/>).</summary>
/// <param name="DurationS">Wall-clock seconds from the first capture to the last publish.</param>
/// <param name="ConfigHash">SHA-256 of the effective config.</param>
/// <param name="LoopAllocatedBytes">Managed bytes the loop allocated after its first frames; 0 in health.</param>
public sealed record RunReport(
    double DurationS, string ConfigHash, long LoopAllocatedBytes, IReadOnlyList<SourceReport> Sources, SourceReport Total,
    IReadOnlyList<PackReport> Packs)
{
    /// <summary>The machine as last measured; null where nobody looked.</summary>
    public BoardReading? Board { get; init; }

    /// <summary>A device or pipe that takes answers failed before the end; that a reader has gone is no failure.</summary>
    public bool HasLostOutput { get; init; }

    /// <summary>Why the frame loop was given up; null where it came to its end.</summary>
    public string? LostReason { get; init; }

    public static RunReport Of(
        double durationS, string configHash, long loopAllocatedBytes, IReadOnlyList<SourceStatus> sources, IReadOnlyList<PackReport> packs)
    {
        var reports = sources.Select(s => ReportOf(s.Tally.SourceName, [s]) with { Routing = s.Routing, Policy = s.Policy,
            Faults = s.Faults, Stages = s.Stages, Crops = s.Crops }).ToList();
        var total = ReportOf("total", sources) with { Policy = PolicyReport.Sum(sources.Select(s => s.Policy)) };
        return new RunReport(durationS, configHash, loopAllocatedBytes, reports, total, packs);
    }

    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, RunReportJson.Default.RunReport);

    private static SourceReport ReportOf(string name, IReadOnlyList<SourceStatus> sources)
    {
        var (ends, latency) = (default(EndTally), new LatencyHistogram());
        foreach (var source in sources)
        {
            ends += source.Ends;
            latency.Add(source.Tally.Latency);
        }

        return new SourceReport(
            name, ends, ends.InFlight == 0, sources.Sum(s => s.Tally.LateCount), sources.Sum(s => s.Tally.FallbackCount),
            sources.Sum(s => s.FaultCount), sources.Sum(s => s.RestartCount), PathsOf(sources), LatencyReport.Of(latency));
    }

    /// <summary>
    /// Paths of the same name in several packs are summed: the total of a fleet of cameras on one pack is then what one expects.
    /// </summary>
    private static List<PathReport> PathsOf(IReadOnlyList<SourceStatus> sources)
    {
        var sums = new Dictionary<string, PathTally>(StringComparer.Ordinal);
        foreach (var tally in sources.SelectMany(s => s.Tally.WithEarlier()))
        {
            for (int i = 0; i < tally.Paths.Length; i++)
            {
                AddTo(sums, tally.Tree.Nodes[i].PathName, tally.Paths[i]);
            }
        }

        double total = sums.Values.Sum(p => p.Count);
        return [.. sums.Select(p => new PathReport(
            p.Key, p.Value.Count, p.Value.Count / total, Mean(p.Value.BusyNs, p.Value), Mean(p.Value.StagesNs, p.Value),
            Mean(p.Value.LatencyNs, p.Value)))];
    }

    private static void AddTo(Dictionary<string, PathTally> sums, string name, PathTally path)
    {
        if (path.Count > 0)
        {
            var sum = sums.GetValueOrDefault(name);
            sums[name] = new PathTally(sum.Count + path.Count, sum.LatencyNs + path.LatencyNs, sum.BusyNs + path.BusyNs,
                sum.StagesNs + path.StagesNs);
        }
    }

    private static double Mean(long ns, PathTally path) => Math.Round(ns / 1e6 / path.Count, 4);
}

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
        tally.ActionCount, tally.PlanCount, tally.StepsPerPlanMean, tally.HoldCount, tally.UntoldCount, tally.EndCount(PlanEnd.Spent),
        tally.EndCount(PlanEnd.Unsure),
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
    public string ToBrief() => string.Create(CultureInfo.InvariantCulture,
        $"plans {PlanCount} of {StepsPerPlanMean:0.0} steps  holds {HoldCount}");

    private PolicyReport Plus(PolicyReport other)
    {
        long plans = PlanCount + other.PlanCount, actions = ActionCount + other.ActionCount, holds = HoldCount + other.HoldCount;
        return new PolicyReport(
            actions, plans, plans == 0 ? 0 : (double)(actions - holds) / plans, holds, UntoldCount + other.UntoldCount,
            SpentCount + other.SpentCount, UnsureCount + other.UnsureCount, StateChangedCount + other.StateChangedCount,
            InstructionChangedCount + other.InstructionChangedCount, ChosenCount + other.ChosenCount);
    }
}

/// <summary>How one source's prices, floor and audits stand.</summary>
/// <param name="PricePerMs">In force, in gain per millisecond of device time.</param>
/// <param name="PriceCeiling">What the floor allows; null without a floor.</param>
/// <param name="AskedBy">The controller that asks for the highest price; null where none asks.</param>
/// <param name="Budgets">Each limit with what was measured lately.</param>
/// <param name="Conflicts">What cannot hold at once, in words.</param>
/// <param name="AuditCount">Frames that the heaviest path was compared on.</param>
/// <param name="AuditLetGoCount">Frames chosen for audit for which there was no time.</param>
/// <param name="AuditLossMean">Mean loss of audited frames; null without audits.</param>
/// <param name="BreachCount">How often the audit found the floor broken.</param>
public sealed record RoutingReport(
    double PricePerMs, double? PriceCeiling, string? AskedBy, IReadOnlyList<BudgetReport> Budgets, IReadOnlyList<string> Conflicts,
    long AuditCount, long AuditLetGoCount, double? AuditLossMean, long BreachCount)
{
    /// <summary>Null where the policy knows no prices.</summary>
    public static RoutingReport? Of(StreamPricing? pricing, StreamAuditor? auditor)
    {
        if (pricing is null)
        {
            return null;
        }

        var streamPrice = pricing.Prices;
        var budgets = streamPrice.Controllers.Where(c => double.IsFinite(c.Reading.Target))
            .Select(c => new BudgetReport(c.Name, Finite(c.Reading.Measured), c.Reading.Target, c.Reading.Unit,
                c.UnusableCount));
        return new RoutingReport(
            streamPrice.Price, Finite(streamPrice.PriceCeiling), streamPrice.AskerIndex < 0 ? null
                : streamPrice.Controllers[streamPrice.AskerIndex].Name, [.. budgets],
            streamPrice.HasConflict ? [.. streamPrice.FindConflicts().Select(c => c.Words)] : [],
            auditor?.Count ?? 0, auditor?.LetGoCount ?? 0, auditor is { Count: > 0 } ? auditor.LossSum / auditor.Count : null,
            pricing.Audit?.BreachCount ?? 0);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>One limit and what was measured lately.</summary>
/// <param name="Measured">Null while nothing was measured.</param>
/// <param name="UnusableCount">Frames that could not be counted against it.</param>
public sealed record BudgetReport(string Controller, double? Measured, double Target, string Unit, long UnusableCount);

/// <summary>Writes the report without reflection; keys are snake_case and stable.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunReport))]
internal sealed partial class RunReportJson : JsonSerializerContext;

/// <summary>One source as it stands: its tally, its ends, and how often it broke and was restarted.</summary>
/// <param name="Routing">How its prices stand; null where the policy knows none.</param>
/// <param name="Policy">What became of its plans; null for other tasks.</param>
/// <param name="Words">What the source itself has to say; null for nothing.</param>
public sealed record SourceStatus(RunTally Tally, EndTally Ends, long FaultCount, long RestartCount, RoutingReport? Routing = null,
    PolicyReport? Policy = null,
    string? Words = null)
{
    /// <inheritdoc cref="SourceReport.Faults"/>
    public IReadOnlyList<FaultCount> Faults { get; init; } = [];

    /// <inheritdoc cref="SourceReport.Stages"/>
    public IReadOnlyList<StageHealth> Stages { get; init; } = [];

    /// <inheritdoc cref="SourceReport.Crops"/>
    public IReadOnlyList<CropTally> Crops { get; init; } = [];
}
