namespace EdgeRoute.Workbench.Fitting;

/// <summary>Rows that were given similar estimates: what was estimated and what came of it.</summary>
/// <param name="Estimated">Weighted mean of the estimates, in [0, 1].</param>
/// <param name="Observed">Weighted mean of the targets, in [0, 1].</param>
/// <param name="Weight">Sum of the rows' weights.</param>
public sealed record ReliabilityBin(double Estimated, double Observed, double Weight);

/// <summary>How well estimates match what came of them.</summary>
/// <param name="Brier">Mean squared error (Brier, Monthly Weather Review 78, 1950).</param>
/// <param name="LogLoss">Mean cross-entropy in nats; estimates are held a little away from 0 and 1 so that it is finite.</param>
/// <param name="Ece">Expected calibration error over bins of equal weight: the mean distance of estimated and observed, in [0, 1]. By chance alone it is
/// about 0.8 s sqrt(bins / rows) for targets that scatter by s around a perfect estimate.</param>
/// <param name="R2">1 - mean squared error / variance of the targets; 0 where the targets never vary.</param>
/// <param name="Bins">From low estimates to high; fewer than asked for where many rows have the same estimate.</param>
public sealed record FitQuality(double Brier, double LogLoss, double Ece, double R2, IReadOnlyList<ReliabilityBin> Bins);
