namespace EdgeRoute.Core.Signals;

/// <summary>
/// What can be known of a frame before any stage runs: from its thumbnail (luma, a few thousand pixels), those of the previous frame and of
/// the frame that was answered last, sparse patches at full resolution, and what the tracker carries over from the last answer.
/// </summary>
/// <param name="Motion">Mean absolute luma difference to the previous taken frame's thumbnail, as a fraction of full scale, in [0, 1]. 1
/// when there is no previous one.</param>
/// <param name="Sharpness">Variance of the 4-neighbour Laplacian of luma in [0, 1] units; low means blurred (Pech-Pacheco et al., ICPR
/// 2000).</param>
/// <param name="Exposure">Mean luma in [0, 1].</param>
/// <param name="Contrast">Standard deviation of luma in [0, 0.5].</param>
/// <param name="Noise">Standard deviation of sensor noise in [0, 1] units, by Immerkaer's 3x3 mask (CVIU 64(2), 1996).</param>
/// <param name="AgeMs">Source time since the frame of the last answer, in milliseconds; infinite when there is no answer.</param>
/// <param name="Drift">As <paramref name="Motion"/>, to the frame that was answered last. 1 when there is none.</param>
/// <param name="DriftPeak">The same in the block of the thumbnail that changed most: a small thing that moves shows here and not in the
/// mean. In [0, 1].</param>
/// <param name="DriftOutside">As <paramref name="DriftPeak"/>, in blocks that no carried box touches: what came into the picture, not what
/// moved on as predicted.</param>
/// <param name="CarriedCount">Detections carried over from the last answers; 0 for other tasks.</param>
/// <param name="CarriedDoubt">Share of the carried detections that are near the detection threshold, unconfirmed or
/// lost from sight, in [0, 1]; 0 when there is none.</param>
/// <param name="CarriedShift">Largest displacement of a carried box since the last answer, found in the picture or else predicted, as a
/// fraction of its diagonal; 0 or more.</param>
/// <param name="ExpectedAgreement">Agreement in [0, 1] that the carried detections would have with new ones, by how carried boxes fared
/// lately; 0 for other tasks.</param>
/// <param name="CarriedTier">What the path of the last answer costs as a share of the pack's costliest path, in [0, 1]; 0 without an
/// answer.</param>
/// <param name="LastMargin">The margin that the exit of the last answer saw: small when a candidate was about to appear or vanish. In [0,
/// 1]; 1 without an answer.</param>
/// <param name="LastLowConfidenceMass">The low-confidence mass that the exit of the last answer saw; 0 without an answer and for other
/// tasks.</param>
public readonly record struct FrameSignals(
    float Motion, float Sharpness, float Exposure, float Contrast, float Noise, float AgeMs,
    float Drift = 1, float DriftPeak = 1, float DriftOutside = 1,
    float CarriedCount = 0, float CarriedDoubt = 0, float CarriedShift = 0, float ExpectedAgreement = 0, float CarriedTier = 0,
    float LastMargin = 1, float LastLowConfidenceMass = 0)
{
    /// <summary>The signals of a frame of which nothing is known: everything moved, nothing to reuse.</summary>
    public static FrameSignals Unknown => new(1, 0, 0, 0, 0, float.PositiveInfinity);
}
