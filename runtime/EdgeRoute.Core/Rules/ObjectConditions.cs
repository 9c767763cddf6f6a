using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Rules;

/// <summary>So many objects as are asked for are there.</summary>
/// <param name="most">Inclusive.</param>
public sealed class ObjectCount(ObjectFilter filter, int least, int most) : RuleCondition
{
    public override bool? Holds(RuleScene scene)
    {
        if (!scene.HasAnswer)
        {
            return null;
        }

        int count = 0;
        foreach (ref readonly var box in scene.Answer.Detections)
        {
            count += filter.Takes(box) ? 1 : 0;
        }

        return count >= least && count <= most;
    }
}

/// <summary>An object has been where the filter takes it for so long, without a frame on which it was seen elsewhere.</summary>
public sealed class Dwell(ObjectFilter filter, long leastNs, int room) : RuleCondition
{
    private readonly TrackMemory<long> _sinceNs = new(room);

    public override bool? Holds(RuleScene scene)
    {
        bool holds = false;
        for (int i = 0; scene.HasAnswer && i < scene.Answer.DetectionCount; i++)
        {
            long id = scene.Answer.Tracks[i].Id;
            if (id > 0)
            {
                ref long since = ref _sinceNs.Of(id, scene.SourceNs, out bool isKnown);
                since = isKnown ? Math.Min(since, scene.SourceNs) : scene.SourceNs;
                since = filter.Takes(scene.Answer.Detections[i]) ? since : long.MaxValue;
                holds |= since != long.MaxValue && scene.SourceNs - since >= leastNs;
            }
        }

        return scene.HasAnswer ? holds : null;
    }
}

/// <summary>An object has crossed a line since the frame before that showed it.</summary>
public sealed class Crosses(ObjectFilter filter, CountingLine line, CrossingDirection direction, int room) : RuleCondition
{
    private readonly TrackMemory<FramePoint> _places = new(room);

    public override bool? Holds(RuleScene scene)
    {
        bool holds = false;
        for (int i = 0; scene.HasAnswer && i < scene.Answer.DetectionCount; i++)
        {
            long id = scene.Answer.Tracks[i].Id;
            if (id > 0)
            {
                ref readonly var box = ref scene.Answer.Detections[i];
                ref var place = ref _places.Of(id, scene.SourceNs, out bool isKnown);
                var now = FramePoint.FootOf(box);
                var crossed = isKnown && filter.Takes(box) ? line.Crossing(place, now) : CrossingDirection.Both;
                holds |= crossed != CrossingDirection.Both && (direction == CrossingDirection.Both || direction == crossed);
                place = now;
            }
        }

        return scene.HasAnswer ? holds : null;
    }
}

/// <summary>
/// An object moves at least so fast, in frame sides per second: widths for what goes sideways, heights for what goes up or down.
/// </summary>
public sealed class MovesAtLeast(ObjectFilter filter, float sidesPerSecond) : RuleCondition
{
    public override bool? Holds(RuleScene scene)
    {
        bool holds = false;
        for (int i = 0; scene.HasAnswer && i < scene.Answer.DetectionCount; i++)
        {
            ref readonly var track = ref scene.Answer.Tracks[i];
            float square = (track.VelocityX * track.VelocityX) + (track.VelocityY * track.VelocityY);
            holds |= track.Id > 0 && square >= sidesPerSecond * sidesPerSecond && filter.Takes(scene.Answer.Detections[i]);
        }

        return scene.HasAnswer ? holds : null;
    }
}

/// <summary>
/// Two objects are near each other: their centres are no further apart than so many times the mean of their boxes' diagonals, so that what
/// is near does not depend on how far the camera is.
/// </summary>
public sealed class AreNear(ObjectFilter first, ObjectFilter second, float diagonals) : RuleCondition
{
    public override bool? Holds(RuleScene scene)
    {
        var boxes = scene.Answer.Detections;
        if (!scene.HasAnswer)
        {
            return null;
        }

        for (int i = 0; i < boxes.Length; i++)
        {
            for (int j = 0; first.Takes(boxes[i]) && j < boxes.Length; j++)
            {
                if (i != j && second.Takes(boxes[j]) && Distance(boxes[i], boxes[j]) <= diagonals)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static float Distance(in Detection a, in Detection b)
    {
        float x = a.Left + (a.Width / 2) - b.Left - (b.Width / 2), y = a.Top + (a.Height / 2) - b.Top - (b.Height / 2);
        float mean = (Diagonal(a) + Diagonal(b)) / 2;
        return mean > 0 ? MathF.Sqrt((x * x) + (y * y)) / mean : float.PositiveInfinity;
    }

    private static float Diagonal(in Detection box) => MathF.Sqrt((box.Width * box.Width) + (box.Height * box.Height));
}
