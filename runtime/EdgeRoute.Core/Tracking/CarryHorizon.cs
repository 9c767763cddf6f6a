using System.Diagnostics;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Tracking;

/// <summary>
/// What is known, before any stage runs, of the answer that reuse would publish now.
/// </summary>
/// <param name="Count">Boxes that would be carried; not negative.</param>
/// <param name="Doubt">Share of them whose confidence lies near the detection threshold, that the last answer did not show, or that are
/// lost from sight, in [0, 1]; 0 when none is carried.</param>
/// <param name="Shift">Largest distance that a carried box's centre is seen or predicted to have moved since the last answer, as a fraction
/// of the box's diagonal (both in frame fractions); 0 when none is carried, not negative. A square box left where it was overlaps the moved
/// one by one half at 0.18 (moved diagonally) to 0.24 (along a side).</param>
/// <param name="ExpectedAgreement">Agreement that the carried answer would have with a new one, in [0, 1], going by how boxes were lost and
/// appeared at this source in the last minute and by the age of the last answer. 0 without an answer.</param>
internal readonly record struct CarriedSignals(int Count, float Doubt, float Shift, float ExpectedAgreement);

/// <summary>All that depends on how long ago the last answer was, computed once for all tracks.</summary>
/// <param name="HoldSure">Probability that a box which the last answer was sure of still fits.</param>
/// <param name="HoldDoubtful">The same of a box near the detection threshold, where detectors flicker.</param>
/// <param name="ReturnShare">Probability that a track which an answer missed is seen by the next.</param>
/// <param name="Unforeseen">Detections expected that no carried box fits.</param>
internal readonly record struct CarryHorizon(double Seconds, MotionStep Step, double HoldSure, double HoldDoubtful, double ReturnShare,
    double Unforeseen)
{
    public static CarryHorizon Of(in CarryRecord record, double seconds) =>
        new(seconds, MotionStep.Of(seconds), record.HoldAfter(seconds, true), record.HoldAfter(seconds, false), record.ReturnShare,
            record.UnforeseenAfter(seconds));

    /// <summary>Probability that a track missed so often in a row would be shown by an answer now.</summary>
    public double Chance(int missedCount, bool isSure)
    {
        double chance = (isSure ? HoldSure : HoldDoubtful) * (missedCount == 0 ? 1 : Math.Pow(ReturnShare, missedCount));
        Debug.Assert(chance is >= 0 and <= 1, "A chance is a probability.");
        return chance;
    }
}

/// <summary>What a tracker is made for.</summary>
/// <param name="DetectionLimit">Most tracks held: the detection limit of the answers, since one answer's boxes are all that is ever
/// carried.</param>
/// <param name="DetectionThreshold">Confidence from which on the exits report a detection.</param>
/// <param name="DoubtBand">A carried box counts as in doubt below the threshold plus this.</param>
public sealed record TrackerSettings(int DetectionLimit, float DetectionThreshold, float DoubtBand)
{
    /// <summary>The largest details of the answers' detections; they move with the boxes.</summary>
    public DetailForm Details { get; init; }

    /// <summary>Room for what stages on crops say of a detection.</summary>
    public CropRoom Crops { get; init; }
}
