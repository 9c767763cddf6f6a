using EdgeRoute.Protocol.Control;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Cli.Page;

/// <summary>A subscription at the device that one viewer needs.</summary>
/// <param name="Kind">As the channel knows it.</param>
/// <param name="Stream">Empty: of all.</param>
/// <param name="RateHz">0: every frame.</param>
internal sealed record ViewerWish(string Kind, string Stream, double RateHz)
{
    /// <summary>A connection has eight: telemetry, events, and so many sources' traces and answers; of more those of all.</summary>
    private const int OwnMost = 3;

    public SubscribeRequest Request => new() { Kind = Kind, Stream = Stream, RateHz = RateHz, Detail = "full" };

    /// <param name="telemetryHz">Always, since it tells of sources that come and go.</param>
    /// <param name="clockHz">Of answers where traces alone are wanted: answers tell the time of day of the device's clock.</param>
    public static HashSet<ViewerWish> Of(ViewerTopics topics, double telemetryHz, double clockHz)
    {
        var wishes = new HashSet<ViewerWish> { new("telemetry", "", telemetryHz) };
        if (topics.IsWanted(TopicKind.Log) || topics.IsWanted(TopicKind.Event))
        {
            wishes.Add(new ViewerWish("event", "", 0));
        }

        var traced = topics.SourcesOf(TopicKind.Decision);
        var answered = topics.SourcesOf(TopicKind.Answer);
        wishes.UnionWith(OfEach("trace", traced, _ => 0));
        wishes.UnionWith(OfEach("answer", [.. traced, .. answered], s => answered.Contains(s) ? 0 : clockHz));
        return wishes;
    }

    private static IEnumerable<ViewerWish> OfEach(string kind, HashSet<string> sources, Func<string, double> rateOf) =>
        sources.Count <= OwnMost ? sources.Select(s => new ViewerWish(kind, s, rateOf(s)))
            : [new ViewerWish(kind, "", sources.Min(rateOf))];
}
