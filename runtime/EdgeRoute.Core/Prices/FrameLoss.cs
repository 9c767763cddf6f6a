namespace EdgeRoute.Core.Prices;

/// <summary>
/// What a frame tells of the quality that carried answers and lighter paths lose against the heaviest path. Nothing by default.
/// </summary>
/// <param name="Expected">Loss that the calibration expects of the answer published, in [0, 1]; 0 for the heaviest path's own.</param>
/// <param name="WasCarried">It was an earlier frame's answer.</param>
/// <param name="Carried">Of the answer that might have been carried to the frame, where the heaviest path ran and so showed it.</param>
/// <param name="Lighter">Of the answer of a lighter exit, where the heaviest path ran after it.</param>
public readonly record struct FrameLoss(double Expected, bool WasCarried, ShownLoss? Carried, ShownLoss? Lighter)
{
    /// <summary>The calibration expects something of the answer; false by default, and for frames that failed or were locked.</summary>
    public bool IsKnown { get; init; }
}

/// <summary>An answer that was at hand when the heaviest path gave its own.</summary>
/// <param name="Expected">Loss that the calibration expected of it, in [0, 1].</param>
/// <param name="Loss">Loss that it has against the heaviest path's answer, in [0, 1].</param>
public readonly record struct ShownLoss(double Expected, double Loss);
