namespace EdgeRoute.Core.Tracking;

/// <summary>What a tracker is made for.</summary>
/// <param name="DetectionLimit">Most tracks held: the detection limit of the answers, since one answer's boxes are all that is ever carried.</param>
/// <param name="DetectionThreshold">Confidence from which on the exits report a detection.</param>
/// <param name="DoubtBand">A carried box counts as in doubt below the threshold plus this.</param>
public sealed record TrackerSettings(int DetectionLimit, float DetectionThreshold, float DoubtBand);
