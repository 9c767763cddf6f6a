using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>
/// Fits an estimator to recorded decisions. Deterministic: the same rows give the same estimator, on every machine of one runtime.
/// </summary>
internal interface IGainFit
{
    /// <summary>The estimator's name and what tells this fit from others of its kind.</summary>
    string Name { get; }

    /// <exception cref="ArgumentException">No row has a weight.</exception>
    IGainEstimator Fit(FitRows rows);
}

/// <summary>Fits several candidates and averages them; one that is named twice weighs twice.</summary>
internal sealed class AveragedFit(IReadOnlyList<IGainFit> members) : IGainFit
{
    public string Name => "average of " + string.Join(" and ", members.Select(m => m.Name));

    public IGainEstimator Fit(FitRows rows)
    {
        var groups = members.GroupBy(m => m).ToList();
        return new AveragedGain([.. groups.Select(g => g.Key.Fit(rows))], [.. groups.Select(g => g.Count() / (float)members.Count)]);
    }
}

/// <summary>The weighted mean of the targets, whatever the features are.</summary>
internal sealed class ConstantFit : IGainFit
{
    public string Name => "constant";

    public IGainEstimator Fit(FitRows rows) => new ConstantGain((float)Math.Clamp(rows.MeanTarget(), 0, 1));
}
