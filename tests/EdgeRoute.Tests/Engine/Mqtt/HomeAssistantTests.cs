using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Mqtt;
using EdgeRoute.Tests.Engine.Steering;

namespace EdgeRoute.Tests.Engine.Mqtt;

/// <summary>What Home Assistant is told, held against what its documentation wants.</summary>
public sealed partial class HomeAssistantTests
{
    /// <summary>The keys of both kinds of entity; another would be refused.</summary>
    private static readonly string[] Known = ["name", "unique_id", "state_topic", "availability_topic", "value_template",
        "unit_of_measurement", "device_class", "state_class", "entity_category", "device", "origin"];

    [SkippableFact]
    public void Every_entity_is_described_as_it_must_be_and_its_state_is_there()
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using (var rig = Rig(broker.Port))
        {
            listener.Until("a class", m => m.Topic.Contains("_class_", StringComparison.Ordinal));
            listener.Until("robot/table/rules/some", "ON");
            rig.StopLoop();
        }

        listener.Until("robot/availability", "offline");
        var configs = listener.All().Where(m => m.Topic.StartsWith("homeassistant/", StringComparison.Ordinal)).ToList();
        Assert.All(configs, c => Check(c, listener));
        var last = configs.GroupBy(c => c.Topic).Select(g => JsonDocument.Parse(g.Last().Payload).RootElement).ToList();
        Assert.Equal(last.Count, last.Select(c => c.GetProperty("unique_id").GetString()).Distinct().Count());
        Assert.Single(last.Select(c => c.GetProperty("device").GetRawText()).Distinct());
        string[] names = [.. last.Select(c => c.GetProperty("name").GetString()!)];
        Assert.Superset(new HashSet<string> { "table objects", "table some", "table problem", "table frames per second", "answers lost" },
            names.ToHashSet());
    }

    [Fact]
    public async Task An_entity_that_is_no_more_is_taken_back_and_nothing_is_told_twice()
    {
        var told = new List<(string Topic, int Bytes)>();
        var device = new MqttDevice("robot", "1.0", () => [], () => BoardReading.None, TimeProvider.System);
        var home = new HomeAssistant("ha", device, new MqttTopics("a/b"), "a/b");
        Task<bool> Say(string topic, ReadOnlyMemory<byte> payload)
        {
            told.Add((topic, payload.Length));
            return Task.FromResult(true);
        }

        await home.Tell([new HomeSource("front", ["door"], new MqttSeen.Now(1, [new(3, "it's", 1)], null))], Say);
        Assert.Contains(told, t => t.Topic == "ha/sensor/edgeroute_a_b/front_class_3/config");
        int count = told.Count;
        await home.Tell([new HomeSource("front", ["door"], new MqttSeen.Now(0, [new(3, "it's", 0)], null))], Say);
        Assert.Equal(count, told.Count);
        told.Clear();
        await home.Tell([new HomeSource("front", [], new MqttSeen.Now(0, [new(3, "it's", 0)], null))], Say);
        Assert.Equal("ha/binary_sensor/edgeroute_a_b/front_rule_door/config", Assert.Single(told, t => t.Bytes == 0).Topic);
        told.Clear();
        home.Begin();
        await home.Tell([], Say);
        Assert.Equal(count - 2, told.Count(t => t.Bytes == 0));
    }

    private static SteeringRig Rig(int port) => new(outputs: $$"""
        disk: { free_mb: 0 }
        outputs: { ha: { kind: mqtt, broker: "mqtt://127.0.0.1:{{port}}", topic: robot, home_assistant: true, status_seconds: 1 } }
        """, more: ", rules: { some: { when: { count: { at_least: 1 } }, hold_ms: 60000 } }");

    private static void Check(Mosquitto.Message message, Mosquitto.Listener listener)
    {
        var config = JsonDocument.Parse(message.Payload).RootElement;
        Assert.Matches(ConfigTopic(), message.Topic);
        Assert.All(config.EnumerateObject(), p => Assert.Contains(p.Name, Known));
        bool isSensor = message.Topic.StartsWith("homeassistant/sensor/", StringComparison.Ordinal);
        Assert.True(isSensor || !config.TryGetProperty("state_class", out _), "a binary sensor has no state class");
        Assert.NotEmpty(config.GetProperty("device").GetProperty("identifiers").EnumerateArray());
        Assert.Equal("EdgeRoute", config.GetProperty("origin").GetProperty("name").GetString());
        Assert.NotEmpty(listener.Of(config.GetProperty("availability_topic").GetString()!));
        var states = listener.Of(config.GetProperty("state_topic").GetString()!);
        Assert.True(states.Count > 0, $"nothing was told of {message.Topic}");
        if (config.TryGetProperty("value_template", out var template) && Member().Match(template.GetString()!) is { Success: true } member)
        {
            Assert.Contains(states, s => JsonDocument.Parse(s.Payload).RootElement.TryGetProperty(member.Groups[1].Value, out _));
        }
    }

    [GeneratedRegex(@"^homeassistant/(sensor|binary_sensor)/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config$")]
    private static partial Regex ConfigTopic();

    [GeneratedRegex(@"value_json\.([a-z_]+)")]
    private static partial Regex Member();
}
