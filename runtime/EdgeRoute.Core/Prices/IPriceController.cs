namespace EdgeRoute.Core.Prices;

/// <summary>
/// Moves the price of device time so that a limit holds: the slow loop's plug-in. Total: any sequence of spends, finite or not, gives a
/// finite price of 0 or more. Pure but for its own state: no clock, no allocation after construction, one thread.
/// </summary>
public interface IPriceController
{
    /// <summary>As configuration, traces and conflict reports name it.</summary>
    string Name { get; }

    /// <summary>Gain per millisecond of device time that it asks for now; finite, 0 or more.</summary>
    double Price { get; }

    /// <summary>The limit it works for and what it measured lately.</summary>
    BudgetReading Reading { get; }

    /// <summary>The limit is overrun and the price cannot rise further: its range ends, or a ceiling holds it.</summary>
    bool IsMissed { get; }

    /// <summary>Frames that moved nothing: what they spent was not measured, or cannot be.</summary>
    long UnusableCount => 0;

    /// <summary>For long nothing has told whether the limit holds, although frames came.</summary>
    bool IsBlind => false;

    /// <summary>Takes in one ended frame.</summary>
    void Observe(in FrameSpend spend);

    /// <summary>Told the highest price that may be in force, so that nothing winds up above a ceiling it cannot pass.</summary>
    void LimitTo(double priceCeiling);

    /// <summary>
    /// Goes on from where an earlier controller of the same limit stands, so that a changed setting causes no jump. False: the other is of
    /// another limit.
    /// </summary>
    bool TryResume(IPriceController earlier);
}

/// <summary>One ended frame as the slow loop sees it. Any value may be NaN or infinite: what cannot be used moves no price.</summary>
/// <param name="NowNs">When it ended, on the engine's clock.</param>
/// <param name="LatencyMs">Capture to publish.</param>
/// <param name="DeviceMs">Device time of its stages, preprocessing and heads included; 0 for a skipped frame.</param>
/// <param name="EnergyMillijoules">The board's power times the frame's device time; NaN where there is no sensor.</param>
/// <param name="WasHeavy">It took the pack's heaviest tier.</param>
/// <param name="BacklogMs">Predicted device time of the frames that wait in the lane now, in milliseconds.</param>
/// <param name="Watts">Power of the whole board now, time between frames and other streams included; NaN where there is no sensor.</param>
/// <param name="Celsius">Temperature of its hottest zone now; NaN where there is no sensor.</param>
/// <param name="Loss">What it tells of the quality lost.</param>
public readonly record struct FrameSpend(
    long NowNs, double LatencyMs, double DeviceMs, double EnergyMillijoules, bool WasHeavy, double BacklogMs, double Watts = double.NaN,
    double Celsius = double.NaN, FrameLoss Loss = default);

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
