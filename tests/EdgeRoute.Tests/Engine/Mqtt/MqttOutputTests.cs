using System.Text.Json;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Engine.Steering;

namespace EdgeRoute.Tests.Engine.Mqtt;

/// <summary>Answers, events and status at a real broker.</summary>
public sealed class MqttOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Answers => _folder.File("answers.jsonl");

    public void Dispose() => _folder.Dispose();

    /// <summary>The time of day is asked when each output writes, and stands in none of both exactly.</summary>
    [SkippableTheory]
    [InlineData("5", 1)]
    [InlineData("3.1.1", 0)]
    public void A_subscriber_gets_for_every_frame_what_the_file_says_of_it(string version, int qos)
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using (var rig = new SteeringRig(outputs: Outputs(broker.Port, $"version: {version}, qos: {qos}")))
        {
            listener.Until("robot/availability", "online");
            rig.PassFrames(300);
            rig.StopLoop();
            Assert.Equal((0, null), (rig.Engine.OutputStatuses()[1].LostCount, rig.Engine.OutputStatuses()[1].Fault));
        }

        listener.Until("robot/availability", "offline");
        var told = listener.Of("robot/table/answers").ConvertAll(m => WithoutTimeOfDay(m.Payload));
        Assert.Equal(File.ReadLines(Answers).Select(WithoutTimeOfDay), told);
        Assert.Contains(told, t => t.Contains("\"class\"", StringComparison.Ordinal));
        Assert.True(told.Count > 200, $"{told.Count} answers");
    }

    [SkippableFact]
    public void An_absent_broker_costs_no_frame_and_is_said_once_and_so_is_that_it_is_back()
    {
        Mosquitto.Need();
        int port = Mosquitto.FreePort();
        using var rig = new SteeringRig(outputs: Outputs(port, "qos: 1"));
        rig.PassFrames(200);
        Wait(() => rig.HasSaid($"no connection to its broker: nothing listens at 127.0.0.1:{port}"), "the absence is said");
        Wait(() => rig.Engine.OutputStatuses()[1] is { LostCount: > 100, ToldCount: 0, Fault.Length: > 0 }, "answers are lost");
        using (var broker = new Mosquitto(port))
        {
            Wait(() => rig.HasSaid("output ha is back: connected to 127.0.0.1"), "it is back");
            Wait(() => rig.Engine.OutputStatuses()[1] is { ToldCount: > 10, Fault: null }, "answers arrive");
        }

        Wait(() => rig.Engine.OutputStatuses()[1].Fault is not null, "it is gone");
        long lost = rig.Engine.OutputStatuses()[1].LostCount;
        rig.PassFrames(200);
        Wait(() => rig.Engine.OutputStatuses()[1].LostCount > lost, "answers are lost again");
        using (var broker = new Mosquitto(port))
        {
            Wait(() => rig.Engine.OutputStatuses()[1].Fault is null, "it is back again");
        }

        var total = rig.Engine.Report().Total.Ends;
        Assert.Equal((0, 0), (total.Dropped, total.Failed));
        rig.StopLoop();
        Assert.True(rig.HasSaid("answers and"), "what was lost is told at the end");
    }

    [SkippableFact]
    public void A_device_whose_power_goes_is_offline_and_what_is_retained_stays()
    {
        using var broker = new Mosquitto();
        var relay = new CutRelay(broker.Port);
        using var rig = new MqttRig($"broker: 'mqtt://127.0.0.1:{relay.Port}', qos: 1, status_seconds: 1");
        using (var listener = broker.Listen())
        {
            listener.Until("robot/availability", "online");
            rig.Tell(2);
            listener.Until("an answer", m => m.Topic == "robot/front/answers");
            listener.Until("a status", m => m.Topic == "robot/status");
            relay.Dispose();
            listener.Until("robot/availability", "offline");
        }

        rig.Said("no connection to its broker");
        using var later = broker.Listen();
        Assert.True(later.Until("robot/availability", "offline").IsRetained);
        Assert.True(later.Until("the status", m => m.Topic == "robot/status").IsRetained);
        Assert.Empty(later.Of("robot/front/answers"));
    }

    /// <summary>A stopped broker takes what the network has room for, and acknowledges nothing.</summary>
    [SkippableFact]
    public void A_broker_that_hangs_is_left_after_a_time_and_found_again()
    {
        using var broker = new Mosquitto();
        using var rig = new MqttRig($"broker: 'mqtt://127.0.0.1:{broker.Port}', qos: 1");
        rig.Said("connected to 127.0.0.1");
        broker.Signal("STOP");
        for (int i = 0; i < 30; i++)
        {
            rig.Tell();
        }

        rig.Said("took nothing for 10 s");
        broker.Signal("CONT");
        rig.Said("output ha is back");
        rig.Tell();
        Wait(() => rig.Output.Counts is { Written: 1, Lost: 30 }, "every answer is told or lost");
    }

    [SkippableFact]
    public void Events_wait_for_the_broker_and_say_when_they_happened()
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        broker.Signal("STOP");
        using var rig = new MqttRig($"broker: 'mqtt://127.0.0.1:{broker.Port}'");
        rig.Output.Tell(new EngineEvent(17, ReportLevel.Notice, "front", EventKind.Rule, "rule 'door' is on"));
        rig.Output.Tell(new EngineEvent(18, ReportLevel.Warning, "", EventKind.Note, "it is warm"));
        broker.Signal("CONT");
        var of = JsonDocument.Parse(listener.Until("an event", m => m.Topic == "robot/events" && m.Payload.Contains("warm",
            StringComparison.Ordinal)).Payload).RootElement;
        Assert.Equal((18, "warning", "note"), (of.GetProperty("time_utc_ns").GetInt64(), of.GetProperty("level").GetString(),
            of.GetProperty("kind").GetString()));
        var rule = JsonDocument.Parse(Assert.Single(listener.Of("robot/front/events")).Payload).RootElement;
        Assert.Equal(("rule", "front", "rule 'door' is on"), (rule.GetProperty("kind").GetString(), rule.GetProperty("source").GetString(),
            rule.GetProperty("text").GetString()));
    }

    [SkippableFact]
    public void Counts_are_told_when_they_change_and_only_of_what_is_chosen()
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using (var rig = new MqttRig($"broker: 'mqtt://127.0.0.1:{broker.Port}', qos: 1, only_changes: true, classes: [person]"))
        {
            listener.Until("robot/availability", "online");
            foreach (int count in new[] { 2, 2, 2, 1 })
            {
                rig.Tell(count);
            }

            listener.Until("robot/front/counts", """{"objects":1,"classes":{"person":1}}""");
        }

        listener.Until("robot/availability", "offline");
        Assert.Equal([1, 4], listener.Of("robot/front/answers").Select(m =>
            JsonDocument.Parse(m.Payload).RootElement.GetProperty("sequence").GetInt64()));
    }

    [SkippableFact]
    public void Frames_allocate_nothing_while_answers_go_to_a_broker()
    {
        using var broker = new Mosquitto();
        using var rig = new SteeringRig(outputs: Outputs(broker.Port, "qos: 1"));
        rig.PassFrames(100);
        long before = rig.Engine.Report().LoopAllocatedBytes, least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            rig.PassFrames(100);
            long after = rig.Engine.Report().LoopAllocatedBytes;
            (before, least) = (after, Math.Min(least, after - before));
        }

        Assert.Equal(0, least);
        Assert.True(rig.Engine.OutputStatuses()[1].ToldCount > 0, "nothing was told");
    }

    private string Outputs(int port, string more) => $$"""
        disk: { free_mb: 0 }
        outputs:
          all: { kind: jsonl, path: {{Answers}} }
          ha: { kind: mqtt, broker: "mqtt://127.0.0.1:{{port}}", topic: robot, {{more}} }
        """;

    private static void Wait(Func<bool> isSo, string what) => Assert.True(SpinWait.SpinUntil(isSo, Mosquitto.Patience), what);

    private static string WithoutTimeOfDay(string line)
    {
        int at = line.IndexOf("\"capture_utc_ns\":", StringComparison.Ordinal), end = line.IndexOf(',', at);
        return line.Remove(at, end - at);
    }
}
