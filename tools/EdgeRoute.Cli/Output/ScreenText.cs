using System.Globalization;
using System.Text;

namespace EdgeRoute.Cli.Output;

/// <summary>
/// Text as a terminal may get it. Names, faults and events come from a device, and whoever has the device could move the cursor, rename the
/// window or turn the reading direction of the laptop's terminal with them; such characters are written as their escape, \u001b.
/// </summary>
internal static class ScreenText
{
    /// <summary>Columns of a terminal that does not tell how many it has.</summary>
    private const int UsualWidth = 80;

    /// <summary>Columns left free behind a line of progress: Ctrl-C is shown there as ^C, and the last column wraps.</summary>
    private const int PressedWidth = 3;

    /// <summary>Line ends and tabs stay: for text of several lines.</summary>
    public static string Of(string text) => Written(text, isOneLine: false);

    /// <summary>Line ends are written as escapes too, so that a name cannot forge a line.</summary>
    public static string LineOf(string text) => Written(text, isOneLine: true);

    /// <summary>
    /// A line of progress that a terminal of so many columns does not wrap: one that wraps cannot be written over. Its parts stand between
    /// commas; how far it is stands first and the time that is left last, so what is between goes first.
    /// </summary>
    public static string Fitting(string line, int width)
    {
        int room = Math.Max((width > 0 ? width : UsualWidth) - PressedWidth, 0);
        List<string> parts = [.. line.Split(", ")];
        while (parts.Count > 2 && parts.Sum(p => p.Length + 2) - 2 > room)
        {
            parts.RemoveAt(parts.Count - 2);
        }

        string shorter = string.Join(", ", parts);
        int first = parts[0].Length - (shorter.Length - room) - 1;
        if (shorter.Length <= room)
        {
            return shorter;
        }

        return parts.Count > 1 && first > 0 ? $"{parts[0][..first]}\u2026, {parts[^1]}" : $"{shorter[..Math.Max(0, room - 1)]}\u2026";
    }

    private static string Written(string text, bool isOneLine)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var written = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                written.Append(text, i++, 2);
            }
            else if (IsPlain(text, i, isOneLine))
            {
                written.Append(text[i]);
            }
            else
            {
                written.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
        }

        return written.ToString();
    }

    private static bool IsPlain(string text, int index, bool isOneLine)
    {
        char character = text[index];
        if (character is '\n' or '\t' || (character == '\r' && index + 1 < text.Length && text[index + 1] == '\n'))
        {
            return !isOneLine;
        }

        // Marks and overrides of direction, and the line ends that only some programs know.
        return !char.IsControl(character) && !char.IsSurrogate(character)
            && character is not ('\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));
    }
}

/// <summary>
/// Standard output or standard error with every control character shown as text. A JSON document stays the same document: in one such
/// characters stand only inside of texts, where the escape means the character.
/// </summary>
/// <param name="target">Where it goes.</param>
/// <param name="before">Done before anything is written.</param>
internal sealed class ScreenWriter(TextWriter target, Action? before = null) : TextWriter(CultureInfo.InvariantCulture)
{
    private static TextWriter? _output, _error;

    /// <summary>Where this program's own control sequences go.</summary>
    public static TextWriter RawOutput => _output ?? Console.Out;

    public static TextWriter RawError => _error ?? Console.Error;

    public override Encoding Encoding => target.Encoding;

    /// <summary>What this program writes from now on goes to the terminal as text.</summary>
    public static void Guard()
    {
        (_output, _error) = (Console.Out, Console.Error);
        Console.SetOut(new ScreenWriter(_output));
        Console.SetError(new ScreenWriter(_error));
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value)
    {
        before?.Invoke();
        target.Write(ScreenText.Of(value ?? ""));
    }

    public override void WriteLine(string? value)
    {
        before?.Invoke();
        target.WriteLine(ScreenText.Of(value ?? ""));
    }

    public override void Flush() => target.Flush();
}
