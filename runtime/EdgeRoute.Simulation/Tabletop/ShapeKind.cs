namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// What lies on the table. The first <see cref="ShapeKinds.TargetCount"/> are looked for; the others only look alike and carry no label.
/// </summary>
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

    /// <summary>A thick hollow square: a place to put things on, flat on the table.</summary>
    Pad = 8,

    /// <summary>A thin ring with two fingers: the robot's gripper from above, over everything else.</summary>
    Gripper = 9,
}

internal static class ShapeKinds
{
    public const int TargetCount = 5;

    /// <summary>Kinds that may lie about: targets and their lookalikes.</summary>
    public const int Count = 8;

    public static bool IsTarget(this ShapeKind kind) => (int)kind < TargetCount;
}
