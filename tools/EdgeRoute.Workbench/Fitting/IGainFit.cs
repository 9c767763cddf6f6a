using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>Fits an estimator to recorded decisions. Deterministic: the same rows give the same estimator, on every machine of one runtime.</summary>
public interface IGainFit
{
    /// <summary>The estimator's name and what tells this fit from others of its kind.</summary>
    string Name { get; }

    /// <exception cref="ArgumentException">No row has a weight.</exception>
    IGainEstimator Fit(FitRows rows);
}
