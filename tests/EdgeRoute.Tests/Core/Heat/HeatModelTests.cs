using EdgeRoute.Core.Heat;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Heat;

/// <summary>A zone's time constant, degrees per watt and surroundings are found while it runs; a limit is foretold.</summary>
public sealed class HeatModelTests(ITestOutputHelper output)
{
    private const double Second = 1e9;

    [Theory]
    [InlineData(2.3, 150, 40)]
    [InlineData(4, 60, 25)]
    [InlineData(0.3, 400, 22)]
    public void What_a_zone_does_is_found(double degreesPerWatt, double seconds, double ambient)
    {
        double idle = 12 / degreesPerWatt, busy = 30 / degreesPerWatt;
        var plant = new ThermalPlant(degreesPerWatt, seconds) { Ambient = ambient };
        plant.Settle(idle);
        var model = new HeatModel();
        double celsius = Run(plant, model, 0, 7200, t => (int)(t / seconds) % 2 == 0 ? idle : busy);
        output.WriteLine($"tau {model.TimeConstantSeconds:0} of {seconds} s, {model.DegreesPerWatt:0.000} of {degreesPerWatt} C/W, "
            + $"ambient {model.AmbientCelsius:0.0} of {ambient} C after {model.ObservationCount} windows");
        Assert.InRange(model.TimeConstantSeconds, seconds * 0.9, seconds * 1.1);
        Assert.InRange(model.DegreesPerWatt, degreesPerWatt * 0.93, degreesPerWatt * 1.07);
        Assert.InRange(model.AmbientCelsius, ambient - 2, ambient + 2);

        double limit = celsius + (0.6 * (ambient + (degreesPerWatt * busy * 1.3) - celsius));
        double foretold = model.SecondsTo(limit, busy * 1.3);
        double took = 0;
        for (; plant.Celsius < limit; took++)
        {
            plant.Step(1, busy * 1.3);
        }

        output.WriteLine($"to {limit:0.0} C: foretold {foretold:0} s, took {took:0} s");
        Assert.InRange(foretold, took * 0.85, took * 1.15);
    }

    [Fact]
    public void A_day_of_drift_is_followed_and_a_minute_is_foretold()
    {
        var plant = new ThermalPlant(2.5, 180, 0.3) { Ambient = 30 };
        plant.Settle(8);
        var model = new HeatModel();
        var random = new Random(5);
        double squares = 0, watts = 8, foretold = double.NaN;
        int count = 0;
        for (int t = 0; t < 86_400; t++)
        {
            watts = t % 90 == 0 ? 6 + (6 * random.NextDouble()) : watts;
            plant.Ambient = 30 + (15 * Math.Sin(2 * Math.PI * t / 86_400)) + (t > 50_000 ? 4 : 0);
            model.Observe((long)(t * Second), plant.Step(1, watts), watts);
            if (t % 90 == 80 && t > 3600)
            {
                squares += double.IsNaN(foretold) ? 0 : Math.Pow(foretold - plant.Celsius, 2);
                count++;
            }

            foretold = t % 90 == 20 ? model.After(60, watts) : foretold;
        }

        double error = Math.Sqrt(squares / count);
        output.WriteLine($"a minute ahead: {error:0.00} C (root of the mean square), {model.DegreesPerWatt:0.00} C/W, "
            + $"tau {model.TimeConstantSeconds:0} s");
        Assert.InRange(error, 0, 0.7);
    }

    [Fact]
    public void A_power_that_never_changes_does_no_harm()
    {
        var plant = new ThermalPlant(3, 120) { Ambient = 40 };
        plant.Settle(10);
        var model = new HeatModel();
        Run(plant, model, 0, 86_400, _ => 10);
        Assert.InRange(model.LevelAt(10), 68.5, 71.5);
        Assert.InRange(model.PowerAt(70), 9, 11);
        Assert.Equal(double.PositiveInfinity, model.SecondsTo(80, 10));
        // And what it learns then is true again.
        Run(plant, model, 86_400, 3600, t => (int)(t / 120) % 2 == 0 ? 10 : 14);
        Assert.InRange(model.DegreesPerWatt, 2.6, 3.4);
    }

    [Fact]
    public void What_cannot_be_is_no_reading()
    {
        var model = new HeatModel();
        foreach (double odd in new[] { double.NaN, double.PositiveInfinity, -300, 1e9 })
        {
            model.Observe(1, odd, 5);
            model.Observe(1, 50, odd);
        }

        Assert.False(model.IsKnown);
        Assert.True(double.IsNaN(model.Celsius));
        model.Observe(long.MaxValue, 50, 5);
        model.Observe(long.MinValue, 60, 5);
        Assert.Equal(50, model.Celsius);
    }

    private static double Run(ThermalPlant plant, HeatModel model, int from, int seconds, Func<double, double> power)
    {
        for (int t = from; t < from + seconds; t++)
        {
            model.Observe((long)(t * Second), plant.Step(1, power(t)), power(t));
        }

        return plant.Celsius;
    }
}
