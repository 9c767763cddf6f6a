using EdgeRoute.Core.Gains;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Core.Gains;

public sealed class ContextLossesTests
{
    [Fact]
    public void Losses_as_predicted_leave_the_factor_at_one()
    {
        var losses = new ContextLosses(1);
        for (int i = 0; i < 2000; i++)
        {
            losses.Observe(0, 0.1, i % 2 == 0 ? 0.2 : 0, 1);
            Assert.Equal(1, losses.FactorOf(0));
        }
    }

    [Fact]
    public void Few_audits_correct_nothing_however_bad_they_are()
    {
        var losses = new ContextLosses(1);
        Feed(losses, 0, ContextLosses.LeastAudits - 1, 0.05, 1);
        Assert.Equal(1, losses.FactorOf(0));
        // Evidence fades from the first audit on, so it takes one or two more to come to the least.
        Feed(losses, 0, 3, 0.05, 1);
        Assert.True(losses.FactorOf(0) > 1);
    }

    [Fact]
    public void Steady_evidence_moves_the_factor_to_what_is_seen_and_not_beyond()
    {
        var (worse, better) = (new ContextLosses(1), new ContextLosses(1));
        for (int i = 0; i < 3000; i++)
        {
            worse.Observe(0, 0.2, i % 5 < 3 ? 1 : 0, 1);
            better.Observe(0, 0.5, i % 4 == 0 ? 1 : 0, 1);
            Assert.InRange(worse.FactorOf(0), 1, 3.2f);
            Assert.InRange(better.FactorOf(0), 0.4f, 1);
        }

        Assert.InRange(worse.FactorOf(0), 2.5f, 3);
        Assert.InRange(better.FactorOf(0), 0.5f, 0.65f);
    }

    /// <summary>The factor leaves 1 by chance in few of many contexts whose losses are what was predicted.</summary>
    [Fact]
    public void Chance_alone_seldom_moves_a_factor()
    {
        const int Contexts = 400;
        var losses = new ContextLosses(Contexts);
        var random = new Random(5);
        for (int i = 0; i < 200 * Contexts; i++)
        {
            losses.Observe(i % Contexts, 0.3, random.NextDouble() < 0.3 ? 1 : 0, 1);
        }

        int moved = Enumerable.Range(0, Contexts).Count(c => losses.FactorOf(c) is not 1);
        Assert.InRange(moved, 0, Contexts / 10);
    }

    [Theory]
    [InlineData(0.01, 1, ContextLosses.FactorLimit)]
    [InlineData(0.5, 0, 1 / ContextLosses.FactorLimit)]
    public void The_factor_is_bounded(double predicted, double observed, float bound)
    {
        var losses = new ContextLosses(1);
        Feed(losses, 0, 5000, predicted, observed);
        Assert.Equal(bound, losses.FactorOf(0), 6);
    }

    /// <summary>
    /// Frames that are seldom chosen stand for many: the same audits say more of losses when the bad ones were the seldom chosen.
    /// </summary>
    [Fact]
    public void Rarely_chosen_frames_count_for_more()
    {
        var (badAreRare, goodAreRare) = (new ContextLosses(1), new ContextLosses(1));
        for (int i = 0; i < 2000; i++)
        {
            double observed = i % 2 == 0 ? 0.6 : 0.1;
            badAreRare.Observe(0, 0.2, observed, i % 2 == 0 ? 0.1 : 1);
            goodAreRare.Observe(0, 0.2, observed, i % 2 == 0 ? 1 : 0.1);
        }

        // Weighted means 6.1 / 11 and 1.6 / 11 against 0.2.
        Assert.InRange(badAreRare.FactorOf(0), 2.5f, 2.78f);
        Assert.InRange(goodAreRare.FactorOf(0), 0.72f, 0.85f);
    }

    [Fact]
    public void A_context_changes_its_mind()
    {
        var losses = new ContextLosses(1);
        Feed(losses, 0, 1000, 0.1, 0.5);
        Assert.True(losses.FactorOf(0) > 3);
        Feed(losses, 0, 6000, 0.1, 0.1);
        Assert.InRange(losses.FactorOf(0), 1, 1.1f);
    }

    [Fact]
    public void Contexts_do_not_learn_from_each_other()
    {
        var losses = new ContextLosses(3);
        Feed(losses, 1, 500, 0.1, 0.4);
        Assert.Equal((1f, 1f), (losses.FactorOf(0), losses.FactorOf(2)));
        Assert.True(losses.FactorOf(1) > 2);
    }

    [Property(MaxTest = 500)]
    public void Whatever_is_observed_factors_are_numbers_within_the_limit(int seed)
    {
        var random = new Random(seed);
        var losses = new ContextLosses(2);
        for (int i = 0; i < 300; i++)
        {
            losses.Observe(random.Next(-1, 4), Odd(random), Odd(random), random.Next(4) == 0 ? Odd(random) : 1e-9 + random.NextDouble());
            for (int context = -2; context < 4; context++)
            {
                Assert.InRange(losses.FactorOf(context), 1 / ContextLosses.FactorLimit, ContextLosses.FactorLimit);
            }
        }
    }

    [Theory]
    [InlineData(double.NaN, 1, 1)]
    [InlineData(0.1, double.NaN, 1)]
    [InlineData(0.1, 1, double.NaN)]
    [InlineData(0.1, 1, 0)]
    [InlineData(0.1, 1.1, 1)]
    [InlineData(-0.1, 1, 1)]
    [InlineData(0.1, 1, 1.5)]
    public void Audits_in_odd_numbers_are_left_out(double predicted, double observed, double probability)
    {
        var losses = new ContextLosses(1);
        for (int i = 0; i < 1000; i++)
        {
            losses.Observe(0, predicted, observed, probability);
        }

        Assert.Equal(1, losses.FactorOf(0));
        Feed(losses, 0, ContextLosses.LeastAudits - 1, 0.1, 1);
        Assert.Equal(1, losses.FactorOf(0));
    }

    private static void Feed(ContextLosses losses, int context, int count, double predicted, double observed)
    {
        for (int i = 0; i < count; i++)
        {
            losses.Observe(context, predicted, observed, 1);
        }
    }

    private static double Odd(Random random) => random.Next(8) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => 0,
        3 => 1,
        4 => double.Epsilon,
        _ => random.NextDouble(),
    };
}
