using EdgeRoute.Engine.Configuration;

namespace EdgeRoute.Engine.Packs;

/// <summary>The end of a reason about an unknown name.</summary>
internal static class NameHint
{
    /// <summary>"; did you mean 'x'?", or the valid names; empty when there are none.</summary>
    public static string For(string given, IEnumerable<string> valid)
    {
        string[] names = [.. valid.Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];
        return names.Length == 0 ? "" : "; " + NearestName.Suggest(given, names);
    }
}
