using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeRoute.Documents.Configs;

/// <summary>
/// The JSON schema of a device config, for editors. Nobody writes it: the reader reads configs that are made up to bring it everywhere, and
/// what it asks of them is written down, with the words of the documents beside each key.
/// </summary>
public sealed class ConfigSchema
{
    /// <summary>The name of groups and of what people name, in configs that are made up.</summary>
    private const string SomeName = "name";

    private readonly JsonObject _definitions = [];
    private readonly ConfigRows _rows = ConfigRows.OfDocuments();

    private ConfigSchema()
    {
    }

    /// <summary>The schema as it lies in a file.</summary>
    public static string Text()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            new ConfigSchema().Whole().WriteTo(writer);
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    private JsonObject Whole()
    {
        var schema = new JsonObject
        {
            // Editors know this draft best.
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "EdgeRoute device config",
        };
        foreach (var (key, value) in ObjectOf("", new ConfigProbe(), []).ToArray())
        {
            schema[key] = value?.DeepClone();
        }

        schema["definitions"] = _definitions;
        return schema;
    }

    private JsonObject GroupOf(string path, ConfigProbe probe)
    {
        if (probe.Asked.Of(path).Kind is not { } kind)
        {
            return ObjectOf(path, probe, []);
        }

        if (_definitions.TryAdd(kind, null))
        {
            _definitions[kind] = ObjectOf(path, probe, []);
        }

        return new JsonObject { ["$ref"] = $"#/definitions/{kind}" };
    }

    /// <param name="decided">Choices of the group that the probe has made.</param>
    private JsonObject ObjectOf(string path, ConfigProbe probe, ImmutableHashSet<string> decided)
    {
        var group = probe.Asked.Of(path);
        if (group.Entry is { } entry)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = entry.DeepClone() };
        }

        if (group.NameLimit is { } limit)
        {
            return new JsonObject
            {
                ["type"] = "object", ["additionalProperties"] = false, ["minProperties"] = 1, ["maxProperties"] = limit,
                ["patternProperties"] = new JsonObject { [ConfigShapes.NamePattern] = GroupOf($"{path}.{SomeName}", probe) },
            };
        }

        foreach (var (key, words) in group.Keys.Where(k => k.Value.Words is not null && !decided.Contains(k.Key))
            .Select(k => (k.Key, k.Value.Words!)).ToArray())
        {
            ConfigProbe[] probes = [.. words.Select(w => probe.With(path, key, new YamlScalar(default, w, IsPlain: true)))];
            decided = decided.Add(key);
            if (probes.Select(p => p.Asked.Signature(path)).Distinct().Count() > 1)
            {
                return Divided(path, key, words, [.. probes.Select(p => ObjectOf(path, p, decided))]);
            }
        }

        return Plain(path, probe);
    }

    private JsonObject Plain(string path, ConfigProbe probe)
    {
        var group = probe.Asked.Of(path);
        var properties = new JsonObject();
        foreach (var (key, asked) in group.Keys.Where(k => k.Value.IsAsked))
        {
            properties[key] = PropertyOf(path, key, asked, probe);
        }

        foreach (string key in group.Looked.Where(k => !properties.ContainsKey(k)).Order(StringComparer.Ordinal).ToArray())
        {
            var tried = probe.With(path, key, new YamlScalar(default, "?", IsPlain: true));
            if (tried.Asked.Of(path).Keys.TryGetValue(key, out var asked) && asked.IsAsked)
            {
                properties[key] = PropertyOf(path, key, asked, asked.IsGroup ? probe.With(path, key, new YamlMap(default, [])) : tried);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        AddRequired(schema, group.Keys.Where(k => k.Value.IsRequired).Select(k => k.Key));
        if (group.OneOf.Count > 0)
        {
            schema["oneOf"] = new JsonArray([.. group.OneOf.Select(k => new JsonObject { ["required"] = new JsonArray(k) })]);
        }

        return schema;
    }

    private JsonObject PropertyOf(string path, string key, AskedKey asked, ConfigProbe probe)
    {
        string full = path.Length == 0 ? key : $"{path}.{key}";
        var shape = (JsonObject?)asked.Shape?.DeepClone() ?? [];
        if (asked.IsGroup)
        {
            shape = GroupOf(full, probe);
        }
        else if (asked.HasGroups)
        {
            var listed = probe.With(path, key, new YamlList(default, [new YamlMap(default, [])]));
            var item = GroupOf(full + "[0]", listed);
            shape["items"] = shape["items"] is { } other ? new JsonObject { ["anyOf"] = new JsonArray(other.DeepClone(), item) } : item;
        }

        if (_rows.Find(full) is { } row && !shape.ContainsKey("$ref"))
        {
            shape["description"] = row;
        }

        return shape;
    }

    /// <summary>A group whose keys depend on the word of one of them.</summary>
    private static JsonObject Divided(string path, string by, IReadOnlyList<string> words, JsonObject[] variants)
    {
        string[] keys = [.. variants.SelectMany(v => Properties(v).Select(p => p.Key)).Distinct()];
        var shared = new JsonObject();
        foreach (string key in keys)
        {
            string[] forms = [.. variants.Select(v => Properties(v)[key]?.ToJsonString() ?? "").Where(f => f.Length > 0).Distinct()];
            shared[key] = forms.Length == 1 ? JsonNode.Parse(forms[0]) : new JsonObject();
        }

        string[] always = [.. RequiredOf(variants[0]).Where(k => variants.All(v => RequiredOf(v).Contains(k)))];
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = shared };
        AddRequired(schema, always);
        if (variants[0]["oneOf"] is { } oneOf && Array.TrueForAll(variants, v => JsonNode.DeepEquals(v["oneOf"], oneOf)))
        {
            schema["oneOf"] = oneOf.DeepClone();
        }

        schema["allOf"] = new JsonArray([.. words.Select((word, i) => Variant(by, word, variants[i], shared, always))]);
        return schema;
    }

    private static JsonObject Variant(string by, string word, JsonObject variant, JsonObject shared, string[] always)
    {
        var own = new JsonObject();
        foreach (var (key, value) in shared)
        {
            var here = Properties(variant)[key];
            if (here is null || !JsonNode.DeepEquals(here, value))
            {
                own[key] = here?.DeepClone() ?? JsonValue.Create(false);
            }
        }

        var then = new JsonObject { ["properties"] = own };
        AddRequired(then, RequiredOf(variant).Except(always));
        return new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject { [by] = ConfigShapes.Words([word]) },
                ["required"] = new JsonArray(by),
            },
            ["then"] = then,
        };
    }

    private static JsonObject Properties(JsonObject schema) => schema["properties"]!.AsObject();

    private static string[] RequiredOf(JsonObject schema) => [.. schema["required"]?.AsArray().Select(k => (string)k!) ?? []];

    private static void AddRequired(JsonObject schema, IEnumerable<string> keys)
    {
        JsonNode?[] required = [.. keys.Select(k => (JsonNode?)JsonValue.Create(k))];
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray(required);
        }
    }
}

/// <summary>A config that is made up, with every group that the reader asked for, and what the reader asked of it.</summary>
internal sealed class ConfigProbe
{
    private readonly YamlMap _root;

    public ConfigProbe()
        : this(new YamlMap(default, []))
    {
    }

    private ConfigProbe(YamlMap root)
    {
        _root = root;
        do
        {
            Asked = new ConfigQuestions();
            DeviceConfigReader.Ask(_root, Asked);
        }
        while (Fill());
    }

    public ConfigQuestions Asked { get; private set; }

    /// <summary>The same with another value of a key.</summary>
    public ConfigProbe With(string path, string key, YamlNode value)
    {
        var root = (YamlMap)CopyOf(_root);
        var group = At(root, path);
        group.Entries.RemoveAll(e => e.Key == key);
        group.Entries.Add(new YamlEntry(key, default, value));
        return new ConfigProbe(root);
    }

    /// <summary>False when all groups are there already. Groups of a kind that may hold each other are left as they are.</summary>
    private bool Fill()
    {
        bool isChanged = false;
        foreach (var (path, group) in Asked.Groups.Where(g => g.Value.Kind is null))
        {
            string[] missing = [.. group.Keys.Where(k => k.Value.IsGroup).Select(k => k.Key)];
            if (group is { NameLimit: not null, Keys.Count: 0 })
            {
                missing = ["name"];
            }

            var entries = At(_root, path).Entries;
            foreach (string key in missing.Where(k => !entries.Exists(e => e.Key == k)))
            {
                entries.Add(new YamlEntry(key, default, new YamlMap(default, [])));
                isChanged = true;
            }
        }

        return isChanged;
    }

    private static YamlMap At(YamlMap root, string path) =>
        path.Length == 0 ? root : path.Split('.').Aggregate(root, (map, part) => Into(map, part));

    private static YamlMap Into(YamlMap map, string part)
    {
        var value = map.Entries.Find(e => e.Key == part.Replace("[0]", "", StringComparison.Ordinal))!.Value;
        return value is YamlList list ? (YamlMap)list.Items[0] : (YamlMap)value;
    }

    private static YamlNode CopyOf(YamlNode node) => node switch
    {
        YamlMap map => new YamlMap(default, [.. map.Entries.Select(e => e with { Value = CopyOf(e.Value) })]),
        YamlList list => new YamlList(default, [.. list.Items.Select(CopyOf)]),
        _ => node,
    };
}
