using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>Judges estimators: on rows they were not fitted on, or by cross-validation over time.</summary>
internal static class FitJudge
{
    /// <summary>Bins of the reliability table: ten, as calibration errors are usually reported.</summary>
    public const int BinCount = 10;

    /// <summary>Estimates are held this far from 0 and 1 in the log loss: a table may say 0 and be wrong once.</summary>
    private const double Edge = 1e-6;

    public static FitQuality Judge(IGainEstimator estimator, FitRows rows) => Judge(EstimatesOf(estimator, rows), rows);

    /// <summary>
    /// Quality of the fit on blocks that it has not seen. Rows of a single block cannot be split and are judged as they were fitted.
    /// </summary>
    public static FitQuality CrossValidate(IGainFit fit, FitRows rows, int folds) => Judge(EstimatesAcross([fit], rows, folds)[0], rows);

    /// <summary>Quality of estimates that were made for each of the rows.</summary>
    /// <exception cref="ArgumentException">Not one estimate for each row, or no row has a weight.</exception>
    public static FitQuality Judge(ReadOnlySpan<float> estimates, FitRows rows)
    {
        if (estimates.Length != rows.Count)
        {
            throw new ArgumentException($"There are {rows.Count} rows and {estimates.Length} estimates.");
        }

        double mean = rows.MeanTarget(), total = rows.TotalWeight();
        double squares = 0, variance = 0, logLoss = 0;
        for (int i = 0; i < estimates.Length; i++)
        {
            double target = rows.Target(i), weight = rows.Weight(i) / total, sure = Math.Clamp(estimates[i], Edge, 1 - Edge);
            squares += weight * (target - estimates[i]) * (target - estimates[i]);
            variance += weight * (target - mean) * (target - mean);
            logLoss -= weight * ((target * Math.Log(sure)) + ((1 - target) * Math.Log(1 - sure)));
        }

        var bins = BinsOf(estimates, rows, total / BinCount);
        double ece = bins.Sum(b => b.Weight / total * Math.Abs(b.Estimated - b.Observed));
        return new(squares, logLoss, ece, variance > 1e-12 ? 1 - (squares / variance) : 0, bins);
    }

    /// <summary>For each fit and row the estimate by what was fitted on the other folds.</summary>
    internal static float[][] EstimatesAcross(IReadOnlyList<IGainFit> fits, FitRows rows, int foldCount)
    {
        int[] folds = BlockFolds.Of(rows, foldCount);
        float[][] estimates = [.. fits.Select(_ => new float[rows.Count])];
        bool isSplit = folds.Distinct().Count() > 1;
        foreach (int fold in folds.Distinct().Order())
        {
            int[] judged = [.. Enumerable.Range(0, rows.Count).Where(i => folds[i] == fold)];
            var fitted = rows.Select([.. Enumerable.Range(0, rows.Count).Where(i => folds[i] != fold || !isSplit)]);
            // Where all the weight lies in one fold, nothing else can be learned from.
            fitted = fitted.TotalWeight() > 0 ? fitted : rows;
            for (int f = 0; f < fits.Count; f++)
            {
                Estimate(fits[f].Fit(fitted), rows, judged, estimates[f]);
            }
        }

        return estimates;
    }

    private static void Estimate(IGainEstimator estimator, FitRows rows, int[] judged, float[] into)
    {
        foreach (int row in judged)
        {
            into[row] = estimator.Estimate(rows.Features(row));
        }
    }

    private static float[] EstimatesOf(IGainEstimator estimator, FitRows rows)
    {
        float[] estimates = new float[rows.Count];
        Estimate(estimator, rows, [.. Enumerable.Range(0, rows.Count)], estimates);
        return estimates;
    }

    /// <summary>Equal estimates are never split: which of them came first in time says nothing about calibration.</summary>
    private static List<ReliabilityBin> BinsOf(ReadOnlySpan<float> estimates, FitRows rows, double binWeight)
    {
        float[] sorted = estimates.ToArray();
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        Array.Sort(sorted, order);
        var bins = new List<ReliabilityBin>();
        double weight = 0, estimated = 0, observed = 0, before = 0;
        for (int i = 0; i < order.Length; i++)
        {
            double w = rows.Weight(order[i]);
            (weight, estimated, observed) = (weight + w, estimated + (w * sorted[i]), observed + (w * rows.Target(order[i])));
            bool isEnd = i + 1 == order.Length || !sorted[i + 1].Equals(sorted[i]);
            if (weight > 0 && isEnd && (i + 1 == order.Length || before + weight >= (bins.Count + 1) * binWeight * (1 - 1e-9)))
            {
                bins.Add(new(estimated / weight, observed / weight, weight));
                before = before + weight;
                weight = 0;
                estimated = 0;
                observed = 0;
            }
        }

        return bins;
    }
}

/// <summary>Rows that were given similar estimates: what was estimated and what came of it.</summary>
/// <param name="Estimated">Weighted mean of the estimates, in [0, 1].</param>
/// <param name="Observed">Weighted mean of the targets, in [0, 1].</param>
/// <param name="Weight">Sum of the rows' weights.</param>
internal sealed record ReliabilityBin(double Estimated, double Observed, double Weight);

/// <summary>How well estimates match what came of them.</summary>
/// <param name="Brier">Mean squared error (Brier, Monthly Weather Review 78, 1950).</param>
/// <param name="LogLoss">Mean cross-entropy in nats; estimates are held a little away from 0 and 1 so that it is finite.</param>
/// <param name="Ece">Expected calibration error over bins of equal weight: the mean distance of estimated and observed, in [0, 1]. By
/// chance alone it is about 0.8 s sqrt(bins / rows) for targets that scatter by s around a perfect estimate.</param>
/// <param name="R2">1 - mean squared error / variance of the targets; 0 where the targets never vary.</param>
/// <param name="Bins">From low estimates to high; fewer than asked for where many rows have the same estimate.</param>
internal sealed record FitQuality(double Brier, double LogLoss, double Ece, double R2, IReadOnlyList<ReliabilityBin> Bins);
