using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// From what a client wants of a stream to the source config that says the same, and what differs between the two. Every problem is found
/// before anything is prepared.
/// </summary>
internal static class SettingChanges
{
    /// <exception cref="RpcRefusedException">A setting is out of its range or does not fit the others; all of them are named.</exception>
    public static SourceConfig Apply(SourceConfig before, SettingSet set, IReadOnlyDictionary<string, LoadedPack> packs)
    {
        var problems = new List<string>();
        var after = before;
        foreach (var setting in StreamSettings.All)
        {
            after = setting.Apply(after, set, problems);
        }

        CheckPack(after, packs, problems);
        CheckFit(after, set, problems);
        return problems.Count == 0 ? after
            : throw new RpcRefusedException(RpcErrorCode.BadRequest, $"stream {before.Name}: {string.Join("; ", problems)}");
    }

    /// <summary>What differs between two configs of a source, by the names that changes use.</summary>
    public static List<SettingDifference> Differences(SourceConfig before, SourceConfig after)
    {
        var differences = StreamSettings.All.Select(s => new SettingDifference
        {
            Name = s.Key, Before = s.Get(before).ToString(), After = s.Get(after).ToString(),
        });
        return [.. differences.Where(d => d.Before != d.After)];
    }

    private static void CheckPack(SourceConfig after, IReadOnlyDictionary<string, LoadedPack> packs, List<string> problems)
    {
        if (!packs.ContainsKey(after.PackName))
        {
            problems.Add($"there is no pack '{after.PackName}' loaded; there are {string.Join(", ", packs.Keys)}. Load it with "
                + "'edgeroute pack load'");
        }
    }

    /// <summary>Prices mean something to the value policy only; what would be obeyed in words and not in fact is refused.</summary>
    private static void CheckFit(SourceConfig after, SettingSet set, List<string> problems)
    {
        if (after.Policy.Kind == PolicyKind.Value)
        {
            return;
        }

        bool wantsPrices = StreamSettings.OfValuePolicy.Any(s => (s.Field(set).IsGiven && !s.Field(set).IsNone) || !s.Get(after).IsNone);
        if (wantsPrices)
        {
            problems.Add($"the policy '{after.Policy.Name}' knows no prices, budgets, floors or audits; "
                + "set policy to 'value' (the pack needs a calibration), or take them away in the same change");
        }
    }
}
