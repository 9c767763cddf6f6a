using System.Text;
using EdgeRoute.Cli.Output;

namespace EdgeRoute.Cli.Top;

/// <summary>A screen of cells, each a character and a tone. What would lie outside is cut.</summary>
internal sealed class Canvas
{
    private readonly char[] _characters;
    private readonly Tone[] _tones;

    public Canvas(int width, int height)
    {
        (Width, Height) = (width, height);
        _characters = new char[width * height];
        _tones = new Tone[width * height];
        Array.Fill(_characters, ' ');
    }

    public int Width { get; }

    public int Height { get; }

    public ReadOnlySpan<char> CharactersOf(int row) => _characters.AsSpan(row * Width, Width);

    public ReadOnlySpan<Tone> TonesOf(int row) => _tones.AsSpan(row * Width, Width);

    /// <summary>Writes text from a column on; returns the column after it.</summary>
    /// <param name="end">Column before which it must end; text that does not fit is cut with a '~'.</param>
    public int Put(int row, int column, string text, Tone tone = Tone.Plain, int end = int.MaxValue)
    {
        end = Math.Min(end, Width);
        if (row < 0 || row >= Height || column >= end)
        {
            return column;
        }

        // Control characters of names and faults would move the cursor.
        text = ScreenText.LineOf(text);
        bool isCut = column + text.Length > end;
        int count = Math.Min(text.Length, end - column);
        for (int i = 0; i < count; i++)
        {
            Set(row, column + i, isCut && i == count - 1 ? '~' : text[i], tone);
        }

        return column + count;
    }

    public void Set(int row, int column, char character, Tone tone)
    {
        if (row >= 0 && row < Height && column >= 0 && column < Width)
        {
            (_characters[(row * Width) + column], _tones[(row * Width) + column]) = (character, tone);
        }
    }

    /// <summary>One tone for a whole row, as a bar across the screen.</summary>
    public void Paint(int row, Tone tone)
    {
        if (row >= 0 && row < Height)
        {
            _tones.AsSpan(row * Width, Width).Fill(tone);
        }
    }

    /// <summary>Makes rows from one on pale: what they say is not of now.</summary>
    public void Pale(int firstRow) => _tones.AsSpan(firstRow * Width).Fill(Tone.Dim);

    /// <summary>The characters alone, without spaces at the ends of lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (int row = 0; row < Height; row++)
        {
            text.Append(CharactersOf(row).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
