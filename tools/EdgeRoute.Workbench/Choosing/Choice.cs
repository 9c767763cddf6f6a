using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>What was chosen from.</summary>
internal sealed record ChoiceFacts(
    ChooseRequest Request, int FrameCount, string Teacher, IReadOnlyList<CandidatePack> Packs, long AllRuns);

/// <summary>What was chosen, with all that is needed to write it.</summary>
public sealed class Choice
{
    private readonly ChoiceFacts _facts;
    private readonly FrameLabels? _labels;

    internal Choice(ChoiceFacts facts, ChoiceGoal goal, IReadOnlyList<ChoicePoint> points, IReadOnlyList<string> undecided,
        FrameLabels? labels, double seconds)
    {
        (_facts, _labels, Points) = (facts, labels, points);
        Best = goal.Chosen(points);
        var shown = Frontier(points, Best);
        var rows = shown.ConvertAll(p => ChoiceRow.Of(p, goal));
        Report = new ChooseReport(facts.Request.Source, facts.FrameCount, facts.Teacher,
            [.. facts.Request.Constraints.Select(c => c.ToString())], rows, Best is null ? null : rows[shown.IndexOf(Best)],
            Best is null ? ChoiceRow.Of(goal.Nearest(points), goal) : null, facts.Packs.Sum(p => p.RunCount), facts.AllRuns,
            points.Count, seconds)
        {
            Undecided = undecided, ChosenQualityMost = Best?.Optimistic.Quality,
        };
    }

    public ChooseReport Report { get; }

    /// <summary>All that were compared.</summary>
    internal IReadOnlyList<ChoicePoint> Points { get; }

    /// <summary>Null where no point keeps the constraints.</summary>
    internal ChoicePoint? Best { get; }

    /// <summary>Refuses a place that <see cref="Write"/> would refuse.</summary>
    /// <exception cref="InvalidDataException">A pack is there already, or the name is none.</exception>
    public static void RequirePlace(string folder, string name, bool replaces) => _ = new WrittenPack(folder, name, replaces);

    /// <summary>
    /// Writes the chosen point into a folder: manifest with models and labels, calibration, and a device config that runs.
    /// </summary>
    /// <param name="folder">Made where it is missing; a pack in it is only written over with <paramref name="replaces"/>.</param>
    /// <param name="calibrates">With a calibration, which takes a while.</param>
    /// <returns>The files that matter, the config first.</returns>
    /// <exception cref="InvalidOperationException">No point was chosen.</exception>
    /// <exception cref="InvalidDataException">A pack is there already, or the name is none.</exception>
    public IReadOnlyList<string> Write(string folder, string name, bool replaces, bool calibrates, Action<string> progress,
        CancellationToken cancel)
    {
        var best = Best ?? throw new InvalidOperationException("no point keeps the constraints, so that there is nothing to write");
        var target = new WrittenPack(folder, name, replaces);
        progress($"writing the pack {name}");
        var route = ChainPack.Write(best, target);
        var config = new WrittenConfig(_facts.Request.Source, name, best.Threads, _facts.Request.Library, route)
        {
            FramesPerSecond = _facts.Request.FramesPerSecond,
            Remark = $"chosen by 'edgeroute pack choose' on {_facts.FrameCount} frames of this source: {best.Chain.Name} "
                + best.Carried?.Name,
        };
        List<string> written = [target.WriteConfig(config), target.Manifest];
        if (calibrates)
        {
            written.Add(new ChainCalibration(best, _facts, _labels).Write(target, progress, cancel));
        }

        return written;
    }

    private static List<ChoicePoint> Frontier(IReadOnlyList<ChoicePoint> points, ChoicePoint? best)
    {
        var kept = new List<ChoicePoint>();
        double quality = 0;
        foreach (var point in points.OrderBy(p => p.Figures.LatencyMean).ThenByDescending(p => p.Figures.Quality))
        {
            bool isBeyond = kept.Count == 0 || point.Figures.Quality > quality;
            quality = isBeyond ? point.Figures.Quality : quality;
            if (isBeyond || point == best)
            {
                kept.Add(point);
            }
        }

        return kept;
    }
}
