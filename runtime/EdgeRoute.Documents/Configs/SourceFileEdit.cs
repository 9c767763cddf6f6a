namespace EdgeRoute.Documents.Configs;

/// <summary>
/// Writes one source into the text of a device config, takes it out or changes it, and leaves every other line as its author wrote it. What
/// comes of it is read again: a text that would not say exactly what is wanted is refused.
/// </summary>
public static class SourceFileEdit
{
    /// <param name="text">The config file's text.</param>
    /// <param name="path">Its path.</param>
    /// <param name="name">Of the source.</param>
    /// <param name="group">A key a line, as <see cref="SourceText.Of"/> writes it; null takes the source out.</param>
    public static SourceEdit Edit(string text, string path, string name, string? group)
    {
        var before = DeviceConfigReader.ReadText(text, path, checkPaths: false);
        if (before.Config is not { } config)
        {
            return SourceEdit.Refused($"the config file has problems of its own: {string.Join("; ", before.Problems)}");
        }

        var root = YamlTree.Parse(text.TrimStart('\ufeff'), new ConfigProblems(path)).Root!;
        var entry = root.Entries.Find(e => e.Key == "sources")!;
        var sources = (YamlMap)entry.Value;
        if (sources.At.Line == entry.KeyAt.Line)
        {
            return SourceEdit.Refused("its sources stand on one line, in braces; write them below each other, or " + ByHand);
        }

        var next = root.Entries.Find(e => e.KeyAt.Line > entry.KeyAt.Line);
        var edit = new Lines(text, sources, next is null ? long.MaxValue : next.KeyAt.Line).With(name, group);
        return Wrong(config, edit.Text, path, name, group is null) is { } problem ? SourceEdit.Refused(problem) : edit;
    }

    private const string ByHand = "change the file yourself ('edgeroute config pull', 'edgeroute config push')";

    private static string? Wrong(DeviceConfig before, string text, string path, string name, bool isRemoved)
    {
        var reading = DeviceConfigReader.ReadText(text, path, checkPaths: false);
        if (reading.Config is not { } after)
        {
            return $"{string.Join("; ", reading.Problems)}; {ByHand}";
        }

        var others = before.Sources.Where(s => s.Name != name).Select(s => (before with { Sources = [s] }).Effective());
        var kept = after.Sources.Where(s => s.Name != name).Select(s => (after with { Sources = [s] }).Effective());
        return others.SequenceEqual(kept, StringComparer.Ordinal) && after.Sources.Any(s => s.Name == name) != isRemoved ? null
            : "its lines could not be changed without changing what they say of other sources; " + ByHand;
    }

    /// <summary>The lines of a file, and where its sources stand in it.</summary>
    /// <param name="afterLine">The line of the next group; beyond all where none follows.</param>
    private sealed class Lines(string text, YamlMap sources, long afterLine)
    {
        private readonly string _ending = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        private readonly List<string> _lines = [.. text.ReplaceLineEndings("\n").Split('\n')];

        public SourceEdit With(string name, string? group)
        {
            int place = sources.Entries.FindIndex(e => e.Key == name);
            int indent = (int)sources.Entries[0].KeyAt.Column - 1;
            List<string> fresh = group is null ? []
                : [new string(' ', indent) + name + ":", .. group.TrimEnd('\n').Split('\n').Select(l => new string(' ', indent + 2) + l)];
            if (place < 0)
            {
                _lines.InsertRange(EndOf(sources.Entries.Count - 1), fresh);
                return new SourceEdit(string.Join(_ending, _lines), 0, null);
            }

            int begin = (int)sources.Entries[place].KeyAt.Line - 1, count = EndOf(place) - begin;
            int comments = _lines.Skip(begin).Take(count).Count(IsCommented);
            _lines.RemoveRange(begin, count);
            _lines.InsertRange(begin, fresh);
            return new SourceEdit(string.Join(_ending, _lines), comments, null);
        }

        /// <summary>Index of the line behind a source: blank lines, and comments further out, belong to what follows.</summary>
        private int EndOf(int place)
        {
            long next = place + 1 < sources.Entries.Count ? sources.Entries[place + 1].KeyAt.Line : Math.Min(afterLine, _lines.Count + 1L);
            int end = (int)next - 1;
            int indent = (int)sources.Entries[place].KeyAt.Column - 1;
            while (end > 0 && (_lines[end - 1].Trim() is "" or "..."
                || (_lines[end - 1].TrimStart().StartsWith('#') && IndentOf(_lines[end - 1]) <= indent)))
            {
                end--;
            }

            return end;
        }

        private static int IndentOf(string line) => line.Length - line.TrimStart().Length;

        private static bool IsCommented(string line) =>
            line.TrimStart().StartsWith('#') || line.Contains(" #", StringComparison.Ordinal);
    }
}

/// <summary>A config file's text with a source changed in it.</summary>
/// <param name="CommentLineCount">Lines with comments that stood inside the source, and are gone.</param>
/// <param name="Problem">Why there is no such text; null where there is.</param>
public sealed record SourceEdit(string Text, int CommentLineCount, string? Problem)
{
    internal static SourceEdit Refused(string problem) => new("", 0, problem);
}
