using EdgeRoute.Core.Prices;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>Budgets, weights, floors and audits in the device config.</summary>
public sealed class SpendingConfigTests
{
    [Fact]
    public void Every_key_is_read()
    {
        var source = Read("""
            policy: { kind: value, price: 0.02, floor: 0.97, calibration: mine.json },
            budget: { latency_ms: 20, latency_p99_ms: 50, device_ms: 8, frames_per_second: 15, heavy_share: 0.25, watts: 8,
              energy_mj: 120, quality_loss: 1.5, device_ms_per_minute: 9000,
              energy_mj_per_minute: 90000, heavy_runs_per_minute: 30,
              device_ms_per_episode: 900, energy_mj_per_episode: 4000, heavy_runs_per_episode: 3, episode_seconds: 20 },
            weight: 3, audit: { share: 0.01, keep_folder: kept, keep_per_hour: 5 }
            """.ReplaceLineEndings(" "));
        Assert.Equal((PolicyKind.Value, 0.02, 0.97, "mine.json"),
            (source.Policy.Kind, source.Policy.PricePerMs, source.Policy.Floor, source.Policy.Calibration!.Written));
        Assert.Equal(
            [new Budget(BudgetKind.LatencyMsMean, 20), new Budget(BudgetKind.LatencyMsP99, 50), new Budget(BudgetKind.DeviceMsMean, 8),
                new Budget(BudgetKind.FramesPerSecond, 15),
                new Budget(BudgetKind.HeavyShare, 0.25), new Budget(BudgetKind.Watts, 8), new Budget(BudgetKind.EnergyMillijoules, 120),
                new Budget(BudgetKind.QualityLoss, 1.5)],
            source.Spending.Budgets);
        Assert.Equal(
            [new(AllowanceKind.DeviceMs, AllowancePeriod.Minute, 9000),
                new(AllowanceKind.EnergyMillijoules, AllowancePeriod.Minute, 90_000),
                new(AllowanceKind.HeavyRuns, AllowancePeriod.Minute, 30),
                new(AllowanceKind.DeviceMs, AllowancePeriod.Episode, 900),
                new(AllowanceKind.EnergyMillijoules, AllowancePeriod.Episode, 4000),
                new(AllowanceKind.HeavyRuns, AllowancePeriod.Episode, 3)],
            source.Spending.Allowances);
        Assert.Equal(20, source.Spending.EpisodeSeconds);
        Assert.Equal(3d, source.Spending.Weight);
        Assert.Equal((0.01, "kept", 5), (source.Audit!.Share, source.Audit.KeepFolder!.Written, source.Audit.KeepPerHour));
    }

    [Fact]
    public void Without_them_nothing_is_limited_and_nothing_audited()
    {
        var source = Read("policy: { kind: value }");
        Assert.Empty(source.Spending.Budgets);
        Assert.Empty(source.Spending.Allowances);
        Assert.Equal(1d, source.Spending.Weight);
        Assert.Null(source.Audit);
        Assert.Equal((null, null, null), (source.Policy.PricePerMs, source.Policy.Floor, source.Policy.Calibration));
    }

    [Theory]
    [InlineData("policy: { kind: value }, budget: { latency: 20 }",
        "unknown key 'latency' in sources.s.budget; did you mean 'latency_ms'?")]
    [InlineData("policy: { kind: value }, budget: 20", "sources.s.budget is '20'; it must be a group of keys")]
    [InlineData("policy: { kind: value }, budget: { latency_ms: 0 }",
        "sources.s.budget.latency_ms is '0'; it must be a number from 0.01 to 60000 ms")]
    [InlineData("policy: { kind: value }, budget: { heavy_share: 25 }",
        "sources.s.budget.heavy_share is '25'; it must be a number from 0.0001 to 1 of the frames")]
    [InlineData("policy: { kind: value }, budget: { quality_loss: 0 }",
        "sources.s.budget.quality_loss is '0'; it must be a number from 0.01 to 50 points of quality (write 1 for 1 %)")]
    [InlineData("policy: { kind: value }, budget: { quality_loss: 99 }", "from 0.01 to 50 points")]
    [InlineData("policy: { kind: value }, budget: { watts: 0 }",
        "sources.s.budget.watts is '0'; it must be a number from 0.1 to 2000 W (of the whole board)")]
    [InlineData("policy: { kind: value }, budget: { energy_mj: -5 }",
        "sources.s.budget.energy_mj is '-5'; it must be a number from 0.01 to 1000000 mJ (of a frame)")]
    [InlineData("policy: { kind: value }, budget: { device_ms_per_minute: 70000 }",
        "it must be a number from 1 to 60000 ms of device time per minute")]
    [InlineData("policy: { kind: value }, weight: -1", "sources.s.weight is '-1'; it must be a number from 0.001 to 1000")]
    [InlineData("policy: { kind: value, floor: 97 }",
        "sources.s.policy.floor is '97'; it must be a number from 0.01 to 0.9999 of the heaviest path's quality")]
    [InlineData("policy: { kind: value, price: .nan }", "it must be a number from 0 to 10 gain per ms")]
    [InlineData("policy: { kind: value, path: light }", "path is given, but the policy is 'value'")]
    [InlineData("policy: { kind: value }, audit: { rate: 0.1, share: 0.1 }", "unknown key 'rate' in sources.s.audit")]
    [InlineData("policy: { kind: value }, audit: { keep_per_hour: 5 }", "needs 'share'")]
    [InlineData("policy: { kind: value }, audit: { share: 1.5 }", "sources.s.audit.share is '1.5'; it must be a number from 0.0001 to 1")]
    [InlineData("policy: { kind: value }, audit: { share: 0.1, keep_per_hour: 0 }",
        "it must be a whole number from 1 to 1000 frames per hour")]
    [InlineData("budget: { latency_ms: 20 }", "budget is given, but the policy is not 'value'; only that one knows prices. Use policy: { "
        + "kind: value }, or leave it out")]
    [InlineData("policy: { kind: fixed, path: light }, weight: 0", "sources.s.weight is '0'; it must be a number from 0.001 to 1000")]
    [InlineData("policy: { kind: cascade }, audit: { share: 0.1 }", "audit is given, but the policy is not 'value'")]
    [InlineData("policy: { kind: cascade, floor: 0.9 }", "floor")]
    public void What_cannot_be_obeyed_is_refused(string keys, string expected)
    {
        var reading = Reading(keys);
        Assert.Null(reading.Config);
        Assert.Contains(expected, Assert.Single(reading.Problems).ToString(), StringComparison.Ordinal);
    }

    private static SourceConfig Read(string keys)
    {
        var reading = Reading(keys);
        Assert.Empty(reading.Problems);
        return reading.Config!.Sources[0];
    }

    private static DeviceConfigReading Reading(string keys) => DeviceConfigReader.ReadText(
        $"packs: {{ d: {{ manifest: m }} }}\nsources: {{ s: {{ pack: d, open: walk.mp4, {keys} }} }}", "/robot/device.yaml",
        checkPaths: false);
}
