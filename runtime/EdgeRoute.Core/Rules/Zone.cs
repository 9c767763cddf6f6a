using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Rules;

/// <summary>A place in the frame, in fractions of its width and height.</summary>
public readonly record struct FramePoint(float X, float Y)
{
    /// <summary>Where an object stands: the middle of its box's lower edge.</summary>
    public static FramePoint FootOf(in Detection box) => new(box.Left + (box.Width / 2), box.Bottom);
}

/// <summary>A polygon in the frame; an object is in it when it stands in it.</summary>
public sealed class Zone
{
    /// <summary>Fewer enclose nothing; more is a fault of whoever wrote them.</summary>
    public const int CornersLeast = 3, CornersMost = 64;

    private readonly FramePoint[] _corners;

    /// <param name="corners">In order around it; it closes by itself. Where it crosses itself, what is enclosed twice is outside.</param>
    /// <exception cref="ArgumentException">Too few or too many corners.</exception>
    public Zone(string name, IReadOnlyList<FramePoint> corners)
    {
        if (corners.Count is < CornersLeast or > CornersMost)
        {
            throw new ArgumentException($"Zone '{name}' has {corners.Count} corners; give {CornersLeast} to {CornersMost}.",
                nameof(corners));
        }

        (Name, _corners) = (name, [.. corners]);
    }

    public string Name { get; }

    public IReadOnlyList<FramePoint> Corners => _corners;

    /// <summary>By the number of edges that a ray to the right crosses: odd inside.</summary>
    public bool Contains(FramePoint point)
    {
        bool isInside = false;
        for (int i = 0, j = _corners.Length - 1; i < _corners.Length; j = i++)
        {
            var (a, b) = (_corners[i], _corners[j]);
            if (a.Y > point.Y != b.Y > point.Y && point.X < ((b.X - a.X) * (point.Y - a.Y) / (b.Y - a.Y)) + a.X)
            {
                isInside = !isInside;
            }
        }

        return isInside;
    }
}

/// <summary>Which way over a line counts.</summary>
public enum CrossingDirection : byte
{
    Both,

    /// <summary>From the left of somebody who looks from the line's first point to its second, in the picture.</summary>
    LeftToRight,

    RightToLeft,
}

/// <summary>A stretch from one point of the frame to another, which objects cross.</summary>
public sealed class CountingLine
{
    /// <exception cref="ArgumentException">Both points are the same.</exception>
    public CountingLine(string name, FramePoint from, FramePoint to)
    {
        if (from == to)
        {
            throw new ArgumentException($"Line '{name}' begins and ends at {from.X}, {from.Y}; give two points.", nameof(to));
        }

        (Name, From, To) = (name, from, to);
    }

    public string Name { get; }

    public FramePoint From { get; }

    public FramePoint To { get; }

    /// <summary>
    /// Which way a step crosses the line; <see cref="CrossingDirection.Both"/> where it does not. What stands on the line counts as left of
    /// it, so that a crossing in two steps is one.
    /// </summary>
    public CrossingDirection Crossing(FramePoint before, FramePoint now)
    {
        float start = Turn(From, To, before), end = Turn(From, To, now);
        if (start > 0 == end > 0 || Turn(before, now, From) * Turn(before, now, To) > 0)
        {
            return CrossingDirection.Both;
        }

        // The frame's y grows downwards, so that a positive turn lies to the right.
        return start > 0 ? CrossingDirection.RightToLeft : CrossingDirection.LeftToRight;
    }

    /// <summary>Above 0 where c lies to the right of the way from a to b.</summary>
    private static float Turn(FramePoint a, FramePoint b, FramePoint c) => ((b.X - a.X) * (c.Y - a.Y)) - ((b.Y - a.Y) * (c.X - a.X));
}
