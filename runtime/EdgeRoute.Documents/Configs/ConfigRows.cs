using System.Text.RegularExpressions;

namespace EdgeRoute.Documents.Configs;

/// <summary>
/// What the documents say of each key: the rows of the table in <c>device-configs/README.md</c>, which lies in this assembly. A row names
/// its keys in full, from <c>...</c> on by their last words, or from a dot on beside the one before.
/// </summary>
internal sealed partial class ConfigRows
{
    private const string Resource = "device-configs.md", Ellipsis = "...";

    private readonly List<(string Key, string Meaning)> _rows = [];

    private ConfigRows(string page)
    {
        foreach (var row in Rows().EnumerateMatches(page))
        {
            string[] cells = Rows().Match(page, row.Index).Groups.Values.Skip(1).Select(g => g.Value.Trim()).ToArray();
            string last = "";
            foreach (Match span in Spans().Matches(cells[0]))
            {
                string key = span.Groups[1].Value;
                last = key[0] == '.' && !key.StartsWith(Ellipsis, StringComparison.Ordinal) ? last[..last.LastIndexOf('.')] + key : key;
                _rows.Add((Names().Replace(last, "name"), Meaning(cells[1], cells[2])));
            }
        }
    }

    /// <summary>Keys as the schema has them, with <c>name</c> for names.</summary>
    public IEnumerable<string> Keys => _rows.Select(r => r.Key);

    public static ConfigRows OfDocuments()
    {
        using var stream = typeof(ConfigRows).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return new ConfigRows(reader.ReadToEnd());
    }

    /// <summary>What the key's row says; null where it has none.</summary>
    /// <param name="full">All keys to it, joined by dots.</param>
    public string? Find(string full) => _rows.Find(r => IsOf(r.Key, full)).Meaning;

    public static bool IsOf(string key, string full) => key.StartsWith(Ellipsis, StringComparison.Ordinal)
        ? full.EndsWith("." + key[Ellipsis.Length..], StringComparison.Ordinal) : key == full;

    private static string Meaning(string meaning, string usual)
    {
        // Of rows about several keys, a default that is none leaves its place empty.
        string text = Links().Replace(meaning, ""), written = Links().Replace(usual, "").TrimStart(';', ' ');
        return written.Length == 0 ? text : $"{text}. Default: {written}";
    }

    /// <summary>Rows of three cells whose first is about keys.</summary>
    [GeneratedRegex(@"^\| (`[a-z.][^|]*) \|([^|]*)\|([^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex("NAME|RULE|AXIS")]
    private static partial Regex Names();

    [GeneratedRegex(@" \(\[[^\]]*\]\([^)]*\)\)")]
    private static partial Regex Links();
}
