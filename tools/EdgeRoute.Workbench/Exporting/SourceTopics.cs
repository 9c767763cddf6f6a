using System.Globalization;
using System.Reflection;
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
        Log = Add("foxglove.Log", "/log", "");
        Event = Add("edgeroute.Event", "/event", "");
        var taken = new HashSet<string>(StringComparer.Ordinal) { "/log", "/event" };
        Sources = [.. session.Sources.Select((s, i) => Of(s, PrefixOf(s.Name, i, taken)))];
    }

    public IReadOnlyList<SourceTopics> Sources { get; }

    public McapChannel Log { get; }

    /// <summary>Events of the whole engine.</summary>
    public McapChannel Event { get; }

    /// <summary>Name of the source that each channel belongs to; empty for those of the whole engine.</summary>
    public Dictionary<McapChannel, string> SourceNames { get; } = [];

    /// <summary>What viewers' message paths read without quotes; two sources whose names come to the same are numbered.</summary>
    private static string PrefixOf(string name, int index, HashSet<string> taken)
    {
        string plain = "/" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        string prefix = plain.Length > 1 && taken.Add(plain) ? plain
            : string.Create(CultureInfo.InvariantCulture, $"{(plain.Length > 1 ? plain : "/source")}_{index}");
        taken.Add(prefix);
        return prefix;
    }

    private SourceTopics Of(SessionSource source, string prefix) => new(source, prefix,
        Add("foxglove.CompressedImage", prefix + "/image", source.Name),
        Add("foxglove.ImageAnnotations", prefix + "/boxes", source.Name),
        Add("foxglove.ImageAnnotations", prefix + "/path", source.Name),
        Add("edgeroute.Decision", prefix + "/decision", source.Name),
        Add("edgeroute.Answer", prefix + "/answer", source.Name),
        Add("edgeroute.Event", prefix + "/event", source.Name));

    private McapChannel Add(string schemaName, string topic, string source)
    {
        if (!_schemas.TryGetValue(schemaName, out var schema))
        {
            _schemas.Add(schemaName, schema = _writer.AddSchema(schemaName, TextOf(schemaName)));
        }

        var channel = _writer.AddChannel(schema, topic, new Dictionary<string, string> { ["source"] = source });
        SourceNames.Add(channel, source);
        return channel;
    }

    private static byte[] TextOf(string schemaName)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(schemaName + ".json")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
