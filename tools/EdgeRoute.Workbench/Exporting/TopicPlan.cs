using System.Globalization;
using System.Reflection;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>What the messages of a topic are.</summary>
public enum TopicKind
{
    /// <summary>What happened, as viewers' logs show it.</summary>
    Log,
    Event,
    Device,
    Image,
    Boxes,

    /// <summary>Which way the frame went, as text on its picture.</summary>
    Path,
    Decision,
    Answer,
}

/// <summary>One topic, as an exported file and a live viewer know it.</summary>
/// <param name="Prefix">What the names of all topics of its source begin with; empty for those of the whole device.</param>
/// <param name="SourceIndex">Among the names that were given; -1: the whole device.</param>
public sealed record PlannedTopic(TopicKind Kind, string Prefix, int SourceIndex)
{
    /// <summary>As <c>/front/image</c>.</summary>
    public string Name => $"{Prefix}/{Kind.ToString().ToLowerInvariant()}";

    /// <summary>Name of the form of its messages, which are JSON objects.</summary>
    public string SchemaName => Kind switch
    {
        TopicKind.Log => "foxglove.Log",
        TopicKind.Image => "foxglove.CompressedImage",
        TopicKind.Boxes or TopicKind.Path => "foxglove.ImageAnnotations",
        _ => $"edgeroute.{Kind}",
    };

    /// <summary>UTF-8 text of the JSON Schema of its messages.</summary>
    public byte[] Schema()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(SchemaName + ".json")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}

/// <summary>Which topics there are: those of the whole device, then those of each source.</summary>
public static class TopicPlan
{
    private static readonly TopicKind[] OfDevice = [TopicKind.Log, TopicKind.Event, TopicKind.Device];

    private static readonly TopicKind[] OfSource =
        [TopicKind.Image, TopicKind.Boxes, TopicKind.Path, TopicKind.Decision, TopicKind.Answer, TopicKind.Event];

    /// <param name="sources">Their names, in order.</param>
    public static IReadOnlyList<PlannedTopic> Of(IEnumerable<string> sources)
    {
        PlannedTopic[] whole = [.. OfDevice.Select(k => new PlannedTopic(k, "", -1))];
        var taken = whole.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return [.. whole, .. sources.SelectMany((name, i) =>
        {
            string prefix = PrefixOf(name, i, taken);
            return OfSource.Select(k => new PlannedTopic(k, prefix, i));
        })];
    }

    /// <summary>What viewers' message paths read without quotes; two sources whose names come to the same are numbered.</summary>
    private static string PrefixOf(string name, int index, HashSet<string> taken)
    {
        string plain = "/" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        string prefix = plain.Length > 1 && taken.Add(plain) ? plain
            : string.Create(CultureInfo.InvariantCulture, $"{(plain.Length > 1 ? plain : "/source")}_{index}");
        taken.Add(prefix);
        return prefix;
    }
}
