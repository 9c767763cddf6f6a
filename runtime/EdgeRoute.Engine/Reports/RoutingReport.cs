using EdgeRoute.Core.Prices;
using EdgeRoute.Engine.Loop;

namespace EdgeRoute.Engine.Reports;

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

        var desk = pricing.Prices;
        var budgets = desk.Controllers.Where(c => double.IsFinite(c.Reading.Target))
            .Select(c => new BudgetReport(c.Name, Finite(c.Reading.Measured), c.Reading.Target, c.Reading.Unit, (c as DualPrice)?.UnusableCount ?? 0));
        return new RoutingReport(
            desk.Price, Finite(desk.PriceCeiling), desk.AskerIndex < 0 ? null : desk.Controllers[desk.AskerIndex].Name, [.. budgets],
            desk.HasConflict ? [.. desk.FindConflicts().Select(c => c.Words)] : [],
            auditor?.Count ?? 0, auditor?.LetGoCount ?? 0, auditor is { Count: > 0 } ? auditor.LossSum / auditor.Count : null, pricing.Audit?.BreachCount ?? 0);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>One limit and what was measured lately.</summary>
/// <param name="Measured">Null while nothing was measured.</param>
/// <param name="UnusableCount">Frames that could not be counted against it.</param>
public sealed record BudgetReport(string Controller, double? Measured, double Target, string Unit, long UnusableCount);
