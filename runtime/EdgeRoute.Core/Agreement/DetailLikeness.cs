using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Agreement;

/// <summary>
/// How alike two detections are, in [0, 1], by what the field measures details with: key points by object keypoint similarity, oriented
/// boxes and masks by intersection over union of their areas; without details, that of the upright boxes.
/// </summary>
internal static class DetailLikeness
{
    /// <summary>From this visibility on a point counts as seen.</summary>
    private const float VisibleFrom = 0.5f;

    /// <summary>
    /// Share of its box that an object fills where only the box is known: what xtcocotools puts in the place of COCO's segmented area.
    /// </summary>
    private const float AreaShare = 0.53f;

    /// <summary>Mean of COCO's spreads, for points whose spread nobody has published.</summary>
    private const float UsualSpread = 0.067f;

    /// <summary>
    /// Spread of annotators per joint, as a fraction of the object's size: nose, eyes, ears, shoulders, elbows, wrists, hips, knees,
    /// ankles. The sigmas of COCO's keypoint evaluation (cocodataset.org/#keypoints-eval, pycocotools).
    /// </summary>
    private static readonly float[] PersonSpreads =
        [0.026f, 0.025f, 0.025f, 0.035f, 0.035f, 0.079f, 0.079f, 0.072f, 0.072f, 0.062f, 0.062f, 0.107f, 0.107f, 0.087f, 0.087f, 0.089f,
            0.089f];

    /// <summary>Likeness of a judged detection and a teacher's. Values that are not finite are alike to nothing.</summary>
    public static float Of(Answer judged, int judgedIndex, Answer teacher, int teacherIndex)
    {
        ref readonly var a = ref judged.Detections[judgedIndex];
        ref readonly var b = ref teacher.Detections[teacherIndex];
        if (judged.Details.Form != teacher.Details.Form)
        {
            return 0;
        }

        float likeness = judged.Details.Form.Kind switch
        {
            DetailKind.Keypoints => OfKeypoints(a, judged.Details.Points(judgedIndex), b, teacher.Details.Points(teacherIndex),
                teacher.Details.FrameAspect),
            DetailKind.Corners => ConvexOverlap.Of(judged.Details.Points(judgedIndex), teacher.Details.Points(teacherIndex)),
            DetailKind.Mask => MaskOverlap.Of(judged.Details, judgedIndex, teacher.Details, teacherIndex),
            _ => a.OverlapWith(b),
        };
        return likeness >= 0 ? MathF.Min(likeness, 1) : 0;
    }

    /// <summary>
    /// Object keypoint similarity (COCO): the mean over the points that the teacher sees of exp(-d^2 / (2 * area * (2 * spread)^2)), d and
    /// area in pixels. Where the teacher sees none, the overlap of the boxes.
    /// </summary>
    private static float OfKeypoints(in Detection judgedBox, ReadOnlySpan<DetailPoint> judged, in Detection teacherBox,
        ReadOnlySpan<DetailPoint> teacher, float aspect)
    {
        double area = (double)teacherBox.Width * teacherBox.Height * AreaShare, sum = 0;
        int count = 0;
        for (int i = 0; i < teacher.Length; i++)
        {
            if (teacher[i].Visibility >= VisibleFrom)
            {
                double x = judged[i].X - teacher[i].X, y = judged[i].Y - teacher[i].Y;
                double spread = 2 * (teacher.Length == PersonSpreads.Length ? PersonSpreads[i] : UsualSpread);
                // Distances and area as fractions of the frame: both in pixels, divided by its area.
                sum += Math.Exp(-((x * x * aspect) + (y * y / aspect)) / (2 * area * spread * spread));
                count++;
            }
        }

        return count == 0 ? judgedBox.OverlapWith(teacherBox) : (float)(sum / count);
    }
}
