namespace EdgeRoute.Core.Agreement;

/// <summary>How two answers are compared. Thresholds are those of the pack's exits, the band is the calibration's to choose.</summary>
/// <param name="DetectionLimit">Most detections in one answer or one set of labels; sizes the buffers.</param>
public sealed record AgreementSettings(int DetectionLimit)
{
    /// <summary>Intersection over union from which on two boxes are the same object: 0.5, as in PASCAL VOC (Everingham et al., IJCV 88(2), 2010).</summary>
    public float OverlapAtLeast { get; init; } = 0.5f;

    /// <summary>Detection threshold of the exit that made the teacher's answer.</summary>
    public float TeacherThreshold { get; init; }

    /// <summary>
    /// Detection threshold of the exit that made the judged answer; <see cref="float.NegativeInfinity"/> where a judged detection must never be excused by its low
    /// confidence, as for carried boxes, which lose confidence by age.
    /// </summary>
    public float JudgedThreshold { get; init; }

    /// <summary>
    /// Confidences from a threshold up to the threshold plus this are in doubt: whether such a detection appears in a frame is chance, for the teacher itself
    /// as for others, and no path can be blamed for it. 0 leaves nothing in doubt: the strict measure.
    /// </summary>
    public float DoubtBand { get; init; }

    /// <summary>Policy: the difference between two actions that counts as complete disagreement, in the action's own unit: the range of the action.</summary>
    public float PolicyScale { get; init; } = 1;
}
