namespace EdgeRoute.Core.Tracking;

/// <summary>How one answer grades the boxes that would have been carried in its place.</summary>
/// <param name="Sure">Boxes that the last answer was sure of.</param>
/// <param name="Doubtful">Boxes of the last answer near the detection threshold.</param>
/// <param name="Unforeseen">Detections that no box of the last answer fits.</param>
/// <param name="Returned">Tracks that the last answer missed and this one shows.</param>
/// <param name="Absent">Tracks that both missed.</param>
internal readonly record struct CarryGrade(HoldGrade Sure, HoldGrade Doubtful, int Unforeseen, int Returned, int Absent);

/// <summary>How many boxes fit a detection of the next answer, and how many do not.</summary>
internal readonly record struct HoldGrade(int Held, int Lost)
{
    public HoldGrade With(bool isHeld) => isHeld ? this with { Held = Held + 1 } : this with { Lost = Lost + 1 };
}
