using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EdgeRoute.Documents.Configs;

/// <summary>
/// Turns the parser's events into nodes with places. The event layer needs no reflection, so this is clean under Native AOT, and duplicate
/// keys, anchors and further documents are seen here instead of being resolved in silence.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>
    /// Nesting of a device config is at most 6 (sources, source, rules, rule, when, count) and two more for each join of conditions;
    /// anything much deeper is a mistake of indentation.
    /// </summary>
    public const int DepthLimit = 16;

    private const string TabText = "this is not YAML: a tab in the indentation; use spaces (what follows could not be checked)";

    private readonly Parser _parser;
    private readonly ConfigProblems _problems;
    private readonly List<YamlEntry> _rootEntries = [];

    private YamlTree(string text, ConfigProblems problems) => (_parser, _problems) = (new Parser(new StringReader(text)), problems);

    /// <summary>False when the text is cut short by a syntax error: what came before it is in <see cref="Root"/>.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The top of the file; null when it is not a group of keys.</summary>
    public YamlMap? Root { get; private set; }

    public static YamlTree Parse(string text, ConfigProblems problems)
    {
        var tree = new YamlTree(text, problems);
        try
        {
            tree.ReadDocument();
            tree.IsWhole = true;
        }
        catch (YamlException fault)
        {
            // The start of the construct that broke can be many lines up; the end is where the reader stumbled.
            problems.Add(TabPlace(text) ?? PlaceOf(fault.End),
                TabPlace(text) is not null ? TabText : $"this is not YAML: {Sentence(fault)} (what follows could not be checked)");
        }
        catch (Exception odd) when (odd is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The parser throws these, without a place, for some unclosed brackets and for escapes of what is no character.
            problems.Add(tree._parser.Current is { } last ? PlaceOf(last.End) : default, "this is not YAML: a "
                + "bracket or quote opened before is not closed, or an escape is no character (what follows could not be checked)");
        }

        return tree;
    }

    private void ReadDocument()
    {
        Next();
        while (Next() is DocumentStart)
        {
            if (Root is not null)
            {
                _problems.Add(PlaceOf(_parser.Current!.Start), "a second document ('---') starts here; a device config is one document");
                return;
            }

            ReadTop(Next());
            Next();
        }

        if (Root is null)
        {
            _problems.Add(default, "the file is empty; it needs at least 'packs' and 'sources'");
        }
    }

    private void ReadTop(ParsingEvent first)
    {
        if (first is MappingStart start)
        {
            Root = new YamlMap(PlaceOf(start.Start), _rootEntries);
            ReadEntries(Root, 1);
            return;
        }

        var node = ReadNode(first, 1);
        Root = new YamlMap(node.At, _rootEntries);
        _problems.Add(node.At, $"the file must hold keys such as 'packs:' and 'sources:', not {node.KindText}");
    }

    private YamlNode ReadNode(ParsingEvent at, int depth)
    {
        var place = PlaceOf(at.Start);
        if (!RefuseExtras(at, place))
        {
            SkipNode(at);
            return new YamlRefused(place);
        }

        switch (at)
        {
            case Scalar scalar:
                return new YamlScalar(place, scalar.Value, scalar.Style == ScalarStyle.Plain);
            case SequenceStart or MappingStart when depth > DepthLimit:
                _problems.Add(place, $"nested more than {DepthLimit} levels deep; check the indentation");
                SkipNode(at);
                return new YamlRefused(place);
            case MappingStart:
                var map = new YamlMap(place, []);
                ReadEntries(map, depth + 1);
                return map;
            default:
                return ReadList(place, depth + 1);
        }
    }

    private YamlList ReadList(ConfigPlace place, int depth)
    {
        var list = new YamlList(place, []);
        for (var item = Next(); item is not SequenceEnd; item = Next())
        {
            list.Items.Add(ReadNode(item, depth));
        }

        return list;
    }

    private void ReadEntries(YamlMap map, int depth)
    {
        for (var at = Next(); at is not MappingEnd; at = Next())
        {
            var key = ReadNode(at, depth);
            var value = ReadNode(Next(), depth);
            AddEntry(map, key, value);
        }
    }

    private void AddEntry(YamlMap map, YamlNode key, YamlNode value)
    {
        if (key is not YamlScalar { Text: var name })
        {
            if (key is not YamlRefused)
            {
                _problems.Add(key.At, $"a key must be a word, not {key.KindText}");
            }

            return;
        }

        if (name == "<<")
        {
            _problems.Add(key.At, "merge keys ('<<') are not supported; repeat the lines");
        }
        else if (map.Entries.Find(e => e.Key == name) is { } first)
        {
            _problems.Add(key.At, $"'{name}' is given twice; the first is on line {first.KeyAt.Line}. Remove one");
        }
        else
        {
            map.Entries.Add(new YamlEntry(name, key.At, value));
        }
    }

    /// <summary>
    /// Aliases, anchors and tags make a file say something other than what it shows; false when one was found and reported.
    /// </summary>
    private bool RefuseExtras(ParsingEvent at, ConfigPlace place)
    {
        string? what = at switch
        {
            AnchorAlias alias => $"alias '*{alias.Value}'",
            NodeEvent { Anchor.IsEmpty: false } node => $"anchor '&{node.Anchor}'",
            NodeEvent { Tag.IsEmpty: false } node when !node.Tag.IsNonSpecific => $"tag '{node.Tag}'",
            _ => null,
        };
        if (what is not null)
        {
            _problems.Add(place, $"{what}: anchors, aliases and tags are not supported; repeat the lines");
        }

        return what is null;
    }

    private void SkipNode(ParsingEvent start)
    {
        for (int open = start.NestingIncrease; open > 0;)
        {
            open += Next().NestingIncrease;
        }
    }

    private ParsingEvent Next() => _parser.MoveNext() ? _parser.Current! : throw new YamlException("the file ends too early");

    /// <summary>The first line indented with a tab: the parser rejects it, and names another line.</summary>
    private static ConfigPlace? TabPlace(string text)
    {
        string[] lines = text.Split('\n');
        int index = Array.FindIndex(lines, line => line.TrimStart(' ').StartsWith('\t') && line.Trim().Length > 0);
        return index < 0 ? null : new ConfigPlace(index + 1, lines[index].IndexOf('\t') + 1);
    }

    private static ConfigPlace PlaceOf(Mark mark) => new(mark.Line, mark.Column);

    /// <summary>The parser's sentence without its own full stop and capital, so that it reads well behind a colon.</summary>
    private static string Sentence(YamlException fault)
    {
        string text = fault.Message.TrimEnd('.', ' ');
        string hint = text.Contains("sequence entries", StringComparison.Ordinal) ? "; a '-' that is a value stands in quotes" : "";
        return text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..] + hint;
    }
}

/// <summary>A node of a config file with its place: the few kinds of YAML that a device config uses.</summary>
internal abstract record YamlNode(ConfigPlace At)
{
    /// <summary>What it is, for messages: "a list" where text was expected.</summary>
    public abstract string KindText { get; }

    /// <summary>On one line, as YAML in flow style.</summary>
    public abstract string Flow { get; }
}

/// <param name="IsPlain">Written without quotes, so it may be a number or true or false.</param>
internal sealed record YamlScalar(ConfigPlace At, string Text, bool IsPlain) : YamlNode(At)
{
    public bool IsEmpty => IsPlain && Text is "" or "~" or "null";

    public override string KindText => IsEmpty ? "empty" : $"'{Text}'";

    public override string Flow => IsPlain ? Text : EffectiveText.Quoted(Text);
}

internal sealed record YamlList(ConfigPlace At, List<YamlNode> Items) : YamlNode(At)
{
    public override string KindText => "a list";

    public override string Flow => $"[{string.Join(", ", Items.Select(i => i.Flow))}]";
}

internal sealed record YamlEntry(string Key, ConfigPlace KeyAt, YamlNode Value);

internal sealed record YamlMap(ConfigPlace At, List<YamlEntry> Entries) : YamlNode(At)
{
    public override string KindText => "a group of keys";

    public override string Flow => Entries.Count == 0 ? "{}"
        : $"{{ {string.Join(", ", Entries.Select(e => $"{e.Key}: {e.Value.Flow}"))} }}";
}

/// <summary>Something already reported (an alias, too deep a nesting); readers pass over it in silence.</summary>
internal sealed record YamlRefused(ConfigPlace At) : YamlNode(At)
{
    public override string KindText => "refused";

    public override string Flow => "";
}
