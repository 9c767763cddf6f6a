namespace EdgeRoute.Core.Heat;

/// <summary>
/// What one thermal zone does, fitted while it runs: its temperature comes near a level that its power and its surroundings set, by an
/// equal part in equal times. Tells how long a power can be kept up, and which power can.
/// </summary>
/// <remarks>
/// The slope of the temperature is taken as linear in temperature and power about the first reading; so the level at the power at hand is
/// known well long before its parts are. Power may be in watts or any other measure of work, as long as it stays the same one.
/// </remarks>
public sealed class HeatModel
{
    /// <summary>Between two observations: sensors step by tenths of a degree, which over a second would look like a slope.</summary>
    private const double WindowSeconds = 5;

    /// <summary>A pause longer than this begins a new window.</summary>
    private const double PauseSeconds = 30;

    /// <summary>Of a heat sink of a few hundred grams; the fit moves it.</summary>
    private const double UsualSeconds = 120;

    /// <summary>Surroundings that are likely before anything is known, and how much a board is then taken to be warmer at least.</summary>
    private const double UsualAmbient = 30, LeastRise = 10;

    /// <summary>What a fitted time constant may be, in seconds, and the smallest heating per unit of power, against the prior.</summary>
    private const double ShortestSeconds = 5, LongestSeconds = 1500, LeastHeating = 0.05;

    /// <summary>Standard deviation of a slope to begin with, and how far the slope may wander in a second: clouds and doors.</summary>
    private const double SlopeNoise = 0.05, SlopeDrift = 0.0005;

    /// <summary>How much rates may wander in a second, as a part of themselves: dust and fans.</summary>
    private const double RateDrift = 0.0001;

    private readonly DriftingFit _fit = new(3);
    private double _firstCelsius, _firstPower, _heatingPrior;
    private double _windowCelsius = double.NaN, _windowPower, _windowSeconds;
    private long _lastNs;

    /// <summary>The latest reading; not a number before the first.</summary>
    public double Celsius { get; private set; } = double.NaN;

    /// <summary>Windows that were learnt from.</summary>
    public long ObservationCount => _fit.ObservationCount;

    /// <summary>A reading has come.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>In which the distance to the level falls to 37 %.</summary>
    public double TimeConstantSeconds => 1 / Rate;

    /// <summary>Degrees by which the level rises for each unit of power.</summary>
    public double DegreesPerWatt => Heating / Rate;

    /// <summary>The level without any power.</summary>
    public double AmbientCelsius => LevelAt(0);

    private double Rate => Math.Clamp(IsKnown ? _fit[0] : 1 / UsualSeconds, 1 / LongestSeconds, 1 / ShortestSeconds);

    private double Heating => Math.Max(_fit[1], LeastHeating * _heatingPrior);

    /// <summary>Whether a figure can be a temperature of something that works, in degrees.</summary>
    public static bool IsTemperature(double celsius) => celsius is > -273 and < 1000;

    /// <summary>Whether a figure can be a power of a computer, in watts.</summary>
    public static bool IsPower(double watts) => watts is >= 0 and < 1e6;

    /// <summary>Takes a reading in. One that cannot be is none; time may not go back.</summary>
    /// <param name="power">Mean since the reading before.</param>
    public void Observe(long nowNs, double celsius, double power)
    {
        double seconds = ((double)nowNs - _lastNs) / 1e9;
        if (!IsTemperature(celsius) || !IsPower(power) || (IsKnown && seconds <= 0))
        {
            return;
        }

        (Celsius, _lastNs) = (celsius, nowNs);
        if (!IsKnown || seconds > PauseSeconds)
        {
            Begin(celsius, power);
            return;
        }

        _windowPower += power * seconds;
        _windowSeconds += seconds;
        if (_windowSeconds >= WindowSeconds)
        {
            Learn(celsius);
        }
    }

    /// <summary>The temperature that a power leads to in the end.</summary>
    public double LevelAt(double power) =>
        _firstCelsius + (((Heating * (power - _firstPower)) + _fit[2]) / Rate);

    /// <summary>The temperature after some time at a power.</summary>
    public double After(double seconds, double power)
    {
        double level = LevelAt(power);
        return level + ((Celsius - level) * Math.Exp(-Rate * seconds));
    }

    /// <summary>Until a temperature is reached at a power; infinite where it never is, 0 where it is reached already.</summary>
    public double SecondsTo(double celsius, double power)
    {
        double level = LevelAt(power);
        if (Celsius >= celsius)
        {
            return 0;
        }

        return level > celsius ? Math.Log((level - Celsius) / (level - celsius)) / Rate : double.PositiveInfinity;
    }

    /// <summary>The power that leads to a temperature in some time from now; may be negative where even none would overshoot.</summary>
    public double PowerFor(double celsius, double seconds)
    {
        double left = Math.Exp(-Rate * seconds);
        double level = (celsius - (Celsius * left)) / (1 - left);
        return _firstPower + (((Rate * (level - _firstCelsius)) - _fit[2]) / Heating);
    }

    /// <summary>The power that keeps a temperature for good.</summary>
    public double PowerAt(double celsius) => PowerFor(celsius, double.PositiveInfinity);

    /// <summary>Goes on from what another has learnt of the same zone.</summary>
    public void Resume(HeatModel earlier)
    {
        if (earlier.IsKnown)
        {
            Begin(earlier._firstCelsius, earlier._firstPower);
            _fit.Resume(earlier._fit);
            _heatingPrior = earlier._heatingPrior;
            (Celsius, _lastNs) = (earlier.Celsius, earlier._lastNs);
            (_windowCelsius, _windowPower, _windowSeconds) = (earlier._windowCelsius, earlier._windowPower, earlier._windowSeconds);
        }
    }

    /// <summary>As before the first reading.</summary>
    public void Forget() => (IsKnown, Celsius) = (false, double.NaN);

    private void Begin(double celsius, double power)
    {
        if (!IsKnown)
        {
            const double Rate = 1 / UsualSeconds;
            (_firstCelsius, _firstPower, IsKnown) = (celsius, power, true);
            _heatingPrior = Rate * Math.Max(celsius - UsualAmbient, LeastRise) / Math.Max(power, 0.05);
            _fit.Begin([Rate, _heatingPrior, 0], [Rate, _heatingPrior, 1],
                [Rate * RateDrift, _heatingPrior * RateDrift, SlopeDrift], SlopeNoise);
        }

        (_windowCelsius, _windowPower, _windowSeconds) = (celsius, 0, 0);
    }

    private void Learn(double celsius)
    {
        double slope = (celsius - _windowCelsius) / _windowSeconds, power = _windowPower / _windowSeconds;
        double middle = ((celsius + _windowCelsius) / 2) - _firstCelsius;
        _fit.Observe([-middle, power - _firstPower, 1], slope, _windowSeconds);
        (_windowCelsius, _windowPower, _windowSeconds) = (celsius, 0, 0);
    }
}
