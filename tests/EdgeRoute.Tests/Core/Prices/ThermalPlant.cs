namespace EdgeRoute.Tests.Core.Prices;

/// <summary>A zone as physics has it: a heat sink that warms slowly, a die on it that warms at once, and a sensor that steps.</summary>
/// <param name="degreesPerWatt">Of the sink above its surroundings.</param>
/// <param name="seconds">Time constant of the sink.</param>
/// <param name="dieDegreesPerWatt">Of the die above the sink.</param>
internal sealed class ThermalPlant(double degreesPerWatt, double seconds, double dieDegreesPerWatt = 0, int seed = 1)
{
    /// <summary>Of the die above the sink.</summary>
    private const double DieSeconds = 2;

    private readonly Random _random = new(seed);
    private double _sink = double.NaN, _die;

    public double Ambient { get; set; } = 25;

    /// <summary>Standard deviation of the sensor, in degrees.</summary>
    public double Noise { get; set; } = 0.1;

    /// <summary>Without the sensor's noise.</summary>
    public double Celsius => _sink + _die;

    /// <summary>At rest at a power.</summary>
    public void Settle(double watts) => (_sink, _die) = (Ambient + (degreesPerWatt * watts), dieDegreesPerWatt * watts);

    /// <returns>What the sensor shows, in steps of an eighth of a degree.</returns>
    public double Step(double dt, double watts)
    {
        _sink += (1 - Math.Exp(-dt / seconds)) * (Ambient + (degreesPerWatt * watts) - _sink);
        _die += (1 - Math.Exp(-dt / DieSeconds)) * ((dieDegreesPerWatt * watts) - _die);
        return Math.Round((Celsius + (Noise * SimulatedPlant.Normal(_random))) * 8) / 8;
    }
}
