using EdgeRoute.Core.Routing;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Calibrating;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Tests.Workbench.Frontiers;

/// <summary>
/// On a pack without reuse what one frame is worth depends on that frame alone, so the oracle is a bound, frame by frame.
/// </summary>
public sealed class OracleTests(ShapesSweeps sweeps) : IClassFixture<ShapesSweeps>
{
    [SkippableFact]
    public void No_policy_is_worth_more_than_the_oracle_at_the_same_price_on_any_frame()
    {
        var sweep = sweeps.WithoutReuse;
        var (part, judge) = (sweep.Part, sweep.JudgeOf(sweep.Part));
        var fitted = new Calibrator(part, judge, sweep.Tracking).Fit(_ => { }, CancellationToken.None);
        int better = 0;
        foreach (double price in PriceGrid.Of(part).Where((_, i) => i % 4 == 0))
        {
            var oracle = new OraclePolicy(price);
            var bound = new SweepPlayer(part, judge, sweep.Tracking) { OnFrame = s => oracle.State = s }.Play(new Router(part.Tree,
                fitted.Costs, oracle));
            var operating = OperatingPoint.Free with { PricePerMs = (float)price };
            IRoutePolicy[] policies = [new ValuePolicy(fitted.Calibration), new RandomPolicy(0, 0.5, 1),
                .. part.Tree.PathNames.Select(p => new FixedPolicy(part.Tree, p))];
            foreach (var policy in policies)
            {
                var played = new SweepPlayer(part, judge, sweep.Tracking).Play(new Router(part.Tree, fitted.Costs,
                    policy) { Operating = operating });
                Assert.All(bound.Zip(played), p => Assert.True(Worth(p.First, price) >= Worth(p.Second, price) - 1e-9,
                    $"{policy.Name} at {price}: {p}"));
                better += bound.Zip(played).Count(p => Worth(p.First, price) > Worth(p.Second, price) + 1e-6);
            }
        }

        Assert.True(better > 0, "the oracle should know something that the others do not, or nothing is shown");
    }

    [SkippableFact]
    public void The_frontier_says_so_too_and_always_heavy_has_cost_share_one()
    {
        var sweep = sweeps.WithoutReuse;
        var fitted = new Calibrator(sweep.Part, sweep.JudgeOf(sweep.Part), sweep.Tracking).Fit(_ => { }, CancellationToken.None);
        var points = new FrontierRun(sweep).Run(fitted.Calibration, _ => { }, CancellationToken.None);
        Assert.Equal(["cascade", "fixed", "oracle", "quality_loss", "random", "time_oracle", "value"],
            points.Select(p => p.Family).Distinct().Order(StringComparer.Ordinal));
        // Without reuse the oracles are bounds, frame by frame, and so are their mixtures.
        Assert.All(points.Where(p => p.Regret is not null), p => Assert.True(p.Regret >= -1e-9, $"{p}"));
        var heavy = points.Single(p => p is { Family: "fixed", Name: "heavy_1>heavy_2" });
        Assert.Equal((1, 1), (heavy.Quality, heavy.CostShare));
        Assert.All(points, p => Assert.InRange(p.Quality, 0, 1));
    }

    private static double Worth(PlayedFrame frame, double price) => frame.Quality - (price * frame.Ms);
}
