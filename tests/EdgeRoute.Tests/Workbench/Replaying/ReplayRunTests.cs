using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Workbench.Replaying;

public sealed class ReplayRunTests : IDisposable
{
    private const int FrameCount = 3000;
    private readonly ReplaySample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void The_value_rule_decides_thousands_of_random_frames_the_same()
    {
        var same = Run(_sample.Record(new ValuePolicy(_sample.Loaded.Calibration), FrameCount, RandomPrices), _sample.Request).Same!;
        Assert.Equal((FrameCount, 0L, null), (same.FrameCount, same.DifferentCount, same.FirstDifference));
        Assert.True(same.ComparedCount > FrameCount);
        Assert.Contains($"{same.ComparedCount} decisions of {FrameCount} frames again, all the same", Assert.Single(same.Lines()));
    }

    [Fact]
    public void A_cascade_and_a_fixed_path_come_out_the_same()
    {
        foreach (IRoutePolicy policy in new IRoutePolicy[] { new CascadePolicy(_sample.Tree, _sample.Pack.Cascade!),
            new FixedPolicy(_sample.Tree, "light>heavy@keep=0.5") })
        {
            var same = Run(_sample.Record(policy, 500), _sample.Request).Same!;
            Assert.Equal((policy.Name, 0L), (same.Policy, same.DifferentCount));
            Assert.True(same.ComparedCount > 500);
        }
    }

    [Fact]
    public void A_choice_that_does_not_follow_from_its_record_is_shown()
    {
        var bytes = _sample.Record(new ValuePolicy(_sample.Loaded.Calibration), 50, RandomPrices, (ref TraceRecord r) =>
        {
            if (r.Stamp.Sequence == 40)
            {
                r.Decisions[0].Operating = OperatingPoint.Free with { PricePerMs = 5 };
                r.Decisions[0].SlackNs = long.MaxValue;
            }
        });
        var outcome = Run(bytes, _sample.Request);
        Assert.True(outcome.IsDifferent);
        Assert.Contains("frame 40, decision 0 at 'frame'", outcome.Same!.Lines()[1]);
    }

    [Fact]
    public void A_changed_calibration_is_refused()
    {
        var bytes = _sample.Record(new ValuePolicy(_sample.Loaded.Calibration), 10);
        string recorded = _sample.Loaded.Sha256[..12];
        _sample.WriteCalibration(0.91f);
        var refused = Assert.Throws<ArgumentException>(() => Run(bytes, _sample.Request));
        Assert.Contains(recorded, refused.Message);
        Assert.Contains(_sample.Loaded.Sha256[..12], refused.Message);
        Assert.NotNull(Run(bytes, _sample.Request with { Policy = "value" }).WhatIf);
    }

    [Fact]
    public void At_price_0_every_frame_takes_the_accurate_path()
    {
        var report = WhatIf(_sample.Record(new CascadePolicy(_sample.Tree, _sample.Pack.Cascade!), 400, change: WithoutDeadline),
            _sample.Request with { PricePerMs = 0 });
        Assert.Equal(["light>heavy"], report.Paths.Where(p => p.PredictedCount > 0).Select(p => p.Path));
        Assert.Equal(report.ExpectedFrameCount, report.Paths.Single(p => p.Path == "light").RecordedCount
            + report.Paths.Single(p => p.Path == "light>heavy@keep=0.5").RecordedCount);
        Assert.Equal((400, 0L), (report.FrameCount, report.KeptFrameCount));
        Assert.Equal(1, report.Predicted.Quality!.Value, 6);
        Assert.Equal(10, report.Predicted.Ms!.Value, 4);
    }

    [Fact]
    public void The_recorded_policy_at_its_own_price_changes_nothing()
    {
        var bytes = _sample.Record(new ValuePolicy(_sample.Loaded.Calibration), 400,
            (router, _) => router.Operating = OperatingPoint.Free with { PricePerMs = 0.02f });
        var report = WhatIf(bytes, _sample.Request with { PricePerMs = 0.02f });
        Assert.Equal((0L, 0L), (report.ChangedFrameCount, report.ExpectedFrameCount));
        Assert.Equal((report.Recorded.Quality, report.Recorded.PredictedMs), (report.Predicted.Quality, report.Predicted.Ms));
        Assert.Equal(report.Recorded.MeasuredMs!.Value, report.Predicted.Ms!.Value, 4);
    }

    [Fact]
    public void A_higher_price_never_costs_more()
    {
        var bytes = _sample.Record(new CascadePolicy(_sample.Tree, _sample.Pack.Cascade!), 300);
        double[] ms = [.. new[] { 0, 0.005, 0.02, 0.1,
            1 }.Select(p => WhatIf(bytes, _sample.Request with { PricePerMs = p }).Predicted.Ms!.Value)];
        Assert.Equal(ms.OrderDescending(), ms);
        Assert.True(ms[0] > ms[^1]);
    }

    [Fact]
    public void A_fixed_path_beyond_the_recording_rests_on_expectation()
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 100, change: WithoutDeadline);
        var report = WhatIf(bytes, _sample.Request with { Policy = "fixed:light>heavy" });
        Assert.Equal((100L, 100L), (report.ExpectedFrameCount, report.ChangedFrameCount));
        Assert.Equal(100, report.Changes.Where(c => c.To == "light>heavy").Sum(c => c.Count));
        Assert.Equal(10, report.Predicted.Ms!.Value, 4);
        Assert.Contains(report.Notes, n => n.StartsWith("On 100 frames", StringComparison.Ordinal));
    }

    [Fact]
    public void A_policy_that_skips_counts_its_own_age()
    {
        long sourceNs = 0;
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 90, change: (ref TraceRecord r) =>
        {
            r.Stamp = r.Stamp with { SourceNs = sourceNs += 40_000_000 };
            r.Signals = r.Signals with { AgeMs = 40 };
            for (int i = 0; i < r.Decisions[0].OptionCount; i++)
            {
                r.Decisions[0].Values[i].Denial = OptionDenial.None;
            }
        });
        var report = WhatIf(bytes, _sample.Request with { Policy = "skipping:light/100" });
        Assert.Equal([("light", 30L), ("previous", 60L)], report.Paths.Select(p => (p.Path, p.PredictedCount)).Order());
    }

    [Fact]
    public void Costs_that_the_recording_does_not_know_come_from_the_calibration()
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 100, change: WithoutDeadline, heavyMs: 0);
        var report = WhatIf(bytes, _sample.Request with { PricePerMs = 0 });
        Assert.Equal(10, report.Predicted.Ms!.Value, 4);
        Assert.Contains(report.Notes, n => n.Contains("calibration (device 'desk')", StringComparison.Ordinal));
    }

    [Fact]
    public void Forced_frames_are_kept()
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 100,
            (router, random) => router.LockNodeIndex = random.Next(2) == 0 ? _sample.Accurate.Index : -1);
        var report = WhatIf(bytes, _sample.Request with { PricePerMs = 1 });
        Assert.InRange(report.KeptFrameCount, 20, 80);
        Assert.True(report.Paths.Single(p => p.Path == "light>heavy").PredictedCount >= report.KeptFrameCount / 2);
    }

    [Fact]
    public void Budgets_and_floors_find_their_price()
    {
        var bytes = _sample.Record(new CascadePolicy(_sample.Tree, _sample.Pack.Cascade!), 20);
        Assert.Equal(0.01f, (float)WhatIf(bytes, _sample.Request with { BudgetMs = 7 }).PricePerMs!.Value);
        Assert.Equal(0.01f, (float)WhatIf(bytes, _sample.Request with { Floor = 0.9 }).PricePerMs!.Value);
        Assert.Contains("cheapest point takes 2.00 ms",
            Assert.Throws<ArgumentException>(() => Run(bytes, _sample.Request with { BudgetMs = 1 })).Message);
        Assert.Contains("certified are 0.95",
            Assert.Throws<ArgumentException>(() => Run(bytes, _sample.Request with { Floor = 0.98 })).Message);
    }

    [Theory]
    [InlineData("velue", "must be value, cascade, fixed:PATH or skipping:PATH/MS")]
    [InlineData("fixed:nowhere", "No path is named 'nowhere'")]
    public void An_unknown_policy_is_refused(string policy, string words)
    {
        var bytes = _sample.Record(new FixedPolicy(_sample.Tree, "light"), 2);
        Assert.Contains(words, Assert.Throws<ArgumentException>(() => Run(bytes, _sample.Request with { Policy = policy })).Message);
    }

    [Fact]
    public void A_cut_recording_is_judged_up_to_the_cut_and_says_so()
    {
        var bytes = _sample.Record(new CascadePolicy(_sample.Tree, _sample.Pack.Cascade!), 20);
        var outcome = Run(bytes[..^2000], _sample.Request);
        Assert.InRange(outcome.Same!.FrameCount, 1, 19);
        Assert.Contains("only up to a point (Cut, at byte", outcome.Warning);
        Assert.Throws<InvalidDataException>(() => Run([1, 2, 3, 4, 5, 6, 7, 8, 9], _sample.Request));
    }

    private static void RandomPrices(Router router, Random random) => router.Operating = new OperatingPoint(
        random.NextSingle() / 20, random.Next(3) == 0 ? random.NextSingle() / 100 : 0,
        random.Next(3) == 0 ? random.NextSingle() / 30 : float.PositiveInfinity,
        random.Next(10) == 0 ? 10 * random.NextSingle() : float.PositiveInfinity, random.Next(5) == 0 ? float.NaN : 5);

    private static void WithoutDeadline(ref TraceRecord record)
    {
        for (int i = 0; i < record.DecisionCount; i++)
        {
            record.Decisions[i].SlackNs = long.MaxValue;
            for (int o = 0; o < record.Decisions[i].OptionCount; o++)
            {
                bool isLate = record.Decisions[i].Values[o].Denial == OptionDenial.Deadline;
                record.Decisions[i].Values[o].Denial = isLate ? OptionDenial.None : record.Decisions[i].Values[o].Denial;
            }
        }
    }

    private static WhatIfReport WhatIf(byte[] bytes, ReplayRequest request) => Run(bytes, request).WhatIf!;

    private static ReplayOutcome Run(byte[] bytes, ReplayRequest request) => ReplayRun.Run(new MemoryStream(bytes), "sample.erec", request);
}
