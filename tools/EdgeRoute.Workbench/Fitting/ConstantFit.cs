using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>The weighted mean of the targets, whatever the features are.</summary>
public sealed class ConstantFit : IGainFit
{
    public string Name => "constant";

    public IGainEstimator Fit(FitRows rows) => new ConstantGain((float)Math.Clamp(rows.MeanTarget(), 0, 1));
}
