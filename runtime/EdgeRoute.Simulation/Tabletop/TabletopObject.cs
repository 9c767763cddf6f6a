namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// One thing on the table. Positions are in table units: the frame's height is 1, x runs right from 0 to the frame's aspect ratio, y down
/// from 0 to 1.
/// </summary>
public record struct TabletopObject
{
    public ShapeKind Shape { get; set; }

    public int ColorIndex { get; set; }

    public float X { get; set; }

    public float Y { get; set; }

    /// <summary>Radius of the circle around it, in table units.</summary>
    public float Radius { get; set; }

    /// <summary>Turned clockwise by this many radians.</summary>
    public float AngleRadians { get; set; }

    /// <summary>Added to the palette's red, green and blue: no two things are dyed quite alike.</summary>
    public (sbyte Red, sbyte Green, sbyte Blue) Tint { get; set; }
}
