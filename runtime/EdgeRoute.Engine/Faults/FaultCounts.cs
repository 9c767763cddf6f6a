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

    private readonly Dictionary<string, FaultCount> _counts = new(StringComparer.Ordinal);

    /// <summary>Counts one. Returns the line to be told, or null where it is no news.</summary>
    public string? Add(string kind, string reason)
    {
        lock (_counts)
        {
            string key = _counts.ContainsKey(kind) || _counts.Count < KindLimit ? kind : RestKind;
            var counted = new FaultCount(key, (_counts.GetValueOrDefault(key)?.Count ?? 0) + 1, reason);
            _counts[key] = counted;
            string often = counted.Count == 1 ? "" : $" ({counted.Count} times by now)";
            return IsRound(counted.Count) ? $"{key}: {reason}{often}" : null;
        }
    }

    /// <summary>All kinds so far.</summary>
    public IReadOnlyList<FaultCount> All()
    {
        lock (_counts)
        {
            return [.. _counts.Values];
        }
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
}
