using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// Walks a manifest's JSON beside the declared properties and finds everything that has no place there, each with its line: unknown and
/// repeated properties, values of the wrong kind. A serialiser would stop at the first.
/// </summary>
internal sealed class ManifestShape
{
    /// <summary>Nesting of a manifest: the deepest property lies 6 levels down; more is not a manifest.</summary>
    public const int DepthLimit = 16;

    private readonly byte[] _json;
    private readonly PackProblems _problems;

    private ManifestShape(byte[] json, PackProblems problems) => (_json, _problems) = (json, problems);

    /// <summary>
    /// True when the document can be read into <see cref="ManifestDocument"/>. Unknown properties are reported but do not hinder that, so
    /// that the author sees the rest of the problems too.
    /// </summary>
    public static bool Check(byte[] json, PackProblems problems)
    {
        if (DocumentFile.FindFault(json) is { } fault)
        {
            problems.Add(fault);
            return false;
        }

        var shape = new ManifestShape(json, problems);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthLimit });
            reader.Read();
            bool isReadable = shape.Walk(ref reader, ManifestJson.Default.ManifestDocument, "the manifest");
            // Reads on to the end, so that a second document behind the first is an error.
            reader.Read();
            return isReadable;
        }
        catch (JsonException bad)
        {
            problems.Add($"line {bad.LineNumber + 1}: this is not JSON: {FirstSentence(bad.Message)}");
            return false;
        }
    }

    private bool Walk(ref Utf8JsonReader reader, JsonTypeInfo type, string path) => type.Kind switch
    {
        JsonTypeInfoKind.Object => Expect(ref reader, JsonTokenType.StartObject, "an object", path) && WalkObject(ref reader, type, path),
        JsonTypeInfoKind.Dictionary => Expect(ref reader, JsonTokenType.StartObject, "an object", path)
            && WalkDictionary(ref reader, type, path),
        JsonTypeInfoKind.Enumerable => Expect(ref reader, JsonTokenType.StartArray, "a list", path) && WalkList(ref reader, type, path),
        _ => type.Type == typeof(RegionPart) ? WalkRegion(ref reader, path) : WalkLeaf(ref reader, type.Type, path),
    };

    /// <summary>The one value that has two forms.</summary>
    private bool WalkRegion(ref Utf8JsonReader reader, string path) => reader.TokenType switch
    {
        JsonTokenType.StartArray => WalkList(ref reader, ManifestJson.Default.ListDouble, path),
        JsonTokenType.StartObject => WalkObject(ref reader, ManifestJson.Default.WindowsPart, path),
        _ => Expect(ref reader, JsonTokenType.StartArray, "a list of four numbers or an object with 'from'", path),
    };

    private bool WalkObject(ref Utf8JsonReader reader, JsonTypeInfo type, string path)
    {
        bool isReadable = true;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryText(ref reader, $"a property name of {path}", out string name))
            {
                isReadable = false;
                reader.Skip();
                continue;
            }

            var property = type.Properties.FirstOrDefault(p => p.Name == name);
            if (!seen.Add(name))
            {
                isReadable = Report(ref reader, $"{path} has '{name}' twice");
            }

            if (property is null)
            {
                Report(ref reader, $"{path} has no property '{name}'{NearestName.Hint(name, type.Properties.Select(p => p.Name))}");
                reader.Skip();
                continue;
            }

            reader.Read();
            isReadable &= Walk(ref reader, ManifestJson.Default.Options.GetTypeInfo(property.PropertyType), PathOf(path, name));
        }

        return isReadable;
    }

    private bool WalkDictionary(ref Utf8JsonReader reader, JsonTypeInfo type, string path)
    {
        bool isReadable = true;
        var element = ManifestJson.Default.Options.GetTypeInfo(type.ElementType!);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryText(ref reader, $"a name in {path}", out string name))
            {
                isReadable = false;
                reader.Skip();
                continue;
            }

            if (!seen.Add(name))
            {
                isReadable = Report(ref reader, $"{path} has '{name}' twice");
            }

            reader.Read();
            isReadable &= Walk(ref reader, element, PathOf(path, name));
        }

        return isReadable;
    }

    private bool WalkList(ref Utf8JsonReader reader, JsonTypeInfo type, string path)
    {
        bool isReadable = true;
        var element = ManifestJson.Default.Options.GetTypeInfo(type.ElementType!);
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            isReadable &= Walk(ref reader, element, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"));
        }

        return isReadable;
    }

    private bool WalkLeaf(ref Utf8JsonReader reader, Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return Expect(ref reader, JsonTokenType.String, "a text", path) && TryText(ref reader, path, out _);
        }

        if (type == typeof(bool))
        {
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False
                || Expect(ref reader, JsonTokenType.True, "true or false", path);
        }

        return Expect(ref reader, JsonTokenType.Number, type == typeof(int) ? "a whole number" : "a number", path)
            && (type != typeof(int) || reader.TryGetInt32(out _) || Report(ref reader, $"{path} must be a whole number below 2^31"));
    }

    /// <summary>
    /// The text of a token. An escape such as \ud800 without its other half is JSON by its grammar, but no text, and the reader throws.
    /// </summary>
    private bool TryText(ref Utf8JsonReader reader, string path, out string text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return Report(ref reader, $"{path} holds half of a character (an escape from \\ud800 to \\udfff alone); write the character");
        }
    }

    private bool Expect(ref Utf8JsonReader reader, JsonTokenType wanted, string wantedWords, string path)
    {
        if (reader.TokenType == wanted)
        {
            return true;
        }

        Report(ref reader, $"{path} must be {wantedWords}, but {NameOf(reader.TokenType)} stands there");
        reader.Skip();
        return false;
    }

    /// <summary>Always false, for use as "not readable".</summary>
    private bool Report(ref Utf8JsonReader reader, string problem)
    {
        int line = 1 + _json.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n');
        _problems.Add(string.Create(CultureInfo.InvariantCulture, $"line {line}: {problem}"));
        return false;
    }

    private static string PathOf(string path, string name) => path == "the manifest" ? name : path + "." + name;

    private static string NameOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        _ => "null (leave the property out instead)",
    };

    /// <summary>The serialiser's message repeats path, line and position after its first sentence.</summary>
    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end].TrimEnd();
    }
}
