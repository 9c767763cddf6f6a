namespace EdgeRoute.Engine.Drawing;

/// <summary>Lays parts of a text out in lines of a given width.</summary>
public static class TextWrap
{
    /// <summary>
    /// As many parts on a line as fit, joined by <paramref name="gap"/>; a part that is longer than a line is broken anywhere. Beyond
    /// <paramref name="lineLimit"/> lines the last one ends in "...".
    /// </summary>
    public static List<string> Lines(IEnumerable<string> parts, string gap, int columns, int lineLimit)
    {
        var lines = new List<string>();
        foreach (string part in parts.Where(p => p.Length > 0).SelectMany(p => p.Chunk(columns)).Select(c => new string(c)))
        {
            if (lines.Count > 0 && lines[^1].Length + gap.Length + part.Length <= columns)
            {
                lines[^1] += gap + part;
            }
            else
            {
                lines.Add(part);
            }
        }

        if (lines.Count > lineLimit)
        {
            lines.RemoveRange(lineLimit, lines.Count - lineLimit);
            lines[^1] = string.Concat(lines[^1].AsSpan(0, Math.Min(lines[^1].Length, Math.Max(0, columns - 3))), "...");
        }

        return lines;
    }
}
