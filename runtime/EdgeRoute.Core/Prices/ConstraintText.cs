using System.Globalization;

namespace EdgeRoute.Core.Prices;

/// <summary>
/// Conflicts between constraints, found before the first frame from predictions or later from measurements, in words with figures.
/// </summary>
public static class ConstraintText
{
    /// <summary>Conflicts that the calibration's predictions show before anything runs.</summary>
    /// <param name="floor">The certified floor; null without one.</param>
    /// <param name="deadlineMs">Capture to publish; infinite without a deadline.</param>
    /// <param name="budgets">The stream's budgets.</param>
    /// <param name="cheapestMs">Mean device time of the cheapest path, milliseconds.</param>
    /// <param name="cheapestMsP95">Its p95.</param>
    public static IReadOnlyList<ConstraintConflict> Predict(
        FloorLimit? floor, double deadlineMs, IReadOnlyList<Budget> budgets, double cheapestMs, double cheapestMsP95)
    {
        var found = new List<ConstraintConflict>();
        if (cheapestMsP95 > deadlineMs)
        {
            found.Add(new(Constraint.Deadline, Constraint.Deadline, "", Text(
                $"the cheapest path needs {cheapestMsP95:0.##} ms (p95); the deadline is {deadlineMs:0.##} ms; frames will be late. ")
                + Text($"Raise the deadline to {cheapestMsP95:0.##} ms or use a cheaper pack")));
        }
        else if (floor is not null && floor.DeviceMsP95 > deadlineMs)
        {
            found.Add(new(Constraint.Deadline, Constraint.QualityFloor, "", Text(
                $"{Name(floor)} needs {floor.DeviceMsP95:0.##} ms (p95); the deadline is {deadlineMs:0.##} ms; the deadline wins. ")
                + Text($"Raise the deadline to {floor.DeviceMsP95:0.##} ms or lower the floor")));
        }

        foreach (var budget in budgets.Where(b => b.Kind is BudgetKind.DeviceMsMean or BudgetKind.LatencyMsMean))
        {
            AddBudget(found, floor, budget, cheapestMs);
        }

        return found;
    }

    /// <summary>A budget that is missed although its price cannot rise.</summary>
    internal static ConstraintConflict BudgetMissed(IPriceController controller, FloorLimit? floor, bool isAtCeiling)
    {
        var reading = controller.Reading;
        string figures = Text($"{Figure(reading.Measured, reading.Unit)}; the budget is {Figure(reading.Target, reading.Unit)}");
        if (controller is EpisodePrice { Plan: var plan } && plan.Infeasibility() is { } words)
        {
            return new(Constraint.Price, Constraint.Price, controller.Name, words);
        }

        // The calibration's figure where the budget is in its unit, so that the report names what the floor needs and not what the last
        // second had.
        bool isPredicted = floor is not null && reading.Unit == Budget.UnitOf(BudgetKind.DeviceMsMean)
            && floor.DeviceMsMean > reading.Target;
        string needed = isPredicted ? Figure(floor!.DeviceMsMean, reading.Unit) : Figure(reading.Measured, reading.Unit);
        return isAtCeiling
            ? new(Constraint.QualityFloor, Constraint.Price, controller.Name, Text(
                $"{Name(floor)} needs {needed}; the budget is {Figure(reading.Target, reading.Unit)}; the floor wins. ")
                + Text($"Set the budget to {needed}, or lower the floor"))
            : new(Constraint.Price, Constraint.Price, controller.Name, Text(
                $"even the cheapest path takes {figures}. Set the budget to {needed}, or use a cheaper pack"));
    }

    /// <summary>Quality is lost beyond the budget, or nothing tells whether it is.</summary>
    internal static ConstraintConflict LossNotHeld(LossPrice loss)
    {
        var reading = loss.Reading;
        return new(Constraint.Price, Constraint.Price, loss.Name, loss.IsBlind
            ? Text($"nothing has shown for {loss.UnseenCount} frames what is lost against the heaviest path, which has not run; the ")
                + Text($"budget is {Figure(reading.Target, reading.Unit)}, and nobody knows whether it holds. Give audit: {{ share: ")
                + "0.01 }, or "
                + "take away what keeps the heaviest path from running"
            : Text($"{Figure(reading.Measured, reading.Unit)} even at price 0; the budget is {Figure(reading.Target, reading.Unit)}: ")
                + Text($"another limit keeps the heaviest path from running. Set the budget to {Figure(reading.Measured, reading.Unit)}, ")
                + "or give the other limit more");
    }

    internal static ConstraintConflict DialAboveCeiling(FloorLimit? floor, double dial, double ceiling) =>
        new(Constraint.QualityFloor, Constraint.Price, "fixed", Text(
            $"{Name(floor)} allows a price of {ceiling:0.#####} a ms at most; the dial is at {dial:0.#####}; the floor wins. ")
            + Text($"Turn the dial to {ceiling:0.#####}, or lower the floor"));

    private static void AddBudget(List<ConstraintConflict> found, FloorLimit? floor, Budget budget, double cheapestMs)
    {
        if (cheapestMs > budget.Target)
        {
            found.Add(new(Constraint.Price, Constraint.Price, "dual", Text(
                $"even the cheapest path takes {cheapestMs:0.##} ms a frame; the budget is {Figure(budget.Target, budget.Unit)}. ")
                + Text($"Raise the budget to {cheapestMs:0.##} ms or use a cheaper pack")));
        }
        else if (floor is not null && floor.DeviceMsMean > budget.Target)
        {
            found.Add(new(Constraint.QualityFloor, Constraint.Price, "dual", Text(
                $"{Name(floor)} needs {floor.DeviceMsMean:0.##} ms a frame; the budget is {Figure(budget.Target, budget.Unit)}; ")
                + Text($"the floor wins. Raise the budget to {floor.DeviceMsMean:0.##} ms or lower the floor")));
        }
    }

    private static string Name(FloorLimit? floor) => floor is null ? "the price ceiling" : Text($"floor {floor.Floor * 100:0.#} %");

    private static string Figure(double value, string unit) =>
        unit.StartsWith("of ", StringComparison.Ordinal) ? Text($"{value * 100:0.#} % {unit}") : Text($"{value:0.##} {unit}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a decision must respect, the strongest first.</summary>
public enum Constraint
{
    SafetyLock,
    Deadline,
    QualityFloor,
    Price,
}

/// <summary>Two constraints that cannot both hold.</summary>
/// <param name="Kept">The stronger one; it holds.</param>
/// <param name="GaveWay">The weaker one; equal to <paramref name="Kept"/> where a budget cannot be met even by the cheapest path.</param>
/// <param name="Controller">Name of the price controller whose limit gives way; empty where none is concerned.</param>
/// <param name="Words">Both with figures, and what it would take.</param>
public sealed record ConstraintConflict(Constraint Kept, Constraint GaveWay, string Controller, string Words);
