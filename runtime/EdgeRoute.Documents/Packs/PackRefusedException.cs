namespace EdgeRoute.Documents.Packs;

/// <summary>A pack cannot be used. Consequence: whoever names it does not start; <see cref="Reasons"/> says everything that must be mended.</summary>
public sealed class PackRefusedException(string manifestPath, IReadOnlyList<string> reasons)
    : Exception($"The pack '{manifestPath}' is refused:{string.Concat(reasons.Select(r => $"{Environment.NewLine}  - {r}"))}")
{
    public string ManifestPath { get; } = manifestPath;

    public IReadOnlyList<string> Reasons { get; } = reasons;
}
