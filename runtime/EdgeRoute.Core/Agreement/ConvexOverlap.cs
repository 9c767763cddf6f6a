using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Agreement;

/// <summary>
/// Intersection over union of two convex quadrilaterals, exactly: one is cut along each side of the other (Sutherland and Hodgman, CACM
/// 17(1), 1974). A ratio of areas is the same in fractions of a frame as in its pixels.
/// </summary>
internal static class ConvexOverlap
{
    private const int CornerCount = 4;

    /// <summary>Each of four cuts adds one corner at most.</summary>
    private const int CutCorners = 2 * CornerCount;

    public static float Of(ReadOnlySpan<DetailPoint> a, ReadOnlySpan<DetailPoint> b)
    {
        double areaA = SignedArea(a), areaB = SignedArea(b), both = 0;
        if (Math.Abs(areaA) > 0 && Math.Abs(areaB) > 0)
        {
            both = Math.Abs(Intersection(a, b, Math.Sign(areaB)));
        }

        double either = Math.Abs(areaA) + Math.Abs(areaB) - both;
        return either > 0 ? (float)(both / either) : 0;
    }

    private static double Intersection(ReadOnlySpan<DetailPoint> a, ReadOnlySpan<DetailPoint> b, int turn)
    {
        Span<DetailPoint> shape = stackalloc DetailPoint[CutCorners], cut = stackalloc DetailPoint[CutCorners];
        a.CopyTo(shape);
        int count = a.Length;
        for (int i = 0; i < CornerCount && count > 0; i++)
        {
            count = Cut(shape[..count], b[i], b[(i + 1) % CornerCount], turn, cut);
            cut[..count].CopyTo(shape);
        }

        return SignedArea(shape[..count]);
    }

    /// <summary>Keeps what lies on the inner side of a line; returns the number of corners left.</summary>
    private static int Cut(ReadOnlySpan<DetailPoint> shape, in DetailPoint start, in DetailPoint end, int turn, Span<DetailPoint> into)
    {
        int count = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            ref readonly var here = ref shape[i];
            ref readonly var next = ref shape[(i + 1) % shape.Length];
            double side = Side(start, end, here) * turn, nextSide = Side(start, end, next) * turn;
            if (side >= 0 && count < into.Length)
            {
                into[count++] = here;
            }

            if ((side >= 0) != (nextSide >= 0) && count < into.Length)
            {
                float share = (float)(side / (side - nextSide));
                into[count++] = new(here.X + ((next.X - here.X) * share), here.Y + ((next.Y - here.Y) * share), 1);
            }
        }

        return count;
    }

    private static double Side(in DetailPoint start, in DetailPoint end, in DetailPoint at) =>
        (((double)end.X - start.X) * ((double)at.Y - start.Y)) - (((double)end.Y - start.Y) * ((double)at.X - start.X));

    private static double SignedArea(ReadOnlySpan<DetailPoint> shape)
    {
        double twice = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            ref readonly var next = ref shape[(i + 1) % shape.Length];
            twice += ((double)shape[i].X * next.Y) - ((double)next.X * shape[i].Y);
        }

        return twice / 2;
    }
}
