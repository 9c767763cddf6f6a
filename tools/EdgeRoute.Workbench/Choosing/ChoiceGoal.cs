using EdgeRoute.Core.Costs;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>
/// Which of several points is wanted: of those that keep the constraints the one of the best quality or, where quality is bounded itself,
/// the cheapest. What hardly differs in that is told apart by cost, then by threads, then by how few models it takes.
/// </summary>
internal sealed class ChoiceGoal(IReadOnlyList<Constraint> constraints)
{
    /// <summary>Half a point of quality is not seen in pictures, and not told apart on minutes of footage.</summary>
    private const double QualityTolerance = 0.005;

    /// <summary>What a measurement tells apart, as where threads are chosen.</summary>
    private const double CostTolerance = ThreadChoice.Tolerance;

    /// <summary>Times of few frames are off by a tenth.</summary>
    private const double PaceError = 1.1;

    public bool WantsQuality { get; } = constraints.All(c => c.Figure != PointFigure.Quality);

    /// <summary>Each frame has to be looked at, so that no answer may be carried.</summary>
    public bool LooksAtAll { get; } = constraints.Any(c => c is { Figure: PointFigure.LookShare, Limit: >= 1 });

    public bool Keeps(PointFigures figures) => constraints.All(c => c.Excess(figures.Of(c.Figure)) <= 0);

    /// <summary>What it breaks, in words; empty where it keeps all.</summary>
    public IReadOnlyList<string> LacksOf(PointFigures figures) =>
        [.. constraints.Where(c => c.Excess(figures.Of(c.Figure)) > 0).Select(c => c.Lack(figures.Of(c.Figure)))];

    /// <summary>Null where no point keeps the constraints.</summary>
    public ChoicePoint? Best(IEnumerable<ChoicePoint> points)
    {
        List<ChoicePoint> left = [.. points.Where(p => Keeps(p.Figures))];
        if (left.Count == 0)
        {
            return null;
        }

        double quality = left.Max(p => p.Figures.Quality);
        left.RemoveAll(p => WantsQuality && p.Figures.Quality < quality - QualityTolerance - DoubtOf(p));
        double ms = left.Min(p => p.Figures.LatencyMean);
        left.RemoveAll(p => p.Figures.LatencyMean > ms * (1 + CostTolerance));
        return left.OrderBy(p => p.Threads).ThenBy(p => p.Chain.Links.Count).ThenByDescending(p => p.Figures.Quality)
            .ThenBy(p => p.Figures.LatencyMean).ThenBy(p => p.Chain.Name, StringComparer.Ordinal).First();
    }

    /// <summary>
    /// The best of those that keep the constraints even where some frames have flattered them by a standard error: among many points some
    /// seem better than they are. Where there is none, the best of all.
    /// </summary>
    public ChoicePoint? Chosen(IReadOnlyList<ChoicePoint> points) => Best(points.Where(p => Keeps(p.Careful))) ?? Best(points);

    /// <summary>
    /// What some frames may have made a quality seem too low by. A point is not given up for a dearer one because of less than that.
    /// </summary>
    private static double DoubtOf(ChoicePoint point) =>
        Math.Min(point.Figures.Quality - point.Careful.Quality, QualityTolerance);

    /// <summary>The one that breaks least: by the constraint that it breaks most.</summary>
    public ChoicePoint Nearest(IEnumerable<ChoicePoint> points) => points
        .MinBy(p => (constraints.Max(c => c.Excess(p.Figures.Of(c.Figure))), -p.Figures.Quality, p.Figures.LatencyMean))!;

    /// <summary>Whether a point would be taken instead if it were as much quicker as times of few frames may be off.</summary>
    public bool IsClose(ChoicePoint point, ChoicePoint best)
    {
        var quick = point.Figures with
        {
            LatencyMean = point.Figures.LatencyMean / PaceError, LatencyP50 = point.Figures.LatencyP50 / PaceError,
            LatencyP95 = point.Figures.LatencyP95 / PaceError, LatencyP99 = point.Figures.LatencyP99 / PaceError,
        };
        bool isBetter = WantsQuality ? point.Figures.Quality > best.Figures.Quality + QualityTolerance
            : quick.LatencyMean * (1 + CostTolerance) < best.Figures.LatencyMean;
        return isBetter && Keeps(quick);
    }

    /// <summary>Whether a point that was not run on all frames yet might be taken instead, if it comes to the best that it can.</summary>
    /// <param name="gainAtBest">Quality above the other's.</param>
    public bool MightReplace(ChoicePoint point, ChoicePoint best, Func<double> gainAtBest)
    {
        bool isCheaper = point.Optimistic.LatencyMean * (1 + CostTolerance) < best.Figures.LatencyMean;
        if (!Keeps(point.Optimistic) || (!WantsQuality && !isCheaper))
        {
            return false;
        }

        // Nothing is better than always right.
        return !WantsQuality || Math.Min(gainAtBest(), 1 - best.Figures.Quality)
            > (isCheaper ? -QualityTolerance : QualityTolerance) / 2;
    }
}
