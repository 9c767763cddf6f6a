using System.Collections.Concurrent;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol;
using MQTTnet;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>
/// Topics that this client may not write to. Brokers may end the connection at each message of that kind, and all other topics live on it:
/// so such a topic is left out for a while, and then tried once more. Told once, and when the broker takes it again. Any thread.
/// </summary>
/// <param name="config">The output.</param>
internal sealed class RefusedTopics(MqttOutputConfig config, TimeProvider clock, Action<string> note, Action<string> warn)
{
    /// <summary>Rights are changed by people, who look again after a coffee.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, long> _untilNs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>What is left out just now; null: nothing.</summary>
    public string? Fault => _untilNs.IsEmpty ? null
        : $"the broker does not take what goes to {string.Join(", ", _untilNs.Keys.Order(StringComparer.Ordinal).Select(t => $"'{t}'"))}; "
            + $"it is left out, and tried every {Pause.TotalMinutes:0} minutes";

    public bool LeavesOut(string topic) => _untilNs.TryGetValue(KeyOf(topic), out long untilNs) && clock.NowNs() < untilNs;

    /// <param name="reason">The broker's, or why a message cannot be sent to it.</param>
    public void Refuse(string topic, string reason)
    {
        bool isLasting = reason.StartsWith(nameof(MqttClientPublishReasonCode.NotAuthorized), StringComparison.Ordinal)
            || reason.StartsWith(nameof(MqttClientPublishReasonCode.TopicNameInvalid), StringComparison.Ordinal);
        if (isLasting)
        {
            _untilNs[KeyOf(topic)] = clock.NowNs() + (long)Pause.TotalNanoseconds;
        }

        if (_told.TryAdd(KeyOf(topic) + reason, true))
        {
            string then = isLasting ? $"it is left out and tried every {Pause.TotalMinutes:0} minutes, and what is lost is counted"
                : "it is lost, and others like it are counted";
            warn($"output {config.Name}: the broker does not take what goes to '{topic}': {reason}; {then}");
        }
    }

    /// <summary>A message has arrived.</summary>
    public void Accept(string topic)
    {
        string key = KeyOf(topic);
        if (_untilNs.ContainsKey(key) && _untilNs.TryRemove(key, out _))
        {
            foreach (string told in _told.Keys.Where(k => k.StartsWith(key, StringComparison.Ordinal)))
            {
                _told.TryRemove(told, out _);
            }

            note($"output {config.Name}: the broker takes what goes to '{topic}' again");
        }
    }

    /// <summary>The time of one that was left out is over since the last call: what it would have been told is to be told again.</summary>
    public bool IsAnyDue(ref long seenNs)
    {
        if (_untilNs.IsEmpty)
        {
            return false;
        }

        long now = clock.NowNs(), since = seenNs;
        seenNs = now;
        return _untilNs.Values.Any(until => until > since && until <= now);
    }

    /// <summary>Rights to what Home Assistant is told are given for all of it, and it has a topic for each of many entities.</summary>
    private string KeyOf(string topic) =>
        config.DiscoveryPrefix is { } prefix && topic.StartsWith(prefix, StringComparison.Ordinal) ? prefix : topic;
}
