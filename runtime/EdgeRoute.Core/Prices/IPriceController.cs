namespace EdgeRoute.Core.Prices;

/// <summary>
/// Moves the price of device time so that a limit holds: the slow loop's plug-in. Total: any sequence of spends, finite or not, gives a finite price of 0 or more.
/// Pure but for its own state: no clock, no allocation after construction, one thread.
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

    /// <summary>Takes in one ended frame.</summary>
    void Observe(in FrameSpend spend);

    /// <summary>Told the highest price that may be in force, so that nothing winds up above a ceiling it cannot pass.</summary>
    void LimitTo(double priceCeiling);

    /// <summary>Goes on from where an earlier controller of the same limit stands, so that a changed setting causes no jump. False: the other is of another limit.</summary>
    bool TryResume(IPriceController earlier);
}
