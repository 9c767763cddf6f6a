using System.Globalization;

namespace EdgeRoute.Core.Prices;

/// <summary>
/// The prices between which choices change, from the calibration's price grid: below the lowest every frame takes its best option, above the highest its cheapest.
/// </summary>
public sealed record PriceScale
{
    /// <exception cref="ArgumentException">Not 0 &lt; lowest &lt; highest, both finite.</exception>
    public PriceScale(double lowest, double highest)
    {
        if (!(lowest > 0 && highest > lowest && double.IsFinite(highest / lowest)))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The price scale is {lowest} to {highest} gain per millisecond; give finite values with 0 < lowest < highest."));
        }

        (Lowest, Highest) = (lowest, highest);
    }

    public double Lowest { get; }

    public double Highest { get; }

    /// <summary>
    /// For packs without a calibration. Gain lies in [0, 1], so above 1 per millisecond nothing that costs a millisecond is worth it; below 0.00001 a
    /// whole second costs one point of quality in a hundred.
    /// </summary>
    public static PriceScale Uncalibrated => new(1e-5, 1);
}
