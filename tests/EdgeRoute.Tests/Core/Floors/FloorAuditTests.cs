using EdgeRoute.Core.Floors;
using FsCheck.Xunit;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Core.Floors;

public sealed class FloorAuditTests(ITestOutputHelper output)
{
    private const int RunCount = 500;
    private static readonly FloorAuditSettings Settings = new(0.97, 16);

    [Theory]
    [InlineData("zero-one", 0.05)]
    [InlineData("partial", 0.05)]
    public void Losses_below_the_floor_raise_no_alarm_in_5000_audits(string kind, double atMost)
    {
        double alarmed = SyntheticLosses.Share(RunCount,
            random => DelayToBreach(new FloorAudit(Settings), () => Draw(kind, random, 0.02), 5000) <= 5000);
        output.WriteLine($"{kind}, mean loss 0.02: a false breach in {alarmed:0.0%} of runs of 5,000 audits");
        Assert.InRange(alarmed, 0, atMost);
    }

    /// <summary>
    /// The promise itself: at exactly the allowed loss, an alarm within T audits has probability at most T over the setting.
    /// </summary>
    [Theory]
    [InlineData("zero-one")]
    [InlineData("partial")]
    [InlineData("heavy-tailed")]
    [InlineData("constant")]
    public void At_the_edge_of_the_floor_false_breaches_are_as_rare_as_promised(string kind)
    {
        var settings = Settings with { FalseBreachAudits = 1000 };
        double alarmed = SyntheticLosses.Share(RunCount,
            random => DelayToBreach(new FloorAudit(settings), () => Draw(kind, random, 0.03), 200) <= 200);
        output.WriteLine($"{kind}, mean loss 0.03: {alarmed:0.0%} alarmed within 200 audits, promised at most 20 %");
        Assert.InRange(alarmed, 0, 0.2);
    }

    [Theory]
    [InlineData("zero-one")]
    [InlineData("partial")]
    public void False_breaches_come_further_apart_on_average_than_the_setting(string kind)
    {
        var settings = Settings with { FalseBreachAudits = 1000 };
        var random = new Random(4);
        var audit = new FloorAudit(settings);
        for (int i = 0; i < 300_000; i++)
        {
            audit.Observe(Draw(kind, random, 0.03));
        }

        output.WriteLine($"{kind}: {300_000.0 / audit.BreachCount:0} audits between breaches at mean loss 0.03, promised at least 1000");
        Assert.InRange(audit.BreachCount, 1, 300);
    }

    /// <summary>
    /// The shares are what the evidence in 500 audits allows: 0/1 losses of 0.05 instead of 0.03 differ by ten in 500, two standard
    /// deviations.
    /// </summary>
    [Theory]
    [InlineData("zero-one", 0.08, 0.98)]
    [InlineData("partial", 0.08, 0.99)]
    [InlineData("block", 0.08, 1)]
    [InlineData("zero-one", 0.05, 0.35)]
    [InlineData("partial", 0.05, 0.5)]
    [InlineData("block", 0.05, 0.99)]
    public void A_drift_late_in_life_is_noticed_within_500_audits(string kind, double mean, double atLeast)
    {
        var delays = new System.Collections.Concurrent.ConcurrentBag<int>();
        SyntheticLosses.Share(RunCount, random =>
        {
            var audit = new FloorAudit(Settings);
            int start = random.Next(500, 5000);
            for (int i = 0; i < start; i++)
            {
                audit.Observe(Draw(kind, random, 0.02));
            }

            delays.Add(DelayToBreach(audit, () => Draw(kind, random, mean), 10_000));
            return true;
        });
        int[] sorted = [.. delays.Order()];
        double noticed = sorted.Count(d => d <= 500) / (double)RunCount;
        output.WriteLine($"{kind} 0.02 -> {mean}: noticed within 500 in {noticed:0.0%}, median {sorted[RunCount / 2]}, p95 "
            + $"{sorted[RunCount * 95 / 100]} audits");
        Assert.InRange(noticed, atLeast, 1);
        Assert.All(sorted, d => Assert.InRange(d, 1, 10_000));
    }

    [Fact]
    public void The_ceiling_retreats_while_the_drift_lasts_and_recovers_after_it()
    {
        double recovered = SyntheticLosses.Share(100, random =>
        {
            var audit = new FloorAudit(Settings);
            for (int i = 0; i < 4000; i++)
            {
                audit.Observe(SyntheticLosses.ZeroOne(random, 0.1));
            }

            bool hasRetreated = audit.CeilingIndex == 0 && audit.State == FloorState.Breached && audit.BreachCount >= 5;
            int steps = 0, last = 0;
            for (int i = 0; i < 10_000 && audit.State != FloorState.Holding; i++)
            {
                steps += audit.Observe(SyntheticLosses.ZeroOne(random, 0.01)) ? 1 : 0;
                last = i;
            }

            return hasRetreated && audit.State == FloorState.Holding && audit.CeilingIndex == 16 && steps >= 8 && last < 5000;
        });
        Assert.InRange(recovered, 0.95, 1);
    }

    [Fact]
    public void Losses_at_the_floor_do_not_raise_the_ceiling()
    {
        double raised = SyntheticLosses.Share(200, random =>
        {
            var audit = Breached();
            return Enumerable.Range(0, 100).Any(_ => audit.Observe(SyntheticLosses.ZeroOne(random, 0.03))
                && audit.State != FloorState.Breached);
        });
        output.WriteLine($"mean loss 0.03: raised within 100 audits in {raised:0.0%}, promised at most 20 %");
        Assert.InRange(raised, 0, 0.2);
    }

    [Fact]
    public void Events_say_what_was_seen_and_done()
    {
        var audit = new FloorAudit(Settings);
        int i = 0;
        while (!audit.Observe(i++ % 16 == 0 ? 1 : 0))
        {
        }

        Assert.Matches(@"^quality floor breached: mean loss 0\.06\d over \d+ audits, floor allows 0\.030; price ceiling 16 -> 8$",
            audit.LastEvent.Text);
        Assert.Equal((FloorState.Breached, 8, 1L), (audit.State, audit.CeilingIndex, audit.BreachCount));
        while (!audit.Observe(0))
        {
        }

        Assert.Matches(@"^quality floor holds again: mean loss 0\.000 over \d+ audits, floor allows 0\.030; price ceiling 8 -> 10$",
            audit.LastEvent.Text);
        Assert.Equal(FloorState.Recovering, audit.State);
        while (audit.State != FloorState.Holding)
        {
            audit.Observe(0);
        }

        Assert.EndsWith("price ceiling 14 -> 16, the certified one", audit.LastEvent.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_breach_at_price_0_is_told_and_can_be_over()
    {
        var audit = new FloorAudit(Settings with { CertifiedPriceIndex = 0 });
        while (!audit.Observe(0.5))
        {
        }

        Assert.StartsWith("quality floor breached at price 0", audit.LastEvent.Text, StringComparison.Ordinal);
        Assert.Equal(FloorState.Breached, audit.State);
        while (!audit.Observe(0))
        {
        }

        Assert.Equal((FloorState.Holding, 0), (audit.State, audit.CeilingIndex));
    }

    /// <summary>Doubtful frames lose more and are audited eight times as often: unweighted they would break a floor that holds.</summary>
    [Fact]
    public void Weights_keep_oversampled_frames_from_raising_false_alarms_and_from_hiding_true_ones()
    {
        var random = new Random(5);
        var sampler = new AuditSampler(0.05, 1, 8);
        FloorAudit plain = new(Settings), fair = new(Settings);
        for (int i = 0; i < 60_000; i++)
        {
            ObserveFrame(random, sampler, i, 0.025, fair, plain);
        }

        output.WriteLine($"after {fair.AuditCount} audits of a loss of 0.025: {fair.BreachCount} breaches weighted, "
            + $"{plain.BreachCount} unweighted");
        Assert.Equal(0, fair.BreachCount);
        Assert.InRange(plain.BreachCount, 1, long.MaxValue);
        long audits = fair.AuditCount;
        for (int i = 60_000; fair.BreachCount == 0 && i < 120_000; i++)
        {
            ObserveFrame(random, sampler, i, 0.1, fair, plain);
        }

        Assert.InRange(fair.AuditCount - audits, 1, 1500);
    }

    [Property]
    public bool Any_input_is_taken_clamped_or_counted(double[] losses, double weight)
    {
        var audit = new FloorAudit(Settings);
        Array.ForEach(losses, x => audit.Observe(x, weight));
        long refused = losses.Count(x => double.IsNaN(x) || !(weight is > 0 and <= 1));
        return audit.RefusedCount == refused && audit.AuditCount == losses.Length - refused && audit.CeilingIndex is >= 0 and <= 16
            && audit.BreachEvidence is >= 0 and <= 1;
    }

    [Fact]
    public void Settings_out_of_range_are_refused_by_name()
    {
        FloorAuditSettings[] bad =
        [
            Settings with { Floor = 1 }, Settings with { Floor = double.NaN }, Settings with { CertifiedPriceIndex = -1 },
            Settings with { FalseBreachAudits = 1 },
            Settings with { FalseRecoveryAudits = double.NaN }, Settings with { RecoveryMargin = 1 }, Settings with { RetreatFactor = 1 },
            Settings with { RecoveryStep = 0 },
        ];
        Assert.All(bad, settings => Assert.Throws<ArgumentOutOfRangeException>(() => new FloorAudit(settings)));
        Assert.Contains("without a certified price", Assert.Throws<ArgumentOutOfRangeException>(() => new FloorAudit(bad[2])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Observing_allocates_nothing_even_when_the_ceiling_moves()
    {
        var audit = Breached();
        int i = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => audit.Observe(i++ % 500 < 100 ? 0.5 : 0), 500));
        Assert.True(audit.BreachCount > 1);
    }

    private static void ObserveFrame(Random random, AuditSampler sampler, long sequence, double mean, FloorAudit fair, FloorAudit plain)
    {
        double uncertainty = random.NextDouble();
        var draw = sampler.Draw(0, sequence, uncertainty);
        double loss = SyntheticLosses.ZeroOne(random, 2 * mean * uncertainty);
        if (draw.IsAudited)
        {
            fair.Observe(loss, draw.Weight);
            plain.Observe(loss);
        }
    }

    private static FloorAudit Breached()
    {
        var audit = new FloorAudit(Settings);
        while (!audit.Observe(1))
        {
        }

        return audit;
    }

    /// <summary>Audits until the next breach; one more than the limit when there is none.</summary>
    private static int DelayToBreach(FloorAudit audit, Func<double> draw, int limit)
    {
        long before = audit.BreachCount;
        int delay = 1;
        for (; delay <= limit && audit.BreachCount == before; delay++)
        {
            audit.Observe(draw());
        }

        return audit.BreachCount == before ? limit + 1 : delay - 1;
    }

    private static double Draw(string kind, Random random, double mean) => kind switch
    {
        "zero-one" => SyntheticLosses.ZeroOne(random, mean),
        "partial" => SyntheticLosses.Partial(random, mean),
        "heavy-tailed" => SyntheticLosses.HeavyTailed(random, mean),
        "block" => SyntheticLosses.Block(random, mean),
        _ => mean,
    };
}
