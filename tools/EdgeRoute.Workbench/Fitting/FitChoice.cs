using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>How candidates are compared.</summary>
internal sealed record FitChoiceSettings
{
    /// <summary>Folds of the cross-validation, each a run of whole blocks.</summary>
    public int FoldCount { get; init; } = 5;

    /// <summary>
    /// Rows that candidates are compared on, about; the chosen one is fitted on all. Frames of one block are nearly copies, so a few of
    /// each tell as much.
    /// </summary>
    public int CompareRows { get; init; } = 6_000;

    /// <summary>Rows that the chosen fit's quality is measured on, about: enough that the calibration error is not mostly chance.</summary>
    public int JudgeRows { get; init; } = 20_000;

    /// <summary>Whether the simplest candidate is taken where it is nearly as good as the best.</summary>
    public bool MayBeSimplest { get; init; } = true;

    /// <summary>Picks of an average at most, repetitions included.</summary>
    public int PickLimit { get; init; } = AveragedGain.MemberLimit - 1;
}

/// <summary>
/// Chooses how to estimate: the simplest candidate where it is within one standard error of the best in cross-validated squared error
/// (Breiman et al., CART, 1984), else an average of candidates picked one by one, each the one that lowers that error most (ensemble
/// selection, Caruana et al., ICML 2004). The standard error is that of the difference to the best over the blocks, so that blocks which
/// are hard for all candidates do not blur it.
/// </summary>
internal static class FitChoice
{
    /// <summary>
    /// Strengths of the logistic's penalty that are compared: from hardly any to about a third of the loss's own curvature along a place t,
    /// 0.08.
    /// </summary>
    private static readonly double[] Strengths = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2];

    /// <summary>Without the least penalty: what it fits to one minute of a scene does not hold in the next.</summary>
    private static readonly IReadOnlyList<IReadOnlyList<IGainFit>> SmoothTiers =
        [[new ConstantFit()], [.. Strengths.Skip(1).Select(s => new LogisticFit(s))]];

    private static readonly FitChoiceSettings Usual = new();

    /// <summary>
    /// Constant, then isotonic on each place t, then logistic on all features: from simple to complex, those alike together.
    /// </summary>
    /// <param name="featureCount">The first half of the features are places t; their squares, the second half, are not monotone in any
    /// signal and get no table.</param>
    public static IReadOnlyList<IReadOnlyList<IGainFit>> UsualTiers(int featureCount) =>
    [
        [new ConstantFit()],
        [.. Enumerable.Range(0, (featureCount + 1) / 2).Select(i => new IsotonicFit(i))],
        [.. Strengths.Select(s => new LogisticFit(s))],
    ];

    /// <summary>
    /// For what is given up only while its loss is small, where the order of the small losses is what counts: without tables, which take
    /// frames for alike that are not, and with the constant only where nothing else is better than it.
    /// </summary>
    public static (IGainEstimator Estimator, FitQuality OutOfSample) BestSmooth(FitRows rows)
    {
        var picked = Picked(Thinned(rows, Usual.CompareRows), SmoothTiers, Usual with { MayBeSimplest = false });
        IGainFit[] smooth = [.. picked.Where(f => f is not ConstantFit)];
        var fit = FitOf(smooth.Length > 0 ? smooth : picked);
        return (fit.Fit(rows), FitJudge.CrossValidate(fit, Thinned(rows, Usual.JudgeRows), Usual.FoldCount));
    }

    /// <summary>The best of the usual candidates.</summary>
    public static (IGainEstimator Estimator, FitQuality OutOfSample) Best(FitRows rows) => Best(rows, UsualTiers(rows.FeatureCount), Usual);

    /// <param name="tiers">Candidates from simple to complex; those of one tier are equally simple. One candidate at least.</param>
    /// <returns>The chosen candidate fitted on all rows, and its quality on blocks that it was not fitted on.</returns>
    /// <exception cref="ArgumentException">No candidate, or no row has a weight.</exception>
    public static (IGainEstimator Estimator, FitQuality OutOfSample) Best(FitRows rows, IReadOnlyList<IReadOnlyList<IGainFit>> tiers,
        FitChoiceSettings settings)
    {
        var fit = FitOf(Picked(Thinned(rows, settings.CompareRows), tiers, settings));
        return (fit.Fit(rows), FitJudge.CrossValidate(fit, Thinned(rows, settings.JudgeRows), settings.FoldCount));
    }

    private static IGainFit FitOf(IReadOnlyList<IGainFit> picked) => picked.Distinct().Count() == 1 ? picked[0] : new AveragedFit(picked);

    private static IReadOnlyList<IGainFit> Picked(FitRows rows, IReadOnlyList<IReadOnlyList<IGainFit>> tiers, FitChoiceSettings settings)
    {
        IGainFit[] all = [.. tiers.SelectMany(t => t)];
        if (all.Length == 0)
        {
            throw new ArgumentException("There is no candidate to choose from.");
        }

        if (all.Length == 1 || BlockFolds.Of(rows, 2).Max() == 0)
        {
            // Rows of one block cannot be split by time, so nothing but the simplest can be justified.
            return [all[0]];
        }

        var estimates = FitJudge.EstimatesAcross(all, rows, settings.FoldCount);
        var losses = estimates.Select(e => new BlockLosses(rows, e)).ToArray();
        var best = losses.MinBy(l => l.Mean)!;
        int simplest = Enumerable.Range(0, tiers[0].Count).MinBy(i => losses[i].Mean);
        return settings.MayBeSimplest && losses[simplest].IsWithinOneErrorOf(best) ? [all[simplest]]
            : [.. Members(estimates, rows, settings.PickLimit).Select(m => all[m])];
    }

    /// <summary>Picks members until none lowers the error any more.</summary>
    private static List<int> Members(float[][] estimates, FitRows rows, int limit)
    {
        var members = new List<int>();
        float[] sum = new float[rows.Count];
        double least = double.PositiveInfinity;
        while (members.Count < limit)
        {
            double[] means = [.. estimates.Select(e => MeanWith(sum, e, members.Count + 1, rows))];
            int next = Array.IndexOf(means, means.Min());
            if (means[next] >= least)
            {
                break;
            }

            least = means[next];
            members.Add(next);
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += estimates[next][i];
            }
        }

        return members;
    }

    private static double MeanWith(float[] sum, float[] estimate, int count, FitRows rows)
    {
        double loss = 0;
        for (int i = 0; i < sum.Length; i++)
        {
            double difference = ((sum[i] + estimate[i]) / count) - rows.Target(i);
            loss += rows.Weight(i) * difference * difference;
        }

        return loss;
    }

    /// <summary>
    /// About so many rows, drawn evenly from everywhere, always the same ones. Drawn rather than every so-manieth: rows may come in a fixed
    /// rhythm.
    /// </summary>
    private static FitRows Thinned(FitRows rows, int rowCount)
    {
        if (rows.Count <= rowCount)
        {
            return rows;
        }

        var random = new RandomSequence(1);
        double share = (double)rowCount / rows.Count;
        var thinned = rows.Select([.. Enumerable.Range(0, rows.Count).Where(_ => random.Next() < share)]);
        return thinned.TotalWeight() > 0 ? thinned : rows;
    }
}
