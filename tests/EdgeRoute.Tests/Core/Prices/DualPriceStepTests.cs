using EdgeRoute.Core.Prices;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Prices;

/// <summary>
/// A step of the budget, of the clocks or of the content settles within 2 % in 3 simulated seconds, whatever the gain-cost curve.
/// </summary>
public sealed class DualPriceStepTests(ITestOutputHelper output)
{
    private const int RunCount = 1500;
    private static readonly PriceScale Scale = new(1e-4, 0.2);

    public static TheoryData<string> Plants => [.. SimulatedPlant.All.Select(p => p.Name)];

    public static TheoryData<string> OptionPlants => [.. SimulatedPlant.All.Where(p => p.Name.Contains("options", StringComparison.Ordinal))
        .Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Plants))]
    public void Mean_latency(string plant)
    {
        Judge(plant, "latency 22 to 12 ms", new(BudgetKind.LatencyMsMean, 22), new(BudgetKind.LatencyMsMean, 12), s => s.LatencyMs);
        Judge(plant, "latency 12 to 22 ms", new(BudgetKind.LatencyMsMean, 12), new(BudgetKind.LatencyMsMean, 22), s => s.LatencyMs);
    }

    [Theory]
    [MemberData(nameof(Plants))]
    public void Mean_latency_on_an_uncalibrated_scale(string plant) =>
        Judge(plant, "same, no calibration", new(BudgetKind.LatencyMsMean, 22), new(BudgetKind.LatencyMsMean, 12), s => s.LatencyMs,
            scale: PriceScale.Uncalibrated);

    [Theory]
    [MemberData(nameof(OptionPlants))]
    public void Share_of_heavy(string plant)
    {
        Judge(plant, "heavy 40 to 20 %", new(BudgetKind.HeavyShare, 0.4), new(BudgetKind.HeavyShare, 0.2), s => s.WasHeavy ? 1 : 0);
        Judge(plant, "heavy 10 to 30 %", new(BudgetKind.HeavyShare, 0.1), new(BudgetKind.HeavyShare, 0.3), s => s.WasHeavy ? 1 : 0);
    }

    [Theory]
    [MemberData(nameof(Plants))]
    public void Watts_behind_a_lagging_sensor(string plant)
    {
        Judge(plant, "watts 11 to 8 W", new(BudgetKind.Watts, 11), new(BudgetKind.Watts, 8), s => s.Watts);
        Judge(plant, "watts 8 to 11 W", new(BudgetKind.Watts, 8), new(BudgetKind.Watts, 11), s => s.Watts);
    }

    [Theory]
    [MemberData(nameof(Plants))]
    public void Throttled_clocks_and_harder_content(string plant)
    {
        Budget budget = new(BudgetKind.DeviceMsMean, 12);
        Judge(plant, "clocks throttled x1.6", budget, budget, s => s.DeviceMs, changed: r => r.Throttle = 1.6);
        Judge(plant, "content harder x1.5", budget, budget, s => s.DeviceMs, changed: r => r.Difficulty = 1.5);
    }

    private void Judge(string plantName, string step, Budget before, Budget target, Func<FrameSpend, double> figure,
        Action<PlantRun>? changed = null, PriceScale? scale = null)
    {
        var plant = SimulatedPlant.Named(plantName);
        double band = StepResponse.Band + QuantumBand(plant, target);
        var response = StepResponse.Measure(RunCount, target.Target, band, Run, target.Target > before.Target ? 1 : -1);
        output.WriteLine($"{plantName,-24} | {step,-24} | {response.SettlingSeconds:0.00} s | "
            + $"{response.Overshoot:P1} | {response.RunError:P1} | {response.Bias:P2} | band {band:P1}");
        Assert.True(response.SettlingSeconds <= 3, $"{plantName}, {step}: settles in {response.SettlingSeconds:0.00} s");
        Assert.True(response.Overshoot <= 0.1, $"{plantName}, {step}: overshoots by {response.Overshoot:P1}");
        Assert.True(response.RunError <= 0.025, $"{plantName}, {step}: the ten seconds of a run are off by {response.RunError:P1}");
        Assert.True(Math.Abs(response.Bias) <= 0.005, $"{plantName}, {step}: all runs together are off by {response.Bias:P2}");

        double[] Run(int seed)
        {
            var settings = new DualPriceSettings(scale ?? Scale, SensorLagMs: 300);
            var run = new PlantRun(plant, new DualPrice(before, settings), seed);
            // The step falls into any phase of a price that dithers.
            run.Take(300 + (seed % 31), figure);
            double[] first = run.Take(StepResponse.WindowLength, figure);
            changed?.Invoke(run);
            run.Retarget(target, settings);
            return [.. first, .. run.Take(StepResponse.FramesAfter, figure)];
        }
    }

    /// <summary>
    /// Equal frames shared out between two operating points meet a one-second mean only to the nearest whole frame: half such a step is
    /// added to the band. A sensor smooths the watts, so they need none.
    /// </summary>
    private static double QuantumBand(SimulatedPlant plant, Budget target) => plant.StepMs == 0 || target.Kind == BudgetKind.Watts ? 0
        : (target.Kind == BudgetKind.HeavyShare ? 1 : plant.StepMs) / target.Target / StepResponse.WindowLength / 2;
}
