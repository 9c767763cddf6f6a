namespace EdgeRoute.Core.Prices;

/// <summary>
/// Makes a battery last: what is left of its energy over what is left of its time is the power allowed now, so what was drawn too much is
/// a debt that the rest of the time pays. Time and energy count from the first frame.
/// </summary>
public sealed class BatteryPrice : IPriceController
{
    /// <summary>The last minute is steered as one: over seconds what is left says nothing any more.</summary>
    private const double LastSeconds = 60;

    /// <summary>Smoothing of what reports show: 15 frames.</summary>
    private const double ReadingSmoothing = 1.0 / 15;

    private readonly PowerAscent _ascent;
    private readonly double _capacityJoules;
    private long _lastNs;
    private double _watts = double.NaN, _measured = double.NaN;
    private bool _hasBegun;

    /// <param name="budget">Hours that the battery is to last.</param>
    /// <param name="wattHours">What it holds at the first frame.</param>
    /// <exception cref="ArgumentException">The capacity is not finite and above 0, or the sensor's lag is not.</exception>
    public BatteryPrice(Budget budget, double wattHours, DualPriceSettings settings)
    {
        if (!(wattHours > 0 && double.IsFinite(wattHours)))
        {
            throw new ArgumentException($"The battery holds {wattHours} Wh; give a finite value above 0.", nameof(wattHours));
        }

        (Budget, _capacityJoules, _ascent) = (budget, wattHours * 3600, new PowerAscent(settings));
    }

    public string Name => "battery";

    public Budget Budget { get; }

    public double Price => _ascent.Price;

    /// <summary>Drawn so far; at the power measured last where it was not measured.</summary>
    public double SpentJoules { get; private set; }

    /// <summary>Since the first frame.</summary>
    public double ElapsedSeconds { get; private set; }

    /// <summary>What may be drawn from now on, to the end of the time.</summary>
    public double AllowedWatts =>
        Math.Max(_capacityJoules - SpentJoules, 0) / Math.Max((Budget.Target * 3600) - ElapsedSeconds, LastSeconds);

    public BudgetReading Reading => new(_measured, AllowedWatts, Budget.UnitOf(BudgetKind.Watts));

    public bool IsMissed => _ascent.IsHeldBack;

    /// <summary>Frames that moved nothing: no power sensor, or a value that cannot be.</summary>
    public long UnusableCount { get; private set; }

    public void LimitTo(double priceCeiling) => _ascent.LimitTo(priceCeiling);

    /// <summary>Another time for the same battery: what was drawn stays drawn.</summary>
    public bool TryResume(IPriceController earlier)
    {
        if (earlier is not BatteryPrice battery || battery._capacityJoules != _capacityJoules)
        {
            return false;
        }

        _ascent.Resume(battery._ascent);
        (SpentJoules, ElapsedSeconds, _lastNs) = (battery.SpentJoules, battery.ElapsedSeconds, battery._lastNs);
        (_watts, _measured, _hasBegun) = (battery._watts, battery._measured, battery._hasBegun);
        UnusableCount = battery.UnusableCount;
        return true;
    }

    public void Observe(in FrameSpend spend)
    {
        double ms = _ascent.Advance(spend.NowNs);
        // A pause of the frames is time of the battery all the same.
        double seconds = _hasBegun && spend.NowNs > _lastNs ? ((double)spend.NowNs - _lastNs) / 1e9 : 0;
        (_lastNs, _hasBegun) = (spend.NowNs, true);
        bool isMeasured = spend.Watts >= 0 && spend.Watts < float.MaxValue;
        _watts = isMeasured ? spend.Watts : _watts;
        if (double.IsFinite(_watts))
        {
            SpentJoules += _watts * seconds;
        }

        ElapsedSeconds += seconds;
        if (!isMeasured || ms <= 0)
        {
            UnusableCount++;
            return;
        }

        _measured = double.IsNaN(_measured) ? _watts : _measured + (ReadingSmoothing * (_watts - _measured));
        _ascent.Move(_watts, AllowedWatts, ms);
    }
}
