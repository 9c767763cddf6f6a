using System.Buffers;
using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Tests.Cli.Commands;

/// <summary>What 'edgeroute status' says of a config that came from afar, and of budgets.</summary>
public sealed class StatusTextTests
{
    private const long Instant = 1_800_000_000_000_000_000;

    [Fact]
    public void A_config_on_probation_is_told_with_its_time()
    {
        string text = StatusText.ProbationText(new ProbationStatus { UntilUtcNs = Instant });
        Assert.Equal($"on probation until {FigureText.Date(Instant)}; the previous one comes back unless frames have flowed by then", text);
    }

    [Fact]
    public void One_that_gave_way_is_told_with_the_reason()
    {
        string text = StatusText.ProbationText(new ProbationStatus { WentBackBecause = "no frames flow with it", WentBackUtcNs = Instant });
        Assert.Equal($"went back to the previous config at {FigureText.Date(Instant)} because no frames flow with it", text);
    }

    [Fact]
    public void Json_has_the_same()
    {
        var status = new DeviceStatus { Probation = new ProbationStatus { WentBackBecause = "why", WentBackUtcNs = Instant } };
        var buffer = new ArrayBufferWriter<byte>();
        FieldWriter.Write(buffer, status);
        Assert.Contains("\"went_back_because\"", MessageJson.Of(buffer.WrittenMemory), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("device_ms", 5.2, 5, false, "held")]
    [InlineData("device_ms", 5.4, 5, false, "settling")]
    [InlineData("device_ms", 5.4, 5, true, "missed")]
    [InlineData("device_ms", double.NaN, 5, false, "not measured yet")]
    [InlineData("watts", double.NaN, 7, false, "not measured: no power sensor")]
    [InlineData("energy_mj_per_minute", double.NaN, 7, false, "not measured: no power sensor")]
    [InlineData("frames_per_second", 29.5, 30, false, "held")]
    [InlineData("frames_per_second", 20, 30, false, "settling")]
    public void A_budget_is_held_only_where_it_is(string name, double measured, double target, bool isMissed, string expected) =>
        Assert.Equal(expected,
            StatusText.StateOf(new BudgetStatus { Name = name, Measured = measured, Target = target, IsMissed = isMissed }));
}
