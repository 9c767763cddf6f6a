using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.PickPlace;

/// <summary>
/// Lays a table for an episode: pads first, then the thing asked for, then distractors that share its colour or its shape. Everything that
/// clutter makes harder is decided here.
/// </summary>
internal static class PickPlaceLayer
{
    private const int DistractorMost = 8;
    private const int PadMost = 3;
    private const int PlacementTryLimit = 60;
    private const float SameColorShare = 0.35f;
    private const float SameShapeShare = 0.3f;
    private const float LookalikeShare = 0.3f;

    /// <summary>Distance between two centres, in sums of radii: things never overlap, because each must be graspable.</summary>
    private const float Spacing = 1.05f;

    /// <summary>
    /// Lays pads and things into the scene and returns how many of them are pads; index 0 is the pad asked for, the first index after the
    /// pads the thing asked for.
    /// </summary>
    public static int Lay(TabletopScene scene, float clutter, ref SeededRandom random)
    {
        scene.Clutter = clutter;
        scene.Look = TableLayer.LookOf(clutter, ref random);
        scene.LookRevision++;
        scene.Count = 0;
        int pads = 1 + (int)MathF.Round((PadMost - 1) * clutter), firstColor = random.NextIndex(TabletopPalette.ColorCount), padCount = 0;
        for (int i = 0; i < pads; i++)
        {
            // At most three pads: 0, 1 and 3 places further round the palette are three different colours.
            int color = (firstColor + (i * (i + 1) / 2)) % TabletopPalette.ColorCount;
            padCount += TryAdd(scene, PadOf(color, clutter, ref random), ref random) ? 1 : 0;
        }

        var target = ThingOf(clutter, ref random);
        TryAdd(scene, target, ref random);
        for (int i = (int)MathF.Round(DistractorMost * clutter); i > 0; i--)
        {
            TryAdd(scene, DistractorOf(target, clutter, ref random), ref random);
        }

        return padCount;
    }

    private static TabletopObject PadOf(int color, float clutter, ref SeededRandom random)
    {
        float dye = DyeMost(clutter);
        return new TabletopObject
        {
            Shape = ShapeKind.Pad, ColorIndex = color, Radius = PickPlaceRules.PadRadius, AngleRadians = random.NextBetween(-0.2f, 0.2f),
            Tint = (TableLayer.DyeOf(dye, ref random), TableLayer.DyeOf(dye, ref random), TableLayer.DyeOf(dye, ref random)),
        };
    }

    private static TabletopObject ThingOf(float clutter, ref SeededRandom random)
    {
        float dye = DyeMost(clutter);
        return new TabletopObject
        {
            Shape = (ShapeKind)random.NextIndex(ShapeKinds.TargetCount),
            ColorIndex = random.NextIndex(TabletopPalette.ColorCount),
            Radius = TableLayer.Mix(0.085f, 0.055f, clutter) * random.NextBetween(0.93f, 1.07f),
            AngleRadians = random.NextBetween(-0.6f, 0.6f),
            Tint = (TableLayer.DyeOf(dye, ref random), TableLayer.DyeOf(dye, ref random), TableLayer.DyeOf(dye, ref random)),
        };
    }

    /// <summary>A thing that is not the one asked for, though it may share its colour or its shape, or look much like it.</summary>
    private static TabletopObject DistractorOf(in TabletopObject target, float clutter, ref SeededRandom random)
    {
        var thing = ThingOf(clutter, ref random);
        float kind = random.NextUnit();
        thing.ColorIndex = kind < SameColorShare ? target.ColorIndex : thing.ColorIndex;
        if (kind >= SameColorShare && kind < SameColorShare + SameShapeShare)
        {
            thing.Shape = target.Shape;
        }
        else if (random.NextUnit() < LookalikeShare)
        {
            thing.Shape = (ShapeKind)(ShapeKinds.TargetCount + random.NextIndex(ShapeKinds.Count - ShapeKinds.TargetCount));
        }

        if (thing.ColorIndex == target.ColorIndex && thing.Shape == target.Shape)
        {
            thing.Shape = (ShapeKind)(((int)thing.Shape + 1 + random.NextIndex(ShapeKinds.TargetCount - 1)) % ShapeKinds.TargetCount);
        }

        return thing;
    }

    /// <summary>Puts it where there is room; false, and left out, where there is none. The first of everything always finds room.</summary>
    private static bool TryAdd(TabletopScene scene, TabletopObject thing, ref SeededRandom random)
    {
        float margin = thing.Radius + 0.01f;
        for (int i = 0; i < PlacementTryLimit; i++)
        {
            (thing.X, thing.Y) = (random.NextBetween(margin, 1 - margin), random.NextBetween(margin, 1 - margin));
            if (IsFree(scene, thing))
            {
                scene.Slots[scene.Count++] = thing;
                return true;
            }
        }

        return false;
    }

    private static bool IsFree(TabletopScene scene, in TabletopObject thing)
    {
        foreach (ref readonly var other in scene.Objects)
        {
            float gap = Spacing * (thing.Radius + other.Radius), dx = other.X - thing.X, dy = other.Y - thing.Y;
            if ((dx * dx) + (dy * dy) < gap * gap)
            {
                return false;
            }
        }

        return true;
    }

    private static float DyeMost(float clutter) => TableLayer.Mix(5, 14, clutter);
}
