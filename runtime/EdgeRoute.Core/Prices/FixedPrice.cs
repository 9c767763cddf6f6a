namespace EdgeRoute.Core.Prices;

/// <summary>A price set by hand: the user's dial from accurate (0) to frugal.</summary>
public sealed class FixedPrice : IPriceController
{
    /// <exception cref="ArgumentException">The price is negative or not finite.</exception>
    public FixedPrice(double price) => Set(price);

    public string Name => "fixed";

    public double Price { get; private set; }

    public BudgetReading Reading => BudgetReading.None;

    public bool IsMissed => false;

    /// <exception cref="ArgumentException">The price is negative or not finite; the price in force stays.</exception>
    public void Set(double price) => Price = price >= 0 && double.IsFinite(price) ? price
        : throw new ArgumentException($"The price is {price.ToString(System.Globalization.CultureInfo.InvariantCulture)} gain per "
            + "millisecond; give a finite value of 0 or more.");

    /// <summary>Takes nothing in: a fixed price answers to its user only.</summary>
    public void Observe(in FrameSpend spend)
    {
    }

    /// <summary>Nothing can wind up; the ceiling itself is applied where prices are combined.</summary>
    public void LimitTo(double priceCeiling)
    {
    }

    /// <summary>The dial is where it was set; there is nothing to go on from.</summary>
    public bool TryResume(IPriceController earlier) => earlier is FixedPrice;
}
