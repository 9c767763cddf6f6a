using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>Fits several candidates and averages them; one that is named twice weighs twice.</summary>
public sealed class AveragedFit(IReadOnlyList<IGainFit> members) : IGainFit
{
    public string Name => "average of " + string.Join(" and ", members.Select(m => m.Name));

    public IGainEstimator Fit(FitRows rows)
    {
        var groups = members.GroupBy(m => m).ToList();
        return new AveragedGain([.. groups.Select(g => g.Key.Fit(rows))], [.. groups.Select(g => g.Count() / (float)members.Count)]);
    }
}
