using EdgeRoute.Workbench.Fitting;

namespace EdgeRoute.Workbench.Calibrating;

/// <summary>How well one plan of one option was fitted, out of sample.</summary>
/// <param name="PathName">The node decided at.</param>
/// <param name="PlanIndex">0-based plan of the option.</param>
/// <param name="EstimatorName">What was chosen for its gain.</param>
/// <param name="MeanGain">Mean of the quality it is fitted to.</param>
public sealed record PlanFit(string PathName, string OptionName, int PlanIndex, string EstimatorName, double MeanGain, FitQuality Gain);
