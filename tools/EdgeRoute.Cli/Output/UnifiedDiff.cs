namespace EdgeRoute.Cli.Output;

/// <summary>The lines that differ between two texts, in the form that diff -u made usual.</summary>
internal static class UnifiedDiff
{
    /// <summary>Lines around a difference that say where it is.</summary>
    private const int ContextCount = 3;

    /// <summary>
    /// Above so many pairs of lines the table of common lines would take more than 64 MB; the texts are then shown as wholly different.
    /// </summary>
    private const long PairsMost = 16_000_000;

    /// <summary>Empty where both are the same.</summary>
    public static List<string> Of(string oldName, string oldText, string newName, string newText)
    {
        var (before, after) = (Lines(oldText), Lines(newText));
        var steps = Steps(before, after);
        if (steps.TrueForAll(s => s.Mark == ' '))
        {
            return [];
        }

        var lines = new List<string> { $"--- {oldName}", $"+++ {newName}" };
        for (int i = 0; i < steps.Count;)
        {
            i = AddHunk(lines, steps, i);
        }

        return lines;
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    /// <summary>The next hunk from a step on; returns the step after it.</summary>
    private static int AddHunk(List<string> lines, List<(char Mark, string Text)> steps, int from)
    {
        int first = steps.FindIndex(from, s => s.Mark != ' ');
        if (first < 0)
        {
            return steps.Count;
        }

        int last = first;
        for (int i = first; i < steps.Count && i <= last + (2 * ContextCount); i++)
        {
            last = steps[i].Mark != ' ' ? i : last;
        }

        int start = Math.Max(first - ContextCount, from);
        int end = Math.Min(last + ContextCount + 1, steps.Count);
        var hunk = steps[start..end];
        int oldCount = hunk.Count(s => s.Mark != '+'), newCount = hunk.Count(s => s.Mark != '-');
        int oldStart = steps.Take(start).Count(s => s.Mark != '+') + (oldCount > 0 ? 1 : 0);
        int newStart = steps.Take(start).Count(s => s.Mark != '-') + (newCount > 0 ? 1 : 0);
        lines.Add($"@@ -{oldStart},{oldCount} +{newStart},{newCount} @@");
        lines.AddRange(hunk.Select(s => s.Mark + s.Text));
        return end;
    }

    /// <summary>Each line of both, marked as kept, taken away or added, by the longest common subsequence.</summary>
    private static List<(char Mark, string Text)> Steps(string[] before, string[] after)
    {
        if ((long)before.Length * after.Length > PairsMost)
        {
            return [.. before.Select(l => ('-', l)), .. after.Select(l => ('+', l))];
        }

        int[,] common = CommonCounts(before, after);
        var steps = new List<(char, string)>(before.Length + after.Length);
        int i = 0, j = 0;
        while (i < before.Length || j < after.Length)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
            {
                steps.Add((' ', before[i++]));
                j++;
            }
            else if (i < before.Length && (j == after.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                steps.Add(('-', before[i++]));
            }
            else
            {
                steps.Add(('+', after[j++]));
            }
        }

        return steps;
    }

    private static int[,] CommonCounts(string[] before, string[] after)
    {
        int[,] counts = new int[before.Length + 1, after.Length + 1];
        for (int i = before.Length - 1; i >= 0; i--)
        {
            for (int j = after.Length - 1; j >= 0; j--)
            {
                counts[i, j] = before[i] == after[j] ? counts[i + 1, j + 1] + 1 : Math.Max(counts[i + 1, j], counts[i, j + 1]);
            }
        }

        return counts;
    }
}
