using EdgeRoute.Core.Routing;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Tests.Workbench.Frontiers;

/// <summary>The oracle over time against every way through recordings of a few frames.</summary>
public sealed class TimeOracleTests
{
    private const int FrameCount = 7;

    private static readonly double[] Prices = [0, 0.003, 0.01, 0.03, 0.06];

    /// <summary>What is carried depends on the answer at hand alone, so the plan is the best there is.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_classes_no_way_through_the_frames_is_worth_more(int seed)
    {
        var sweep = SyntheticSweep.Classes(FrameCount, seed);
        foreach (double price in Prices)
        {
            Assert.Equal(BestOfAll(sweep, price), PlannedWorth(sweep, price), 1e-4);
        }
    }

    /// <summary>Frames 400 ms apart: an answer serves two more frames at most, then it is too old.</summary>
    [Fact]
    public void An_answer_that_is_too_old_is_not_carried()
    {
        var sweep = SyntheticSweep.Classes(FrameCount, seed: 4, intervalMs: 400);
        var plan = PlanOf(sweep, price: 1);
        Assert.Equal(3, plan.Count(n => sweep.Tree.Nodes[n].VariantIndex >= 0));
        Assert.Equal(BestOfAll(sweep, 1), PlannedWorth(sweep, 1), 1e-4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_tracked_boxes_what_is_planned_can_be_had_and_is_nearly_the_best(int seed)
    {
        var sweep = SyntheticSweep.Boxes(FrameCount, seed);
        foreach (double price in Prices)
        {
            double best = BestOfAll(sweep, price), planned = PlannedWorth(sweep, price);
            Assert.InRange(planned, best - (0.02 * FrameCount), best + 1e-4);
        }
    }

    /// <summary>At a price of 0 each frame is answered by a path that is right, or by an answer that still is.</summary>
    [Fact]
    public void Where_nothing_costs_anything_every_frame_is_right()
    {
        Assert.Equal(1, PlannedWorth(SyntheticSweep.Classes(200, seed: 5), 0) / 200, 1e-6);
        Assert.Equal(1, PlannedWorth(SyntheticSweep.Boxes(40, seed: 6), 0) / 40, 1e-6);
    }

    /// <summary>Light costs more than a frame can bring, and less than the frames that its answer serves.</summary>
    [Fact]
    public void Looking_ahead_saves_what_skipping_by_the_frame_does_not()
    {
        var sweep = SyntheticSweep.Classes(300, seed: 7, change: 0.1);
        const double Price = 0.4;
        var oracle = new OraclePolicy(Price);
        var player = new SweepPlayer(sweep, SyntheticSweep.JudgeOf(sweep), SyntheticSweep.Tracking) { OnFrame = s => oracle.State = s };
        double myopic = player.Play(new Router(sweep.Tree, sweep.Profile(), oracle)).Sum(p => p.Quality - (Price * p.Ms));
        Assert.True(PlannedWorth(sweep, Price) > myopic + 1, $"{PlannedWorth(sweep, Price)}, by the frame alone {myopic}");
    }

    private static IReadOnlyList<int> PlanOf(SweptRecording sweep, double price) => new TimeOracle(sweep, SyntheticSweep.JudgeOf(sweep),
        SyntheticSweep.Tracking).Plan(price);

    private static double PlannedWorth(SweptRecording sweep, double price) => WorthOf(sweep, PlanOf(sweep, price), price);

    /// <summary>Every way: at each frame light, heavy or the answer at hand.</summary>
    private static double BestOfAll(SweptRecording sweep, double price)
    {
        int[] nodes = [.. new[] { "light", "heavy", "previous" }.Select(p => sweep.Tree.FindPath(p)!.Index)];
        int ways = (int)Math.Pow(nodes.Length, sweep.Frames.Count);
        double best = double.NegativeInfinity;
        for (int way = 0; way < ways; way++)
        {
            int rest = way;
            var plan = new int[sweep.Frames.Count];
            for (int i = 0; i < plan.Length; i++)
            {
                plan[i] = nodes[rest % nodes.Length];
                rest /= nodes.Length;
            }

            best = Math.Max(best, WorthOf(sweep, plan, price));
        }

        return best;
    }

    private static double WorthOf(SweptRecording sweep, IReadOnlyList<int> plan, double price)
    {
        var policy = new PlannedPolicy(sweep.Tree, plan);
        var player = new SweepPlayer(sweep, SyntheticSweep.JudgeOf(sweep), SyntheticSweep.Tracking)
        {
            OnFrame = s => policy.FrameIndex = s.FrameIndex,
        };
        return player.Play(new Router(sweep.Tree, sweep.Profile(), policy)).Sum(p => p.Quality - (price * p.Ms));
    }
}
