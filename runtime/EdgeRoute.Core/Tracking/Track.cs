using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Tracking;

/// <summary>
/// One object followed from answer to answer. Its box is filtered edge by edge rather than by centre and size, because a box cut off by the
/// frame has edges that stand still and edges that move, and each is then predicted as what it is.
/// </summary>
internal struct Track
{
    /// <summary>A box thinner than this fraction of the frame's side, a fraction of a pixel, gives no scale for noise and speed.</summary>
    private const float LeastSide = 1e-4f;

    private AxisFilter _left, _top, _right, _bottom;

    /// <summary>See <see cref="DetectionTrack.Id"/>.</summary>
    public long Id { get; private init; }

    /// <summary>Source time of the answer that first showed it.</summary>
    public long FirstNs { get; private init; }

    /// <summary>Its detection among the usable ones of the last answer that showed it.</summary>
    public int SeenIndex { get; private set; }

    /// <summary>Answers since the last one that showed it; 0 when the last one did.</summary>
    public int MissedCount { get; private set; }

    /// <summary>The box as last seen.</summary>
    public Detection Seen { get; private set; }

    public static Track At(in Detection seen, int seenIndex, long id, long firstNs)
    {
        float width = MathF.Max(seen.Width, LeastSide), height = MathF.Max(seen.Height, LeastSide);
        return new()
        {
            Id = id,
            FirstNs = firstNs,
            Seen = seen,
            SeenIndex = seenIndex,
            _left = AxisFilter.At(seen.Left, width),
            _right = AxisFilter.At(seen.Right, width),
            _top = AxisFilter.At(seen.Top, height),
            _bottom = AxisFilter.At(seen.Bottom, height),
        };
    }

    /// <summary>Moves the track ahead in time.</summary>
    public void Advance(in MotionStep step)
    {
        float width = MathF.Max(Seen.Width, LeastSide), height = MathF.Max(Seen.Height, LeastSide);
        _left.Advance(step, width);
        _right.Advance(step, width);
        _top.Advance(step, height);
        _bottom.Advance(step, height);
    }

    /// <summary>An answer at the track's instant shows it here.</summary>
    public void See(in Detection seen, int seenIndex)
    {
        float width = MathF.Max(seen.Width, LeastSide), height = MathF.Max(seen.Height, LeastSide);
        _left.Correct(seen.Left, width);
        _right.Correct(seen.Right, width);
        _top.Correct(seen.Top, height);
        _bottom.Correct(seen.Bottom, height);
        (MissedCount, Seen, SeenIndex) = (0, seen, seenIndex);
    }

    /// <summary>An answer at the track's instant does not show it.</summary>
    public void Miss() => MissedCount++;

    /// <summary>As it is told with its box at an instant of the source.</summary>
    public readonly DetectionTrack Told(long sourceNs) => new(Id, (float)(Math.Max(sourceNs - FirstNs, 0) / 1e9),
        Rounded((_left.Velocity + _right.Velocity) / 2), Rounded((_top.Velocity + _bottom.Velocity) / 2));

    /// <summary>To a ten-thousandth of the frame per second; what is below that is noise, and has no sign.</summary>
    private static float Rounded(double velocity) => (float)(Math.Round(velocity, 4) + 0.0);

    /// <summary>Box expected after a step; may reach beyond the frame, or be inside out when its edges have met.</summary>
    public readonly Detection After(in MotionStep step)
    {
        double left = _left.PositionAfter(step), top = _top.PositionAfter(step);
        double width = _right.PositionAfter(step) - left, height = _bottom.PositionAfter(step) - top;
        return new((float)left, (float)top, (float)width, (float)height, Seen.Confidence, Seen.ClassIndex);
    }
}
