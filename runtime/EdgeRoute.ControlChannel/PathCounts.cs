namespace EdgeRoute.ControlChannel;

/// <summary>Counts by route tree node as counts by path: nodes that mean the same answer have the same name.</summary>
internal static class PathCounts
{
    /// <summary>Paths that were taken, the most frequent first.</summary>
    public static IEnumerable<(string Path, long Count)> ByName(IReadOnlyList<long> nodeCounts, IReadOnlyList<string> nodeNames)
    {
        var byName = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < nodeCounts.Count; i++)
        {
            if (nodeCounts[i] > 0)
            {
                byName[nodeNames[i]] = byName.GetValueOrDefault(nodeNames[i]) + nodeCounts[i];
            }
        }

        return byName.OrderByDescending(p => p.Value).ThenBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value));
    }
}
