namespace EdgeRoute.Core.Prices;

/// <summary>One ended frame as the slow loop sees it. Any value may be NaN or infinite: what cannot be used moves no price.</summary>
/// <param name="NowNs">When it ended, on the engine's clock.</param>
/// <param name="LatencyMs">Capture to publish.</param>
/// <param name="DeviceMs">Device time of its stages, preprocessing and heads included; 0 for a skipped frame.</param>
/// <param name="EnergyMillijoules">The board's power times the frame's device time; NaN where there is no sensor.</param>
/// <param name="WasHeavy">It took the pack's heaviest tier.</param>
/// <param name="BacklogMs">Predicted device time of the frames that wait in the lane now, in milliseconds.</param>
/// <param name="Watts">Power of the whole board now, time between frames and other streams included; NaN where there is no sensor.</param>
public readonly record struct FrameSpend(
    long NowNs, double LatencyMs, double DeviceMs, double EnergyMillijoules, bool WasHeavy, double BacklogMs, double Watts = double.NaN);
