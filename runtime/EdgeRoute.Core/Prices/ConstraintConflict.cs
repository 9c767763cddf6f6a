namespace EdgeRoute.Core.Prices;

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
