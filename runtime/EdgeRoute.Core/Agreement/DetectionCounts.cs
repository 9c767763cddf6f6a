namespace EdgeRoute.Core.Agreement;

/// <summary>Outcome of matching detections with a teacher's or with labels. Counts of several frames add up to those of a recording.</summary>
/// <param name="Hits">Detections matched with a sure one of the teacher.</param>
/// <param name="Missed">Sure detections of the teacher without a match.</param>
/// <param name="False">Sure judged detections without a match.</param>
/// <param name="Ignored">Detections of either side that count for nothing, being in doubt or matched with one in doubt.</param>
public readonly record struct DetectionCounts(int Hits, int Missed, int False, int Ignored)
{
    /// <summary>Harmonic mean of precision and recall, 2 hits / (2 hits + missed + false), in [0, 1]; 1 when there was nothing to find and nothing was found.</summary>
    public float F1 => Hits + Missed + False == 0 ? 1 : 2f * Hits / ((2f * Hits) + Missed + False);

    public static DetectionCounts operator +(DetectionCounts a, DetectionCounts b) =>
        new(a.Hits + b.Hits, a.Missed + b.Missed, a.False + b.False, a.Ignored + b.Ignored);
}
