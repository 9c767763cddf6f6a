using EdgeRoute.Core.Prices;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Core.Prices;

/// <summary>Whatever is observed, every price stays finite and 0 or more, and nothing is allocated.</summary>
public sealed class PriceTotalityTests
{
    private static readonly PriceScale Scale = new(1e-4, 0.2);
    private static readonly double[] Odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -1, 1e308, -1e308,
        double.Epsilon, 5, 40];
    private static readonly long[] OddTimes = [long.MinValue, long.MaxValue, 0, -1, 1, 33_000_000, 66_000_000, 1_000_000_000];

    [Property(MaxTest = 300)]
    public Property No_input_makes_a_price_negative_or_not_finite()
    {
        var value = Gen.OneOf(Gen.Elements(Odd), ArbMap.Default.GeneratorFor<double>());
        var time = Gen.OneOf(Gen.Elements(OddTimes), ArbMap.Default.GeneratorFor<long>());
        var spend = from now in time
                    from latency in value
                    from device in value
                    from energy in value
                    from isHeavy in Gen.Elements(true, false)
                    from backlog in value
                    from watts in value
                    from celsius in value
                    select new FrameSpend(now, latency, device, energy, isHeavy, backlog, watts, celsius);
        return Prop.ForAll(Gen.ArrayOf(spend).ToArbitrary(), Gen.ArrayOf(value).ToArbitrary(),
            (spends, ceilings) => spends.All(IsKept(ceilings)));
    }

    [Fact]
    public void Long_runs_of_odd_frames_keep_every_price_usable()
    {
        var random = new Random(2);
        var streamPrice = StreamPrice();
        for (int i = 0; i < 20_000; i++)
        {
            streamPrice.Observe(RandomSpend(random));
            Assert.True(double.IsFinite(streamPrice.Price) && streamPrice.Price >= 0, $"frame {i}: price {streamPrice.Price}");
        }

        // And afterwards a healthy stream is still controlled: 40 ms a frame is far over every budget.
        for (int i = 1; i < 200; i++)
        {
            streamPrice.Observe(new FrameSpend(i * 33_333_333L, 40, 40, 400, true, 50, 20));
        }

        Assert.True(streamPrice.Price > Scale.Lowest, $"price {streamPrice.Price}");
    }

    [Fact]
    public void Observing_allocates_nothing()
    {
        var streamPrice = StreamPrice();
        streamPrice.SetCeiling(0.01);
        var random = new Random(3);
        var episode = (EpisodePrice)streamPrice.Controllers[^2];
        RunFrames(streamPrice, episode, random, 1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        RunFrames(streamPrice, episode, random, 5000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(BudgetKind.HeavyShare, 1.5)]
    [InlineData(BudgetKind.HeavyShare, 0)]
    [InlineData(BudgetKind.Watts, double.NaN)]
    [InlineData(BudgetKind.LatencyMsP99, double.PositiveInfinity)]
    [InlineData(BudgetKind.FramesPerSecond, -3)]
    [InlineData((BudgetKind)99, 3)]
    public void A_budget_that_cannot_be_is_refused_with_its_value(BudgetKind kind, double target)
    {
        string message = Assert.Throws<ArgumentException>(() => new Budget(kind, target)).Message;
        Assert.Contains(Enum.IsDefined(kind) ? target.ToString(System.Globalization.CultureInfo.InvariantCulture) : "99", message);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_dial_that_cannot_be_is_refused_and_the_price_stays(double price)
    {
        var dial = new FixedPrice(0.5);
        Assert.Throws<ArgumentException>(() => dial.Set(price));
        Assert.Equal(0.5, dial.Price);
    }

    private static Func<FrameSpend, bool> IsKept(double[] ceilings)
    {
        var streamPrice = StreamPrice();
        int at = 0;
        return spend =>
        {
            if (ceilings.Length > 0)
            {
                streamPrice.SetCeiling(ceilings[at++ % ceilings.Length]);
            }

            streamPrice.Observe(spend);
            return streamPrice.Controllers.All(c => double.IsFinite(c.Price) && c.Price >= 0) && double.IsFinite(streamPrice.Price)
                && streamPrice.Price >= 0
                && streamPrice.Price <= streamPrice.PriceCeiling;
        };
    }

    /// <summary>One controller of every kind.</summary>
    private static StreamPrice StreamPrice() => new(
    [
        .. Enum.GetValues<BudgetKind>().Select(k => PriceOf(new(k, k == BudgetKind.HeavyShare ? 0.2 : 12),
            new DualPriceSettings(Scale, 300))),
        new EpisodePrice(EpisodeAllowance.PerMinute(AllowanceKind.DeviceMs, 12_000, 30, 5),
            Scale), new CongestionPrice(new LaneCongestion(), 1, Scale),
    ]);

    private static IPriceController PriceOf(Budget budget, DualPriceSettings settings) => budget.Kind switch
    {
        BudgetKind.Temperature => new HeatPrice(budget, settings),
        BudgetKind.BatteryHours => new BatteryPrice(budget, 50, settings),
        BudgetKind.QualityLoss => new LossPrice(budget, settings),
        _ => new DualPrice(budget, settings),
    };

    private static void RunFrames(StreamPrice streamPrice, EpisodePrice episode, Random random, int frameCount)
    {
        for (int i = 0; i < frameCount; i++)
        {
            var spend = RandomSpend(random);
            episode.Advance(spend.NowNs);
            episode.Admits(spend.DeviceMs);
            streamPrice.Observe(spend);
            _ = streamPrice.HasConflict;
        }
    }

    private static FrameSpend RandomSpend(Random random) => new(OddTimes[random.Next(OddTimes.Length)], Odd[random.Next(Odd.Length)],
        Odd[random.Next(Odd.Length)],
        Odd[random.Next(Odd.Length)], random.Next(2) == 0, Odd[random.Next(Odd.Length)], Odd[random.Next(Odd.Length)],
        Odd[random.Next(Odd.Length)]);
}
