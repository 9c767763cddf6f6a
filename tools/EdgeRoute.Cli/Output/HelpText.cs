using System.CommandLine;

namespace EdgeRoute.Cli.Output;

/// <summary>The help of a command: what it does, how it is written, what it takes, and its examples last, where the eye stops.</summary>
/// <param name="width">Columns to fill.</param>
internal sealed class HelpText(int width)
{
    private const int WidthMost = 110, LabelMost = 34;

    /// <summary>With less room beside the labels, texts stand below them.</summary>
    private const int TextLeast = 24, LowIndent = 6;

    private const string ExamplesTitle = "Examples:";

    private readonly int _width = Math.Clamp(width, 40, WidthMost);
    private readonly List<string> _lines = [];

    public static IReadOnlyList<string> Of(Command command, int width) => new HelpText(width).Build(command);

    /// <summary>The first sentence of a description: what lists of commands show.</summary>
    public static string SummaryOf(Command command)
    {
        string text = Flow(Split(command).Text);
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd('.');
    }

    /// <summary>The lines under "Examples:" in a command's description.</summary>
    public static IReadOnlyList<string> ExamplesOf(Command command) => Split(command).Examples;

    private IReadOnlyList<string> Build(Command command)
    {
        var (text, examples) = Split(command);
        foreach (string paragraph in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            Wrap(Flow(paragraph), "");
            _lines.Add("");
        }

        _lines.Add("Usage: " + UsageOf(command));
        if (command is RootCommand)
        {
            AddGroups(command);
        }
        else
        {
            Section("Commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (LabelOf(c), SummaryOf(c))));
        }

        Section("Arguments", command.Arguments.Where(a => !a.Hidden).Select(a => (NameOf(a), a.Description ?? "")));
        Section("Options", command.Options.Where(o => !o.Hidden).Select(o => (LabelOf(o), o.Description ?? "")));
        if (examples.Count > 0)
        {
            _lines.AddRange(["", ExamplesTitle, .. examples.Select(e => "  " + e)]);
        }

        return _lines;
    }

    private void AddGroups(Command root)
    {
        foreach (var (title, commands) in CommandGroups.Of(root))
        {
            Section(title, commands.Select(c => (c.Name, SummaryOf(c))));
        }
    }

    private void Section(string title, IEnumerable<(string Label, string Text)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        int indent = Math.Min(all.Max(r => r.Label.Length), LabelMost) + 4;
        indent = _width - indent < TextLeast ? LowIndent : indent;
        _lines.AddRange(["", title + ":"]);
        foreach (var (label, text) in all)
        {
            string first = "  " + label;
            if (first.Length > indent - 2)
            {
                _lines.Add(first);
                first = "";
            }

            Wrap(text, first.PadRight(indent), indent);
        }
    }

    private void Wrap(string text, string first, int indent = 0)
    {
        string line = first;
        bool isEmpty = true;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > _width)
            {
                _lines.Add(line.TrimEnd());
                (line, isEmpty) = (new string(' ', indent), true);
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        _lines.Add(line.TrimEnd());
    }

    private static (string Text, IReadOnlyList<string> Examples) Split(Command command)
    {
        string[] parts = (command.Description ?? "").ReplaceLineEndings("\n").Split(ExamplesTitle, 2);
        return (parts[0].Trim(), parts.Length < 2 ? [] : [.. parts[1].Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)]);
    }

    private static string Flow(string text) => string.Join(' ', text.Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries));

    private static string UsageOf(Command command)
    {
        string path = command.Name;
        for (var parent = command.Parents.OfType<Command>().FirstOrDefault(); parent is not null; parent = parent.Parents.OfType<Command>()
            .FirstOrDefault())
        {
            path = parent.Name + " " + path;
        }

        string arguments = string.Concat(command.Arguments.Where(a => !a.Hidden).Select(a => " " + Bracketed(a)));
        return $"{path}{VerbText(command)}{arguments} [options]";
    }

    private static string VerbText(Command command)
    {
        if (command.Subcommands.All(c => c.Hidden))
        {
            return "";
        }

        return command.Action is null ? " <command>" : " [command]";
    }

    private static string LabelOf(Command command) => command.Name
        + string.Concat(command.Arguments.Where(a => !a.Hidden).Select(a => " " + Bracketed(a)));

    private static string Bracketed(Argument argument)
    {
        string name = NameOf(argument);
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string NameOf(Argument argument) => argument.HelpName ?? argument.Name.ToUpperInvariant();

    private static string LabelOf(Option option)
    {
        string names = string.Join(", ", option.Aliases.Where(a => a.StartsWith('-') && a.Length == 2 && a != "-?").Append(option.Name));
        bool isSwitch = option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool);
        return isSwitch ? names : $"{names} {option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant()}";
    }
}
