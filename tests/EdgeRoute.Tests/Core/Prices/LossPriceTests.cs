using EdgeRoute.Core.Prices;

namespace EdgeRoute.Tests.Core.Prices;

/// <summary>A budget of lost quality, on a stream of frames whose answers are carried where little loss is expected.</summary>
public sealed class LossPriceTests
{
    private const double HeavyMs = 10, Points = 2;

    private static readonly DualPriceSettings Settings = new(new PriceScale(1e-4, 0.1), StartPrice: 0.004);

    /// <summary>The calibration is right, says a third of the truth, or three times as much.</summary>
    [Theory]
    [InlineData(1, 0.85, 1.1)]
    [InlineData(3, 0.8, 1.25)]
    [InlineData(0.33, 0.2, 0.4)]
    public void Frames_lose_what_they_may_though_only_looks_show_what_is_lost(double truth, double least, double most)
    {
        var price = new LossPrice(new Budget(BudgetKind.QualityLoss, Points), Settings);
        var (lost, share) = Play(price, 20_000, truth, seed: 1);
        Assert.InRange(lost, least * Points, most * Points);
        Assert.InRange(share, 0.05, 0.9);
        Assert.InRange(price.CarriedFactor, Math.Max(truth, 1) * 0.75, Math.Max(truth, 1) * 1.3);
        Assert.InRange(price.Reading.Measured, 0.5 * Points, 1.5 * Points);
        Assert.False(price.IsMissed);
    }

    [Fact]
    public void More_points_take_less_of_the_heaviest_path()
    {
        double[] shares = [.. new[] { 0.5, 1, 2, 5 }.Select(points =>
            Play(new LossPrice(new Budget(BudgetKind.QualityLoss, points), Settings), 5000, 1, seed: 2).Share)];
        Assert.Equal(shares.OrderDescending(), shares);
        Assert.True(shares[0] > 1.3 * shares[^1], string.Join(", ", shares));
    }

    [Fact]
    public void Where_nothing_is_shown_for_long_the_price_falls_and_the_report_says_that_nothing_is_known()
    {
        var price = new LossPrice(new Budget(BudgetKind.QualityLoss, Points), Settings);
        var streamPrice = new StreamPrice([price]);
        streamPrice.Observe(Frame(0, isHeavy: true, shown: new ShownLoss(0.01, 0.01)));
        Assert.False(streamPrice.HasConflict);
        Repeat(LossPrice.BlindFrameCount, () => streamPrice.Observe(Frame(0)));
        double before = price.Price;
        Assert.True(before > Settings.StartPrice && double.IsFinite(price.Reading.Measured), $"price {before}");

        Repeat(600, () => streamPrice.Observe(Frame(0)));
        Assert.Equal(0, price.Price);
        Assert.True(double.IsNaN(price.Reading.Measured), "what was shown long ago is no measurement");
        string words = Assert.Single(streamPrice.FindConflicts()).Words;
        Assert.StartsWith("nothing has shown for 750 frames what is lost against the heaviest path", words, StringComparison.Ordinal);

        streamPrice.Observe(Frame(0, isHeavy: true, shown: new ShownLoss(0.01, 0.01)));
        Assert.InRange(price.Price, before * 0.9, before * 1.2);
        Assert.Empty(streamPrice.FindConflicts());
    }

    [Fact]
    public void More_lost_at_price_zero_is_missed_and_told()
    {
        var price = new LossPrice(new Budget(BudgetKind.QualityLoss, Points), Settings);
        var streamPrice = new StreamPrice([price]);
        Repeat(400, () => streamPrice.Observe(Frame(0.05, shown: new ShownLoss(0.05, 0.05))));
        Assert.Equal(0, price.Price);
        Assert.True(price.IsMissed);
        Assert.StartsWith("5 points of quality lost even at price 0; the budget is 2 points of quality lost: another limit keeps",
            Assert.Single(streamPrice.FindConflicts()).Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_target_goes_on_from_what_was_learnt()
    {
        var before = new LossPrice(new Budget(BudgetKind.QualityLoss, Points), Settings);
        Play(before, 3000, 3, seed: 3);
        var after = new LossPrice(new Budget(BudgetKind.QualityLoss, 2 * Points), Settings with { StartPrice = 0.008 });
        Assert.True(after.TryResume(before));
        Assert.Equal(before.CarriedFactor, after.CarriedFactor);
        Assert.InRange(after.Price, before.Price * 1.99, before.Price * 2.01);
        Assert.False(after.TryResume(new FixedPrice(1)));
    }

    [Fact]
    public void What_is_not_known_moves_nothing_and_is_counted()
    {
        var price = new LossPrice(new Budget(BudgetKind.QualityLoss, Points), Settings);
        price.Observe(new FrameSpend(0, 1, 1, double.NaN, false, 0));
        price.Observe(new FrameSpend(0, 1, 1, double.NaN, false, 0, Loss: new FrameLoss(double.NaN, true, null, null) { IsKnown = true }));
        Assert.Equal((2, Settings.StartPrice), (price.UnusableCount, Math.Round(price.Price, 12)));
        Assert.True(double.IsNaN(price.Reading.Measured));
    }

    [Fact]
    public void It_starts_where_the_calibration_expects_to_hold_it()
    {
        (double, double)[] curve = [(0.03, 0.995), (0, 1), (0.02, 0.97), (0.01, 0.99)];
        Assert.Equal([0, 0.01, 0.03], new[] { 0.5, 1, 3 }.Select(points => LossPrice.StartOf(curve, points)));
        Assert.Equal(0, LossPrice.StartOf([], 1));
    }

    /// <summary>
    /// A frame is carried where the loss expected of it is worth less than the heaviest path costs. Expectations spread, and what is lost
    /// is all or nothing, as with a box that is there or not.
    /// </summary>
    private static (double Lost, double Share) Play(LossPrice price, int frameCount, double truth, int seed)
    {
        var random = new Random(seed);
        double lost = 0;
        int heavy = 0;
        for (int i = 0; i < frameCount; i++)
        {
            double expected = Math.Pow(random.NextDouble(), 3) / 4;
            double loss = random.NextDouble() < expected * truth ? 1 : 0;
            bool isHeavy = expected > price.Price * HeavyMs;
            (lost, heavy) = (lost + (isHeavy ? 0 : loss), heavy + (isHeavy ? 1 : 0));
            price.Observe(isHeavy ? Frame(0, isHeavy: true, shown: new ShownLoss(expected, loss)) : Frame(expected));
        }

        return (100 * lost / frameCount, (double)heavy / frameCount);
    }

    private static FrameSpend Frame(double expected, bool isHeavy = false, ShownLoss? shown = null) =>
        new(0, 1, 1, double.NaN, isHeavy, 0, Loss: new FrameLoss(expected, !isHeavy, shown, null) { IsKnown = true });

    private static void Repeat(int count, Action action)
    {
        for (int i = 0; i < count; i++)
        {
            action();
        }
    }
}
