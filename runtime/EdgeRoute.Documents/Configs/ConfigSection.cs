using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeRoute.Documents.Configs;

/// <summary>What the sections of one file share while it is read.</summary>
/// <param name="IsWhole">False after a syntax error: then nothing is reported as missing, because it may follow.</param>
/// <param name="Folder">Folder of the config file, which relative paths start from.</param>
internal sealed record ConfigContext(ConfigProblems Problems, bool IsWhole, string Folder, List<ConfigPath> Paths)
{
    /// <summary>What is wrong on this machine, beside paths.</summary>
    public List<(ConfigPlace At, string Message)> OfMachine { get; } = [];

    /// <summary>Hears what is asked of each group, where a schema is made of it; else null.</summary>
    public ConfigQuestions? Questions { get; init; }
}

/// <summary>
/// Reads the keys of one group by name and type. Every reader reports what is wrong and then returns the default, so that one mistake hides
/// no other.
/// </summary>
internal sealed class ConfigSection(ConfigContext context, string name, YamlMap map)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public ConfigPlace At => map.At;

    /// <summary>Keys from the outermost to this group joined by dots, as messages name it.</summary>
    public string Name => name;

    /// <summary>All of it on one line, as YAML in flow style.</summary>
    public string Written => map.Flow;

    public IReadOnlyList<string> Keys => [.. map.Entries.Select(e => e.Key)];

    private AskedGroup? Asked => context.Questions?.Of(name);

    public int ProblemCount => context.Problems.Count;

    public bool Has(string key)
    {
        Asked?.Looked.Add(key);
        return map.Entries.Exists(e => e.Key == key);
    }

    /// <summary>For a schema: exactly one of these keys is given.</summary>
    public void WantsOneOf(params string[] keys) => Asked?.WantOneOf(keys);

    /// <summary>For a schema: groups of this kind are all alike, and may hold each other.</summary>
    public void IsOfKind(string kind) => Asked?.Kind = kind;

    /// <summary>For a schema: what a key's value must be, where the reader of the value itself cannot know it.</summary>
    public void ShapeIs(string key, Func<JsonObject> shape) => Asked?.Of(key).Shape = shape();

    /// <summary>For a schema: what stands under each key, whatever the keys are called.</summary>
    public void EntriesAre(Func<JsonObject> shape) => Asked?.Entry = shape();

    public ConfigPlace PlaceOf(string key) => map.Entries.Find(e => e.Key == key)?.Value.At ?? map.At;

    public void Report(string key, string message) => context.Problems.Add(PlaceOf(key), $"{Full(key)} {message}");

    /// <summary>The same where the config would be right on another machine.</summary>
    public void ReportOfMachine(string key, string message) => context.OfMachine.Add((PlaceOf(key), $"{Full(key)}: {message}"));

    public void ReportAt(ConfigPlace at, string message) => context.Problems.Add(at, message);

    /// <summary>The value of a key, whatever it is; null when the key is absent (reported where required).</summary>
    public YamlNode? Value(string key, bool isRequired = false)
    {
        _asked.Add(key);
        Asked?.Ask(key, isRequired);
        var entry = map.Entries.Find(e => e.Key == key);
        if (entry is null && isRequired && context.IsWhole)
        {
            context.Problems.Add(map.At, name.Length == 0 ? $"'{key}' is missing" : $"{name} needs '{key}'");
        }

        return entry?.Value;
    }

    /// <summary>A text value; null when absent or wrong.</summary>
    public string? Text(string key, bool isRequired = false)
    {
        ShapeIs(key, ConfigShapes.Text);
        var scalar = Scalar(key, isRequired, "text");
        if (scalar is { Text.Length: > ConfigLimits.TextLength })
        {
            Report(key, $"is {scalar.Text.Length} characters long; at most {ConfigLimits.TextLength} are possible");
            return null;
        }

        if (scalar is { IsEmpty: false } && scalar.Text.Trim().Length == 0)
        {
            Report(key, "is empty");
            return null;
        }

        return scalar?.Text;
    }

    public int Integer(string key, IntegerRange range, int fallback) => Integer(key, range, $"a whole number from {range}") ?? fallback;

    /// <summary>A whole number, or null where the key is absent or 'auto'.</summary>
    public int? IntegerOrAuto(string key, IntegerRange range) =>
        Integer(key, range, $"a whole number from {range}, or {ConfigEnums.Auto}", ConfigEnums.Auto);

    /// <summary>A whole number, or null where the key is absent or 'none'.</summary>
    public int? IntegerOrNone(string key, IntegerRange range) =>
        Integer(key, range, $"a whole number from {range}, or {ConfigEnums.None}", ConfigEnums.None);

    private int? Integer(string key, IntegerRange range, string wanted, string? word = null)
    {
        ShapeIs(key, () => ConfigShapes.Integer(range, word));
        if (Scalar(key, false, wanted) is not { } scalar || scalar.Text == word)
        {
            return null;
        }

        bool isNumber = int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value);
        if (isNumber && scalar.IsPlain && range.Contains(value))
        {
            return value;
        }

        Report(key, $"is {Shown(scalar)}; it must be {wanted}{UnitHint(scalar, range.Unit)}");
        return null;
    }

    /// <summary>A number, or null where the key is absent or 'none'.</summary>
    public double? NumberOrNone(string key, NumberRange range)
    {
        ShapeIs(key, () => ConfigShapes.Number(range, ConfigEnums.None));
        if (Scalar(key, false, $"a number from {range}, or {ConfigEnums.None}") is not { } scalar || scalar.Text == ConfigEnums.None)
        {
            return null;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        bool isNumber = double.TryParse(scalar.Text, Style, CultureInfo.InvariantCulture, out double value);
        if (isNumber && scalar.IsPlain && range.Contains(value))
        {
            return value;
        }

        Report(key, $"is {Shown(scalar)}; it must be a number from {range}, or {ConfigEnums.None}{UnitHint(scalar, range.Unit)}");
        return null;
    }

    /// <summary>A number that cannot be 'none'.</summary>
    /// <param name="fallback">Null: it must be given.</param>
    public double Number(string key, NumberRange range, double? fallback)
    {
        double? number = NumberOrNone(key, range);
        ShapeIs(key, () => ConfigShapes.Number(range, null));
        if (number is null && (Value(key, isRequired: fallback is null) as YamlScalar)?.Text == ConfigEnums.None)
        {
            Report(key, $"is 'none'; it must be a number from {range}");
        }

        return number ?? fallback ?? range.Maximum;
    }

    public bool Flag(string key, bool fallback)
    {
        ShapeIs(key, ConfigShapes.Flag);
        if (Scalar(key, false, "true or false") is not { } scalar)
        {
            return fallback;
        }

        if (scalar.IsPlain && scalar.Text is "true" or "false")
        {
            return scalar.Text == "true";
        }

        Report(key, $"is {Shown(scalar)}; it must be true or false");
        return fallback;
    }

    /// <summary>One of the words of a choice.</summary>
    public T Choice<T>(string key, IReadOnlyList<EnumName<T>> words, T fallback, bool isRequired = false)
    {
        string[] valid = [.. words.Select(w => w.Text)];
        ShapeIs(key, () => ConfigShapes.Words(valid));
        Asked?.Of(key).Words = valid;
        if (Scalar(key, isRequired, $"one of {string.Join(", ", valid)}") is not { } scalar)
        {
            return fallback;
        }

        int found = Array.IndexOf(valid, scalar.Text);
        if (found < 0)
        {
            Report(key, $"is '{scalar.Text}'; it must be one of {string.Join(", ", valid)}{DidYouMean(scalar.Text, valid)}");
        }

        return found < 0 ? fallback : words[found].Value;
    }

    /// <summary>A path, resolved against the folder of the config file.</summary>
    public ConfigPath? Path(string key, PathNeed need, bool isRequired = false) =>
        Text(key, isRequired) is { } text ? PathFrom(key, text, need) : null;

    public ConfigPath? PathFrom(string key, string text, PathNeed need)
    {
        if (text.Contains('\0') || text.StartsWith("~/", StringComparison.Ordinal))
        {
            Report(key, $"is '{text}'; '~' and zero characters have no meaning in paths here. Write the path out");
            return null;
        }

        var path = new ConfigPath(text, System.IO.Path.GetFullPath(text, context.Folder), need, PlaceOf(key));
        context.Paths.Add(path);
        return path;
    }

    /// <summary>A group of keys below this one; null when absent or something else.</summary>
    public ConfigSection? Group(string key, bool isRequired = false)
    {
        Asked?.Of(key).IsGroup = true;
        return Value(key, isRequired) switch
        {
            YamlMap group => new ConfigSection(context, Full(key), group),
            null or YamlRefused => null,
            var other => Wrong<ConfigSection>(key, other, "a group of keys"),
        };
    }

    /// <param name="shape">For a schema: what the list must be, but for items that are groups.</param>
    public IReadOnlyList<YamlNode>? List(string key, Func<JsonObject> shape)
    {
        ShapeIs(key, shape);
        return Value(key) switch
        {
            YamlList list => list.Items,
            null or YamlRefused => null,
            var other => Wrong<List<YamlNode>>(key, other, "a list"),
        };
    }

    /// <summary>The same where items may be groups, each read by <see cref="Item"/>.</summary>
    public IReadOnlyList<YamlNode>? ListOfGroups(string key, Func<JsonObject> shape)
    {
        Asked?.Of(key).HasGroups = true;
        return List(key, shape);
    }

    /// <summary>The groups below this one under names their author chose; a bad name is reported and its group read all the same.</summary>
    public IEnumerable<(string Name, ConfigSection Group)> NamedGroups(int limit, string what)
    {
        Asked?.NameLimit = limit;
        if (map.Entries.Count == 0 || map.Entries.Count > limit)
        {
            context.Problems.Add(map.At, $"{name} has {map.Entries.Count} entries; 1 to {limit} {what} are possible");
        }

        foreach (var entry in map.Entries)
        {
            if (!IsName(entry.Key))
            {
                context.Problems.Add(entry.KeyAt, $"'{entry.Key}' cannot be a name: use {NameRule}");
            }

            if (Group(entry.Key) is { } group)
            {
                yield return (entry.Key, group);
            }
        }
    }

    /// <summary>A list item read as a group, under the name its place gives it.</summary>
    public ConfigSection Item(string key, int index, YamlMap item) => new(context, $"{Full(key)}[{index}]", item);

    /// <summary>All entries as text: for options whose keys are another program's.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> TextEntries(int limit)
    {
        EntriesAre(ConfigShapes.Text);
        if (map.Entries.Count > limit)
        {
            context.Problems.Add(map.At, $"{name} has {map.Entries.Count} entries; at most {limit} are possible");
        }

        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var entry in map.Entries)
        {
            if (Text(entry.Key) is { } text)
            {
                pairs.Add(new KeyValuePair<string, string>(entry.Key, text));
            }
        }

        return [.. pairs.OrderBy(p => p.Key, StringComparer.Ordinal)];
    }

    /// <summary>Reports every key that nobody asked for, with the valid one it most likely meant.</summary>
    public void Close()
    {
        foreach (var entry in map.Entries.Where(e => !_asked.Contains(e.Key)))
        {
            string where = name.Length == 0 ? "" : $" in {name}";
            string[] free = [.. _asked.Where(k => !Has(k))];
            context.Problems.Add(entry.KeyAt, $"unknown key '{entry.Key}'{where}; {NearestName.Suggest(entry.Key, free, _asked)}");
        }
    }

    private YamlScalar? Scalar(string key, bool isRequired, string wanted)
    {
        switch (Value(key, isRequired))
        {
            case YamlScalar { IsEmpty: true }:
                Report(key, $"has no value; give {wanted}, or remove the key");
                return null;
            case YamlScalar scalar:
                return scalar;
            case null or YamlRefused:
                return null;
            case var other:
                return Wrong<YamlScalar>(key, other, wanted);
        }
    }

    private T? Wrong<T>(string key, YamlNode value, string wanted)
        where T : class
    {
        Report(key, $"is {value.KindText}; it must be {wanted}");
        return null;
    }

    private string Full(string key) => name.Length == 0 ? key : $"{name}.{key}";

    private static string Shown(YamlScalar scalar) => scalar.IsPlain ? $"'{scalar.Text}'" : $"the text \"{scalar.Text}\" (in quotes)";

    private static string UnitHint(YamlScalar scalar, string unit) =>
        unit.Length > 0 && scalar.Text.TrimEnd().EndsWith(unit, StringComparison.OrdinalIgnoreCase)
            ? $" (write the number without '{unit}')" : "";

    internal static string DidYouMean(string text, IEnumerable<string> valid) =>
        NearestName.Find(text, valid) is { } near ? $"; did you mean '{near}'?" : "";

    /// <summary>What a name is made of, for messages.</summary>
    public static string NameRule => $"1 to {ConfigLimits.NameLength} of a-z, 0-9, '-' and '_', a letter or digit first";

    public static bool IsName(string text) => text.Length is > 0 and <= ConfigLimits.NameLength
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_') && char.IsAsciiLetterOrDigit(text[0]);
}
