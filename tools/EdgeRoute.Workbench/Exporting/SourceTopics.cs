using EdgeRoute.Protocol.Recording;
using EdgeRoute.Workbench.Mcap;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>The channels of one source: each kind of message has its own.</summary>
internal sealed record SourceTopics(SessionSource Source, string Prefix, McapChannel Image, McapChannel Boxes, McapChannel Path,
    McapChannel Decision, McapChannel Answer, McapChannel Event)
{
    public PictureSizes Sizes { get; } = new();

    /// <summary>Answers that came before their picture, whose size they need; in order of capture.</summary>
    public List<HeldAnswer> Held { get; } = [];
}

/// <summary>An answer whose boxes are still to be drawn.</summary>
internal sealed record HeldAnswer(FrameKey Frame, byte[] Line, string Path);

/// <summary>All channels of an exported file. Those that get no message do not come into it.</summary>
internal sealed class ExportTopics
{
    private readonly Dictionary<string, McapSchema> _schemas = [];
    private readonly McapWriter _writer;

    public ExportTopics(McapWriter writer, SessionStart session)
    {
        _writer = writer;
        var planned = TopicPlan.Of(session.Sources.Select(s => s.Name)).ToLookup(t => t.SourceIndex);
        var whole = planned[-1].Where(t => t.Kind != TopicKind.Device).ToDictionary(t => t.Kind, t => Add(t, ""));
        (Log, Event) = (whole[TopicKind.Log], whole[TopicKind.Event]);
        Sources = [.. session.Sources.Select((s, i) => Of(s, [.. planned[i]]))];
    }

    public IReadOnlyList<SourceTopics> Sources { get; }

    public McapChannel Log { get; }

    /// <summary>Events of the whole engine.</summary>
    public McapChannel Event { get; }

    /// <summary>Name of the source that each channel belongs to; empty for those of the whole engine.</summary>
    public Dictionary<McapChannel, string> SourceNames { get; } = [];

    private SourceTopics Of(SessionSource source, IReadOnlyList<PlannedTopic> planned)
    {
        var channels = planned.ToDictionary(t => t.Kind, t => Add(t, source.Name));
        return new SourceTopics(source, planned[0].Prefix, channels[TopicKind.Image], channels[TopicKind.Boxes], channels[TopicKind.Path],
            channels[TopicKind.Decision], channels[TopicKind.Answer], channels[TopicKind.Event]);
    }

    private McapChannel Add(PlannedTopic topic, string source)
    {
        if (!_schemas.TryGetValue(topic.SchemaName, out var schema))
        {
            _schemas.Add(topic.SchemaName, schema = _writer.AddSchema(topic.SchemaName, topic.Schema()));
        }

        var channel = _writer.AddChannel(schema, topic.Name, new Dictionary<string, string> { ["source"] = source });
        SourceNames.Add(channel, source);
        return channel;
    }
}
