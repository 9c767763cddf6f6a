namespace EdgeRoute.Documents.Packs;

/// <summary>Collects every reason against a pack, so that its author mends them in one go.</summary>
public sealed class PackProblems
{
    /// <summary>
    /// Reasons listed; the rest is counted. A screen full is what a person reads, and a broken file may give one per line.
    /// </summary>
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

/// <summary>
/// A pack cannot be used. Consequence: whoever names it does not start; <see cref="Reasons"/> says everything that must be mended.
/// </summary>
public sealed class PackRefusedException(string manifestPath, IReadOnlyList<string> reasons)
    : Exception($"The pack '{manifestPath}' is refused:{string.Concat(reasons.Select(r => $"{Environment.NewLine}  - {r}"))}")
{
    public string ManifestPath { get; } = manifestPath;

    public IReadOnlyList<string> Reasons { get; } = reasons;
}
