namespace EdgeRoute.Core.Prices;

/// <summary>What the calibration certifies of the quality floor, and what it predicts at the highest price that keeps it.</summary>
/// <param name="Floor">Quality relative to the teacher that must hold, in (0, 1]: 0.97.</param>
/// <param name="PriceCeiling">The highest price that keeps it, gain per millisecond; 0 where only the best options do.</param>
/// <param name="DeviceMsMean">Predicted mean device time a frame at that price, milliseconds.</param>
/// <param name="DeviceMsP95">Predicted p95 of the device time a frame at that price, milliseconds; NaN where unknown.</param>
public sealed record FloorLimit(double Floor, double PriceCeiling, double DeviceMsMean, double DeviceMsP95);
