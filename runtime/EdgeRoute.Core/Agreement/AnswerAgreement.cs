using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Agreement;

/// <summary>
/// How far one answer agrees with another, the teacher's, or with labels: the quality that gains are estimated in, in [0, 1] with 1 for
/// equal answers. Any floats may come in; values that are not finite agree with nothing. Buffers are made once, so a comparison allocates
/// nothing; not for several threads at once.
/// <list type="table">
/// <item><term>Detection</term><description>F1 of a one-to-one matching (<see cref="DetectionMatch"/>), by key points, corners or masks
/// where there are any: both empty 1, exactly one empty 0.</description></item>
/// <item><term>Classification</term><description>1 for the same most probable class, else 0; graded:
/// <see cref="Overlap"/>.</description></item>
/// <item><term>Embedding</term><description>(1 + cosine of the angle between the vectors) / 2: 1 same direction, 0.5 unrelated, 0
/// opposite.</description></item>
/// <item><term>Policy</term><description>1 - min(1, root of the mean squared difference / <see cref="AgreementSettings.PolicyScale"/>),
/// step by step over the shorter plan: both begin with the step due now, and the rest of a plan followed for a while is shorter than a new
/// one.</description></item>
/// <item><term>Segmentation</term><description>Mean intersection over union of the classes.</description></item>
/// <item><term>Depth</term><description>1 - mean absolute relative difference.</description></item>
/// <item><term>Text</term><description>1 - edit distance over the length of the longer text.</description></item>
/// </list>
/// </summary>
public sealed class AnswerAgreement
{
    private readonly AgreementSettings _settings;
    private readonly DetectionMatch _match;
    private readonly DetectionMatch _truthMatch;
    private readonly MapLikeness _maps = new();
    private readonly TextLikeness _texts = new();

    public AnswerAgreement(AgreementSettings settings)
    {
        if (!(settings.PolicyScale > 0))
        {
            throw new ArgumentException($"The policy scale is {settings.PolicyScale}; it must be above 0: give the range of the action.");
        }

        // Labels are never in doubt, whatever the teacher's threshold.
        (_settings, _match, _truthMatch) = (settings, new(settings), new(settings with { TeacherThreshold = float.NegativeInfinity }));
    }

    /// <summary>Agreement of an answer with the teacher's answer to the same frame, in [0, 1].</summary>
    public float Of(Answer judged, Answer teacher) => judged.Task != teacher.Task ? 0 : judged.Task switch
    {
        TaskKind.Detection => Count(judged, teacher).F1,
        TaskKind.Classification => IsSameTop(judged.Values, teacher.Values) ? 1 : 0,
        TaskKind.Embedding => Cosine(judged.Values, teacher.Values),
        TaskKind.Policy => OverlapNearness(judged.Values, teacher.Values),
        TaskKind.Segmentation => _maps.OfClasses(judged.Values, teacher.Values),
        TaskKind.Depth => MapLikeness.OfDepths(judged.Values, teacher.Values),
        TaskKind.Text => _texts.Of(judged.Values, teacher.Values),
        _ => 0,
    };

    /// <summary>
    /// Agreement of an answer with labelled boxes: F1, where every label counts. A judged detection in doubt is still no false one.
    /// </summary>
    public float OfTruth(Answer judged, ReadOnlySpan<Detection> truth) => _truthMatch.Count(judged.Detections, truth).F1;

    /// <summary>Agreement of an answer with a labelled class: 1 when its most probable class is that one, else 0.</summary>
    public float OfTruth(Answer judged, int classIndex) => classIndex >= 0 && TopOf(judged.Values) == classIndex ? 1 : 0;

    /// <summary>Agreement with a labelled vector, of an embedding or a policy.</summary>
    public float OfTruth(Answer judged, ReadOnlySpan<float> truth) => judged.Task == TaskKind.Policy
        ? Nearness(judged.Values, truth, _settings.PolicyScale)
        : Cosine(judged.Values, truth);

    /// <summary>The counts behind a detection's agreement, for sums over a recording.</summary>
    public DetectionCounts Count(Answer judged, Answer teacher) => _match.Count(judged, teacher);

    /// <summary>
    /// The share of probability that two classifications place alike: sum of min(p, q), which is 1 - total variation distance. In [0, 1];
    /// moves before the most probable class does. Negative values count as 0.
    /// </summary>
    public static float Overlap(Answer judged, Answer teacher)
    {
        var p = judged.Values;
        var q = teacher.Values;
        double sum = p.Length == q.Length ? 0 : double.NaN;
        for (int i = 0; i < p.Length && i < q.Length; i++)
        {
            sum += Math.Max(Math.Min(p[i], q[i]), 0);
        }

        return UnitOf(sum);
    }

    private static bool IsSameTop(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => a.Length == b.Length && TopOf(a) is >= 0 and var top
        && top == TopOf(b);

    /// <summary>
    /// The first of the largest values, or -1 when there are none or one is not a number: a distribution with a hole has no most probable
    /// class.
    /// </summary>
    private static int TopOf(ReadOnlySpan<float> values)
    {
        int best = values.IsEmpty ? -1 : 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return -1;
            }

            best = values[i] > values[best] ? i : best;
        }

        return best;
    }

    private static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double product = 0, squaresA = 0, squaresB = 0;
        for (int i = 0; i < a.Length && i < b.Length; i++)
        {
            product += (double)a[i] * b[i];
            squaresA += (double)a[i] * a[i];
            squaresB += (double)b[i] * b[i];
        }

        return a.Length == b.Length && a.Length > 0 ? UnitOf((1 + CosineOfSums(product, squaresA, squaresB)) / 2) : 0;
    }

    /// <summary>Two vectors of zeros are equal; one of zeros has no direction and counts as unrelated.</summary>
    private static double CosineOfSums(double product, double squaresA, double squaresB)
    {
        double length = Math.Sqrt(squaresA) * Math.Sqrt(squaresB);
        if (length > 0)
        {
            return product / length;
        }

        if (squaresA == squaresB)
        {
            return 1;
        }

        return length == 0 ? 0 : double.NaN;
    }

    private float OverlapNearness(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        int shorter = Math.Min(a.Length, b.Length);
        return Nearness(a[..shorter], b[..shorter], _settings.PolicyScale);
    }

    private static float Nearness(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float scale)
    {
        double squares = 0;
        for (int i = 0; i < a.Length && i < b.Length; i++)
        {
            double difference = (double)a[i] - b[i];
            squares += difference * difference;
        }

        return a.Length == b.Length && a.Length > 0 ? UnitOf(1 - (Math.Sqrt(squares / a.Length) / scale)) : 0;
    }

    /// <summary>Into [0, 1]; what is not a number is no agreement.</summary>
    private static float UnitOf(double value) => double.IsNaN(value) ? 0 : (float)Math.Clamp(value, 0, 1);
}

/// <summary>How two answers are compared. Thresholds are those of the pack's exits, the band is the calibration's to choose.</summary>
/// <param name="DetectionLimit">Most detections in one answer or one set of labels; sizes the buffers.</param>
public sealed record AgreementSettings(int DetectionLimit)
{
    /// <summary>
    /// Intersection over union from which on two boxes are the same object: 0.5, as in PASCAL VOC (Everingham et al., IJCV 88(2), 2010).
    /// COCO's first threshold of object keypoint similarity and of masks is the same.
    /// </summary>
    public float OverlapAtLeast { get; init; } = 0.5f;

    /// <summary>Detection threshold of the exit that made the teacher's answer.</summary>
    public float TeacherThreshold { get; init; }

    /// <summary>
    /// Detection threshold of the exit that made the judged answer; <see cref="float.NegativeInfinity"/> where a judged detection must
    /// never be excused by its low confidence, as for carried boxes, which lose confidence by age.
    /// </summary>
    public float JudgedThreshold { get; init; }

    /// <summary>
    /// Confidences from a threshold up to the threshold plus this are in doubt: whether such a detection appears in a frame is chance, for
    /// the teacher itself as for others, and no path can be blamed for it. 0 leaves nothing in doubt: the strict measure.
    /// </summary>
    public float DoubtBand { get; init; }

    /// <summary>
    /// Policy: the difference between two actions that counts as complete disagreement, in the action's own unit: the range of the action.
    /// </summary>
    public float PolicyScale { get; init; } = 1;
}
