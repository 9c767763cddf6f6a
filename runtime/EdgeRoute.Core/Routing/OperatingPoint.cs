namespace EdgeRoute.Core.Routing;

/// <summary>The prices and limits in force for a frame; replaced between frames only.</summary>
/// <param name="PricePerMs">Asked price of device time, in gain per millisecond; 0 or more.</param>
/// <param name="PricePerMillijoule">Price of energy, in gain per millijoule; 0 or more.</param>
/// <param name="PriceCeiling">The highest price per millisecond that the quality floor allows, infinite without a floor. Energy prices
/// count at the device's power.</param>
/// <param name="AllowanceMs">Device time left in a strict allowance; infinite without one.</param>
/// <param name="MillijoulesPerMs">The device's power while it runs a stage, in millijoules per millisecond (watts); not a number where
/// nothing measures it.</param>
public readonly record struct OperatingPoint(float PricePerMs, float PricePerMillijoule, float PriceCeiling, float AllowanceMs,
    float MillijoulesPerMs)
{
    /// <summary>Nothing costs anything and nothing is limited.</summary>
    public static OperatingPoint Free => new(0, 0, float.PositiveInfinity, float.PositiveInfinity, float.NaN);

    /// <summary>
    /// What a millisecond of device time costs in all, at most the ceiling. A price that is not a number or negative counts as 0, the
    /// accurate end of the dial.
    /// </summary>
    public float EffectivePricePerMs
    {
        get
        {
            float energy = float.IsFinite(MillijoulesPerMs) ? Sound(PricePerMillijoule) * MathF.Max(MillijoulesPerMs, 0) : 0;
            return MathF.Min(Sound(Sound(PricePerMs) + energy), float.IsNaN(PriceCeiling) ? 0 : MathF.Max(PriceCeiling, 0));
        }
    }

    private static float Sound(float price) => float.IsNaN(price) ? 0 : Math.Clamp(price, 0, float.MaxValue);
}
