namespace EdgeRoute.Documents;

/// <summary>Finds the valid name that a mistyped one most likely meant.</summary>
public static class NearestName
{
    /// <summary>Longest name compared; longer ones are text in the wrong place, not a slip of the finger.</summary>
    public const int LengthLimit = 64;

    /// <summary>
    /// The closest of the valid names, or null when none is close: at most a third of the letters (two at least) may differ, or only the
    /// ending.
    /// </summary>
    public static string? Find(string name, IEnumerable<string> valid)
    {
        if (name.Length > LengthLimit)
        {
            return null;
        }

        var best = valid.Select(v => (Name: v, Distance: Distance(Plain(name), Plain(v)))).OrderBy(v => v.Distance).FirstOrDefault();
        return best.Name is not null && (IsNear(best.Name, best.Distance) || StartsAlike(name, best.Name)) ? best.Name : null;
    }

    /// <summary>"did you mean 'x'?" where a name is close, else the list of valid names.</summary>
    /// <param name="listed">The names to list where more are valid than could have been meant; null lists <paramref name="valid"/>.</param>
    public static string Suggest(string name, IReadOnlyCollection<string> valid, IEnumerable<string>? listed = null) =>
        Find(name, valid) is { } near ? $"did you mean '{near}'?" : $"valid here: {string.Join(", ", listed ?? valid)}";

    /// <summary>The end of a reason about an unknown name: "; " and <see cref="Suggest"/>; empty when nothing would be valid.</summary>
    public static string Hint(string name, IEnumerable<string> valid)
    {
        string[] names = [.. valid.Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];
        return names.Length == 0 ? "" : "; " + Suggest(name, names);
    }

    /// <summary>
    /// Insertions, deletions, replacements and swaps of neighbours between two names (the restricted Damerau-Levenshtein distance).
    /// </summary>
    public static int Distance(string a, string b)
    {
        var (older, before, now) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (int j = 0; j <= b.Length; j++)
        {
            now[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            (older, before, now) = (before, now, older);
            now[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                now[j] = Math.Min(replaced, Math.Min(before[j], now[j - 1]) + 1);
                bool isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                now[j] = isSwap ? Math.Min(now[j], older[j - 2] + 1) : now[j];
            }
        }

        return now[b.Length];
    }

    private static bool IsNear(string valid, int distance) => distance <= Math.Max(2, valid.Length / 3) && distance < valid.Length;

    /// <summary>The same word with another ending: "tracing" for "trace".</summary>
    private static bool StartsAlike(string name, string valid) => Plain(name).AsSpan().CommonPrefixLength(Plain(valid)) >= 4;

    /// <summary>Case and the choice between '-' and '_' are the most common slips and cost nothing.</summary>
    private static string Plain(string name) => name.ToLowerInvariant().Replace('-', '_');
}
