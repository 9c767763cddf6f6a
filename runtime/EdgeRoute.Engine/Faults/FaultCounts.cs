namespace EdgeRoute.Engine.Faults;

/// <summary>How often one kind of fault came.</summary>
/// <param name="Kind">The step of the road, and the stage or the type of the fault.</param>
/// <param name="Reason">What the last one said.</param>
public sealed record FaultCount(string Kind, long Count, string Reason);

/// <summary>
/// Faults by kind. The first of a kind is news, and then the tenth, the hundredth and so on: a device that fails on every frame must not
/// fill its log. Counted on the loop's thread, read from any.
/// </summary>
internal sealed class FaultCounts
{
    /// <summary>Kinds that are told apart; a road has about ten steps. Those beyond are counted together.</summary>
    public const int KindLimit = 64;

    private const string RestKind = "other faults";

    private readonly Dictionary<string, Entry> _counts = new(StringComparer.Ordinal);

    /// <summary>Counts one. Returns the line to be told, or null where it is no news.</summary>
    public string? Add(string kind, string reason)
    {
        lock (_counts)
        {
            var entry = EntryOf(kind);
            (entry.Count, entry.Reason) = (entry.Count + 1, reason);
            return IsRound(entry.Count) ? entry.Line : null;
        }
    }

    /// <summary>Counts one whose words are asked for only where it is news: others allocate nothing.</summary>
    public string? Add(string kind, Func<string> words)
    {
        lock (_counts)
        {
            var entry = EntryOf(kind);
            if (!IsRound(++entry.Count))
            {
                return null;
            }

            entry.Reason = words();
            return entry.Line;
        }
    }

    /// <summary>All kinds so far.</summary>
    public IReadOnlyList<FaultCount> All()
    {
        lock (_counts)
        {
            return [.. _counts.Values.Select(e => new FaultCount(e.Kind, e.Count, e.Reason))];
        }
    }

    private Entry EntryOf(string kind)
    {
        if (_counts.TryGetValue(kind, out var known))
        {
            return known;
        }

        string key = _counts.Count < KindLimit ? kind : RestKind;
        var entry = _counts.GetValueOrDefault(key) ?? new Entry(key);
        _counts[key] = entry;
        return entry;
    }

    private static bool IsRound(long count)
    {
        long rest = count;
        while (rest % 10 == 0)
        {
            rest /= 10;
        }

        return rest == 1;
    }

    private sealed class Entry(string kind)
    {
        public string Kind { get; } = kind;

        public long Count { get; set; }

        public string Reason { get; set; } = "";

        public string Line => $"{Kind}: {Reason}{(Count == 1 ? "" : $" ({Count} times by now)")}";
    }
}
