namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// The shapes as distance fields: negative inside, positive outside, in units of the shape's radius, steepness 1 across an edge, so that
/// a renderer can turn the value into pixel coverage. All fit the unit circle.
/// </summary>
internal static class ShapeField
{
    private const float SquareHalf = 0.7f;
    private const float CrossArm = 0.95f;
    private const float CrossHalf = 0.31f;
    private const float RingMiddle = 0.74f;
    private const float RingHalf = 0.24f;
    private const float BarLong = 0.93f;
    private const float BarShort = 0.36f;
    private const float TriangleInset = 0.5f;
    private const float PadMiddle = 0.76f;
    private const float PadHalf = 0.15f;
    private const float PadOuter = PadMiddle + PadHalf;
    private const float GripperRing = 0.8f;
    private const float GripperRingHalf = 0.07f;
    private const float GripperFingerMiddle = 0.74f;
    private const float GripperFingerLong = 0.2f;
    private const float GripperFingerHalf = 0.17f;

    /// <summary>
    /// Distance from the star's centre to its inner corners: a little fatter than the regular pentagram's 0.382, readable when small.
    /// </summary>
    private const float StarInner = 0.45f;

    private const float SparkInner = 0.36f;

    private static readonly PointedShape Star = new(5, StarInner);

    private static readonly PointedShape Spark = new(4, SparkInner);

    private static readonly float[][] Corners =
    [
        [],
        [SquareHalf, SquareHalf, -SquareHalf, SquareHalf, -SquareHalf, -SquareHalf, SquareHalf, -SquareHalf],
        [0, -1, 0.8660254f, TriangleInset, -0.8660254f, TriangleInset],
        Star.Points,
        [
            CrossArm, CrossHalf, CrossArm, -CrossHalf, -CrossArm, CrossHalf, -CrossArm, -CrossHalf,
            CrossHalf, CrossArm, -CrossHalf, CrossArm, CrossHalf, -CrossArm, -CrossHalf, -CrossArm,
        ],
        [],
        [BarLong, BarShort, -BarLong, BarShort, -BarLong, -BarShort, BarLong, -BarShort],
        Spark.Points,
        [PadOuter, PadOuter, -PadOuter, PadOuter, -PadOuter, -PadOuter, PadOuter, -PadOuter],
        [],
    ];

    /// <summary>Distance of a point in the shape's own frame (x right, y down, unrotated).</summary>
    public static float Distance(ShapeKind kind, float x, float y) => kind switch
    {
        ShapeKind.Disc => MathF.Sqrt((x * x) + (y * y)) - 1,
        ShapeKind.Square => MathF.Max(MathF.Abs(x), MathF.Abs(y)) - SquareHalf,
        ShapeKind.Triangle => MathF.Max(y, (0.8660254f * MathF.Abs(x)) - (0.5f * y)) - TriangleInset,
        ShapeKind.Star => Star.Distance(x, y),
        ShapeKind.Cross => CrossDistance(MathF.Abs(x), MathF.Abs(y)),
        ShapeKind.Ring => MathF.Abs(MathF.Sqrt((x * x) + (y * y)) - RingMiddle) - RingHalf,
        ShapeKind.Pad => MathF.Abs(MathF.Max(MathF.Abs(x), MathF.Abs(y)) - PadMiddle) - PadHalf,
        ShapeKind.Gripper => GripperDistance(MathF.Abs(x), y),
        ShapeKind.Bar => MathF.Max(MathF.Abs(x) - BarLong, MathF.Abs(y) - BarShort),
        _ => Spark.Distance(x, y),
    };

    /// <summary>The smallest upright box around the rotated shape, relative to its centre.</summary>
    public static (float Left, float Top, float Right, float Bottom) Extent(ShapeKind kind, float cos, float sin)
    {
        var corners = Corners[(int)kind];
        if (corners.Length == 0)
        {
            float radius = kind == ShapeKind.Ring ? RingMiddle + RingHalf : 1;
            return (-radius, -radius, radius, radius);
        }

        var (left, top, right, bottom) = (float.MaxValue, float.MaxValue, float.MinValue, float.MinValue);
        for (int i = 0; i < corners.Length; i += 2)
        {
            float x = (corners[i] * cos) - (corners[i + 1] * sin), y = (corners[i] * sin) + (corners[i + 1] * cos);
            left = MathF.Min(left, x);
            top = MathF.Min(top, y);
            right = MathF.Max(right, x);
            bottom = MathF.Max(bottom, y);
        }

        return (left, top, right, bottom);
    }

    private static float GripperDistance(float x, float y)
    {
        float ring = MathF.Abs(MathF.Sqrt((x * x) + (y * y)) - GripperRing) - GripperRingHalf;
        return MathF.Min(ring, MathF.Max(MathF.Abs(x - GripperFingerMiddle) - GripperFingerLong, MathF.Abs(y) - GripperFingerHalf));
    }

    private static float CrossDistance(float x, float y) =>
        MathF.Min(MathF.Max(x - CrossArm, y - CrossHalf), MathF.Max(x - CrossHalf, y - CrossArm));

    /// <summary>A star of any number of points: folded onto half of one point, where its edge is a single straight line.</summary>
    private sealed class PointedShape
    {
        private readonly float[] _mirrors;
        private readonly float _edgeX;
        private readonly float _edgeY;
        private readonly float _edgeOffset;

        public PointedShape(int pointCount, float inner)
        {
            double half = Math.PI / pointCount;
            (double innerX, double innerY) = (inner * Math.Sin(half), -inner * Math.Cos(half));
            double length = Math.Sqrt((innerX * innerX) + ((innerY + 1) * (innerY + 1)));
            (_edgeX, _edgeY) = ((float)((innerY + 1) / length), (float)(-innerX / length));
            _edgeOffset = -_edgeY;
            _mirrors = [.. MirrorsOf(pointCount, half)];
            Points = new float[pointCount * 2];
            for (int i = 0; i < pointCount; i++)
            {
                Points[2 * i] = (float)Math.Sin(2 * half * i);
                Points[(2 * i) + 1] = -(float)Math.Cos(2 * half * i);
            }
        }

        public float[] Points { get; }

        public float Distance(float x, float y)
        {
            x = MathF.Abs(x);
            for (int i = 0; i < _mirrors.Length; i += 2)
            {
                float past = MathF.Max(0, (x * _mirrors[i]) + (y * _mirrors[i + 1]));
                x -= 2 * past * _mirrors[i];
                y -= 2 * past * _mirrors[i + 1];
                x = MathF.Abs(x);
            }

            return (x * _edgeX) + (y * _edgeY) - _edgeOffset;
        }

        /// <summary>
        /// Normals of the mirror lines through the inner corners, from the one farthest from the top point to the nearest.
        /// </summary>
        private static IEnumerable<float> MirrorsOf(int pointCount, double half)
        {
            for (int fold = pointCount / 2; fold >= 1; fold--)
            {
                double angle = half * ((2 * fold) - 1);
                yield return (float)Math.Cos(angle);
                yield return (float)Math.Sin(angle);
            }
        }
    }
}
