using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>What an output tells of the engine beside answers and events. Any thread.</summary>
/// <param name="Name">What the owner calls the device.</param>
/// <param name="Streams">The streams as they are now.</param>
/// <param name="Board">Heat, power and load of the machine as last measured.</param>
internal sealed record MqttDevice(string Name, string Version, Func<IReadOnlyList<FrameStream>> Streams, Func<BoardReading> Board,
    TimeProvider Clock)
{
    /// <summary>Sources whose robot's state is published at a broker, as they are now.</summary>
    public Func<IReadOnlyList<StateWish>> States { get; init; } = () => [];
}

/// <summary>
/// The retained messages: what sources show, which rules are on, how sources and the device stand, and what Home Assistant is to know of
/// all that. <see cref="See"/> is the queue's thread; all else is one task.
/// </summary>
internal sealed class MqttReport(MqttOutputConfig config, MqttDevice device, MqttTopics topics, Func<(long Told, long Lost)> counts,
    Func<long> lostEvents)
{
    private readonly long _startNs = device.Clock.NowNs();
    private readonly AnswerChoice _choice = new(config.Filter);
    private readonly ConcurrentDictionary<string, MqttSeen> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long AtNs, EndTally Ends)> _before = new(StringComparer.Ordinal);
    private readonly HomeAssistant? _home = config.DiscoveryPrefix is { } prefix ? new HomeAssistant(prefix, device, topics, config.Topic)
        : null;
    private bool _isNew;

    /// <summary>A frame that has ended.</summary>
    public void See(PublishedCopy frame)
    {
        if (!_seen.TryGetValue(frame.Names.Source, out var seen) || !ReferenceEquals(seen.Names, frame.Names))
        {
            _seen[frame.Names.Source] = seen = new MqttSeen(frame.Names, seen);
        }

        seen.See(frame, _choice);
    }

    /// <summary>A new connection: the broker may know nothing any more.</summary>
    public void Begin()
    {
        _isNew = true;
        _rules.Clear();
        _home?.Begin();
    }

    /// <summary>Tells what has changed.</summary>
    /// <param name="isStatusDue">The status is told too.</param>
    public async Task Tell(MqttSession session, bool isStatusDue, RefusedTopics refused)
    {
        Task<bool> Say(string topic, ReadOnlyMemory<byte> payload) => session.Tell(topic, payload, retain: true, refused);

        bool isNew = _isNew;
        _isNew = false;
        var streams = device.Streams();
        foreach (string source in _seen.Keys)
        {
            await TellSeen(source, isNew, Say).ConfigureAwait(false);
        }

        foreach (var stream in streams)
        {
            foreach (var rule in stream.Parts.Rules?.Rules ?? [])
            {
                await TellRule(topics.RuleOf(stream.Name, rule.Rule.Name), rule.Rule.IsOn, Say).ConfigureAwait(false);
            }

            if (isStatusDue)
            {
                await Say(topics.Of(stream.Name, "status"), StatusOf(stream)).ConfigureAwait(false);
            }
        }

        if (isStatusDue)
        {
            await Say(topics.Status, Status()).ConfigureAwait(false);
        }

        if (_home is { } home)
        {
            List<HomeSource> sources = [.. streams.Select(s => new HomeSource(s.Name,
                [.. (s.Parts.Rules?.Rules ?? []).Select(r => r.Rule.Name)], _seen.GetValueOrDefault(s.Name)?.Look()))];
            await home.Tell(sources, Say).ConfigureAwait(false);
        }
    }

    private async Task TellSeen(string source, bool isAsked, Func<string, ReadOnlyMemory<byte>, Task<bool>> say)
    {
        if (_seen.GetValueOrDefault(source)?.Take(isAsked) is not { } now)
        {
            return;
        }

        if (now.ObjectCount >= 0)
        {
            await say(topics.Of(source, "counts"), MqttJson.Write(json =>
            {
                json.WriteNumber("objects", now.ObjectCount);
                json.WriteStartObject("classes");
                foreach (var one in now.Classes)
                {
                    json.WriteNumber(one.Name, one.Count);
                }

                json.WriteEndObject();
            })).ConfigureAwait(false);
        }

        if (now.TopClass is { } top)
        {
            await say(topics.Of(source, "class"), Encoding.UTF8.GetBytes(top)).ConfigureAwait(false);
        }
    }

    private async Task TellRule(string topic, bool isOn, Func<string, ReadOnlyMemory<byte>, Task<bool>> say)
    {
        if (!_rules.TryGetValue(topic, out bool told) || told != isOn)
        {
            _rules[topic] = isOn;
            await say(topic, Encoding.ASCII.GetBytes(isOn ? "ON" : "OFF")).ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<byte> StatusOf(FrameStream stream)
    {
        long now = device.Clock.NowNs();
        var ends = stream.Tally;
        var (beforeNs, before) = _before.GetValueOrDefault(stream.Name, (_startNs, default));
        double seconds = (now - beforeNs) / 1e9;
        bool isFirst = !_before.ContainsKey(stream.Name);
        string still = isFirst ? "starting" : "silent";
        double rate = seconds > 0 ? (ends.Captured - before.Captured) / seconds : 0;
        _before[stream.Name] = (now, ends);
        return MqttJson.Write(json =>
        {
            json.WriteString("state", StateOf(stream, ends.Captured == before.Captured ? still : null));
            json.WriteNumber("frames_per_second", Math.Round(Math.Max(0, rate), 2));
            json.WriteNumber("captured", ends.Captured);
            json.WriteNumber("answered", ends.Completed + ends.Exited + ends.Escalated + ends.Skipped);
            json.WriteNumber("skipped", ends.Skipped);
            json.WriteNumber("dropped", ends.Dropped);
            json.WriteNumber("failed", ends.Failed);
            if (stream.LastFault is { } fault)
            {
                json.WriteString("last_fault", Protocol.Recording.KnownSecrets.Hide(fault));
            }
        });
    }

    /// <summary>What a look at it would tell first.</summary>
    /// <param name="still">What it is while no frame comes; null where some came.</param>
    private static string StateOf(FrameStream stream, string? still)
    {
        if (stream.HasEnded)
        {
            return "ended";
        }

        return still ?? (stream.Freshness.IsStale ? "stale" : "running");
    }

    private ReadOnlyMemory<byte> Status()
    {
        var board = device.Board();
        var (told, lost) = counts();
        return MqttJson.Write(json =>
        {
            json.WriteString("name", device.Name);
            json.WriteString("version", device.Version);
            json.WriteNumber("uptime_s", Math.Round((device.Clock.NowNs() - _startNs) / 1e9));
            json.WriteNumber("answers_told", told);
            json.WriteNumber("answers_lost", lost);
            json.WriteNumber("events_lost", lostEvents());
            MqttJson.WriteKnown(json, "watts", board.Watts);
            MqttJson.WriteKnown(json, "celsius", board.HottestCelsius);
            MqttJson.WriteKnown(json, "cpu_percent", board.CpuPercent);
            MqttJson.WriteKnown(json, "gpu_percent", board.GpuPercent);
            MqttJson.WriteKnown(json, "memory_available_mb", board.MemoryAvailableBytes / 1e6);
        });
    }
}

/// <summary>Small JSON objects.</summary>
internal static class MqttJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, Options);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }

    public static void WriteKnown(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known && double.IsFinite(known))
        {
            json.WriteNumber(name, Math.Round(known, 2));
        }
    }
}
