using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>
/// Finds contexts: clusters of frames by the places t of their signals, without labels. As many as stand out most from what the same
/// signals would form if they were unrelated, each signal shuffled on its own (a permuted reference, as for the gap statistic of Tibshirani
/// et al., JRSS B 63, 2001).
/// </summary>
internal static class ContextFit
{
    /// <summary>A context's share of the frames at least, so that audits, which are a few in a hundred frames, find all of them.</summary>
    public const double LeastShare = 0.03;

    /// <summary>Frames of a context at least: from fewer its centre is one scene, not a context.</summary>
    public const int LeastFrames = 100;

    /// <summary>
    /// What the silhouette of the frames must be above that of the reference: chance and the choice among counts make a few hundredths.
    /// </summary>
    private const double LeastExcess = 0.05;

    /// <summary>Frames that are clustered at most, about; centres of a few clusters are as good from these as from all.</summary>
    private const int FrameLimit = 3_000;

    /// <summary>Starts of each clustering; the tightest counts.</summary>
    private const int TryCount = 3;

    /// <param name="rows">Features of the frame's node, places t first, then their squares; a row without weight is left out. Targets do
    /// not matter.</param>
    /// <param name="contextLimit">Contexts at most, up to <see cref="Calibration.ContextLimit"/>.</param>
    /// <returns>Centres in places t, as <see cref="Calibration"/> takes them; one where no clusters stand out, none where there are no
    /// rows.</returns>
    public static IReadOnlyList<IReadOnlyList<float>> Fit(FitRows rows, int contextLimit, int seed)
    {
        if (contextLimit is < 1 or > Calibration.ContextLimit)
        {
            throw new ArgumentOutOfRangeException(nameof(contextLimit), contextLimit,
                $"There are 1 to {Calibration.ContextLimit} contexts.");
        }

        var random = new RandomSequence((ulong)seed);
        int length = (rows.FeatureCount + 1) / 2;
        float[] points = PlacesOf(rows, length, random);
        if (points.Length == 0)
        {
            return [];
        }

        var chosen = KMeans.Best(points, length, 1, 1, random);
        float[] reference = Shuffled(points, length, random);
        double least = Math.Max(LeastFrames, LeastShare * points.Length / length);
        double most = LeastExcess;
        for (int count = 2; count <= contextLimit && count * least <= points.Length / length; count++)
        {
            var clusters = KMeans.Best(points, length, count, TryCount, random);
            double excess = clusters.Silhouette() - KMeans.Best(reference, length, count, 1, random).Silhouette();
            (chosen, most) = excess > most && clusters.Sizes.Min() >= least ? (clusters, excess) : (chosen, most);
        }

        return chosen.Centres;
    }

    private static float[] PlacesOf(FitRows rows, int length, RandomSequence random)
    {
        double share = (double)FrameLimit / Math.Max(1, rows.Count);
        var points = new List<float>();
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows.Weight(i) > 0 && random.Next() < share)
            {
                points.AddRange(rows.Features(i)[..length]);
            }
        }

        return [.. points];
    }

    /// <summary>Each signal in an order of its own (Fisher and Yates): the same values, no relation between signals.</summary>
    private static float[] Shuffled(float[] points, int length, RandomSequence random)
    {
        float[] shuffled = [.. points];
        for (int j = 0; j < length; j++)
        {
            for (int i = (points.Length / length) - 1; i > 0; i--)
            {
                int other = random.NextIndex(i + 1);
                (int a, int b) = ((i * length) + j, (other * length) + j);
                (shuffled[a], shuffled[b]) = (shuffled[b], shuffled[a]);
            }
        }

        return shuffled;
    }
}
