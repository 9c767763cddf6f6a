using Spectre.Console;

namespace EdgeRoute.Cli.Output;

/// <summary>
/// Rows under headers: drawn with lines on a terminal, or a line for each figure where it is too narrow; plain and aligned elsewhere, so
/// that a program or a log gets no control characters.
/// </summary>
/// <param name="headers">One for each column; one that begins with '>' is aligned to the right.</param>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";

    /// <summary>What the drawing puts around each cell, and around them all.</summary>
    private const int CellFrame = 3, TableFrame = 1;

    /// <summary>Of a terminal that does not say how wide it is.</summary>
    private const int UsualWidth = 80;

    /// <summary>Narrower than this no text is broken into lines: it would stand on end.</summary>
    private const int NarrowestText = 16;

    private readonly List<string[]> _rows = [];

    public int RowCount => _rows.Count;

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(ScreenText.LineOf)]);

    /// <param name="empty">What to say where there are no rows.</param>
    public void Show(string empty)
    {
        if (_rows.Count == 0)
        {
            Console.Out.WriteLine(empty);
            return;
        }

        if (Console.IsOutputRedirected)
        {
            Plain().ForEach(Console.Out.WriteLine);
            return;
        }

        int width = Console.WindowWidth > 0 ? Console.WindowWidth : UsualWidth;
        if (Widths().Sum(w => w + CellFrame) + TableFrame > width)
        {
            Listed(width).ForEach(Console.Out.WriteLine);
            return;
        }

        // The package writes its own sequences, beside the writer that clears what is open on the screen before anything is written; what
        // goes into its cells is text already.
        Console.Out.Write("");
        var output = new AnsiConsoleOutput(ScreenWriter.RawOutput);
        AnsiConsole.Create(new AnsiConsoleSettings { Out = output }).Write(Drawn());
    }

    /// <summary>Aligned lines without control characters.</summary>
    public List<string> Plain()
    {
        int[] widths = Widths();
        return [.. _rows.Prepend([.. headers.Select(Title)]).Select(row => string.Join(Gap,
            row.Select((cell, i) => IsRight(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd())];
    }

    /// <summary>For each row its name, and below it a line for each figure; a text that is longer is broken at spaces.</summary>
    public List<string> Listed(int width)
    {
        int first = IsRight(0) ? 0 : 1, label = headers.Skip(first).Max(h => Title(h).Length);
        var lines = new List<string>();
        foreach (string[] row in _rows)
        {
            if (first > 0 || lines.Count > 0)
            {
                lines.Add(first > 0 ? row[0] : "");
            }

            var figures = headers.Zip(row).Skip(first).Where(f => f.Second.Length > 0);
            lines.AddRange(figures.SelectMany(f => Broken(Gap + Title(f.First).PadRight(label) + Gap + f.Second, width,
                label + (2 * Gap.Length))));
        }

        return lines;
    }

    /// <param name="indent">Where the lines that follow begin.</param>
    private static IEnumerable<string> Broken(string line, int width, int indent)
    {
        while (line.Length > width && width - indent >= NarrowestText)
        {
            // Between parts of a list if there are some, so that a figure keeps its unit.
            int comma = line.LastIndexOf(", ", width, width - indent, StringComparison.Ordinal) + 1;
            int space = comma > indent ? comma : line.LastIndexOf(' ', width, width - indent);
            int end = space > indent ? space : width;
            yield return line[..end].TrimEnd();
            line = new string(' ', indent) + line[end..].TrimStart();
        }

        yield return line;
    }

    private int[] Widths() => [.. headers.Select((_, i) => _rows.Append([.. headers.Select(Title)]).Max(r => r[i].Length))];

    private Table Drawn()
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        for (int i = 0; i < headers.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(Title(headers[i])));
            table.AddColumn(IsRight(i) ? column.RightAligned() : column);
        }

        _rows.ForEach(row => table.AddRow([.. row.Select(cell => new Text(cell))]));
        return table;
    }

    private bool IsRight(int column) => headers[column].StartsWith('>');

    private static string Title(string header) => header.TrimStart('>');
}
