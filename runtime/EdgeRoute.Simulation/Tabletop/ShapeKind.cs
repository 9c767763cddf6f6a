namespace EdgeRoute.Simulation.Tabletop;

/// <summary>What lies on the table. The first <see cref="ShapeKinds.TargetCount"/> are looked for; the others only look alike and carry no label.</summary>
public enum ShapeKind : byte
{
    Disc = 0,
    Square = 1,
    Triangle = 2,
    Star = 3,
    Cross = 4,

    /// <summary>A disc with a hole: a lookalike of <see cref="Disc"/>.</summary>
    Ring = 5,

    /// <summary>A long rectangle: a lookalike of <see cref="Square"/>.</summary>
    Bar = 6,

    /// <summary>Four points: a lookalike of <see cref="Star"/> and <see cref="Cross"/>.</summary>
    Spark = 7,
}

public static class ShapeKinds
{
    public const int TargetCount = 5;

    public const int Count = 8;

    public static bool IsTarget(this ShapeKind kind) => (int)kind < TargetCount;
}
