using System.Numerics.Tensors;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// The rectangle of least area around the cells of a region, taken as points at whole numbers. One of its sides lies along a side of the
/// convex hull (Freeman and Shapira, CACM 18(7), 1975), so each of those is tried; of equal ones the first counts.
/// </summary>
internal sealed class SmallestRectangle
{
    /// <summary>Points and hull; they grow with the tallest region seen.</summary>
    private (int X, int Y)[] _points = new (int, int)[256];
    private (int X, int Y)[] _hull = new (int, int)[257];

    /// <param name="runs">Row after row, left to right.</param>
    public TurnedRectangle Around(ReadOnlySpan<MapRun> runs)
    {
        var hull = Hull(Ends(runs));
        if (hull.Length == 1)
        {
            return new TurnedRectangle(hull[0].X, hull[0].Y, 0, 0, 1, 0);
        }

        var best = default(TurnedRectangle);
        double least = double.PositiveInfinity;
        for (int i = 0; i < hull.Length; i++)
        {
            var next = hull[(i + 1) % hull.Length];
            var rectangle = Along(hull, next.X - hull[i].X, next.Y - hull[i].Y);
            double area = rectangle.Width * rectangle.Height;
            (best, least) = area < least ? (rectangle, area) : (best, least);
        }

        return best;
    }

    /// <summary>The outermost cells of each row, sorted by row, then column.</summary>
    private ReadOnlySpan<(int X, int Y)> Ends(ReadOnlySpan<MapRun> runs)
    {
        int rows = runs[^1].Row - runs[0].Row + 1, count = 0;
        if (_points.Length < 2 * rows)
        {
            _points = new (int, int)[2 * rows];
            _hull = new (int, int)[(2 * rows) + 1];
        }

        for (int i = 0; i < runs.Length;)
        {
            int row = runs[i].Row, first = runs[i].First, last = runs[i].End - 1;
            for (i++; i < runs.Length && runs[i].Row == row; i++)
            {
                last = runs[i].End - 1;
            }

            _points[count++] = (first, row);
            if (last > first)
            {
                _points[count++] = (last, row);
            }
        }

        return _points.AsSpan(0, count);
    }

    /// <summary>The corners of the convex hull (Andrew's monotone chain), without those that lie on a straight line.</summary>
    private ReadOnlySpan<(int X, int Y)> Hull(ReadOnlySpan<(int X, int Y)> sorted)
    {
        int count = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            count = Push(sorted[i], count, least: 0);
        }

        int first = count - 1;
        for (int i = sorted.Length - 2; i >= 0; i--)
        {
            count = Push(sorted[i], count, first);
        }

        return _hull.AsSpan(0, Math.Max(1, count - 1));
    }

    /// <param name="least">Where the chain begins.</param>
    private int Push((int X, int Y) point, int count, int least)
    {
        while (count >= least + 2 && Turn(_hull[count - 2], _hull[count - 1], point) >= 0)
        {
            count--;
        }

        _hull[count] = point;
        return count + 1;
    }

    private static long Turn((int X, int Y) a, (int X, int Y) b, (int X, int Y) c) =>
        ((long)(b.X - a.X) * (c.Y - a.Y)) - ((long)(b.Y - a.Y) * (c.X - a.X));

    /// <summary>The rectangle along a direction; products of whole numbers stay exact.</summary>
    private static TurnedRectangle Along(ReadOnlySpan<(int X, int Y)> hull, long x, long y)
    {
        long leastAlong = long.MaxValue, mostAlong = long.MinValue, leastAcross = long.MaxValue, mostAcross = long.MinValue;
        foreach (var point in hull)
        {
            long along = (x * point.X) + (y * point.Y), across = (x * point.Y) - (y * point.X);
            (leastAlong, mostAlong) = (Math.Min(leastAlong, along), Math.Max(mostAlong, along));
            (leastAcross, mostAcross) = (Math.Min(leastAcross, across), Math.Max(mostAcross, across));
        }

        double length = Math.Sqrt((x * x) + (y * y)), cos = x / length, sin = y / length;
        double middleAlong = (leastAlong + mostAlong) / (2 * length), middleAcross = (leastAcross + mostAcross) / (2 * length);
        return new TurnedRectangle((middleAlong * cos) - (middleAcross * sin), (middleAlong * sin) + (middleAcross * cos),
            (mostAlong - leastAlong) / length, (mostAcross - leastAcross) / length, cos, sin);
    }
}

/// <summary>A rectangle in cells of a map, whose width lies along a direction.</summary>
/// <param name="X">Of its middle; <paramref name="Y"/> likewise.</param>
internal readonly record struct TurnedRectangle(double X, double Y, double Width, double Height, double Cos, double Sin)
{
    /// <summary>Cells whose middles lie on a side belong to the rectangle, whatever rounding makes of it.</summary>
    private const double Slack = 1e-6;

    public double ShorterSide => Math.Min(Width, Height);

    /// <summary>Half of the sides of the upright box around it.</summary>
    public double ReachX => (Math.Abs(Width * Cos) + Math.Abs(Height * Sin)) / 2;

    /// <inheritdoc cref="ReachX"/>
    public double ReachY => (Math.Abs(Width * Sin) + Math.Abs(Height * Cos)) / 2;

    /// <summary>With each side moved out.</summary>
    public TurnedRectangle Grown(double distance) => this with { Width = Width + (2 * distance), Height = Height + (2 * distance) };

    /// <summary>Mean of the cells inside; 0 without any.</summary>
    public float MeanOf(ReadOnlySpan<float> map, int mapWidth, int mapHeight)
    {
        int top = (int)Math.Max(0, Math.Ceiling(Y - ReachY - Slack));
        int bottom = (int)Math.Min(mapHeight - 1, Math.Floor(Y + ReachY + Slack));
        double sum = 0;
        int count = 0;
        for (int row = top; row <= bottom; row++)
        {
            var (from, to) = Within((row - Y) * Sin, Cos, Width / 2);
            var (left, right) = Within((row - Y) * Cos, -Sin, Height / 2);
            int first = (int)Math.Max(0, Math.Ceiling(X + Math.Max(from, left)));
            int last = (int)Math.Min(mapWidth - 1, Math.Floor(X + Math.Min(to, right)));
            if (last >= first)
            {
                sum += TensorPrimitives.Sum(map.Slice((row * mapWidth) + first, last - first + 1));
                count += last - first + 1;
            }
        }

        return count > 0 ? (float)(sum / count) : 0;
    }

    /// <summary>Its corners, clockwise from the upper left one: the upper one of the two farthest left, as in PaddleOCR.</summary>
    public void Corners(Span<(double X, double Y)> into)
    {
        for (int i = 0; i < into.Length; i++)
        {
            double along = (i is 1 or 2 ? 0.5 : -0.5) * Width, across = (i < 2 ? -0.5 : 0.5) * Height;
            into[i] = (X + (along * Cos) - (across * Sin), Y + (along * Sin) + (across * Cos));
        }

        SortByX(into);
        var (upperLeft, lowerLeft) = into[0].Y <= into[1].Y ? (into[0], into[1]) : (into[1], into[0]);
        var (upperRight, lowerRight) = into[2].Y <= into[3].Y ? (into[2], into[3]) : (into[3], into[2]);
        into[0] = upperLeft;
        into[1] = upperRight;
        into[2] = lowerRight;
        into[3] = lowerLeft;
    }

    private static void SortByX(Span<(double X, double Y)> corners)
    {
        for (int i = 1; i < corners.Length; i++)
        {
            for (int j = i; j > 0 && corners[j].X < corners[j - 1].X; j--)
            {
                (corners[j], corners[j - 1]) = (corners[j - 1], corners[j]);
            }
        }
    }

    /// <summary>Where offset + factor * x lies within half a side of nothing; an empty range where it never does.</summary>
    private static (double From, double To) Within(double offset, double factor, double half)
    {
        half += Slack;
        if (Math.Abs(factor) < Slack)
        {
            return Math.Abs(offset) <= half ? (double.NegativeInfinity, double.PositiveInfinity) : (1, 0);
        }

        double a = (-half - offset) / factor, b = (half - offset) / factor;
        return a < b ? (a, b) : (b, a);
    }
}
