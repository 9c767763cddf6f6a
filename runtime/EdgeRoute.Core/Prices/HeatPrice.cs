namespace EdgeRoute.Core.Prices;

/// <summary>
/// Keeps a temperature: the power allowed falls before the limit is reached, by how far off the temperature will be a while from now if it
/// goes on as it goes, and by how long it has been off (proportional, integral and derivative action). This rests on no fitted figure of
/// the zone, so none that is wrong can harm it. Where nothing measures power, the share of the time that stages run stands for it.
/// </summary>
public sealed class HeatPrice : IPriceController
{
    /// <summary>How far ahead the temperature is looked at: within the time constant of any heat sink.</summary>
    private const double HorizonSeconds = 100;

    /// <summary>Over which the slope of the temperature is taken: sensors step by tenths of a degree and more.</summary>
    private const double SlopeSeconds = 20;

    /// <summary>What a degree takes off the power allowed, as a part of the most that was drawn, and the time in which as much is taken off
    /// again where it stays: stable for zones of 1 to 5 degrees a watt and time constants of 1 to 10 minutes.</summary>
    private const double PartPerDegree = 0.05, IntegralSeconds = 150;

    /// <summary>Sensors step and frames differ, so the middle of what is held lies below the limit, in degrees.</summary>
    private const double AimBelow = 0.5;

    /// <summary>15 frames.</summary>
    private const double PowerSmoothing = 1.0 / 15;

    /// <summary>Over the limit by more than this it is missed, where the price cannot rise.</summary>
    private const double MissedBy = 0.5;

    private readonly PowerAscent _ascent;
    private double _power, _most, _allowed = double.NaN;
    private double _celsius = double.NaN, _slopeCelsius = double.NaN, _slope;
    private bool _isInWatts;

    public HeatPrice(Budget budget, DualPriceSettings settings) => (Budget, _ascent) = (budget, new PowerAscent(settings));

    public string Name => "heat";

    public Budget Budget { get; }

    public double Price => _ascent.Price;

    public BudgetReading Reading => new(_celsius, Budget.Target, Budget.Unit);

    public bool IsMissed => _ascent.IsHeldBack && _celsius > Budget.Target + MissedBy;

    /// <summary>Frames that moved nothing: no temperature.</summary>
    public long UnusableCount { get; private set; }

    /// <summary>If the temperature goes on as it goes; infinite where it does not rise, 0 at the limit.</summary>
    public double SecondsToLimit => _celsius >= Budget.Target ? 0
        : Math.Max(Budget.Target - _celsius, 0) / Math.Max(_slope, double.Epsilon);

    public void LimitTo(double priceCeiling) => _ascent.LimitTo(priceCeiling);

    public bool TryResume(IPriceController earlier)
    {
        if (earlier is not HeatPrice heat)
        {
            return false;
        }

        _celsius = heat._celsius;
        _ascent.Resume(heat._ascent);
        (_power, _isInWatts, UnusableCount) = (heat._power, heat._isInWatts, heat.UnusableCount);
        (_most, _allowed) = (heat._most, heat._allowed);
        (_slopeCelsius, _slope) = (heat._slopeCelsius, heat._slope);
        return true;
    }

    public void Observe(in FrameSpend spend)
    {
        double ms = _ascent.Advance(spend.NowNs);
        bool isInWatts = IsPower(spend.Watts);
        double power = isInWatts ? spend.Watts : Math.Min(spend.DeviceMs / ms, 1);
        if (!IsTemperature(spend.Celsius) || !(power >= 0 && ms > 0))
        {
            UnusableCount++;
            return;
        }

        Follow(isInWatts, power);
        _celsius = spend.Celsius;
        _ascent.Move(isInWatts ? power : _power, Allowed(spend.Celsius, ms / 1e3), ms, isInWatts);
    }

    /// <summary>Whether a figure can be a temperature of something that works, in degrees.</summary>
    private static bool IsTemperature(double celsius) => celsius is > -273 and < 1000;

    /// <summary>Whether a figure can be a power of a computer, in watts.</summary>
    private static bool IsPower(double watts) => watts is >= 0 and < 1e6;

    private double Allowed(double celsius, double seconds)
    {
        FollowSlope(celsius, seconds);
        _most = Math.Max(_most, _power);
        double left = Budget.Target - AimBelow - celsius - (HorizonSeconds * _slope);
        double byDegree = PartPerDegree * _most;
        // While nothing is held back the integral stands where the power is, so that it has nothing to give back when the limit comes near.
        bool isFree = double.IsNaN(_allowed) || (Price <= 0 && left > 0);
        _allowed = isFree ? _power : Math.Clamp(_allowed + (byDegree * left * seconds / IntegralSeconds), 0, _most);
        return _allowed + (byDegree * left);
    }

    private void FollowSlope(double celsius, double seconds)
    {
        if (double.IsNaN(_slopeCelsius) || seconds > 2 * SlopeSeconds)
        {
            (_slopeCelsius, _slope) = (celsius, 0);
            return;
        }

        // What follows the reading with a lag is, on a slope, the reading of that long ago.
        _slope = (celsius - _slopeCelsius) / SlopeSeconds;
        _slopeCelsius += (1 - Math.Exp(-seconds / SlopeSeconds)) * (celsius - _slopeCelsius);
    }

    /// <summary>Watts and shares of the time are two measures: with the other one, what is allowed begins anew.</summary>
    private void Follow(bool isInWatts, double power)
    {
        if (isInWatts != _isInWatts)
        {
            (_isInWatts, _power) = (isInWatts, power);
            (_most, _allowed) = (power, double.NaN);
        }

        _power += PowerSmoothing * (power - _power);
    }
}

/// <summary>Moves a price until a power is met that may itself move, through what is known of the power's sensor.</summary>
internal sealed class PowerAscent(DualPriceSettings settings)
{
    /// <summary>What is allowed counts as at least this part of what is drawn: near 0 every error would be endless.</summary>
    private const double LeastPart = 0.25;

    private readonly PriceAscent _ascent = new(settings.Scale, settings.StartPrice);
    private readonly FramePace _pace = new();
    private readonly LaggedPower _lagged = new(settings.SensorLagMs);

    public double Price => _ascent.Price;

    public bool IsHeldBack => _ascent.IsHeldBack;

    /// <inheritdoc cref="FramePace.Advance"/>
    public double Advance(long nowNs) => _pace.Advance(nowNs);

    public void LimitTo(double priceCeiling) => _ascent.LimitTo(priceCeiling);

    public void Resume(PowerAscent earlier)
    {
        _ascent.Resume(earlier._ascent);
        _pace.Resume(earlier._pace);
        _lagged.Resume(earlier._lagged);
    }

    /// <summary>A long frame counts for as long as it took.</summary>
    /// <param name="isLagged">The power comes from the sensor.</param>
    public void Move(double power, double allowed, double sinceMs, bool isLagged = true)
    {
        double now = isLagged ? _lagged.Now(power, sinceMs) : power;
        _ascent.Move((now - allowed) / Math.Max(allowed, LeastPart * Math.Max(power, 1e-3)) * sinceMs / _pace.MeanMs, _pace.MeanMs);
    }
}

/// <summary>
/// The power behind a lagging sensor: reading plus lag times its slope. Summed up by an ascent this is proportional and integral action
/// whose zero cancels the sensor's pole, so the lag costs no overshoot.
/// </summary>
internal sealed class LaggedPower(double lagMs)
{
    private double _last = double.NaN;

    public void Resume(LaggedPower earlier) => _last = earlier._last;

    public double Now(double watts, double sinceMs)
    {
        double slope = double.IsNaN(_last) ? 0 : (watts - _last) / sinceMs;
        _last = watts;
        return watts + (lagMs * slope);
    }
}
