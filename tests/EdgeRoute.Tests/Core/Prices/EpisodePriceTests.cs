using EdgeRoute.Core.Prices;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Prices;

public sealed class EpisodePriceTests(ITestOutputHelper output)
{
    private static readonly PriceScale Scale = new(1e-4, 0.2);

    /// <summary>
    /// Ten thousand episodes of random options, bounds and costs: as a router would, the best admitted option, else nothing.
    /// </summary>
    [Fact]
    public void The_allowance_is_never_overspent_in_ten_thousand_random_episodes()
    {
        var random = new Random(20_240);
        double leastLeft = double.PositiveInfinity;
        for (int episode = 0; episode < 10_000; episode++)
        {
            var price = RandomEpisode(random);
            leastLeft = Math.Min(leastLeft, price.RemainingAllowance / price.Plan.Allowance);
            Assert.True(price.RemainingAllowance >= -price.Plan.Allowance * 1e-9,
                $"episode {episode}: {price.RemainingAllowance} of {price.Plan.Allowance} left");
            Assert.Equal((0, 0), (price.OverspentCount, price.BoundExceededCount));
        }

        output.WriteLine($"least left of an allowance: {leastLeft:P4}");
    }

    [Fact]
    public void Every_frame_of_a_feasible_episode_is_sure_of_the_cheapest_path()
    {
        var random = new Random(5);
        for (int episode = 0; episode < 1000; episode++)
        {
            int frames = random.Next(1, 200);
            var price = new EpisodePrice(new(AllowanceKind.DeviceMs, frames * 6 * (1 + random.NextDouble()), frames, 6), Scale);
            price.BeginEpisode(0);
            for (int i = 1; i <= frames; i++)
            {
                Assert.True(price.Admits(6), $"frame {i} of {frames} was denied the cheapest path");
                bool takesHeavy = price.Admits(42) && random.Next(2) == 0;
                price.Observe(Spend(i, takesHeavy ? 42 : 6));
            }
        }
    }

    [Fact]
    public void The_price_makes_the_allowance_last_to_the_end()
    {
        var price = new EpisodePrice(new(AllowanceKind.DeviceMs, 300 * 15, 300, 5.7), Scale);
        var plant = SimulatedPlant.Named("3 options, mixed frames");
        var random = new Random(11);
        double[] halves = new double[2];
        int forced = 0;
        for (int episode = 0; episode < 20; episode++)
        {
            price.BeginEpisode(episode * 20_000_000_000L);
            for (int i = 0; i < 300; i++)
            {
                double ms = plant.Cost(price.Price, 1, random).Ms;
                // 15 % above the median is what a profile would announce as a bound here.
                bool isAdmitted = price.Admits(ms * 1.15);
                forced += isAdmitted ? 0 : 1;
                ms = isAdmitted ? ms : 5;
                price.Admits(5.7);
                halves[i / 150] += ms;
                price.Observe(Spend((episode * 600) + i, ms));
            }
        }

        double used = halves.Sum() / (20 * 300 * 15);
        output.WriteLine($"episodes: {used:P1} of the allowance used, {halves[0] / halves.Sum():P1} of it in the first half, {forced} of "
            + "6000 frames denied their choice");
        Assert.InRange(used, 0.96, 1);
        Assert.InRange(halves[0] / halves.Sum(), 0.45, 0.55);
    }

    [Fact]
    public void An_allowance_for_each_minute_begins_anew()
    {
        var price = new EpisodePrice(EpisodeAllowance.PerMinute(AllowanceKind.HeavyRuns, 30, 10, 0), Scale);
        price.BeginEpisode(0);
        int[] heavy = new int[3];
        for (int i = 1; i < 1800; i++)
        {
            long now = i * 100_000_000L;
            price.Advance(now);
            bool isHeavy = price.Admits(1);
            heavy[(int)(now / 60_000_000_000)] += isHeavy ? 1 : 0;
            price.Observe(new FrameSpend(now, 1, 1, double.NaN, isHeavy, 0));
        }

        Assert.Equal([30, 30, 30], heavy);
    }

    [Fact]
    public void What_an_episode_spent_stays_spent_and_is_no_minutes()
    {
        var (episode, minute) = (EpisodeAllowance.PerEpisode(AllowanceKind.HeavyRuns, 10, 60_000, 10, 0),
            EpisodeAllowance.PerMinute(AllowanceKind.HeavyRuns, 10, 10, 0));
        var price = new EpisodePrice(episode, Scale);
        Assert.False(price.HasBegun);
        price.BeginEpisode(0);
        Assert.True(price.Admits(1));
        price.Observe(new FrameSpend(100_000_000, 1, 1, double.NaN, true, 0));
        var next = new EpisodePrice(episode, Scale);
        Assert.True(next.TryResume(price) && next.HasBegun);
        Assert.Equal(9, next.RemainingAllowance);
        Assert.False(new EpisodePrice(minute, Scale).TryResume(price));
    }

    [Fact]
    public void An_allowance_too_small_for_the_cheapest_path_says_so_and_is_let_out_evenly()
    {
        var plan = new EpisodeAllowance(AllowanceKind.DeviceMs, 300, 100, 6);
        Assert.Contains("100 frames on the cheapest path need up to 600 ms; the allowance is 300 ms, enough for 50 frames",
            plan.Infeasibility());
        var price = new EpisodePrice(plan, Scale);
        int inFirstHalf = 0, inAll = 0;
        for (int i = 0; i < 100; i++)
        {
            bool isAdmitted = price.Admits(6);
            inAll += isAdmitted ? 1 : 0;
            inFirstHalf += isAdmitted && i < 50 ? 1 : 0;
            price.Observe(Spend(i + 1, isAdmitted ? 6 : 0));
        }

        Assert.Equal(50, inAll);
        Assert.InRange(inFirstHalf, 24, 27);
        Assert.True(price.IsMissed);
    }

    /// <summary>Costs up to three times what was announced, pauses, and a policy that always wants the most.</summary>
    [Fact]
    public void What_bounds_that_do_not_hold_overspend_is_a_debt_of_the_next_minute()
    {
        var random = new Random(77);
        for (int run = 0; run < 1000; run++)
        {
            double allowance = 2000 + (random.NextDouble() * 20_000);
            var price = new EpisodePrice(EpisodeAllowance.PerMinute(AllowanceKind.DeviceMs, allowance, 30, 1, 40), Scale);
            price.BeginEpisode(0);
            double total = 0, longest = 0;
            long now = 0;
            for (int i = 0; i < 3000; i++)
            {
                now += random.NextInt64(10_000_000, 120_000_000);
                price.Advance(now);
                bool takesHeavy = price.Admits(40);
                double spent = (takesHeavy ? 40 : 1) * (1 + (random.Next(20) == 0 ? 2 * random.NextDouble() : 0));
                spent = takesHeavy || price.Admits(1) ? spent : 0;
                (total, longest) = (total + spent, Math.Max(longest, spent));
                price.Observe(At(now, spent));
                double minutes = Math.Floor(now / 60e9) + 1;
                Assert.True(total <= (allowance * minutes) + longest,
                    $"run {run}: {total} ms of {allowance} ms a minute after {now / 1e9} s");
            }
        }
    }

    [Fact]
    public void A_minute_is_not_spent_in_its_first_second()
    {
        var price = new EpisodePrice(EpisodeAllowance.PerMinute(AllowanceKind.DeviceMs, 9000, 30, 2, 20), Scale);
        price.BeginEpisode(0);
        double[] spent = new double[6];
        int blind = 0;
        for (int i = 0; i < 1799; i++)
        {
            long now = i * 33_333_333L;
            price.Advance(now);
            double ms = price.Admits(20) ? 20 : 2;
            ms = price.Admits(ms) ? ms : 0;
            blind += ms > 0 ? 0 : 1;
            spent[i / 300] += ms;
            price.Observe(At(now, ms));
        }

        Assert.Equal(0, blind);
        Assert.InRange(spent[0], 1500, 2000);
        Assert.All(spent[1..5], s => Assert.InRange(s, 1350, 1600));
        // What was spent ahead of time is missing at the end.
        Assert.InRange(spent[5], 1000, 1600);
        Assert.InRange(spent.Sum(), 8900, 9000);
    }

    [Fact]
    public void What_was_not_measured_is_charged_with_its_bound()
    {
        var price = new EpisodePrice(new(AllowanceKind.EnergyMillijoules, 1000, 10, 0), Scale);
        Assert.True(price.Admits(120));
        price.Observe(new FrameSpend(1, 1, 1, double.NaN, false, 0));
        Assert.Equal(880, price.RemainingAllowance);
        Assert.Equal(double.NaN, price.Reading.Measured);
        Assert.True(price.Admits(120));
        price.Observe(new FrameSpend(2, 1, 1, 60, false, 0));
        Assert.Equal(60, price.Reading.Measured);
        price.Observe(new FrameSpend(3, 1, 1, double.NaN, false, 0));
        Assert.Equal(double.NaN, price.Reading.Measured);
    }

    [Fact]
    public void A_bound_that_is_exceeded_is_counted()
    {
        var price = new EpisodePrice(new(AllowanceKind.DeviceMs, 10, 10, 0), Scale);
        Assert.True(price.Admits(8));
        price.Observe(Spend(1, 12));
        Assert.Equal((1, 1), (price.BoundExceededCount, price.OverspentCount));
        Assert.False(price.Admits(1));
    }

    [Theory]
    [InlineData(0, 10, 1)]
    [InlineData(10, 0, 1)]
    [InlineData(10, 10, -1)]
    [InlineData(double.NaN, 10, 1)]
    public void A_plan_that_cannot_be_is_refused(double allowance, int frames, double cheapest) =>
        Assert.Throws<ArgumentException>(() => new EpisodeAllowance(AllowanceKind.DeviceMs, allowance, frames, cheapest));

    private static FrameSpend At(long nowNs, double ms) => new(nowNs, ms, ms, double.NaN, ms > 30, 0);

    private static FrameSpend Spend(int frame, double ms) => new(frame * 33_333_333L, ms, ms, double.NaN, ms > 30, 0);

    private static EpisodePrice RandomEpisode(Random random)
    {
        int frames = random.Next(1, 60);
        bool isTimed = random.Next(2) == 0;
        double cheapest = random.Next(3) == 0 ? 0 : random.NextDouble() * 8;
        var plan = new EpisodeAllowance((AllowanceKind)random.Next(2), (random.NextDouble() * frames * 30) + 0.1, frames, cheapest,
            isTimed ? frames * (20 + (random.NextDouble() * 30)) : double.PositiveInfinity);
        var price = new EpisodePrice(plan, Scale);
        price.BeginEpisode(0);
        // More frames than announced come, too, and in bursts.
        int coming = random.Next(1, frames * 2);
        long now = 0;
        for (int i = 0; i < coming; i++)
        {
            now += random.NextInt64(0, 66_000_000);
            double first = TryRun(price, random, cheapest + (random.NextDouble() * 40), 0);
            double spent = first + TryRun(price, random, random.NextDouble() * 60, first);
            spent = spent > 0 ? spent : TryRun(price, random, cheapest, 0);
            price.Observe(new FrameSpend(now, spent, spent, spent, false, 0));
        }

        return price;
    }

    /// <summary>Runs an option where it is admitted; it costs anything up to its bound, and often all of it.</summary>
    private static double TryRun(EpisodePrice price, Random random, double bound, double spentInFrame) =>
        price.Admits(bound, spentInFrame) ? bound * (random.Next(2) == 0 ? 1 : random.NextDouble()) : 0;
}
