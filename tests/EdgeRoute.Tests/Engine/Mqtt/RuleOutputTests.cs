using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.ControlChannel.Web;
using EdgeRoute.Tests.Engine.Steering;

namespace EdgeRoute.Tests.Engine.Mqtt;

/// <summary>Rules that tell outputs of the real engine. The rule is on while frames take the light path.</summary>
public sealed class RuleOutputTests
{
    [SkippableFact]
    public async Task A_rule_publishes_to_a_topic_of_its_own_and_what_it_switched_on_goes_off_with_the_run()
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using (var rig = Rig("output: { name: home, topic: lamp/set, on: 'ON', off: 'OFF', retain: true }",
            $"outputs: {{ home: {{ kind: mqtt, broker: 'mqtt://127.0.0.1:{broker.Port}', topic: robot }} }}"))
        {
            listener.Until("lamp/set", "ON");
            await Take(rig, "heavy_1");
            listener.Until("lamp/set", "OFF");
            await Take(rig, "light");
            listener.Until("a second time", _ => listener.Of("lamp/set").Count == 3);
        }

        listener.Until("its end", _ => listener.Of("lamp/set").Count == 4);
        Assert.Equal(["ON", "OFF", "ON", "OFF"], listener.Of("lamp/set").Select(m => m.Payload));
        using var later = broker.Listen();
        Assert.True(later.Until("lamp/set", "OFF").IsRetained);
    }

    [SkippableFact]
    public async Task A_turn_waits_for_a_broker_that_is_not_there()
    {
        Mosquitto.Need();
        int port = Mosquitto.FreePort();
        using var rig = Rig("output: { name: home, topic: alarms/quick }",
            $"outputs: {{ home: {{ kind: mqtt, broker: 'mqtt://127.0.0.1:{port}', topic: robot }} }}");
        rig.PassFrames(1);
        await rig.PumpUntil(() => rig.HasSaid("no connection to its broker"));
        using var broker = new Mosquitto(port);
        using var listener = broker.Listen();
        listener.Until("it is on", m => m.Topic == "alarms/quick" && m.Payload.Contains("\"on\":true", StringComparison.Ordinal));
        await Take(rig, "heavy_1");
        listener.Until("it is off", m => m.Topic == "alarms/quick" && m.Payload.Contains("\"on\":false", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_turn_without_words_of_its_own_says_what_turned()
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using var rig = Rig("event: it is quick, output: { name: home, topic: alarms/quick }",
            $"outputs: {{ home: {{ kind: mqtt, broker: 'mqtt://127.0.0.1:{broker.Port}', topic: robot }} }}");
        listener.Until("it is on", m => m.Topic == "alarms/quick");
        await Take(rig, "heavy_1");
        var told = JsonDocument.Parse(listener.Until("it is off", m => m.Topic == "alarms/quick"
            && m.Payload.Contains("\"on\":false", StringComparison.Ordinal)).Payload).RootElement;
        Assert.Equal(("table", "quick", "it is quick"), (told.GetProperty("source").GetString(), told.GetProperty("rule").GetString(),
            told.GetProperty("text").GetString()));
        Assert.True(told.GetProperty("sequence").GetInt64() > 0 && told.GetProperty("time_utc_ns").GetInt64() > 0);
    }

    [SkippableFact]
    public async Task A_file_of_answers_gets_a_line_that_no_answer_is()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("answers.jsonl");
        using (var rig = Rig("output: { name: all }", $"outputs: {{ all: {{ kind: jsonl, path: {path} }} }}\ndisk: {{ free_mb: 0 }}"))
        {
            rig.PassFrames(3);
            await Take(rig, "heavy_1");
            rig.PassFrames(3);
        }

        var lines = File.ReadLines(path).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var turns = lines.Where(l => l.TryGetProperty("rule", out _)).Select(l => l.GetProperty("on").GetBoolean());
        Assert.Equal([true, false], turns);
        Assert.True(lines.Count(l => l.TryGetProperty("path", out _)) > 5, $"{lines.Count} lines");
    }

    [SkippableTheory]
    [InlineData("json")]
    [InlineData("msgpack")]
    public async Task A_page_is_told_beside_the_answers(string format)
    {
        var address = WebHostTests.FreeAddress();
        using var rig = Rig("event: slow now, output: { name: page }", $"outputs: {{ page: {{ kind: websocket, listen: '{address}' }} }}");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{address}/answers?source=table&format={format}"), default);
        rig.PassFrames(1);
        await Take(rig, "heavy_1");
        var bytes = new byte[64 * 1024];
        string said;
        using var limit = new CancellationTokenSource(Mosquitto.Patience);
        do
        {
            var got = await socket.ReceiveAsync(bytes, limit.Token);
            said = got.EndOfMessage ? Encoding.UTF8.GetString(bytes, 0, got.Count) : "";
        }
        while (!said.Contains("slow now", StringComparison.Ordinal));
        Assert.Contains("quick", said, StringComparison.Ordinal);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "enough", default);
    }

    private static SteeringRig Rig(string order, string outputs) => new("kind: fixed, path: light",
        $", rules: {{ quick: {{ when: {{ path: light }}, {order} }} }}", outputs);

    private static Task Take(SteeringRig rig, string path) => rig.Change(new SettingSet { Policy = SettingValue.Of("fixed:" + path) });
}
