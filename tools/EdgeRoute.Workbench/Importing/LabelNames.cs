using System.Globalization;
using System.Text.RegularExpressions;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeRoute.Workbench.Importing;

/// <summary>Class names: from a file, from what the exporter wrote into the model, or those of a usual data set with as many.</summary>
internal static partial class LabelNames
{
    private const int CocoClasses = 80, CocoIdentifiers = 91, ImageNetClasses = 1000;

    private const int DigitsAndLetters = 36, PrintableTwice = 96;

    /// <summary>Classes that a model may number; more are a lie.</summary>
    private const int NumbersMost = 100_000;

    /// <summary>Of a name in metadata; longer ones would hide the rest of a screen.</summary>
    private const int NameLengthMost = 200;

    /// <summary>Keys under which exporters write names.</summary>
    private static readonly string[] Keys = ["names", "labels", "classes", "class_names", "id2label"];

    /// <summary>Identifiers of COCO below 91 that no class has; 0 is the background.</summary>
    private static readonly int[] UnusedIdentifiers = [0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83];

    /// <summary>
    /// One a line, where empty lines at the end do not count; or as Python and JSON write them, or the <c>names</c> of a data set's YAML
    /// file.
    /// </summary>
    /// <exception cref="InvalidDataException">There is none, or it is not UTF-8.</exception>
    public static IReadOnlyList<string> OfFile(string path)
    {
        string text = DocumentFile.ReadText(path, PackReader.LabelsLimitBytes);
        if (Path.GetExtension(path).ToUpperInvariant() is ".YAML" or ".YML" && !HasNames().IsMatch(text))
        {
            throw new InvalidDataException($"'{path}' has no 'names'; give a file with one label a line, in the order of the classes");
        }

        string[] lines = [.. text.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim())];
        string[] found = [.. text.Trim() is ['{', .., '}'] or ['[', _, .., ']'] ? Parse(text) : OfDataSet(path, text)
            ?? Unnumbered(lines[..(Array.FindLastIndex(lines, l => l.Length > 0) + 1)])];
        return found.Length > 0 ? found
            : throw new InvalidDataException($"'{path}' has no label; it needs one a line, in the order of the classes");
    }

    /// <summary>The names of a data set's YAML file, a list or by their numbers; null where it is none.</summary>
    /// <exception cref="InvalidDataException">The numbers do not count from 0.</exception>
    private static IReadOnlyList<string>? OfDataSet(string path, string text)
    {
        if (!HasNames().IsMatch(text))
        {
            return null;
        }

        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException unreadable)
        {
            throw new InvalidDataException(FormattableString.Invariant($"'{path}' has 'names', and cannot be read as YAML: ")
                + FormattableString.Invariant($"{unreadable.Message} (line {unreadable.Start.Line})"));
        }

        var names = (yaml.Documents.FirstOrDefault()?.RootNode as YamlMappingNode)?.Children.FirstOrDefault(c => WordOf(c.Key) == "names")
            .Value;
        return names switch
        {
            YamlSequenceNode list => [.. list.Children.Select(WordOf)],
            YamlMappingNode numbered => [.. Enumerable.Range(0, numbered.Children.Count).Select(i => numbered.Children
                .Where(c => WordOf(c.Key) == i.ToString(CultureInfo.InvariantCulture)).Select(c => WordOf(c.Value)).FirstOrDefault()
                    ?? throw new InvalidDataException($"'{path}' has {numbered.Children.Count} names, and none is number {i}; classes are "
                        + "numbered from 0"))],
            _ => [],
        };
    }

    private static string WordOf(YamlNode node) => (node as YamlScalarNode)?.Value?.Trim() ?? "";

    /// <summary>Without the numbers that stand before all names, where they count from zero.</summary>
    private static string[] Unnumbered(string[] lines) => lines.Length > 1 && PackReader.AreNumbered(lines)
        ? [.. lines.Select(l => l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())] : lines;

    [GeneratedRegex("^names:", RegexOptions.Multiline)]
    private static partial Regex HasNames();

    /// <summary>One a line as it stands: a space is a character, too.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is not UTF-8.</exception>
    public static IReadOnlyList<string> CharactersOfFile(string path) =>
        CharactersOf(DocumentFile.ReadText(path, PackReader.LabelsLimitBytes)) is { Count: > 0 } found ? found
            : throw new InvalidDataException($"'{path}' has no character; it needs one a line, in the order of the classes");

    /// <summary>One a line.</summary>
    public static IReadOnlyList<string> CharactersOf(string text)
    {
        string[] lines = [.. text.Split('\n').Select(l => l.TrimEnd('\r'))];
        return lines[..(Array.FindLastIndex(lines, l => l.Length > 0) + 1)];
    }

    /// <summary>Those that published readers with so many have; null where none is known.</summary>
    public static (IReadOnlyList<string> Characters, string Of)? UsualCharacters(int count) => count switch
    {
        DigitsAndLetters => (Signs([.. Between('0', '9'), .. Between('a', 'z')]), "digits and small letters"),
        // PaddleOCR's English dictionary begins at the zero, and ends with two spaces: its own, and the one that is added to all.
        PrintableTwice => (Signs([.. Between('0', '~'), .. Between('!', '/'), ' ', ' ']), "PaddleOCR's English characters"),
        _ => null,
    };

    private static IEnumerable<char> Between(char first, char last) =>
        Enumerable.Range(first, last - first + 1).Select(c => (char)c);

    private static IReadOnlyList<string> Signs(IEnumerable<char> signs) => [.. signs.Select(s => s.ToString())];

    /// <summary>Empty where the model has none.</summary>
    public static IReadOnlyList<string> OfMetadata(IReadOnlyDictionary<string, string> custom)
    {
        string? text = Keys.Select(k => custom.GetValueOrDefault(k)).FirstOrDefault(t => !string.IsNullOrWhiteSpace(t));
        return text is null ? [] : Parse(text);
    }

    /// <summary>Names of a data set with so many classes, and which it is; numbers where none is known.</summary>
    public static (IReadOnlyList<string> Labels, string Of) OfCount(int count) => count switch
    {
        CocoClasses => (Resource("coco-80.txt"), "the 80 classes of COCO"),
        CocoIdentifiers => (ByIdentifier(count), "COCO's identifiers 0 to 90"),
        CocoIdentifiers - 1 => ([.. ByIdentifier(CocoIdentifiers).Skip(1)], "COCO's identifiers 1 to 90"),
        ImageNetClasses => (Resource("imagenet-1k.txt"), "the 1000 classes of ImageNet"),
        ImageNetClasses + 1 => (["background", .. Resource("imagenet-1k.txt")], "ImageNet with a background in front"),
        _ => ([.. Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"class {i}"))], "numbers, for want of names"),
    };

    /// <summary>Whether a data set with so many classes is known.</summary>
    public static bool IsUsualCount(int count) =>
        count is CocoClasses or CocoIdentifiers or CocoIdentifiers - 1 or ImageNetClasses or ImageNetClasses + 1;

    /// <summary>
    /// A dictionary or list as Python or JSON writes them, or names between commas or line ends. Names of a dictionary stand at their
    /// numbers; a number that none has is a class without a name.
    /// </summary>
    internal static IReadOnlyList<string> Parse(string text)
    {
        text = text.Trim();
        if (text.Length == 0 || text[0] is not ('{' or '['))
        {
            return [.. text.Split(text.Contains('\n', StringComparison.Ordinal) ? '\n' : ',',
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        }

        var (names, numbered) = (new List<string>(), new SortedDictionary<int, string>());
        string key = "";
        foreach (Match part in Parts().Matches(text))
        {
            bool isQuoted = part.Groups["word"].Success;
            string word = isQuoted ? Unescaped(part.Groups["word"].Value) : part.Value;
            bool isKey = text.AsSpan(part.Index + part.Length).TrimStart().StartsWith(":");
            if (!isKey && isQuoted)
            {
                names.Add(word);
                if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < NumbersMost)
                {
                    numbered.TryAdd(number, word);
                }
            }

            key = isKey ? word : "";
        }

        return names.Count == 0 || numbered.Count < names.Count ? names : [.. Enumerable.Range(0, numbered.Keys.Last() + 1)
            .Select(i => numbered.GetValueOrDefault(i) ?? FormattableString.Invariant($"class {i}"))];
    }

    /// <summary>What stands between quotes, without its escapes, and fit to be one line of a file.</summary>
    private static string Unescaped(string word)
    {
        string plain = Escapes().Replace(word, escape => escape.Groups["code"] is { Success: true, Value: var code }
            ? ((char)int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()
            : Sign(escape.Value[1]));
        string line = string.Concat(plain.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= NameLengthMost ? line : line[..NameLengthMost] + "...";
    }

    private static string Sign(char escaped) => escaped is 'n' or 'r' or 't' ? " " : escaped.ToString();

    /// <summary>Words in quotes, and bare numbers; a word whose quote never ends is none.</summary>
    [GeneratedRegex("""
        '(?<word>(?:[^'\\]|\\.)*)'|"(?<word>(?:[^"\\]|\\.)*)"|[0-9]+
        """, RegexOptions.Singleline)]
    private static partial Regex Parts();

    [GeneratedRegex("""\\(?:u(?<code>[0-9a-fA-F]{4})|x(?<code>[0-9a-fA-F]{2})|.)""", RegexOptions.Singleline)]
    private static partial Regex Escapes();

    private static string[] ByIdentifier(int count)
    {
        var names = new Queue<string>(Resource("coco-80.txt"));
        return [.. Enumerable.Range(0, count).Select(i =>
            UnusedIdentifiers.Contains(i) ? FormattableString.Invariant($"unused {i}") : names.Dequeue())];
    }

    private static string[] Resource(string name)
    {
        using var stream = typeof(LabelNames).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd().Split('\n');
    }
}
