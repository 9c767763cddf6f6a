using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Gains;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Floors;

public sealed class LearnThenTestTests(ITestOutputHelper output)
{
    private const int PriceCount = 12;
    private const int BlockCount = 2000;
    private static readonly FloorGoal Goal = new(0.97, 0.95);

    /// <summary>Mean loss by price: gentle, steep at the end, flat and close to the floor, and one that is not monotone.</summary>
    public static TheoryData<string, string> Populations()
    {
        var data = new TheoryData<string, string>();
        foreach (string curve in new[] { "line", "knee", "flat", "dip" })
        {
            data.Add(curve, "zero-one");
            data.Add(curve, "block");
        }

        data.Add("line", "heavy-tailed");
        data.Add("flat", "partial");
        return data;
    }

    [Theory]
    [MemberData(nameof(Populations))]
    public void The_certified_floor_holds_in_95_of_100_splits_and_is_not_vacuous(string curve, string kind)
    {
        var test = kind == "zero-one" ? LossTest.Binomial : LossTest.Betting;
        int useful = 0, prices = 0;
        double broken = SyntheticLosses.Share(100, random =>
        {
            var certificate = LearnThenTest.Certify(Sample(random, curve, kind), Goal, test);
            Interlocked.Add(ref useful, certificate.PriceIndex > 0 ? 1 : 0);
            Interlocked.Add(ref prices, certificate.PriceIndex);
            return Enumerable.Range(0, certificate.PriceIndex + 1).Any(i => MeanLoss(curve, i) > Goal.AllowedLoss);
        });
        output.WriteLine($"{curve}, {kind}: broken in {broken:0%} of splits, price above 0 in {useful} of 100, mean price index "
            + $"{prices / 100.0:0.0}");
        Assert.InRange(broken, 0, 0.05);
        Assert.InRange(useful, 60, 100);
    }

    /// <summary>The hardest population: every price just breaks the floor, so every certificate is wrong.</summary>
    [Theory]
    [InlineData("zero-one")]
    [InlineData("partial")]
    [InlineData("heavy-tailed")]
    [InlineData("block")]
    public void At_the_edge_of_the_floor_a_certificate_is_as_rare_as_promised(string kind)
    {
        var test = kind == "zero-one" ? LossTest.Binomial : LossTest.Betting;
        double wrong = SyntheticLosses.Share(1000, random =>
            LearnThenTest.Certify([SyntheticLosses.Many(500, () => Draw(kind, random, 0.0301))], Goal, test).IsCertified);
        output.WriteLine($"{kind}: {wrong:0.0%} wrong certificates");
        Assert.InRange(wrong, 0, 0.05 + (2 * Math.Sqrt(0.05 * 0.95 / 1000)));
    }

    [Fact]
    public void Frames_of_lasting_scenes_are_no_independent_blocks_and_block_means_are()
    {
        const double TailPoint = 1.6448536;
        var goal = new FloorGoal(0.9502, 0.95);
        int[] recordings = [4000, 2500, 3500];
        double naive = SyntheticLosses.Share(200, random =>
            LearnThenTest.Certify([SyntheticLosses.Scenes(random, 10_000, 0.95, TailPoint)], goal, LossTest.Binomial).IsCertified);
        double blocks = SyntheticLosses.Share(200, random =>
        {
            double[] frames = [.. recordings.SelectMany(n => SyntheticLosses.Scenes(random, n, 0.95, TailPoint))];
            return LearnThenTest.Certify([BlockMeans.Plan([frames], recordings).Of(frames)], goal, LossTest.Betting).IsCertified;
        });
        output.WriteLine($"true mean 0.0500, allowed 0.0498: wrong certificates {naive:0.0%} with single frames, {blocks:0.0%} with "
            + "block means");
        Assert.InRange(naive, 0.15, 1);
        Assert.InRange(blocks, 0, 0.05);
    }

    [Fact]
    public void Block_means_of_lasting_scenes_still_certify_what_is_good()
    {
        var goal = new FloorGoal(0.95, 0.95);
        double certified = SyntheticLosses.Share(50, random =>
        {
            var frames = SyntheticLosses.Scenes(random, 10_000, 0.95, 2.3263479);
            return LearnThenTest.Certify([BlockMeans.Plan([frames], [10_000]).Of(frames)], goal, LossTest.Betting).IsCertified;
        });
        output.WriteLine($"true mean 0.01, allowed 0.05: certified in {certified:0%}");
        Assert.InRange(certified, 0.9, 1);
    }

    [Fact]
    public void Prices_are_tested_in_order_up_to_the_first_that_fails()
    {
        var bad = SyntheticLosses.Many(400, () => 0.2);
        var good = new double[400];
        var certificate = LearnThenTest.Certify([good, good, bad, good], Goal, LossTest.Betting);
        Assert.Equal(1, certificate.PriceIndex);
        Assert.Equal([true, true, false, false], certificate.Evidence.Select(e => e.IsCertified));
        Assert.Contains("price 1 of 0..3: mean loss 0.0000 over 400 blocks", certificate.Reason, StringComparison.Ordinal);
        Assert.Contains("not higher, because at price 2 the mean loss is 0.2000", certificate.Reason, StringComparison.Ordinal);
        Assert.Contains("it is the highest price of the grid", LearnThenTest.Certify([good], Goal, LossTest.Betting).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void No_certificate_says_what_it_would_take()
    {
        var few = LearnThenTest.Certify([new double[40]], Goal, LossTest.Binomial);
        Assert.False(few.IsCertified);
        Assert.Contains("at least 99 independent blocks are needed", few.Reason, StringComparison.Ordinal);

        var high = LearnThenTest.Certify([SyntheticLosses.Many(300, () => 0.041)], Goal, LossTest.Betting);
        Assert.Contains("none, because at price 0 the mean loss is 0.0410 over 300 blocks, and the floor 97% allows 0.0300", high.Reason,
            StringComparison.Ordinal);

        var unsure = LearnThenTest.Certify([[.. Enumerable.Repeat(1.0, 4), .. new double[196]]], Goal, LossTest.Binomial);
        Assert.Matches("it needs about [0-9]+ blocks at this mean", unsure.Reason);
        var close = LearnThenTest.Certify([[.. Enumerable.Repeat(1.0, 59), .. new double[1941]]], Goal, LossTest.Binomial);
        Assert.Contains("too close to the floor for more footage to decide", close.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_blocks_advised_is_about_right()
    {
        double[] losses = [.. Enumerable.Repeat(1.0, 4), .. new double[196]];
        string reason = LearnThenTest.Certify([losses], Goal, LossTest.Binomial).Reason;
        int advised = int.Parse(System.Text.RegularExpressions.Regex.Match(reason, "about ([0-9]+) blocks").Groups[1].Value,
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(LossBounds.BinomialPValue((long)(0.02 * advised), advised, 0.03), 0.001, 0.06);
    }

    [Fact]
    public void Rows_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => LearnThenTest.Certify([], Goal, LossTest.Betting));
        Assert.Throws<ArgumentException>(() => LearnThenTest.Certify([[]], Goal, LossTest.Betting));
        var error = Assert.Throws<ArgumentException>(() => LearnThenTest.Certify([[0, 0], [0]], Goal, LossTest.Betting));
        Assert.Contains("Price 1 has 1 blocks, price 0 has 2", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => LearnThenTest.Certify([[0, 0.5]], Goal, LossTest.Binomial));
    }

    /// <summary>One split: the same blocks at all prices, harder blocks at higher prices, as when a policy saves more.</summary>
    private static double[][] Sample(Random random, string curve, string kind) =>
        [.. Enumerable.Range(0, PriceCount).Select(i => SyntheticLosses.Many(BlockCount, () => Draw(kind, random, MeanLoss(curve, i))))];

    private static double MeanLoss(string curve, int priceIndex) => curve switch
    {
        "line" => 0.005 * priceIndex,
        "knee" => priceIndex < 8 ? 0.002 : 0.002 + (0.02 * (priceIndex - 7)),
        "flat" => 0.012 + (0.0022 * priceIndex),
        _ => priceIndex is 6 or 7 ? 0.033 : 0.012,
    };

    private static double Draw(string kind, Random random, double mean) => kind switch
    {
        "zero-one" => SyntheticLosses.ZeroOne(random, mean),
        "partial" => SyntheticLosses.Partial(random, mean),
        "heavy-tailed" => SyntheticLosses.HeavyTailed(random, mean),
        _ => SyntheticLosses.Block(random, mean),
    };
}
