namespace EdgeRoute.Engine.Packs;

/// <summary>Finds the valid name an author most likely meant.</summary>
internal static class NearestName
{
    /// <summary>"; did you mean 'x'?" where a valid name is close, else the list of valid names; empty when there are none.</summary>
    public static string Hint(string given, IEnumerable<string> valid)
    {
        var names = valid.ToArray();
        if (names.Length == 0)
        {
            return "";
        }

        string nearest = names.MinBy(n => Distance(given, n))!;
        // A third of the letters wrong is still a slip of the pen; beyond that a guess would mislead.
        return Distance(given, nearest) <= Math.Max(2, nearest.Length / 3) ? $"; did you mean '{nearest}'?" : $"; known: {string.Join(", ", names)}";
    }

    /// <summary>Letters to insert, delete, replace or swap with their neighbour (optimal string alignment), ignoring case.</summary>
    public static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 ? j : j == 0 ? i : Step(a, b, i, j, rows);
            }
        }

        return rows[a.Length, b.Length];
    }

    private static int Step(string a, string b, int i, int j, int[,] rows)
    {
        bool isSame = Same(a[i - 1], b[j - 1]);
        int best = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (isSame ? 0 : 1));
        bool isSwap = i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]);
        return isSwap ? Math.Min(best, rows[i - 2, j - 2] + 1) : best;
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
