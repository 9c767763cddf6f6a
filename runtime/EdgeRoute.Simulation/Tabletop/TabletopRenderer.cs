namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// Draws a scene as packed 8-bit RGB of a fixed size. The table's own picture is kept from frame to frame; things, blur and noise are new
/// each time. Allocates nothing per frame.
/// </summary>
public sealed class TabletopRenderer
{
    /// <summary>Shadows fall this far to the right and half as far again down, in radii of the thing.</summary>
    private const float ShadowShift = 0.14f;

    private const float ShadowSoftness = 0.22f;
    private const float ShadowDarkness = 0.45f;

    /// <summary>A thing's edge is darkened over this share of its radius, which tells overlapping things of one colour apart.</summary>
    private const float RimWidth = 0.16f;

    private const float RimDarkness = 0.22f;

    private readonly TableTextures _textures;
    private readonly PixelFilters _filters;
    private readonly byte[] _table;
    private long _tableRevision = -1;

    /// <param name="width">Pixels; the scene's aspect is stretched to it.</param>
    /// <param name="seed">Decides textures and noise.</param>
    public TabletopRenderer(int width, int height, ulong seed)
    {
        (Width, Height) = (width, height);
        _textures = new TableTextures(seed);
        _filters = new PixelFilters(width, seed + 1);
        _table = new byte[width * height * 3];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Draws into <paramref name="pixels"/>: <c>Width * Height * 3</c> bytes, rows without padding.</summary>
    public void Draw(TabletopScene scene, Span<byte> pixels)
    {
        if (_tableRevision != scene.LookRevision)
        {
            DrawTable(scene.Look);
            _tableRevision = scene.LookRevision;
        }

        _table.CopyTo(pixels);
        foreach (ref readonly var thing in scene.Objects)
        {
            DrawThing(scene, thing, pixels);
        }

        _filters.Blur(pixels, scene.Look.Blur);
        _filters.AddNoise(pixels, scene.Look.NoiseLevel);
    }

    private void DrawTable(in TableLook look)
    {
        int step = (int)(look.TextureScale * TableTextures.Side / Height * 65536);
        int startX = (int)(look.TextureX * TableTextures.Side) << 16, v = (int)(look.TextureY * TableTextures.Side) << 16;
        int contrast = (int)(look.TextureContrast * 256);
        var tile = _textures.TileOf(look.TextureIndex);
        for (int y = 0; y < Height; y++, v += step)
        {
            float light = LightAt(look, 0, (y + 0.5f) / Height);
            var row = _table.AsSpan(y * Width * 3, Width * 3);
            DrawTableRow(look, row, new TexelWalk(tile, startX, v, step), contrast, light, look.LightX / Width);
        }
    }

    /// <summary>Texture times light times colour, in 8-bit fixed point.</summary>
    private static void DrawTableRow(in TableLook look, Span<byte> row, TexelWalk texels, int contrast, float light, float lightStep)
    {
        int red = (int)look.Red, green = (int)look.Green, blue = (int)look.Blue;
        int gain = (int)(light * 65536), gainStep = (int)(lightStep * 65536);
        for (int i = 0; i + 2 < row.Length; i += 3, gain += gainStep)
        {
            int grey = Math.Max(0, 256 + (((texels.Next() - 128) * contrast) >> 8));
            int bright = (grey * (gain >> 4)) >> 12;
            row[i] = (byte)Math.Min(255, (red * bright) >> 8);
            row[i + 1] = (byte)Math.Min(255, (green * bright) >> 8);
            row[i + 2] = (byte)Math.Min(255, (blue * bright) >> 8);
        }
    }

    /// <summary>Brightness at a place given in fractions of the frame.</summary>
    private static float LightAt(in TableLook look, float x, float y) =>
        Math.Clamp(look.Light + (look.LightX * (x - 0.5f)) + (look.LightY * (y - 0.5f)), 0.2f, 1.6f);

    private void DrawThing(TabletopScene scene, in TabletopObject thing, Span<byte> pixels)
    {
        float shift = ShadowShift * thing.Radius;
        var shadow = thing with { X = thing.X + shift, Y = thing.Y + (1.5f * shift) };
        float light = LightAt(scene.Look, thing.X / scene.Aspect, thing.Y);
        var color = TabletopPalette.ValueOf(thing.ColorIndex);
        if (thing.Shape is not (ShapeKind.Pad or ShapeKind.Gripper))
        {
            Paint(scene.Aspect, shadow, pixels, new Brush(0, 0, 0, ShadowDarkness, ShadowSoftness, 0));
        }

        Paint(scene.Aspect, thing, pixels, new Brush(
            (color[0] + thing.Tint.Red) * light, (color[1] + thing.Tint.Green) * light, (color[2] + thing.Tint.Blue) * light, 1, 0,
            RimDarkness));
    }

    /// <param name="Red">Colour to lay on, likewise green and blue.</param>
    /// <param name="Cover">How much of what lies below is hidden well inside.</param>
    /// <param name="Softness">Width of the edge in radii; 0 for an edge one pixel wide.</param>
    /// <param name="Rim">How much darker the edge is.</param>
    private readonly record struct Brush(float Red, float Green, float Blue, float Cover, float Softness, float Rim);

    private void Paint(float aspect, in TabletopObject thing, Span<byte> pixels, in Brush brush)
    {
        float unitsX = aspect / Width, unitsY = 1f / Height, reach = thing.Radius * (1 + brush.Softness);
        var (sin, cos) = MathF.SinCos(thing.AngleRadians);
        float scale = 1 / thing.Radius, sharp = 1 / MathF.Max(brush.Softness, scale * MathF.Max(unitsX, unitsY));
        int left = Math.Max(0, (int)((thing.X - reach) / unitsX)), right = Math.Min(Width - 1, (int)((thing.X + reach) / unitsX) + 1);
        int top = Math.Max(0, (int)((thing.Y - reach) / unitsY)), bottom = Math.Min(Height - 1, (int)((thing.Y + reach) / unitsY) + 1);
        for (int y = top; y <= bottom; y++)
        {
            float dy = (((y + 0.5f) * unitsY) - thing.Y) * scale;
            var row = pixels.Slice(y * Width * 3, Width * 3);
            for (int x = left; x <= right; x++)
            {
                float dx = (((x + 0.5f) * unitsX) - thing.X) * scale;
                float distance = ShapeField.Distance(thing.Shape, (dx * cos) + (dy * sin), (dy * cos) - (dx * sin));
                float cover = Math.Clamp(0.5f - (distance * sharp), 0, 1) * brush.Cover;
                if (cover > 0)
                {
                    Lay(row.Slice(x * 3, 3), brush, cover, 1 - (brush.Rim * Math.Clamp(1 + (distance / RimWidth), 0, 1)));
                }
            }
        }
    }

    private static void Lay(Span<byte> pixel, in Brush brush, float cover, float shade)
    {
        pixel[0] = Over(pixel[0], brush.Red * shade, cover);
        pixel[1] = Over(pixel[1], brush.Green * shade, cover);
        pixel[2] = Over(pixel[2], brush.Blue * shade, cover);
    }

    private static byte Over(byte below, float above, float cover) => (byte)Math.Clamp(below + ((above - below) * cover), 0, 255);

    /// <summary>Bilinear reading along one row of a repeating texture; coordinates in 16.16 fixed point.</summary>
    private ref struct TexelWalk(ReadOnlySpan<byte> tile, int startX, int y, int step)
    {
        private readonly ReadOnlySpan<byte> _upper = tile.Slice(((y >> 16) & (TableTextures.Side - 1)) * TableTextures.Side,
            TableTextures.Side);
        private readonly ReadOnlySpan<byte> _lower = tile.Slice((((y >> 16) + 1) & (TableTextures.Side - 1)) * TableTextures.Side,
            TableTextures.Side);
        private readonly int _partY = (y >> 8) & 255;
        private readonly int _step = step;
        private int _x = startX;

        public int Next()
        {
            int first = (_x >> 16) & (TableTextures.Side - 1), next = (first + 1) & (TableTextures.Side - 1), partX = (_x >> 8) & 255;
            _x += _step;
            int top = (_upper[first] << 8) + ((_upper[next] - _upper[first]) * partX);
            int bottom = (_lower[first] << 8) + ((_lower[next] - _lower[first]) * partX);
            return (top + (((bottom - top) * _partY) >> 8)) >> 8;
        }
    }
}
