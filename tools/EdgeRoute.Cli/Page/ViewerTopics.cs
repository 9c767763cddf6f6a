using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Cli.Page;

/// <summary>The topics that one viewer was told of, and those it has subscribed to. May be used by several threads.</summary>
internal sealed class ViewerTopics
{
    private static readonly TopicKind[] Drawn = [TopicKind.Image, TopicKind.Boxes, TopicKind.Path];

    private readonly Lock _gate = new();
    private readonly List<ViewerChannel> _channels = [];
    private readonly Dictionary<uint, ViewerChannel> _subscriptions = [];
    private uint _lastId;

    /// <summary>Takes the device's sources as they are now. A topic that stays keeps its number, and who subscribed to it.</summary>
    public (IReadOnlyList<ViewerChannel> Come, IReadOnlyList<ViewerChannel> Gone) Take(IReadOnlyList<string> sources)
    {
        lock (_gate)
        {
            var planned = TopicPlan.Of(sources).Select(t => (Topic: t, Source: t.SourceIndex < 0 ? "" : sources[t.SourceIndex])).ToList();
            var gone = _channels.FindAll(c => !planned.Exists(p => IsSame(c, p.Topic, p.Source)));
            var come = planned.Where(p => !_channels.Exists(c => IsSame(c, p.Topic, p.Source)))
                .Select(p => new ViewerChannel(++_lastId, p.Topic, p.Source)).ToList();
            gone.ForEach(c => _channels.Remove(c));
            _channels.AddRange(come);
            foreach (uint ended in _subscriptions.Where(s => gone.Contains(s.Value)).Select(s => s.Key).ToList())
            {
                _subscriptions.Remove(ended);
            }

            return (come, gone);
        }
    }

    /// <summary>What of the request makes no sense; empty where all does.</summary>
    public string Take(ViewerRequest request)
    {
        lock (_gate)
        {
            string problem = request.Op is "subscribe" or "unsubscribe" ? "" : $"'{request.Op}' is not served here; a viewer subscribes";
            foreach (var (subscription, id) in request.Begun)
            {
                if (_channels.Find(c => c.Id == id) is not { } channel)
                {
                    problem = $"there is no channel {id}";
                }
                else if (!_subscriptions.TryAdd(subscription, channel))
                {
                    problem = $"there is a subscription {subscription} already";
                }
            }

            foreach (uint subscription in request.Ended.Where(s => !_subscriptions.Remove(s)))
            {
                problem = $"there is no subscription {subscription}";
            }

            return problem;
        }
    }

    /// <summary>The viewer's subscriptions to a topic, of which it may have several.</summary>
    /// <param name="source">Empty for the whole device.</param>
    public uint[] SubscriptionsTo(TopicKind kind, string source)
    {
        lock (_gate)
        {
            return [.. _subscriptions.Where(s => s.Value.Topic.Kind == kind && s.Value.Source == source).Select(s => s.Key)];
        }
    }

    public bool IsWanted(TopicKind kind) => SourcesOf([kind]).Count > 0;

    /// <summary>Sources with a subscription to a topic that a picture is needed for.</summary>
    public HashSet<string> Pictured() => SourcesOf(Drawn);

    /// <summary>Sources with a subscription to such a topic; the empty name is the whole device.</summary>
    public HashSet<string> SourcesOf(params TopicKind[] kinds)
    {
        lock (_gate)
        {
            return [.. _subscriptions.Values.Where(c => kinds.Contains(c.Topic.Kind)).Select(c => c.Source)];
        }
    }

    private static bool IsSame(ViewerChannel channel, PlannedTopic topic, string source) =>
        channel.Topic.Name == topic.Name && channel.Source == source;
}
