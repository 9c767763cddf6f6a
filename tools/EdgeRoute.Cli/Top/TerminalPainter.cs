using System.Text;

namespace EdgeRoute.Cli.Top;

/// <summary>
/// Brings canvases onto a terminal: the alternate screen, only rows that changed, each drawing in one write, so that nothing flickers over
/// a slow link. What was on the terminal comes back when it is disposed.
/// </summary>
/// <param name="output">The terminal.</param>
/// <param name="hasColour">False: bold, reverse and dim only.</param>
internal sealed class TerminalPainter(Stream output, bool hasColour) : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l\e[?7l\e[2J", Leave = "\e[0m\e[?7h\e[?25h\e[?1049l";

    private readonly object _gate = new();
    private Canvas? _shown;
    private bool _isOpen;

    public void Open()
    {
        lock (_gate)
        {
            (_isOpen, _shown) = (true, null);
            Write(Enter);
        }
    }

    /// <summary>May be called from any thread, and more than once.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_isOpen)
            {
                _isOpen = false;
                Write(Leave);
            }
        }
    }

    /// <summary>Draws everything anew next time.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _shown = null;
        }
    }

    public void Paint(Canvas canvas)
    {
        lock (_gate)
        {
            if (!_isOpen)
            {
                return;
            }

            string text = Changes(_shown, canvas);
            _shown = canvas;
            if (text.Length > 0)
            {
                Write(text);
            }
        }
    }

    public void Dispose() => Close();

    /// <summary>What must be written so that a terminal that shows one canvas shows another.</summary>
    internal string Changes(Canvas? shown, Canvas canvas)
    {
        var text = new StringBuilder();
        bool isSameSize = shown is not null && shown.Width == canvas.Width && shown.Height == canvas.Height;
        text.Append(isSameSize ? "" : "\e[0m\e[2J");
        for (int row = 0; row < canvas.Height; row++)
        {
            if (!isSameSize || !shown!.CharactersOf(row).SequenceEqual(canvas.CharactersOf(row))
                || !shown.TonesOf(row).SequenceEqual(canvas.TonesOf(row)))
            {
                AppendRow(text, canvas, row);
            }
        }

        return text.ToString();
    }

    private void AppendRow(StringBuilder text, Canvas canvas, int row)
    {
        var characters = canvas.CharactersOf(row);
        var tones = canvas.TonesOf(row);
        text.Append($"\e[{row + 1};1H");
        for (int column = 0; column < canvas.Width; column++)
        {
            if (column == 0 || tones[column] != tones[column - 1])
            {
                text.Append($"\e[0{(hasColour ? Coloured(tones[column]) : Plain(tones[column]))}m");
            }

            text.Append(characters[column]);
        }

        text.Append("\e[0m");
    }

    /// <summary>The sixteen colours that a terminal's owner chose; no others.</summary>
    private static string Coloured(Tone tone) => tone switch
    {
        Tone.Dim => ";90",
        Tone.Strong => ";1",
        Tone.Good => ";32",
        Tone.Warning => ";33",
        Tone.Bad => ";31;1",
        Tone.Title => ";7",
        Tone.Chosen => ";30;46",
        Tone.Path0 => ";32",
        Tone.Path1 => ";36",
        Tone.Path2 => ";33",
        Tone.Path3 => ";35",
        Tone.Path4 => ";34",
        Tone.Path5 => ";31",
        _ => "",
    };

    private static string Plain(Tone tone) => tone switch
    {
        Tone.Dim => ";2",
        Tone.Strong or Tone.Warning or Tone.Bad => ";1",
        Tone.Title or Tone.Chosen => ";7",
        _ => "",
    };

    private void Write(string text)
    {
        try
        {
            output.Write(Encoding.UTF8.GetBytes(text));
            output.Flush();
        }
        catch (IOException)
        {
            // The terminal is gone, as after a lost SSH session; the signal that says so ends the program.
            _isOpen = false;
        }
    }
}

/// <summary>What a cell says by its colour; the painter knows the colours. Whatever a tone says is also said in words or shapes.</summary>
internal enum Tone : byte
{
    Plain,
    Dim,
    Strong,
    Good,
    Warning,
    Bad,
    Title,
    Chosen,
    Path0,
    Path1,
    Path2,
    Path3,
    Path4,
    Path5,
}
