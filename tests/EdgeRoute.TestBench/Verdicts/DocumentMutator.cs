using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeRoute.TestBench.Verdicts;

/// <summary>
/// Bends a manifest as people do who write one by hand: a wrong number, a name of another tensor, a line too many or too few. What comes
/// out is JSON still, so that some of it passes the reader and is judged by the models.
/// </summary>
/// <param name="words">Names that the models know, and words of manifests: what a wrong name most likely is.</param>
internal sealed class DocumentMutator(Random random, IReadOnlyList<string> words)
{
    /// <summary>Changes of one document at most; with more of them hardly any would pass the reader.</summary>
    private const int ChangesMost = 2;

    /// <summary>A copy with one change or two.</summary>
    public JsonObject Bend(JsonObject document)
    {
        var bent = document.DeepClone().AsObject();
        for (int left = random.Next(1, ChangesMost + 1); left > 0; left--)
        {
            Change(bent);
        }

        return bent;
    }

    private void Change(JsonObject document)
    {
        var nodes = new List<JsonNode>();
        Collect(document, nodes);
        var node = nodes[random.Next(nodes.Count)];
        switch (node)
        {
            case JsonArray list when random.Next(2) == 0:
                list.Add(list.Count > 0 ? list[random.Next(list.Count)]?.DeepClone() : null);
                break;
            case JsonValue value when random.Next(8) != 0:
                node.ReplaceWith(Other(value, nodes));
                break;
            default:
                Remove(node);
                break;
        }
    }

    private JsonNode? Other(JsonValue value, List<JsonNode> nodes)
    {
        if (value.TryGetValue(out bool flag))
        {
            return !flag;
        }

        return value.TryGetValue(out string? text) ? OtherText(text, nodes) : OtherNumber(value);
    }

    private JsonNode? OtherText(string text, List<JsonNode> nodes)
    {
        string[] texts = [.. nodes.OfType<JsonValue>().Where(v => v.TryGetValue(out string? _)).Select(v => (string)v!)];
        return random.Next(4) switch
        {
            0 => texts[random.Next(texts.Length)],
            1 when text.Length > 0 => text.Remove(random.Next(text.Length), 1),
            2 => text.ToUpperInvariant(),
            _ => words[random.Next(words.Count)],
        };
    }

    private JsonNode? OtherNumber(JsonValue value)
    {
        double number = double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
        double other = random.Next(9) switch
        {
            0 => 0,
            1 => -number,
            2 => number + 1,
            3 => number - 1,
            4 => number * 2,
            5 => Math.Floor(number / 2),
            6 => number + 0.25,
            7 => 1,
            _ => 100,
        };
        return other == Math.Floor(other) ? JsonValue.Create((long)other) : JsonValue.Create(other);
    }

    private static void Collect(JsonNode? node, List<JsonNode> nodes)
    {
        if (node is null)
        {
            return;
        }

        nodes.Add(node);
        var inside = node switch
        {
            JsonObject group => group.Select(p => p.Value),
            JsonArray list => list,
            _ => Enumerable.Empty<JsonNode?>(),
        };
        foreach (var part in inside.ToList())
        {
            Collect(part, nodes);
        }
    }

    private static void Remove(JsonNode node)
    {
        switch (node.Parent)
        {
            case JsonObject group:
                group.Remove(node.GetPropertyName());
                break;
            case JsonArray list:
                list.RemoveAt(node.GetElementIndex());
                break;
        }
    }
}
