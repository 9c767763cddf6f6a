using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Agreement;

/// <summary>
/// Matches judged detections with a teacher's, one to one, as detection benchmarks do (PASCAL VOC; COCO, Lin et al., ECCV 2014): the judged
/// ones choose in the order of their confidence, each the free teacher detection of its class that it is most alike: by the details of both
/// (<see cref="DetailLikeness"/>), or by the overlap of their boxes. The teacher's detections in doubt take the part of those benchmarks'
/// ignored regions: they are chosen only where no sure one fits, and then neither side counts.
/// </summary>
internal sealed class DetectionMatch(AgreementSettings settings)
{
    private readonly bool[] _isTaken = new bool[settings.DetectionLimit];
    private readonly int[] _order = new int[settings.DetectionLimit];
    private Answer? _judged, _teacher;

    /// <summary>Compares two answers, with the details of their detections.</summary>
    /// <exception cref="ArgumentException">Either has more than <see cref="AgreementSettings.DetectionLimit"/>.</exception>
    public DetectionCounts Count(Answer judged, Answer teacher)
    {
        bool haveDetails = teacher.Details.Form.Kind != DetailKind.None;
        (_judged, _teacher) = haveDetails ? (judged, teacher) : (null, null);
        try
        {
            return Count(judged.Detections, teacher.Detections);
        }
        finally
        {
            (_judged, _teacher) = (null, null);
        }
    }

    /// <summary>Compares two sets of detections. Boxes that are not finite or have no area match nothing.</summary>
    /// <exception cref="ArgumentException">Either set has more than <see cref="AgreementSettings.DetectionLimit"/>.</exception>
    public DetectionCounts Count(ReadOnlySpan<Detection> judged, ReadOnlySpan<Detection> teacher)
    {
        CheckRoom(judged.Length);
        CheckRoom(teacher.Length);
        OrderByConfidence(judged);
        _isTaken.AsSpan(0, teacher.Length).Clear();
        var counts = default(DetectionCounts);
        for (int i = 0; i < judged.Length; i++)
        {
            counts += Place(judged, _order[i], teacher);
        }

        for (int i = 0; i < teacher.Length; i++)
        {
            if (!_isTaken[i])
            {
                counts += IsInDoubt(teacher[i], settings.TeacherThreshold) ? new(0, 0, 0, 1) : new(0, 1, 0, 0);
            }
        }

        return counts;
    }

    private DetectionCounts Place(ReadOnlySpan<Detection> judged, int index, ReadOnlySpan<Detection> teacher)
    {
        int match = BestFree(judged, index, teacher);
        if (match < 0)
        {
            return IsInDoubt(judged[index], settings.JudgedThreshold) ? new(0, 0, 0, 1) : new(0, 0, 1, 0);
        }

        _isTaken[match] = true;
        return IsInDoubt(teacher[match], settings.TeacherThreshold) ? new(0, 0, 0, 2) : new(1, 0, 0, 0);
    }

    private int BestFree(ReadOnlySpan<Detection> judged, int index, ReadOnlySpan<Detection> teacher)
    {
        int best = -1;
        float most = 0;
        for (int i = 0; i < teacher.Length; i++)
        {
            float overlap = _isTaken[i] || teacher[i].ClassIndex != judged[index].ClassIndex ? 0 : Likeness(judged, index, teacher, i);
            if (overlap >= settings.OverlapAtLeast)
            {
                // An overlap is at most 1 and a little more by rounding, so a sure detection always goes before one in doubt.
                float rank = overlap + (IsInDoubt(teacher[i], settings.TeacherThreshold) ? 0 : 2);
                (best, most) = rank > most ? (i, rank) : (best, most);
            }
        }

        return best;
    }

    private float Likeness(ReadOnlySpan<Detection> judged, int index, ReadOnlySpan<Detection> teacher, int teacherIndex) =>
        _judged is null || _teacher is null ? judged[index].OverlapWith(teacher[teacherIndex])
            : DetailLikeness.Of(_judged, index, _teacher, teacherIndex);

    /// <summary>Also true of a confidence that is not a number, except by the strict measure.</summary>
    private bool IsInDoubt(in Detection detection, float threshold) =>
        settings.DoubtBand > 0 && !(detection.Confidence >= threshold + settings.DoubtBand);

    /// <summary>By insertion: answers come in this order already, which makes it one pass. Equal confidences keep their order.</summary>
    private void OrderByConfidence(ReadOnlySpan<Detection> judged)
    {
        for (int i = 0; i < judged.Length; i++)
        {
            int at = i;
            for (; at > 0 && judged[i].Confidence > judged[_order[at - 1]].Confidence; at--)
            {
                _order[at] = _order[at - 1];
            }

            _order[at] = i;
        }
    }

    private void CheckRoom(int count)
    {
        if (count > settings.DetectionLimit)
        {
            throw new ArgumentException($"{count} detections in one frame, but this comparison was made for {settings.DetectionLimit}: "
                + "make it with a larger detection limit.");
        }
    }
}

/// <summary>
/// Outcome of matching detections with a teacher's or with labels. Counts of several frames add up to those of a recording.
/// </summary>
/// <param name="Hits">Detections matched with a sure one of the teacher.</param>
/// <param name="Missed">Sure detections of the teacher without a match.</param>
/// <param name="False">Sure judged detections without a match.</param>
/// <param name="Ignored">Detections of either side that count for nothing, being in doubt or matched with one in doubt.</param>
public readonly record struct DetectionCounts(int Hits, int Missed, int False, int Ignored)
{
    /// <summary>
    /// Harmonic mean of precision and recall, 2 hits / (2 hits + missed + false), in [0, 1]; 1 when there was nothing to find and nothing
    /// was found.
    /// </summary>
    public float F1 => Hits + Missed + False == 0 ? 1 : 2f * Hits / ((2f * Hits) + Missed + False);

    public static DetectionCounts operator +(DetectionCounts a, DetectionCounts b) =>
        new(a.Hits + b.Hits, a.Missed + b.Missed, a.False + b.False, a.Ignored + b.Ignored);
}
