using EdgeRoute.Core.Prices;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Prices;

/// <summary>A temperature and a battery as budgets, over hours and days of virtual time.</summary>
public sealed class HeatPriceTests(ITestOutputHelper output)
{
    private const double FrameMs = 500, IdleWatts = 5, BusyWatts = 10, Limit = 85;
    private static readonly DualPriceSettings Settings = new(new PriceScale(1e-4, 0.2), SensorLagMs: 500);

    public static TheoryData<string> Plants => [.. SimulatedPlant.All.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Plants))]
    public void A_day_with_the_sun_at_noon_passes_the_limit_by_two_degrees_at_most_and_uses_what_it_allows(string name)
    {
        var day = Day(name, hasWatts: true, hours: 24);
        output.WriteLine($"{name}: at most {day.Hottest:0.00} C, {day.BoundMean:0.00} C while it binds ({day.BoundShare:P0} of the day)");
        // What it first learns of the zone it learns on the way up; a throttle's trip lies some ten degrees above a sensible limit.
        Assert.InRange(day.Hottest, Limit - 1.5, Limit + 2);
        Assert.InRange(day.BoundMean, Limit - 1, Limit);
    }

    [Fact]
    public void Without_a_power_sensor_the_share_of_the_time_stands_for_power()
    {
        var day = Day("8 options, mixed frames", hasWatts: false, hours: 24);
        output.WriteLine($"at most {day.Hottest:0.00} C, {day.BoundMean:0.00} C while it binds");
        Assert.InRange(day.Hottest, Limit - 1.5, Limit + 2);
        Assert.InRange(day.BoundMean, Limit - 2, Limit);
    }

    [Fact]
    public void The_price_rises_before_the_limit_and_tells_the_time_to_it()
    {
        var plant = SimulatedPlant.Named("smooth, elasticity 1");
        var controller = new HeatPrice(new Budget(BudgetKind.Temperature, Limit), Settings);
        var zone = new ThermalPlant(4, 150, 0.3) { Ambient = 45 };
        zone.Settle(IdleWatts);
        double risenAt = double.NaN, last = 0, steepest = 0;
        Drive(controller, plant, zone, 3600, (_, celsius) =>
        {
            risenAt = double.IsNaN(risenAt) && controller.Price > 0 ? celsius : risenAt;
            steepest = Math.Max(steepest, last > 1e-3 ? controller.Price / last : 0);
            last = controller.Price;
        });
        output.WriteLine($"the price rises at {risenAt:0.0} C, by a factor of {steepest:0.00} in half a second at most");
        Assert.InRange(risenAt, 60, Limit - 1);
        Assert.InRange(steepest, 1, 3);
        Assert.True(controller.SecondsToLimit > 0);
        Assert.InRange(controller.Reading.Measured, Limit - 2, Limit + 0.5);
    }

    [Fact]
    public void A_changed_limit_goes_on_from_the_price_at_hand()
    {
        var plant = SimulatedPlant.Named("smooth, elasticity 1");
        var before = new HeatPrice(new Budget(BudgetKind.Temperature, Limit), Settings);
        var zone = new ThermalPlant(4, 150) { Ambient = 45 };
        zone.Settle(IdleWatts);
        Drive(before, plant, zone, 3600, (_, _) => { });
        var after = new HeatPrice(new Budget(BudgetKind.Temperature, 78), Settings);
        Assert.True(after.TryResume(before));
        Assert.Equal(before.Price, after.Price);
        Drive(after, plant, zone, 1800, (_, _) => { }, from: 3600);
        Assert.InRange(zone.Celsius, 76.5, 78.3);
    }

    [Fact]
    public void Without_a_temperature_nothing_moves()
    {
        var controller = new HeatPrice(new Budget(BudgetKind.Temperature, Limit), Settings);
        for (int i = 1; i < 100; i++)
        {
            controller.Observe(new FrameSpend(i * 33_000_000L, 30, 20, 100, true, 0, 20));
        }

        Assert.Equal((0d, 99L), (controller.Price, controller.UnusableCount));
        Assert.True(double.IsNaN(controller.Reading.Measured));
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 1200)]
    [InlineData(0.5, 0)]
    public void A_battery_ends_within_2_percent_of_its_time_and_a_pause_makes_it_last_longer(double hours, int pauseSeconds)
    {
        // What the mean of idle and busy draws in that time, so that the budget can be met and binds.
        double wattHours = hours * 8;
        var controller = new BatteryPrice(new Budget(BudgetKind.BatteryHours, hours), wattHours, Settings);
        var random = new Random(3);
        var plant = SimulatedPlant.Named("8 options, mixed frames");
        double joules = wattHours * 3600, t = 0, shown = IdleWatts;
        while (joules > 0)
        {
            bool isPaused = t > 3600 && t < 3600 + pauseSeconds;
            double watts = IdleWatts;
            if (!isPaused)
            {
                double difficulty = 1 + (0.5 * Math.Sin(t / 900));
                watts += BusyWatts * Math.Min(plant.Cost(controller.Price, difficulty, random).Ms / 40, 1);
                shown += (1 - Math.Exp(-1)) * (watts - shown);
                controller.Observe(new FrameSpend((long)((t + 1) * 1e9), 30, 20, 100, true, 0, shown));
            }

            t += FrameMs / 1000;
            joules -= watts * FrameMs / 1000;
        }

        output.WriteLine($"{hours} h: {t / 3600:0.000} h, {controller.SpentJoules / 3600:0.00} of {wattHours} Wh");
        // A pause counts at the power of before it, which is no less than what a board without work draws.
        double unspentHours = pauseSeconds * BusyWatts / 8 / 3600;
        Assert.InRange(t / 3600, hours * 0.98, (hours * 1.02) + unspentHours);
    }

    [Fact]
    public void Another_time_for_the_same_battery_forgets_nothing_and_another_battery_is_another()
    {
        var before = new BatteryPrice(new Budget(BudgetKind.BatteryHours, 4), 40, Settings);
        for (int i = 1; i <= 3600; i++)
        {
            before.Observe(new FrameSpend(i * 1_000_000_000L, 30, 20, 100, true, 0, 10));
        }

        var after = new BatteryPrice(new Budget(BudgetKind.BatteryHours, 3), 40, Settings);
        Assert.True(after.TryResume(before));
        Assert.Equal(before.SpentJoules, after.SpentJoules);
        Assert.InRange(after.AllowedWatts, 14.9, 15.1);
        Assert.False(new BatteryPrice(new Budget(BudgetKind.BatteryHours, 4), 41, Settings).TryResume(before));
        Assert.Throws<ArgumentException>(() => new BatteryPrice(new Budget(BudgetKind.BatteryHours, 4), 0, Settings));
    }

    private static HotDay Day(string name, bool hasWatts, double hours)
    {
        var controller = new HeatPrice(new Budget(BudgetKind.Temperature, Limit), Settings);
        var zone = new ThermalPlant(3.2, 200, 0.4);
        double hottest = 0, sum = 0;
        int bound = 0, count = 0;
        zone.Ambient = Ambient(0);
        zone.Settle(IdleWatts);
        Drive(controller, SimulatedPlant.Named(name), zone, (int)(hours * 3600), (t, celsius) =>
        {
            zone.Ambient = Ambient(t);
            bool isBound = controller.Price > 1e-3;
            hottest = Math.Max(hottest, celsius);
            (sum, bound) = (sum + (isBound ? celsius : 0), bound + (isBound ? 1 : 0));
            count++;
        }, hasWatts: hasWatts);
        return new HotDay(hottest, sum / Math.Max(bound, 1), (double)bound / count);
    }

    /// <summary>45 degrees, and 15 more from the sun, the most at noon.</summary>
    private static double Ambient(double t) => 45 + (15 * Math.Max(0, -Math.Cos(2 * Math.PI * t / 86_400)));

    private static void Drive(HeatPrice controller, SimulatedPlant plant, ThermalPlant zone, int seconds, Action<double, double> each,
        bool hasWatts = true, int from = 0)
    {
        var random = new Random(7);
        double shown = IdleWatts, celsius = zone.Celsius;
        for (int i = 0; i < seconds * 1000 / FrameMs; i++)
        {
            double t = from + (i * FrameMs / 1000), ms = Math.Min(plant.Cost(controller.Price, 1, random).Ms, 40);
            double watts = IdleWatts + (BusyWatts * ms / 40);
            shown += (1 - Math.Exp(-1)) * (watts - shown);
            double read = zone.Step(FrameMs / 1000, watts);
            celsius = i % 2 == 0 ? read : celsius;
            // One frame stands for the dozen of that half second.
            controller.Observe(new FrameSpend((long)((t + 1) * 1e9), ms + 2, ms * FrameMs / 40, double.NaN, false, 0,
                hasWatts ? shown : double.NaN, celsius));
            each(t, zone.Celsius);
        }
    }

    private sealed record HotDay(double Hottest, double BoundMean, double BoundShare);
}
