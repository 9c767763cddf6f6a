using EdgeRoute.Core.Signals;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>Fits an exit after several blocks, and keeps the one that saves most, where it saves enough.</summary>
internal sealed class ExitSearch(SplitScene scene, FootageTaps taps)
{
    /// <summary>What an exit has to save of the whole's time, and points that may be lost for it.</summary>
    private const double SavingLeast = 0.1, LossMost = 0.01;

    /// <summary>Shares of the blocks.</summary>
    private static readonly double[] Places = [0.25, 1.0 / 3, 0.5, 2.0 / 3, 5.0 / 6];

    private readonly List<TriedExit> _tried = [];

    public IReadOnlyList<TriedExit> Tried => _tried;

    /// <summary>The confidence from which on an exit's answer is taken, by place.</summary>
    public Dictionary<int, double> Thresholds { get; } = [];

    /// <exception cref="InvalidDataException">Exits were asked for that cannot be.</exception>
    public IReadOnlyList<ExitHead> Run()
    {
        int depth = scene.Vit.Blocks.Count;
        var asked = scene.Request.Exits;
        if (asked?.FirstOrDefault(e => e < 1 || e >= depth, -1) is >= 0 and var wrong)
        {
            throw new InvalidDataException(FormattableString.Invariant($"--exits has {wrong}; the model has {depth} blocks, and an exit ")
                + FormattableString.Invariant($"may stand after 1 to {depth - 1} of them"));
        }

        if (scene.Vit.Pooled is null)
        {
            return asked is null or [] ? [] : throw new InvalidDataException("--exits: the model's head works on all tokens to its end, so "
                + "that no exit can be fitted to where it has none");
        }

        int[] places = asked is { } named ? [.. named.Distinct().Order()]
            : [.. Places.Select(p => (int)Math.Round(p * depth)).Where(p => p >= 1 && p < depth).Distinct()];
        var heads = places.Select(Fitted).ToList();
        var tried = heads.ConvertAll(Try);
        var kept = asked is not null ? heads : Best(heads, tried);
        _tried.AddRange(tried.Select(t => t with { IsKept = kept.Exists(h => h.At == t.At) }));
        return kept;
    }

    private static List<ExitHead> Best(List<ExitHead> heads, List<TriedExit> tried)
    {
        var best = tried.MaxBy(t => t.Saving)!;
        return best.Saving >= SavingLeast ? [heads[tried.IndexOf(best)]] : [];
    }

    private ExitHead Fitted(int at)
    {
        scene.Cancel.ThrowIfCancellationRequested();
        scene.Progress(FormattableString.Invariant($"fitting an exit after {at} blocks"));
        var (weights, bias) = RidgeFit.Run(taps.After(at), taps.Wanted);
        return new ExitHead(at, weights, bias);
    }

    private TriedExit Try(ExitHead head)
    {
        string what = FormattableString.Invariant($"trying an exit after {head.At} blocks");
        var figures = scene.Try(what, SplitPlan.Whole with { Exits = [head] }, [1], FrameRole.Judges);
        var first = figures.Paths["part_1"];
        var (share, threshold) = StopShare(first);
        Thresholds[head.At] = threshold;
        double rest = 1 - (first.MsP50 / figures.Paths["part_1>part_2"].MsP50);
        return new TriedExit(head.At, first.Agreements.Average(), share, share * rest, false);
    }

    /// <summary>The most confident answers, as many as lose no more than is allowed against going on.</summary>
    private (double Share, double Threshold) StopShare(PathTally tally)
    {
        bool hasProbability = scene.Base.Stages[0].Exit!.Gives(ExitSignalKind.MaxProbability);
        var signals = tally.Signals.ConvertAll(s => hasProbability ? s.MaxProbability : -s.LowConfidenceMass);
        int[] order = [.. Enumerable.Range(0, signals.Count).OrderByDescending(i => signals[i])];
        double lost = 0, threshold = hasProbability ? 1 : 0;
        int stopped = 0;
        for (int i = 0; i < order.Length; i++)
        {
            lost += 1 - tally.Agreements[order[i]];
            if (lost <= LossMost * order.Length)
            {
                (stopped, threshold) = (i + 1, Math.Abs(signals[order[i]]));
            }
        }

        return (stopped / (double)order.Length, threshold);
    }
}
