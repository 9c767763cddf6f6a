using System.Text.Json;

namespace EdgeRoute.Cli.Output;

/// <summary>A JSON document as indented lines without its punctuation, for reports whose form is the device's own.</summary>
internal static class JsonText
{
    public static List<string> Lines(JsonElement element)
    {
        var lines = new List<string>();
        Add(lines, element, "");
        return lines;
    }

    private static void Add(List<string> lines, JsonElement element, string indent)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                AddNamed(lines, property.Name.Replace('_', ' '), property.Value, indent);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                AddItem(lines, item, indent);
            }
        }
        else
        {
            lines.Add(indent + Plain(element));
        }
    }

    private static void AddNamed(List<string> lines, string name, JsonElement value, string indent)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            lines.Add($"{indent}{name}: {Plain(value)}");
            return;
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray()
            .All(v => v.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)))
        {
            lines.Add($"{indent}{name}: {string.Join(", ", value.EnumerateArray().Select(Plain).DefaultIfEmpty("none"))}");
            return;
        }

        lines.Add($"{indent}{name}:");
        Add(lines, value, indent + "  ");
    }

    /// <summary>Flat objects of a list take one line each.</summary>
    private static void AddItem(List<string> lines, JsonElement item, string indent)
    {
        bool isFlat = item.ValueKind == JsonValueKind.Object
            && item.EnumerateObject().All(p => p.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));
        if (isFlat)
        {
            lines.Add(indent + "- " + string.Join(", ", item.EnumerateObject().Where(p =>
                p.Value.ValueKind != JsonValueKind.Null).Select(p => $"{p.Name.Replace('_', ' ')} {Plain(p.Value)}")));
            return;
        }

        lines.Add(indent + "-");
        Add(lines, item, indent + "  ");
    }

    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => FigureText.None,
        _ => value.ToString(),
    };
}
