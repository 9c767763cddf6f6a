using System.Globalization;
using System.Text;
using EdgeRoute.Engine.Loop;

namespace EdgeRoute.Engine.Reports;

/// <summary>The account of a run as a table for people.</summary>
public static class RunReportText
{
    public static string Of(RunReport report)
    {
        var text = new StringBuilder();
        foreach (var source in report.Sources)
        {
            AddSource(text, source, report.DurationS);
        }

        if (report.Sources.Count > 1)
        {
            AddSource(text, report.Total, report.DurationS);
        }

        text.Append(report.LostReason is { } reason ? $"THE LOOP WAS GIVEN UP: {reason}\n" : "");
        text.Append(report.Board is { } board && BoardText.Closing(board) is { } line ? $"board: {line}\n" : "");
        foreach (var pack in report.Packs.Where(p => p.HeadLosses != default))
        {
            AddLosses(text, pack);
        }

        foreach (var pack in report.Packs)
        {
            AddInstructions(text, pack);
        }

        return text.ToString();
    }

    private static void AddLosses(StringBuilder text, PackReport pack)
    {
        var losses = pack.HeadLosses;
        text.Append(CultureInfo.InvariantCulture, $"pack {pack.Name} ({string.Join(", ", pack.Sources)}): ")
            .Append("more in a frame than there is room for: ");
        text.Append(CultureInfo.InvariantCulture, $"{losses.CandidateOverflowCount} candidates and ")
            .Append(CultureInfo.InvariantCulture, $"{losses.DetectionOverflowCount} detections let go\n");
    }

    private static void AddInstructions(StringBuilder text, PackReport pack)
    {
        if (pack.Instructions is { } told)
        {
            text.Append(CultureInfo.InvariantCulture, $"pack {pack.Name} ({string.Join(", ", pack.Sources)}): instructions read "
                + $"{told.RunCount} times");
            text.Append(CultureInfo.InvariantCulture, $", found again {told.HitCount}, let go {told.EvictedCount}, not understood "
                + $"{told.RefusedCount}\n");
        }
    }

    private static void AddPolicy(StringBuilder text, PolicyReport? policy)
    {
        if (policy is null)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"  actions {policy.ActionCount}: {policy.PlanCount} plans of "
            + $"{policy.StepsPerPlanMean:0.0} steps, holds {policy.HoldCount}\n");
        text.Append(CultureInfo.InvariantCulture, $"  new plans because: spent {policy.SpentCount}  unsure {policy.UnsureCount}  state "
            + $"changed {policy.StateChangedCount}");
        text.Append(CultureInfo.InvariantCulture, $"  other instruction {policy.InstructionChangedCount}  chosen {policy.ChosenCount}\n");
        text.Append(policy.UntoldCount == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"  frames without a task or state that is understood {policy.UntoldCount}\n"));
    }

    private static void AddSource(StringBuilder text, SourceReport source, double durationS)
    {
        var ends = source.Ends;
        double rate = durationS > 0 ? ends.Captured / durationS : 0;
        text.Append(CultureInfo.InvariantCulture, $"{source.Name}: {ends.Captured} frames in {durationS:0.0} s ({rate:0.0}/s)\n");
        text.Append(CultureInfo.InvariantCulture, $"  completed {ends.Completed}  exited {ends.Exited}  escalated {ends.Escalated}");
        text.Append(CultureInfo.InvariantCulture, $"  skipped {ends.Skipped}  dropped {ends.Dropped}  failed {ends.Failed}\n");
        text.Append(source.IsLawKept ? "" : $"  LAW BROKEN: {ends.Captured} captured, {ends.Ended} ended\n");
        AddPaths(text, source);
        AddLatency(text, source);
        AddPolicy(text, source.Policy);
        AddRouting(text, source.Routing);
        AddCrops(text, source);
        AddFaults(text, source);
    }

    private static void AddCrops(StringBuilder text, SourceReport source)
    {
        foreach (var crop in source.Crops)
        {
            text.Append(CultureInfo.InvariantCulture, $"  crops by {crop.Stage}: {crop.RunCount} looked at{Each(crop)}, "
                + $"{crop.FailedCount} of them in vain; known before {crop.KnownCount}, boxes too small {crop.SmallCount}, frames without "
                + $"time for one {crop.ShortCount}\n");
        }
    }

    private static string Each(CropTally crop) => crop.RunCount == 0 ? ""
        : string.Create(CultureInfo.InvariantCulture, $" ({crop.MeanMs:0.00} ms each lately)");

    private static void AddFaults(StringBuilder text, SourceReport source)
    {
        foreach (var fault in source.Faults)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {fault.Count} x {fault.Kind}: {fault.Reason}\n");
        }

        foreach (var stage in source.Stages)
        {
            text.Append(CultureInfo.InvariantCulture, $"  stage {stage.Stage}: {stage.FaultCount} faults, breaker {stage.State}"
                + $"{(stage.FallbackCount > 0 ? $", left {stage.FallbackCount} of its providers" : "")}\n");
        }
    }

    private static void AddRouting(StringBuilder text, RoutingReport? routing)
    {
        if (routing is null)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"  price {routing.PricePerMs:0.#####} per ms{(routing.AskedBy is { } asker ? ", asked "
            + $"by {asker}" : "")}");
        text.Append(routing.PriceCeiling is { } ceiling ? string.Create(CultureInfo.InvariantCulture, $", floor allows {ceiling:0.#####}\n")
            : "\n");
        foreach (var budget in routing.Budgets)
        {
            text.Append(CultureInfo.InvariantCulture, $"  budget {budget.Target:0.###} {budget.Unit}: "
                + $"{budget.Measured:0.###}{UnusableOf(budget)}\n");
        }

        if (routing.AuditCount + routing.AuditLetGoCount > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  audits {routing.AuditCount}, let go {routing.AuditLetGoCount}, ");
            text.Append(CultureInfo.InvariantCulture, $"mean loss {routing.AuditLossMean:0.0000}, breaches {routing.BreachCount}\n");
        }

        routing.Conflicts.ToList().ForEach(c => text.Append("  conflict: ").Append(c).Append('\n'));
    }

    private static string UnusableOf(BudgetReport budget) => budget.Measured is not null ? ""
        : string.Create(CultureInfo.InvariantCulture, $"not measured on any of {budget.UnusableCount} frames");

    private static void AddPaths(StringBuilder text, SourceReport source)
    {
        int width = Math.Max(12, source.Paths.Select(p => p.Path.Length).DefaultIfEmpty(0).Max());
        text.Append("  ").Append("path".PadRight(width)).Append("    frames    share    mean ms    stages ms\n");
        foreach (var path in source.Paths)
        {
            AddRow(text, path.Path.PadRight(width), path.FrameCount, path.Share, path.MeanMs, path.MeanStagesMs);
        }

        if (source.Paths.Count > 1)
        {
            AddRow(text, "all".PadRight(width), source.AnsweredCount, 1, source.Paths.Sum(p => p.Share * p.MeanMs),
                source.Paths.Sum(p => p.Share * p.MeanStagesMs));
        }
    }

    private static void AddRow(StringBuilder text, string path, long count, double share, double meanMs, double stagesMs) =>
        text.Append(CultureInfo.InvariantCulture, $"  {path}{count,10}{share * 100,8:0.0}%{meanMs,11:0.00}{stagesMs,13:0.00}\n");

    private static void AddLatency(StringBuilder text, SourceReport source)
    {
        if (source.Latency is { P50Ms: { } p50, P95Ms: { } p95, P99Ms: { } p99, MaxMs: { } max })
        {
            text.Append(CultureInfo.InvariantCulture, $"  latency ms  p50 {p50:0.00}  p95 {p95:0.00}  p99 {p99:0.00}  max {max:0.00}");
        }
        else
        {
            text.Append("  latency ms  (no frame was answered)");
        }

        text.Append(CultureInfo.InvariantCulture, $"    late {source.LateCount}  fallbacks {source.FallbackCount}");
        text.Append(CultureInfo.InvariantCulture, $"  faults {source.FaultCount}  restarts {source.RestartCount}\n");
    }
}
