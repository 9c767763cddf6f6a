using EdgeRoute.Core.Energy;
using EdgeRoute.Tests.Core.Prices;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Energy;

/// <summary>What a route takes is found from a rail's power and the routes run, apart from what is drawn idle.</summary>
public sealed class RouteEnergyTests(ITestOutputHelper output)
{
    private const double IdleWatts = 4.2;
    private static readonly double[] Truth = [35, 180];

    [Fact]
    public void Energies_are_found_within_5_percent_on_a_noisy_rail_in_19_runs_of_20()
    {
        double worst = 0;
        int held = 0, near = 0, judged = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            var fit = Run(seed, 3600, Mixture);
            for (int route = 0; route < 2; route++)
            {
                var estimate = fit.Millijoules(route);
                double error = Math.Abs((estimate.Value / Truth[route]) - 1);
                (worst, near) = (Math.Max(worst, error), near + (error <= 0.05 ? 1 : 0));
                held += Math.Abs(estimate.Value - Truth[route]) <= estimate.Margin ? 1 : 0;
                judged++;
                Assert.True(estimate.IsKnown, $"seed {seed}, route {route}: {estimate}");
            }

            Assert.InRange(fit.IdleWatts.Value, IdleWatts * 0.95, IdleWatts * 1.05);
        }

        output.WriteLine($"worst of 40 runs: {worst:P1}; {near} of {judged} within 5 %; {held} of {judged} intervals hold the truth");
        Assert.InRange(near, judged * 0.95, judged);
        Assert.InRange(worst, 0, 0.08);
        Assert.InRange(held, judged * 0.9, judged);
    }

    [Fact]
    public void Routes_that_always_run_together_are_not_told_apart()
    {
        var fit = Run(1, 1800, (t, _) => [(int)(10 + (5 * Math.Sin(t / 60.0))), (int)(10 + (5 * Math.Sin(t / 60.0)))]);
        Assert.False(fit.Millijoules(0).IsKnown);
        Assert.False(fit.Millijoules(1).IsKnown);
    }

    [Fact]
    public void Nothing_is_told_before_there_is_something_to_tell()
    {
        var fit = Run(1, 10, Mixture);
        Assert.True(double.IsNaN(fit.IdleWatts.Value) && double.IsNaN(fit.Millijoules(0).Value));
        Assert.False(fit.Millijoules(0).IsKnown);
    }

    /// <summary>
    /// Of 30 frames a second, in a mixture that content and price move; the rest reuses an answer, which takes nothing. Were every frame on
    /// a route, what all of them take alike could not be told from what is drawn idle.
    /// </summary>
    private static long[] Mixture(int second, Random random)
    {
        double share = 0.35 + (0.3 * Math.Sin(second / 40.0)) + (0.1 * random.NextDouble());
        long heavy = (long)(30 * share), light = (long)((30 - heavy) * (0.5 + (0.5 * random.NextDouble())));
        return [light, heavy];
    }

    private static RouteEnergy Run(int seed, int seconds, Func<int, Random, long[]> mixture)
    {
        var random = new Random(seed);
        var fit = new RouteEnergy(Truth.Length, 8, 100);
        for (int t = 0; t < seconds; t++)
        {
            long[] runs = mixture(t, random);
            double joules = IdleWatts + (0.1 * SimulatedPlant.Normal(random));
            for (int i = 0; i < runs.Length; i++)
            {
                joules += runs[i] * Truth[i] / 1000 * (1 + (0.03 * SimulatedPlant.Normal(random)));
            }

            fit.Observe(runs, joules, 1);
        }

        return fit;
    }
}
