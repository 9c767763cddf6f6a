namespace EdgeRoute.Documents.Packs;

/// <summary>Collects every reason against a pack, so that its author mends them in one go.</summary>
public sealed class PackProblems
{
    /// <summary>Reasons listed; the rest is counted. A screen full is what a person reads, and a broken file may give one per line.</summary>
    public const int ReasonLimit = 60;

    private readonly List<string> _reasons = [];
    private int _unlisted;

    public bool Any => _reasons.Count > 0;

    public void Add(string reason)
    {
        // Two checks may see the same mistake; it is one.
        if (_reasons.Contains(reason))
        {
            return;
        }

        if (_reasons.Count < ReasonLimit)
        {
            _reasons.Add(reason);
        }
        else
        {
            _unlisted++;
        }
    }

    public IReadOnlyList<string> ToList() => _unlisted == 0 ? [.. _reasons] : [.. _reasons, $"and {_unlisted} more"];
}
