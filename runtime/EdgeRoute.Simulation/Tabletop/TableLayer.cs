namespace EdgeRoute.Simulation.Tabletop;

/// <summary>Lays a table: its look, what lies on it and where. Everything that clutter makes harder is decided here.</summary>
internal static class TableLayer
{
    /// <summary>Tries to find a free spot before the thing is left out: at this many the table is as good as full.</summary>
    private const int PlacementTryLimit = 40;

    /// <summary>
    /// Grey textures and tints keep well below the palette's saturation, so that even a busy table leaves the things visible.
    /// </summary>
    private const float TableSaturationLimit = 0.3f;

    public static void Lay(TabletopScene scene, float clutter, ref SeededRandom random)
    {
        scene.Clutter = clutter;
        scene.Look = LookOf(clutter, ref random);
        scene.LookRevision++;
        scene.Count = 0;
        int wanted = (int)MathF.Round(Mix(2, 24, clutter) + random.NextBetween(-0.5f, 2.5f));
        for (int i = 0; i < wanted; i++)
        {
            var thing = ThingOf(clutter, ref random);
            if (FindSpot(scene, -1, thing.Radius, ref random, out float x, out float y))
            {
                scene.Slots[scene.Count++] = thing with { X = x, Y = y };
            }
        }
    }

    /// <summary>A spot inside the frame that keeps its distance from everything but the thing at <paramref name="exceptIndex"/>.</summary>
    public static bool FindSpot(TabletopScene scene, int exceptIndex, float radius, ref SeededRandom random, out float x, out float y)
    {
        float spacing = Mix(1.2f, 0.55f, scene.Clutter);
        for (int i = 0; i < PlacementTryLimit; i++)
        {
            x = random.NextBetween(radius, scene.Aspect - radius);
            y = random.NextBetween(radius, 1 - radius);
            if (IsFree(scene, exceptIndex, x, y, radius, spacing))
            {
                return true;
            }
        }

        (x, y) = (0, 0);
        return false;
    }

    private static bool IsFree(TabletopScene scene, int exceptIndex, float x, float y, float radius, float spacing)
    {
        var objects = scene.Objects;
        for (int i = 0; i < objects.Length; i++)
        {
            float gap = spacing * (radius + objects[i].Radius), dx = objects[i].X - x, dy = objects[i].Y - y;
            if (i != exceptIndex && (dx * dx) + (dy * dy) < gap * gap)
            {
                return false;
            }
        }

        return true;
    }

    private static TabletopObject ThingOf(float clutter, ref SeededRandom random)
    {
        bool isLookalike = random.NextUnit() < Mix(0.04f, 0.3f, clutter);
        int shape = isLookalike
            ? ShapeKinds.TargetCount + random.NextIndex(ShapeKinds.Count - ShapeKinds.TargetCount)
            : random.NextIndex(ShapeKinds.TargetCount);
        float dye = Mix(5, 14, clutter);
        return new TabletopObject
        {
            Shape = (ShapeKind)shape,
            ColorIndex = random.NextIndex(TabletopPalette.ColorCount),
            Radius = Mix(0.12f, 0.042f, clutter) * random.NextBetween(0.75f, 1.25f),
            AngleRadians = random.NextBetween(0, MathF.Tau),
            Tint = (DyeOf(dye, ref random), DyeOf(dye, ref random), DyeOf(dye, ref random)),
        };
    }

    internal static sbyte DyeOf(float limit, ref SeededRandom random) => (sbyte)random.NextBetween(-limit, limit);

    internal static TableLook LookOf(float clutter, ref SeededRandom random)
    {
        float value = random.NextBetween(70, 205), saturation = TableSaturationLimit * random.NextUnit() * random.NextUnit();
        float warm = random.NextBetween(-1, 1), light = random.NextBetween(0.85f, 1.1f), slope = Mix(0.2f, 0.5f, clutter);
        return new TableLook(
            TextureIndex: random.NextIndex(1 << 16),
            Red: value * (1 + (saturation * warm)),
            Green: value * (1 + (saturation * random.NextBetween(-0.3f, 0.3f))),
            Blue: value * (1 - (saturation * warm)),
            TextureContrast: Mix(0.25f, 0.75f, clutter) * random.NextBetween(0.5f, 1),
            TextureScale: random.NextBetween(0.8f, 1.6f),
            TextureX: random.NextUnit(),
            TextureY: random.NextUnit(),
            Light: light,
            LightX: random.NextBetween(-slope, slope),
            LightY: random.NextBetween(-slope, slope),
            NoiseLevel: Mix(1.5f, 6, clutter * random.NextUnit()),
            Blur: Mix(0.05f, 0.3f, clutter) * random.NextUnit());
    }

    internal static float Mix(float calm, float busy, float clutter) => calm + ((busy - calm) * clutter);
}
