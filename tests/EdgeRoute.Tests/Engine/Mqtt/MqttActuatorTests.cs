using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Mqtt;

namespace EdgeRoute.Tests.Engine.Mqtt;

/// <summary>A stream's actions at a real broker.</summary>
public sealed class MqttActuatorTests
{
    private static readonly ActionOrigin Step = new(new FrameStamp(0, 9, 30_000_000, 30_000_000), new FrameStamp(0, 8, 0, 0), 2, "heavy", 1,
        false) { AtNs = 40_000_000, OldWeight = 0.25f };

    [SkippableFact]
    public void Steps_and_holds_are_told_as_they_come()
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using var rig = new MqttRig($"broker: 'mqtt://127.0.0.1:{broker.Port}', qos: 1");
        rig.Said("connected to");
        using var actuator = new MqttActuator("arm", "ha", () => rig.Output, TimeProvider.System);
        Assert.Null(actuator.Fault);
        actuator.Act(Step, [0.5f, float.NaN]);
        actuator.Act(Step with { IsHold = true, HoldReason = "emergency stop" }, [0, 0]);
        listener.Until("the hold", m => m.Payload.Contains("emergency stop", StringComparison.Ordinal));
        var told = listener.Of("robot/arm/actions").ConvertAll(m => m.Payload);
        Assert.Contains("\"at_ns\":40000000,", told[0], StringComparison.Ordinal);
        Assert.EndsWith("\"hold\":false,\"values\":[0.5,null],\"plan_sequence\":8,\"plan_path\":\"heavy\",\"step\":2,\"age_ms\":30,"
            + "\"blend\":0.25}", told[0], StringComparison.Ordinal);
        Assert.EndsWith("\"hold\":true,\"reason\":\"emergency stop\"}", told[1], StringComparison.Ordinal);
        Assert.Equal((2, 0), (told.Count, actuator.LostCount));
    }

    [SkippableFact]
    public void What_cannot_go_at_once_is_lost_and_counted()
    {
        Mosquitto.Need();
        using var rig = new MqttRig($"broker: 'mqtt://127.0.0.1:{Mosquitto.FreePort()}'");
        MqttOutput? output = null;
        using var actuator = new MqttActuator("arm", "ha", () => output, TimeProvider.System);
        Assert.Equal("nobody moves: there is no output 'ha' to a broker", actuator.Fault);
        actuator.Act(Step, [1]);
        output = rig.Output;
        rig.Said("has no connection to its broker");
        actuator.Act(Step, [1]);
        Assert.Equal(2, actuator.LostCount);
        Assert.Contains("nothing listens", actuator.Fault, StringComparison.Ordinal);
    }
}
