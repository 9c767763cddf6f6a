using System.Text.Json;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>A source as Home Assistant is to know it.</summary>
/// <param name="Rules">Names of what it is watched for.</param>
/// <param name="Seen">What it shows; null where it has shown nothing yet.</param>
internal sealed record HomeSource(string Name, IReadOnlyList<string> Rules, MqttSeen.Now? Seen);

/// <summary>
/// Descriptions of what the other topics say, by which Home Assistant makes entities of them: counts and classes as sensors, rules as
/// binary sensors, health and rates as diagnostics. One retained message for each, which is emptied when it is no more. The format is
/// that of the pages "MQTT", "MQTT sensor" and "MQTT binary sensor" of Home Assistant's documentation.
/// </summary>
internal sealed class HomeAssistant(string prefix, MqttDevice device, MqttTopics topics, string topic)
{
    private const string Sensor = "sensor", BinarySensor = "binary_sensor";

    private readonly string _id = "edgeroute_" + MqttTopics.Slug(topic);
    private readonly Dictionary<string, Entity> _told = new(StringComparer.Ordinal);
    private bool _hasWatts, _hasCelsius, _hasCpu;
    private int _toldShape;
    private bool _isNew;

    /// <summary>An entity.</summary>
    /// <param name="Key">Unlike those of all others of the device.</param>
    /// <param name="Value">A template that takes the state out of the message; null where it is the whole of it.</param>
    private sealed record Entity(string Component, string Key, string Name, string StateTopic, string? Value)
    {
        public bool IsDiagnostic { get; init; }

        public bool IsMeasured { get; init; }

        public string? Unit { get; init; }

        public string? DeviceClass { get; init; }
    }

    /// <summary>A new connection: all is told again.</summary>
    public void Begin() => (_toldShape, _isNew) = (0, true);

    /// <summary>Tells what there is, where that has changed.</summary>
    public async Task Tell(IReadOnlyList<HomeSource> sources, Func<string, ReadOnlyMemory<byte>, Task<bool>> say)
    {
        LookAtBoard();
        int shape = ShapeOf(sources);
        if (shape == _toldShape)
        {
            return;
        }

        _toldShape = shape;
        var entities = sources.SelectMany(Of).Concat(OfDevice()).ToList();
        string[] gone = [.. _told.Keys.Except(entities.Select(TopicOf))];
        foreach (string old in gone)
        {
            if (await say(old, ReadOnlyMemory<byte>.Empty).ConfigureAwait(false))
            {
                _told.Remove(old);
            }
        }

        bool isNew = _isNew;
        _isNew = false;
        foreach (var entity in entities.Where(e => isNew || _told.GetValueOrDefault(TopicOf(e)) != e).ToList())
        {
            _told[TopicOf(entity)] = entity;
            await say(TopicOf(entity), Describe(entity)).ConfigureAwait(false);
        }
    }

    /// <summary>What was measured once is measured again; a sensor that is away for a moment is no reason to take it back.</summary>
    private void LookAtBoard()
    {
        var board = device.Board();
        _hasWatts |= board.Watts is not null;
        _hasCelsius |= board.HottestCelsius is not null;
        _hasCpu |= board.CpuPercent is not null;
    }

    private int ShapeOf(IReadOnlyList<HomeSource> sources)
    {
        var shape = new HashCode();
        shape.Add((_hasWatts, _hasCelsius, _hasCpu));
        foreach (var source in sources)
        {
            shape.Add(source.Name);
            shape.Add(string.Join('/', source.Rules));
            shape.Add(string.Join('/', (source.Seen?.Classes ?? []).Select(c => c.Name)));
            shape.Add((source.Seen?.ObjectCount >= 0, source.Seen?.TopClass is null));
        }

        // 0 is that nothing was told.
        return shape.ToHashCode() | 1;
    }

    private IEnumerable<Entity> Of(HomeSource source)
    {
        string name = source.Name, counts = topics.Of(name, "counts"), status = topics.Of(name, "status");
        if (source.Seen is { ObjectCount: >= 0 })
        {
            yield return new Entity(Sensor, $"{name}_objects", $"{name} objects", counts, "{{ value_json.objects }}") { IsMeasured = true };
        }

        foreach (var one in source.Seen?.Classes ?? [])
        {
            yield return new Entity(Sensor, $"{name}_class_{one.ClassIndex}", $"{name} {one.Name}", counts,
                $"{{{{ value_json.classes[{Quoted(one.Name)}] | default(0) }}}}") { IsMeasured = true };
        }

        if (source.Seen?.TopClass is not null)
        {
            yield return new Entity(Sensor, $"{name}_class", $"{name} class", topics.Of(name, "class"), null);
        }

        foreach (string rule in source.Rules)
        {
            yield return new Entity(BinarySensor, $"{name}_rule_{rule}", $"{name} {rule}", topics.RuleOf(name, rule), null);
        }

        yield return new Entity(BinarySensor, $"{name}_problem", $"{name} problem", status,
            "{{ 'ON' if value_json.state in ['silent', 'stale'] else 'OFF' }}") { IsDiagnostic = true, DeviceClass = "problem" };
        yield return new Entity(Sensor, $"{name}_state", $"{name} state", status, "{{ value_json.state }}") { IsDiagnostic = true };
        yield return new Entity(Sensor, $"{name}_frames_per_second", $"{name} frames per second", status,
            "{{ value_json.frames_per_second }}") { IsDiagnostic = true, IsMeasured = true, Unit = "fps" };
    }

    private IEnumerable<Entity> OfDevice()
    {
        Entity Figure(string key, string name, string? unit, string? kind = null) =>
            new(Sensor, key, name, topics.Status, $"{{{{ value_json.{key} | default(None) }}}}")
            {
                IsDiagnostic = true, IsMeasured = true, Unit = unit, DeviceClass = kind,
            };

        yield return Figure("answers_lost", "answers lost", null);
        if (_hasWatts)
        {
            yield return Figure("watts", "power", "W", "power");
        }

        if (_hasCelsius)
        {
            yield return Figure("celsius", "temperature", "°C", "temperature");
        }

        if (_hasCpu)
        {
            yield return Figure("cpu_percent", "CPU", "%");
        }
    }

    private string TopicOf(Entity entity) => $"{prefix}/{entity.Component}/{_id}/{entity.Key}/config";

    private ReadOnlyMemory<byte> Describe(Entity entity) => MqttJson.Write(json =>
    {
        json.WriteString("name", entity.Name);
        json.WriteString("unique_id", $"{_id}_{entity.Key}");
        json.WriteString("state_topic", entity.StateTopic);
        json.WriteString("availability_topic", topics.Availability);
        WriteGiven(json, "value_template", entity.Value);
        WriteGiven(json, "unit_of_measurement", entity.Unit);
        WriteGiven(json, "device_class", entity.DeviceClass);
        WriteGiven(json, "state_class", entity.IsMeasured ? "measurement" : null);
        WriteGiven(json, "entity_category", entity.IsDiagnostic ? "diagnostic" : null);
        json.WriteStartObject("device");
        json.WriteStartArray("identifiers");
        json.WriteStringValue(_id);
        json.WriteEndArray();
        json.WriteString("name", device.Name);
        json.WriteString("manufacturer", "EdgeRoute");
        json.WriteString("sw_version", device.Version);
        json.WriteEndObject();
        json.WriteStartObject("origin");
        json.WriteString("name", "EdgeRoute");
        json.WriteString("sw_version", device.Version);
        json.WriteEndObject();
    });

    private static void WriteGiven(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>As templates write a text.</summary>
    private static string Quoted(string text) => $"'{text.Replace("\\", @"\\", StringComparison.Ordinal)
        .Replace("'", "\\'", StringComparison.Ordinal)}'";
}
