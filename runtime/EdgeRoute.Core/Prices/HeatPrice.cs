using EdgeRoute.Core.Heat;

namespace EdgeRoute.Core.Prices;

/// <summary>
/// Keeps a temperature: the price rises before the limit is reached, because the power that leads to the limit some time from now falls as
/// the board warms. At the limit it is the power that can be kept up for good. Where nothing measures power, the share of the time that
/// stages run stands for it.
/// </summary>
public sealed class HeatPrice : IPriceController
{
    /// <summary>How far ahead the limit may be reached, in the zone's time constants: the sooner, the later and steeper the rise.</summary>
    private const double HorizonConstants = 0.5;

    /// <summary>Sensors step and frames differ, so the middle of what is held lies below the limit, in degrees.</summary>
    private const double AimBelow = 0.5;

    /// <summary>15 frames.</summary>
    private const double PowerSmoothing = 1.0 / 15;

    /// <summary>Over the limit by more than this it is missed, where the price cannot rise.</summary>
    private const double MissedBy = 0.5;

    private readonly HeatModel _model = new();
    private readonly PowerAscent _ascent;
    private double _power;
    private bool _isInWatts;

    public HeatPrice(Budget budget, DualPriceSettings settings) => (Budget, _ascent) = (budget, new PowerAscent(settings));

    public string Name => "heat";

    public Budget Budget { get; }

    public double Price => _ascent.Price;

    public BudgetReading Reading => new(_model.Celsius, Budget.Target, Budget.Unit);

    public bool IsMissed => _ascent.IsHeldBack && _model.Celsius > Budget.Target + MissedBy;

    /// <summary>Frames that moved nothing: no temperature.</summary>
    public long UnusableCount { get; private set; }

    /// <summary>What is known of the zone, in watts or, where nothing measures them, in shares of the time.</summary>
    public HeatModel Model => _model;

    /// <summary>At the power drawn lately; infinite where the limit is never reached.</summary>
    public double SecondsToLimit => _model.SecondsTo(Budget.Target, _power);

    public void LimitTo(double priceCeiling) => _ascent.LimitTo(priceCeiling);

    public bool TryResume(IPriceController earlier)
    {
        if (earlier is not HeatPrice heat)
        {
            return false;
        }

        _model.Resume(heat._model);
        _ascent.Resume(heat._ascent);
        (_power, _isInWatts, UnusableCount) = (heat._power, heat._isInWatts, heat.UnusableCount);
        return true;
    }

    public void Observe(in FrameSpend spend)
    {
        double ms = _ascent.Advance(spend.NowNs);
        bool isInWatts = HeatModel.IsPower(spend.Watts);
        double power = isInWatts ? spend.Watts : Math.Min(spend.DeviceMs / ms, 1);
        if (!HeatModel.IsTemperature(spend.Celsius) || !(power >= 0 && ms > 0))
        {
            UnusableCount++;
            return;
        }

        Follow(isInWatts, power);
        _model.Observe(spend.NowNs, spend.Celsius, power);
        double allowed = _model.PowerFor(Budget.Target - AimBelow, HorizonConstants * _model.TimeConstantSeconds);
        _ascent.Move(isInWatts ? power : _power, allowed, ms, isInWatts);
    }

    /// <summary>Watts and shares of the time are two measures: with the other one, the model begins anew.</summary>
    private void Follow(bool isInWatts, double power)
    {
        if (isInWatts != _isInWatts)
        {
            _model.Forget();
            (_isInWatts, _power) = (isInWatts, power);
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
