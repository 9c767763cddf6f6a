using System.Text.Json.Nodes;

namespace EdgeRoute.Documents.Configs;

/// <summary>
/// What a reading asked, by the full name of each group: the keys, and what each must be. So the schema says what the reader does, because
/// the reader is where it comes from.
/// </summary>
internal sealed class ConfigQuestions
{
    private readonly Dictionary<string, AskedGroup> _groups = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, AskedGroup> Groups => _groups;

    public AskedGroup Of(string group)
    {
        if (!_groups.TryGetValue(group, out var asked))
        {
            _groups.Add(group, asked = new AskedGroup());
        }

        return asked;
    }

    /// <summary>All that was asked of a group and of those in it, as text that is another where the questions are others.</summary>
    public string Signature(string group)
    {
        var inside = _groups.Where(g => g.Key == group || g.Key.StartsWith(group + ".", StringComparison.Ordinal)
            || g.Key.StartsWith(group + "[", StringComparison.Ordinal));
        return string.Join('\n', inside.Select(g => $"{g.Key}: {g.Value.Signature}").Order(StringComparer.Ordinal));
    }
}

/// <summary>What was asked of one group.</summary>
internal sealed class AskedGroup
{
    private readonly Dictionary<string, AskedKey> _keys = new(StringComparer.Ordinal);

    /// <summary>In the order that they were asked for.</summary>
    public IReadOnlyDictionary<string, AskedKey> Keys => _keys;

    /// <summary>Keys that were looked for, some of which are asked for only where they are there.</summary>
    public HashSet<string> Looked { get; } = new(StringComparer.Ordinal);

    /// <summary>Its keys are names that people choose; how many at most.</summary>
    public int? NameLimit { get; set; }

    /// <summary>What stands under keys that can be anything.</summary>
    public JsonObject? Entry { get; set; }

    /// <summary>Groups of one kind are alike and may hold each other.</summary>
    public string? Kind { get; set; }

    /// <summary>Exactly one of these is given.</summary>
    public IReadOnlyList<string> OneOf { get; private set; } = [];

    public string Signature => string.Join(';', _keys.Where(k => k.Value.IsAsked)
        .Select(k => $"{k.Key} {k.Value.IsRequired} {k.Value.IsGroup} {k.Value.Shape?.ToJsonString()}")
        .Concat(Looked.Where(k => !_keys.ContainsKey(k))).Order(StringComparer.Ordinal));

    public void WantOneOf(IReadOnlyList<string> keys) => OneOf = keys;

    public AskedKey Of(string key)
    {
        if (!_keys.TryGetValue(key, out var asked))
        {
            _keys.Add(key, asked = new AskedKey());
        }

        return asked;
    }

    public void Ask(string key, bool isRequired)
    {
        var asked = Of(key);
        asked.IsAsked = true;
        asked.IsRequired |= isRequired;
    }
}

/// <summary>What was asked of one key.</summary>
internal sealed class AskedKey
{
    /// <summary>Its value was asked for, so that the key is none of those that are unknown.</summary>
    public bool IsAsked { get; set; }

    public bool IsRequired { get; set; }

    public bool IsGroup { get; set; }

    /// <summary>A list whose items may be groups.</summary>
    public bool HasGroups { get; set; }

    /// <summary>The words of a choice.</summary>
    public IReadOnlyList<string>? Words { get; set; }

    public JsonObject? Shape { get; set; }
}
