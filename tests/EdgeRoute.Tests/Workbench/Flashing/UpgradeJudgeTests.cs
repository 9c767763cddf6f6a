using EdgeRoute.Protocol.Control;
using EdgeRoute.Workbench.Flashing;

namespace EdgeRoute.Tests.Workbench.Flashing;

/// <summary>Whether a new version serves as well as the one before.</summary>
public sealed class UpgradeJudgeTests
{
    private static readonly StreamHealth Before = new("front", 30, 0.01, 20);

    [Theory]
    [InlineData(30, 0.01, 20, null)]
    [InlineData(22, 0.025, 38, null)]
    [InlineData(0, 0, double.NaN, "0.0 frames a second, before 30.0")]
    [InlineData(20, 0.01, 20, "20.0 frames a second, before 30.0")]
    [InlineData(30, 0.5, 20, "50.0 % of the frames fail, before 1.0 %")]
    [InlineData(30, 0.01, 80, "p99 is 80.0 ms, before 20.0 ms")]
    public void Frames_that_are_fewer_later_or_failed_speak_against_it(double rate, double failed, double p99, string? fault)
    {
        string? found = UpgradeJudge.FindFault([Before], [new StreamHealth("front", rate, failed, p99)]);
        Assert.Equal(fault is null ? null : $"'front': {fault}", found);
    }

    [Fact]
    public void A_source_that_is_gone_speaks_against_it_and_one_that_gave_nothing_before_does_not()
    {
        Assert.Contains("'front' is no more", UpgradeJudge.FindFault([Before], []), StringComparison.Ordinal);
        Assert.Null(UpgradeJudge.FindFault([Before with { PerSecond = 0 }], []));
    }

    [Fact]
    public void What_a_stream_gives_is_counted_between_two_looks()
    {
        var first = Look(10, answered: 100, failed: 4);
        var last = Look(20, answered: 400, failed: 104);
        var health = Assert.Single(UpgradeJudge.Measure(first, last));
        Assert.Equal(("front", 30.0, 0.25), (health.Name, health.PerSecond, health.FailedShare));
    }

    private static DeviceStatus Look(double uptime, long answered, long failed) => new()
    {
        UptimeS = uptime,
        Streams = [new StreamStatus { Name = "front", Completed = answered - 40, Exited = 10, Escalated = 10, Skipped = 20,
            Failed = failed }],
    };
}
