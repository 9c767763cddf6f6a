namespace EdgeRoute.Simulation.Tabletop;

/// <summary>How the table and the light look.</summary>
/// <param name="TextureIndex">Which of the renderer's textures, before the remainder by their number.</param>
/// <param name="Red">Mean colour of the table, 0..255, likewise green and blue.</param>
/// <param name="TextureContrast">0 (plain) to 1.</param>
/// <param name="TextureScale">Texture repeats per frame height.</param>
/// <param name="Light">Brightness at the centre; 1 is even light.</param>
/// <param name="LightX">Change of brightness from the left edge to the right.</param>
/// <param name="LightY">Change of brightness from the top edge to the bottom.</param>
/// <param name="NoiseLevel">Deviation of the pixel noise in grey levels.</param>
/// <param name="Blur">Share of each pixel that comes from its two neighbours, per direction: 0 (sharp) to 0.5.</param>
public readonly record struct TableLook(
    int TextureIndex, float Red, float Green, float Blue, float TextureContrast, float TextureScale, float TextureX, float TextureY,
    float Light, float LightX, float LightY, float NoiseLevel, float Blur);

/// <summary>
/// The state of the table at one instant: what the renderer draws and the truth is told from. Later things lie on top of earlier ones.
/// </summary>
public sealed class TabletopScene
{
    /// <summary>Most things on one table: beyond this a frame of 480 rows holds nothing that a person could tell apart.</summary>
    public const int ObjectLimit = 32;

    private readonly TabletopObject[] _objects = new TabletopObject[ObjectLimit];

    /// <summary>Width of the table divided by its height.</summary>
    public required float Aspect { get; init; }

    /// <summary>How hard this table is, in [0, 1].</summary>
    public float Clutter { get; set; }

    public TableLook Look { get; set; }

    /// <summary>Grows whenever <see cref="Look"/> changes, so that a renderer can keep the table's picture.</summary>
    public long LookRevision { get; set; }

    public int Count { get; set; }

    public Span<TabletopObject> Objects => _objects.AsSpan(0, Count);

    /// <summary>Storage of all things; the first <see cref="Count"/> lie on the table.</summary>
    internal TabletopObject[] Slots => _objects;
}
