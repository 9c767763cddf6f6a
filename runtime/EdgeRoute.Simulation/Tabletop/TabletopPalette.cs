namespace EdgeRoute.Simulation.Tabletop;

/// <summary>The colours of the things on the table, and the labels that a detector of them uses.</summary>
public static class TabletopPalette
{
    private static readonly string[] Colors = ["red", "orange", "yellow", "green", "blue", "purple"];
    private static readonly string[] Shapes = ["disc", "square", "triangle", "star", "cross"];
    private static readonly byte[] Values = [214, 42, 42, 240, 128, 24, 236, 212, 48, 44, 156, 66, 44, 92, 206, 138, 60, 170, 52, 54, 60];

    /// <summary>Of the gripper: dark metal. Not one of the colours things have.</summary>
    public const int SteelIndex = 6;

    public static int ColorCount => Colors.Length;

    /// <summary>Classes a detector tells apart: colour times target shape, shape running fastest.</summary>
    public static int ClassCount => Colors.Length * ShapeKinds.TargetCount;

    /// <summary>Red, green and blue, 0..255, under even light.</summary>
    public static ReadOnlySpan<byte> ValueOf(int colorIndex) => Values.AsSpan(colorIndex * 3, 3);

    public static int ClassOf(int colorIndex, ShapeKind shape) => (colorIndex * ShapeKinds.TargetCount) + (int)shape;

    public static string ColorOf(int colorIndex) => Colors[colorIndex];

    public static string ShapeOf(ShapeKind shape) => Shapes[(int)shape];

    /// <summary>For people: <c>red star</c>.</summary>
    public static string LabelOf(int classIndex) =>
        $"{Colors[classIndex / ShapeKinds.TargetCount]} {Shapes[classIndex % ShapeKinds.TargetCount]}";
}
