using EdgeRoute.Core.Costs;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Gpio;

/// <summary>How lines stand, in the control channel's words.</summary>
internal static class LineReport
{
    private const double NsPerUs = 1000;

    /// <param name="gate">What a trigger asks; null for other lines.</param>
    public static GpioLineStatus Of(InputLine line, TriggerGate? gate, TimeProvider clock)
    {
        bool isTrigger = line.Held.Config.Use == GpioUse.Trigger;
        var status = Of(line.Held, line.IsActive, line.ChangedNs, clock);
        (status.EdgeCount, status.LostCount) = (line.EdgeCount, line.LostCount + (isTrigger ? gate?.MissedCount ?? 0 : 0));
        return WithLatency(status, line.Latency);
    }

    public static GpioLineStatus Of(OutputLine line, TimeProvider clock)
    {
        var status = Of(line.Line, clock);
        status.LostCount = line.LostCount;
        return WithLatency(status, line.Latency);
    }

    public static GpioLineStatus Of(DrivenLine line, TimeProvider clock)
    {
        var status = Of(line.Held, line.IsActive, line.ChangedNs, clock);
        status.EdgeCount = line.EdgeCount;
        return status;
    }

    private static GpioLineStatus Of(HeldLine held, bool? isActive, long changedNs, TimeProvider clock) => new()
    {
        Name = held.Config.Name,
        Use = ConfigEnums.Of(ConfigEnums.GpioUses, held.Config.Use),
        Place = held.Config.Place,
        Level = LevelOf(isActive),
        ChangedUtcNs = changedNs == 0 ? 0 : clock.UtcNs() - (clock.NowNs() - changedNs),
        FaultCount = held.FaultCount,
        Fault = held.Fault,
    };

    private static string LevelOf(bool? isActive) => isActive switch
    {
        true => GpioLineStatus.Active,
        false => GpioLineStatus.Inactive,
        null => GpioLineStatus.Unknown,
    };

    private static GpioLineStatus WithLatency(GpioLineStatus status, LatencyHistogram latency)
    {
        status.LatencyUsP50 = latency.QuantileNs(0.5) / NsPerUs;
        status.LatencyUsP99 = latency.QuantileNs(0.99) / NsPerUs;
        status.LatencyUsMax = latency.QuantileNs(1) / NsPerUs;
        return status;
    }
}
