using Spectre.Console;

namespace EdgeRoute.Cli.Output;

/// <summary>
/// Rows under headers: drawn with lines on a terminal, plain and aligned elsewhere, so that a program or a log gets no control characters.
/// </summary>
/// <param name="headers">One for each column; one that begins with '>' is aligned to the right.</param>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";

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

        // The package writes its own sequences; what goes into its cells is text already.
        var output = new AnsiConsoleOutput(ScreenWriter.RawOutput);
        AnsiConsole.Create(new AnsiConsoleSettings { Out = output }).Write(Drawn());
    }

    /// <summary>Aligned lines without control characters.</summary>
    public List<string> Plain()
    {
        var all = _rows.Prepend([.. headers.Select(Title)]).ToList();
        int[] widths = [.. headers.Select((_, i) => all.Max(r => r[i].Length))];
        return [.. all.Select(row => string.Join(Gap,
            row.Select((cell, i) => IsRight(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd())];
    }

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
