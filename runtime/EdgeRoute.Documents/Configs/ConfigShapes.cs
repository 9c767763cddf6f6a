using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeRoute.Documents.Configs;

/// <summary>What a value must be, in the words of JSON Schema.</summary>
internal static class ConfigShapes
{
    /// <summary>Names that people choose, as <see cref="ConfigSection.IsName"/> has them.</summary>
    public static string NamePattern { get; } =
        string.Create(CultureInfo.InvariantCulture, $"^[a-z0-9][a-z0-9_-]{{0,{ConfigLimits.NameLength - 1}}}$");

    /// <summary>A number or a truth without quotes is text to the reader, where it asks for text.</summary>
    public static JsonObject Text() => new()
    {
        ["type"] = new JsonArray("string", "number", "boolean"),
        ["maxLength"] = ConfigLimits.TextLength,
        ["pattern"] = "\\S",
    };

    public static JsonObject TextLike(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    public static JsonObject Integer(IntegerRange range, string? word) =>
        OrWord(new JsonObject { ["type"] = "integer", ["minimum"] = range.Minimum, ["maximum"] = range.Maximum }, word);

    public static JsonObject Number(NumberRange range, string? word) =>
        OrWord(new JsonObject { ["type"] = "number", ["minimum"] = range.Minimum, ["maximum"] = range.Maximum }, word);

    public static JsonObject Flag() => new() { ["type"] = "boolean" };

    public static JsonObject Words(IEnumerable<string> words) => new() { ["enum"] = new JsonArray([.. words.SelectMany(Forms)]) };

    /// <param name="item">Null where every item is a group.</param>
    public static JsonObject List(JsonObject? item, int least, int most)
    {
        var list = new JsonObject { ["type"] = "array" };
        AddUnless(0, list, "minItems", least);
        AddUnless(int.MaxValue, list, "maxItems", most);
        if (item is not null)
        {
            list["items"] = item;
        }

        return list;
    }

    /// <summary>[from, to].</summary>
    public static JsonObject Pair(NumberRange range) => List(Number(range, null), 2, 2);

    /// <summary>A word as a file may hold it: <c>5</c> and <c>true</c> without quotes are no text to other readers of YAML.</summary>
    public static IEnumerable<JsonNode?> Forms(string word)
    {
        if (bool.TryParse(word, out bool truth))
        {
            yield return JsonValue.Create(truth);
        }
        else if (int.TryParse(word, CultureInfo.InvariantCulture, out int number))
        {
            yield return JsonValue.Create(number);
        }

        yield return JsonValue.Create(word);
    }

    private static JsonObject OrWord(JsonObject number, string? word) =>
        word is null ? number : new JsonObject { ["anyOf"] = new JsonArray(number, new JsonObject { ["const"] = word }) };

    private static void AddUnless(int usual, JsonObject list, string key, int value)
    {
        if (value != usual)
        {
            list[key] = value;
        }
    }
}
