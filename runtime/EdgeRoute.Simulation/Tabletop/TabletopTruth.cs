using EdgeRoute.Core.Frames;

namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// What really lies on a frame: a box and a class per target shape, and how much of it can be seen. Filled in place; allocates nothing per
/// frame.
/// </summary>
public sealed class TabletopTruth
{
    /// <summary>
    /// Points per side of the grid that samples how much of a shape is covered: 144 points give 1 % steps, finer than anyone needs.
    /// </summary>
    private const int SampleSideCount = 12;

    private readonly Detection[] _boxes = new Detection[TabletopScene.ObjectLimit];
    private readonly float[] _visible = new float[TabletopScene.ObjectLimit];
    private readonly int[] _objectIndices = new int[TabletopScene.ObjectLimit];

    public int Count { get; private set; }

    /// <summary>How hard the frame is, in [0, 1].</summary>
    public float Clutter { get; private set; }

    /// <summary>Boxes in fractions of the frame's sides, confidence 1, class by <see cref="TabletopPalette.ClassOf"/>.</summary>
    public ReadOnlySpan<Detection> Boxes => _boxes.AsSpan(0, Count);

    /// <summary>Fraction of each shape that no other thing covers, in [0, 1].</summary>
    public ReadOnlySpan<float> VisibleFractions => _visible.AsSpan(0, Count);

    /// <summary>Which thing of the scene each box belongs to.</summary>
    public ReadOnlySpan<int> ObjectIndices => _objectIndices.AsSpan(0, Count);

    public void TellFrom(TabletopScene scene)
    {
        Clutter = scene.Clutter;
        Count = 0;
        var objects = scene.Objects;
        for (int i = 0; i < objects.Length; i++)
        {
            if (objects[i].Shape.IsTarget())
            {
                _boxes[Count] = BoxOf(objects[i], scene.Aspect);
                _visible[Count] = VisibleFractionOf(objects, i);
                _objectIndices[Count++] = i;
            }
        }
    }

    private static Detection BoxOf(in TabletopObject thing, float aspect)
    {
        var (sin, cos) = MathF.SinCos(thing.AngleRadians);
        var (left, top, right, bottom) = ShapeField.Extent(thing.Shape, cos, sin);
        float r = thing.Radius;
        return new Detection(
            (thing.X + (left * r)) / aspect, thing.Y + (top * r), (right - left) * r / aspect, (bottom - top) * r, 1,
            TabletopPalette.ClassOf(thing.ColorIndex, thing.Shape));
    }

    private static float VisibleFractionOf(Span<TabletopObject> objects, int index)
    {
        uint above = 0;
        for (int i = index + 1; i < objects.Length; i++)
        {
            float reach = objects[i].Radius + objects[index].Radius, dx = objects[i].X - objects[index].X,
                dy = objects[i].Y - objects[index].Y;
            above |= (dx * dx) + (dy * dy) < reach * reach ? 1u << i : 0;
        }

        return above == 0 ? 1 : SampleVisible(objects, index, above);
    }

    private static float SampleVisible(Span<TabletopObject> objects, int index, uint above)
    {
        var thing = objects[index];
        var (sin, cos) = MathF.SinCos(thing.AngleRadians);
        int inside = 0, seen = 0;
        for (int sample = 0; sample < SampleSideCount * SampleSideCount; sample++)
        {
            float u = ((2 * (sample % SampleSideCount)) + 1 - SampleSideCount) / (float)SampleSideCount;
            float v = ((2 * (sample / SampleSideCount)) + 1 - SampleSideCount) / (float)SampleSideCount;
            if (ShapeField.Distance(thing.Shape, u, v) < 0)
            {
                inside++;
                float x = thing.X + (thing.Radius * ((u * cos) - (v * sin))), y = thing.Y + (thing.Radius * ((u * sin) + (v * cos)));
                seen += IsCovered(objects, above, x, y) ? 0 : 1;
            }
        }

        return seen / (float)Math.Max(1, inside);
    }

    private static bool IsCovered(Span<TabletopObject> objects, uint above, float x, float y)
    {
        for (; above != 0; above &= above - 1)
        {
            ref readonly var thing = ref objects[System.Numerics.BitOperations.TrailingZeroCount(above)];
            var (sin, cos) = MathF.SinCos(thing.AngleRadians);
            float dx = (x - thing.X) / thing.Radius, dy = (y - thing.Y) / thing.Radius;
            if (ShapeField.Distance(thing.Shape, (dx * cos) + (dy * sin), (dy * cos) - (dx * sin)) < 0)
            {
                return true;
            }
        }

        return false;
    }
}
