using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Frames;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>A source whose robot's state is published at a broker.</summary>
/// <param name="Mailbox">Where it is put; the same as long as nothing of it changes.</param>
/// <param name="Pack">Says how many values a state has, and which words it knows.</param>
internal sealed record StateWish(string Source, StateTopicConfig Config, TaskMailbox Mailbox, Pack Pack);

/// <summary>
/// Subscribes to what sources want to know over one connection, and hands it on. One task, beside the thread that messages come on.
/// </summary>
/// <param name="output">Whose connection it is.</param>
internal sealed class StateFeeds(string output, MqttDevice device, Action<string> warn)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private volatile StateFeed[] _feeds = [];

    /// <summary>A new connection: the broker knows of no subscription.</summary>
    public void Begin(MqttSession session)
    {
        _asked.Clear();
        session.Receive(Take);
    }

    /// <summary>Asks the broker for what is new, and lets go of what nobody wants any more.</summary>
    public async Task Follow(MqttSession session)
    {
        var wishes = device.States().Where(w => w.Config.Output == output).ToList();
        _feeds = [.. wishes.Select(w => Array.Find(_feeds, f => f.Wish == w) ?? new StateFeed(w, device.Clock, Warn))];
        string[] topics = [.. wishes.SelectMany(w => new[] { w.Config.Topic, w.Config.InstructionTopic }).OfType<string>().Distinct()];
        string[] wanted = [.. topics.Except(_asked)], unwanted = [.. _asked.Except(topics)];
        if (wanted.Length + unwanted.Length == 0)
        {
            return;
        }

        _asked.ExceptWith(unwanted);
        _asked.UnionWith(wanted);
        string? problem = await session.Ask([.. wanted.Select(t => new MqttTopicFilter
        {
            Topic = t, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        })], unwanted).ConfigureAwait(false);
        if (problem is { Length: > 0 })
        {
            Warn($"the broker does not let this device subscribe to {problem}");
        }
    }

    private void Take(MqttApplicationMessage message)
    {
        foreach (var feed in _feeds)
        {
            feed.Take(message.Topic, message.Payload, message.Retain);
        }
    }

    /// <summary>Told once.</summary>
    private void Warn(string words)
    {
        lock (_refused)
        {
            if (!_refused.Add(words))
            {
                return;
            }
        }

        warn($"output {output}: {words}");
    }
}
