using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Gains;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Core.Floors;

public sealed class LossBoundsTests
{
    /// <summary>Reference values from forty-digit arithmetic.</summary>
    [Theory]
    [InlineData(0, 99, 0.03, 0.0490232040468100631)]
    [InlineData(3, 10, 0.5, 0.171875)]
    [InlineData(1, 20, 0.1, 0.391746998125167706)]
    [InlineData(999, 1000, 0.999, 0.632304575229035955)]
    [InlineData(40, 2000, 0.03, 0.00356474664281823024)]
    [InlineData(580, 20_000, 0.03, 0.210101409156571757)]
    [InlineData(2900, 100_000, 0.03, 0.0320423432209412146)]
    [InlineData(29_000, 1_000_000, 0.03, 1.92833295543212953e-9)]
    [InlineData(29_700, 1_000_000, 0.03, 0.0394058446972786095)]
    [InlineData(30_000, 1_000_000, 0.03, 0.501535701091953911)]
    [InlineData(500_000, 1_000_000, 0.5, 0.500398942180665875)]
    [InlineData(10, 1_000_000, 0.00002, 0.0108111372023988886)]
    public void The_binomial_tail_is_exact(long successes, long trials, double probability, double expected) =>
        Assert.InRange(BinomialTail.AtMost(successes, trials, probability) / expected, 1 - 1e-9, 1 + 1e-9);

    [Theory]
    [InlineData(0.5, 0.5, 0.2, 0.295167235300866548)]
    [InlineData(2.5, 7.25, 0.4, 0.849870230134115875)]
    [InlineData(30, 970, 0.025, 0.177968375004238862)]
    [InlineData(1000.5, 2.25, 0.999, 0.797954943600578384)]
    public void The_incomplete_beta_function_is_exact(double a, double b, double x, double expected) =>
        Assert.Equal(expected, BinomialTail.RegularizedBeta(a, b, x), 1e-12);

    [Theory]
    [InlineData(0.1, 2.25271265173420596)]
    [InlineData(1, 0)]
    [InlineData(2.5, 0.28468287047291916)]
    [InlineData(15.9, 27.6254932151686908)]
    [InlineData(16.1, 28.1736944948135427)]
    [InlineData(1e3, 5905.22042320918121)]
    [InlineData(1e6, 12815504.5691476117)]
    public void The_logarithm_of_gamma_is_exact(double x, double expected) => Assert.Equal(expected, BinomialTail.LogGamma(x),
        1e-14 + (1e-14 * expected));

    [Theory]
    [InlineData(0, 100, 0.0295130496070399)]
    [InlineData(2, 50, 0.120614155422044)]
    [InlineData(40, 2000, 0.0259559134081877)]
    [InlineData(200, 10_000, 0.0224593530171023)]
    public void The_binomial_bound_is_that_of_Clopper_and_Pearson(long losses, long count, double expected) =>
        Assert.Equal(expected, LossBounds.BinomialUpper(losses, count, 0.95), 1e-12);

    [Fact]
    public void Without_any_loss_all_tests_agree_on_how_few_do_not_suffice()
    {
        var goal = new FloorGoal(0.97, 0.95);
        foreach (var test in Enum.GetValues<LossTest>())
        {
            int fewest = (int)LossBounds.FewestWithoutLoss(test, goal);
            Assert.InRange(fewest, 99, 110);
            Assert.True(LossBounds.PValue(test, new double[fewest], goal) <= goal.Risk);
            Assert.True(LossBounds.PValue(test, new double[fewest - 1], goal) > goal.Risk);
        }
    }

    /// <summary>
    /// For 0/1 losses each bound depends only on their number, so the chance that it lies below the truth is a sum of binomial
    /// probabilities.
    /// </summary>
    [Theory]
    [InlineData(60)]
    [InlineData(400)]
    public void No_bound_misses_more_often_than_its_confidence_allows(int count)
    {
        foreach (var test in Enum.GetValues<LossTest>())
        {
            var uppers = Enumerable.Range(0, count + 1).Select(k => LossBounds.Upper(test, OnesThenZeros(k, count), 0.95)).ToArray();
            foreach (double mean in new[] { 0.005, 0.01, 0.03, 0.1, 0.3, 0.5, 0.9 })
            {
                int missing = uppers.TakeWhile(u => u < mean).Count();
                Assert.InRange(BinomialTail.AtMost(missing - 1, count, mean), 0, 0.05);
            }
        }
    }

    [Fact]
    public void Bets_are_markedly_narrower_where_losses_vary_little()
    {
        var random = new Random(1);
        var losses = SyntheticLosses.Many(2000, () => SyntheticLosses.Block(random, 0.02));
        double mean = losses.Average(), bets = LossBounds.BettingUpper(losses, 0.95) - mean;
        Assert.InRange(bets, 0, 0.5 * (LossBounds.HoeffdingBentkusUpper(losses.Sum(), 2000, 0.95) - mean));
    }

    [Fact]
    public void The_order_of_losses_does_not_matter()
    {
        var random = new Random(2);
        var losses = SyntheticLosses.Many(500, () => SyntheticLosses.Partial(random, 0.02));
        double before = LossBounds.BettingPValue(losses, 0.03, 0.95);
        Array.Sort(losses);
        Assert.Equal(before, LossBounds.BettingPValue(losses, 0.03, 0.95), 1e-12);
    }

    [Property]
    public bool More_losses_raise_a_bound_and_more_frames_or_less_confidence_lower_it(byte losses, ushort extra, byte doubtful)
    {
        int count = 300 + (extra % 700), ones = losses;
        double confidence = 0.8 + (doubtful / 255.0 * 0.19);
        return Enum.GetValues<LossTest>().All(test =>
        {
            double upper = LossBounds.Upper(test, OnesThenZeros(ones, count), confidence);
            return upper <= LossBounds.Upper(test, OnesThenZeros(ones + 1, count), confidence)
                && upper <= LossBounds.Upper(test, OnesThenZeros(ones, count), confidence + 0.005)
                && upper >= LossBounds.Upper(test, OnesThenZeros(2 * ones, 2 * count), confidence)
                && upper >= (double)ones / count;
        });
    }

    [Property]
    public bool A_p_value_falls_as_more_loss_is_allowed_and_agrees_with_the_bound(byte losses, ushort allowed, byte doubtful)
    {
        var data = OnesThenZeros(losses, 400);
        var goal = new FloorGoal(1 - ((allowed + 1) / 65_537.0), 0.8 + (doubtful / 255.0 * 0.19));
        return Enum.GetValues<LossTest>().All(test =>
        {
            double p = LossBounds.PValue(test, data, goal), upper = LossBounds.Upper(test, data, goal.Confidence);
            return p is >= 0 and <= 1 && LossBounds.PValue(test, data, new FloorGoal(goal.Floor * 0.99, goal.Confidence)) <= p
                && (Math.Abs(upper - goal.AllowedLoss) < 1e-7 || p <= goal.Risk == upper <= goal.AllowedLoss);
        });
    }

    [Property]
    public bool What_is_not_a_loss_in_range_is_refused(double loss, double allowed, double confidence)
    {
        bool isFine = loss is >= 0 and <= 1 && allowed is > 0 and < 1 && confidence is > 0 and < 1;
        return isFine == Accepts(() => LossBounds.BettingPValue([0, loss], allowed, confidence))
            && (loss is >= 0 and <= 2 && allowed is > 0 and < 1) == Accepts(() => LossBounds.HoeffdingBentkusPValue(loss, 2, allowed))
            && (loss is 0 or 1) == Accepts(() => LossBounds.PValue(LossTest.Binomial, [0, loss], new FloorGoal(0.9, 0.9)))
            && (allowed is > 0 and < 1 && confidence is > 0 and < 1) == Accepts(() => new FloorGoal(allowed, confidence).Risk);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-0.001)]
    [InlineData(1.001)]
    public void A_bad_loss_is_named(double bad)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => LossBounds.BettingUpper([0, 0.5, bad], 0.95));
        Assert.Contains("Loss 2 is not in [0, 1]", error.Message, StringComparison.Ordinal);
    }

    private static bool Accepts(Func<double> call)
    {
        try
        {
            return !double.IsNaN(call());
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static double[] OnesThenZeros(int ones, int count) => [.. Enumerable.Repeat(1.0, ones), .. new double[count - ones]];
}
