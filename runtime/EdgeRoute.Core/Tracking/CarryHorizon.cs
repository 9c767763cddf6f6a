namespace EdgeRoute.Core.Tracking;

/// <summary>All that depends on how long ago the last answer was, computed once for all tracks.</summary>
/// <param name="HoldSure">Probability that a box which the last answer was sure of still fits.</param>
/// <param name="HoldDoubtful">The same of a box near the detection threshold, where detectors flicker.</param>
/// <param name="ReturnShare">Probability that a track which an answer missed is seen by the next.</param>
/// <param name="Unforeseen">Detections expected that no carried box fits.</param>
internal readonly record struct CarryHorizon(double Seconds, MotionStep Step, double HoldSure, double HoldDoubtful, double ReturnShare, double Unforeseen)
{
    public static CarryHorizon Of(in CarryRecord record, double seconds) =>
        new(seconds, MotionStep.Of(seconds), record.HoldAfter(seconds, true), record.HoldAfter(seconds, false), record.ReturnShare, record.UnforeseenAfter(seconds));

    /// <summary>Probability that a track missed so often in a row would be shown by an answer now.</summary>
    public double Chance(int missedCount, bool isSure) => (isSure ? HoldSure : HoldDoubtful) * (missedCount == 0 ? 1 : Math.Pow(ReturnShare, missedCount));
}
