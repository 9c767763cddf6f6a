using System.Diagnostics;
using EdgeRoute.Documents;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>
/// Chooses packs, a policy and a count of threads for footage, under constraints. Models run on a few frames first, evenly spread; then
/// what might still win runs on twice as many, and after that the best first, until the best was run on all of them and nothing else can
/// be better, or a quarter of all runs is spent: then the best is judged on the frames that there are, with a bound on how far off that
/// may be. What breaks a constraint at its best is not run on. Answers are kept as they come: policies are played through them, and
/// carried from frame to frame, which costs no run. They are the same with each count of threads, so that others than the fewest are run
/// for their pace alone.
/// </summary>
public sealed class ChooseRun
{
    /// <summary>Frames of the first round: so many at least, and about this part of all.</summary>
    private const int FirstFrames = 16, FirstPart = 32;

    /// <summary>Times are told by fewer frames than answers are: with more threads than the fewest so many times fewer.</summary>
    private const int TimesPart = 2;

    /// <summary>How many times more frames a next round takes.</summary>
    private const int Growth = 2;

    /// <summary>
    /// Rivals that were run on more than so many times fewer frames than the best come before it: what they may be is hardly known, and
    /// cheap to know.
    /// </summary>
    private const int ComparedGrowth = 2;

    /// <summary>Frames more that tell anything.</summary>
    private const int FramesBetweenLeast = 8;

    /// <summary>Of all runs, what a choice may take once it has a point that keeps the constraints.</summary>
    private const double RunPart = 0.25;

    /// <summary>So many runs take seconds: short footage is not judged on a handful of its frames to spare them.</summary>
    private const long RunsSpared = 500;

    private readonly ChooseRequest _request;
    private readonly Action<string> _progress;
    private readonly CancellationToken _cancel;
    private readonly IReadOnlyList<int> _threads;
    private readonly IReadOnlyList<CandidatePack> _packs;
    private readonly ChoiceRuns _runs;
    private readonly ChoiceGoal _goal;
    private readonly Dictionary<Chain, IReadOnlyList<ChoicePoint>> _points = [], _carried = [];
    private int _firstStride;

    private ChooseRun(ChooseRequest request, EngineReporter report, Action<string> progress, CancellationToken cancel)
    {
        (_request, _progress, _cancel) = (request, progress, cancel);
        _threads = request.Threads.Count > 0 ? [.. request.Threads.Distinct().Order()]
            : [.. Enumerable.Range(1, Environment.ProcessorCount)];
        _goal = new ChoiceGoal(request.Constraints);
        progress("opening the packs");
        _packs = CandidatePacks.Open(request, report, cancel);
        _runs = new ChoiceRuns(request, report, progress, cancel);
    }

    /// <param name="progress">How it stands, often.</param>
    /// <exception cref="EngineRefusedException">The library, a pack or the source cannot be used, or a constraint cannot be measured
    /// here.</exception>
    /// <exception cref="InvalidDataException">The packs do not answer alike, or the labels do not fit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was run is kept, and the same request goes on from there.</exception>
    public static Choice Run(ChooseRequest request, EngineReporter report, Action<string> progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        // Each pack is loaded again and again, and says the same each time.
        var told = new HashSet<string>();
        var run = new ChooseRun(request, (level, text) =>
        {
            if (told.Add(text))
            {
                report(level, text);
            }
        }, progress, cancel);
        return run.Choose(watch);
    }

    private Choice Choose(Stopwatch watch)
    {
        var labels = _request.Labels is null ? null : FrameLabels.Read(_request.Labels, _request.Source);
        MeasurePower();
        int frameCount = _runs.CountFrames(_packs[0]);
        int first = _firstStride = FirstStride(frameCount);
        _runs.Run([.. _packs.SelectMany(p => _threads.Select((t, i) => FirstWish(p, t, i == 0 ? first : first * TimesPart, frameCount)))]);
        var teacher = Teacher(first);
        var scorer = new PointScorer(_packs, teacher, labels, _request.DoubtBand, _threads, frameCount);
        var chains = Chain.Of(_packs);
        long limit = Math.Max((long)(RunPart * AllRuns(frameCount)), RunsSpared);
        Score(scorer, chains, _packs);
        while (NextWishes(scorer, labels is null ? teacher.Pack : null, limit) is { Count: > 0 } wishes)
        {
            _runs.Run(wishes);
            CandidatePack[] raised = [.. wishes.Select(w => w.Pack)];
            Score(scorer, chains, raised.Contains(teacher.Pack) ? _packs : raised);
        }

        var facts = new ChoiceFacts(_request, frameCount, labels is null ? teacher.Name : "the labels", _packs, AllRuns(frameCount));
        ChoicePoint[] all = AllPoints();
        return new Choice(facts, _goal, all, Undecided(all, scorer), labels, watch.Elapsed.TotalSeconds);
    }

    private ChoicePoint[] AllPoints() => [.. _points.Values.Concat(_carried.Values).SelectMany(p => p)];

    private long AllRuns(int frameCount) => _packs.Sum(p => (long)p.Tree.Variants.Count) * _threads.Count * frameCount;

    private RunWish FirstWish(CandidatePack pack, int threads, int stride, int frameCount) =>
        new(pack, threads, _request.IsExhaustive ? 1 : Math.Min(stride, frameCount));

    /// <summary>
    /// What has to run next, within the runs that a choice may take: at first what was run on the fewest frames of the point that seems
    /// best and of those that may still replace it, so that they can be compared; then the best, and after it the others. Empty where the
    /// choice is made, or no point can keep the constraints.
    /// </summary>
    private IReadOnlyList<RunWish> NextWishes(PointScorer scorer, CandidatePack? teacher, long limit)
    {
        ChoicePoint[] all = AllPoints();
        if (_goal.Best(all) is not { } best)
        {
            var hope = all.Where(p => !p.IsWhole && _goal.Keeps(p.Optimistic)).MaxBy(p => (p.Figures.Quality, -p.Figures.LatencyMean));
            return hope is null ? [] : WishesFor(hope, teacher, scorer);
        }

        long left = limit - _packs.Sum(p => p.RunCount);
        var pace = PaceWishes(all, best);
        if (pace.Count > 0 && pace.Sum(_runs.CostOf) <= left)
        {
            return pace;
        }

        var rivals = Rivals(all, best, scorer).OrderByDescending(p => p.Figures.Quality).ThenBy(p => p.Figures.LatencyMean).ToList();
        int compared = Math.Min(Math.Max(_firstStride / Growth, 1), ComparedGrowth * Math.Max(scorer.StrideOf(best.Chain), Growth));
        ChoicePoint[] open = [.. rivals.Prepend(best).Where(p => !p.IsWhole)
            .OrderByDescending(p => Math.Max(scorer.StrideOf(p.Chain), compared))];
        return open.Select(p => WishesFor(p, teacher, scorer)).FirstOrDefault(w => w.Count > 0 && w.Sum(_runs.CostOf) <= left)
            ?? WishesWithin(left, open, teacher, scorer);
    }

    /// <summary>
    /// The pace that some threads bring is known by few frames. What would be taken if they were a little quicker than that is run with
    /// them on as many as the first round has.
    /// </summary>
    private List<RunWish> PaceWishes(ChoicePoint[] all, ChoicePoint best)
    {
        bool IsCoarse(CandidatePack pack, int threads) => pack.StrideOf(threads) > _firstStride;
        var close = all.Where(p => p != best && p.Chain.Packs.Any(k => IsCoarse(k, p.Threads)) && _goal.IsClose(p, best))
            .MaxBy(p => (p.Figures.Quality, -p.Figures.LatencyMean));
        return close is null ? [] : [.. close.Chain.Packs.Where(k => IsCoarse(k, close.Threads))
            .Select(k => new RunWish(k, close.Threads, Math.Max(k.StrideOf(close.Threads) / Growth, 1)))];
    }

    /// <summary>
    /// What is left of the runs does not take the best and its first rival twice as far: as many frames more of both, evenly spread.
    /// </summary>
    private List<RunWish> WishesWithin(long left, ChoicePoint[] open, CandidatePack? teacher, PointScorer scorer)
    {
        if (open.Length == 0)
        {
            return [];
        }

        ChoicePoint[] near = [.. open.Where(p => scorer.StrideOf(p.Chain) == scorer.StrideOf(open[0].Chain)).Take(2)];
        int stride = scorer.StrideOf(near[0].Chain);
        CandidatePack[] packs = [.. near.SelectMany(p => WishesFor(p, teacher, scorer)).Select(w => w.Pack).Distinct()];
        int between = (int)Math.Min(left / packs.Sum(p => p.Tree.Variants.Count), _runs.CountBetween(stride));
        // Runs that were spent so before are not spent again.
        bool isWorth = between >= FramesBetweenLeast && Array.TrueForAll(packs, p => p.AnswerStride == stride);
        return isWorth ? [.. packs.Select(p => new RunWish(p, p.AnswerThreads, stride) { Between = between })
            .Where(w => _runs.CostOf(w) > 0)] : [];
    }

    /// <summary>Of each path the point of the most quality that might replace the best; those below it are not looked at.</summary>
    private IEnumerable<ChoicePoint> Rivals(IEnumerable<ChoicePoint> all, ChoicePoint best, PointScorer scorer)
    {
        // The same with each count of threads.
        var gains = new Dictionary<(Chain, IReadOnlyList<StopRule>, CarriedPlay?), double>();
        double GainOf(ChoicePoint point)
        {
            var key = (point.Chain, point.Rules, point.Carried);
            return gains.TryGetValue(key, out double known) ? known : gains[key] = scorer.GainAtBest(point, best);
        }

        return all.Where(p => !p.IsWhole && p.Chain != best.Chain).GroupBy(p => p.Chain)
            .Select(g => g.OrderByDescending(p => p.Figures.Quality).FirstOrDefault(p => _goal.MightReplace(p, best, () => GainOf(p))))
            .OfType<ChoicePoint>();
    }

    /// <summary>Paths that may be better, and that the runs did not suffice for.</summary>
    private IReadOnlyList<string> Undecided(IReadOnlyList<ChoicePoint> all, PointScorer scorer) =>
        _goal.Chosen(all) is not { } best ? [] : [.. Rivals(all, best, scorer).Select(p => p.Chain.Name)];

    /// <summary>What has to run so that a point is judged on more frames: its own packs, and the teacher.</summary>
    private static List<RunWish> WishesFor(ChoicePoint point, CandidatePack? teacher, PointScorer scorer)
    {
        int finer = Math.Max(scorer.StrideOf(point.Chain) / Growth, 1);
        var packs = point.Chain.Packs.Concat(teacher is null ? [] : [teacher]).Distinct();
        return [.. packs.Where(p => p.AnswerStride > finer).Select(p => new RunWish(p, p.AnswerThreads, finer))];
    }

    private void Score(PointScorer scorer, IReadOnlyList<Chain> chains, IReadOnlyList<CandidatePack> changed)
    {
        _progress($"comparing what {chains.Count} paths come to");
        foreach (var chain in chains.Where(c => c.Packs.Any(changed.Contains)))
        {
            _cancel.ThrowIfCancellationRequested();
            _points[chain] = scorer.PointsOf(chain);
            _carried.Remove(chain);
        }

        var worth = _request.HasTime && !_goal.LooksAtAll ? WorthCarrying() : [];
        foreach (var chain in worth.Where(c => !_carried.ContainsKey(c)))
        {
            _progress($"carrying the answers of {chain.Name}");
            _carried[chain] = scorer.CarriedPointsOf(chain, _cancel);
        }
    }

    /// <summary>
    /// Paths of one pack that another one hardly beats in all figures: what is carried of a worse answer that takes longer is worse.
    /// </summary>
    private List<Chain> WorthCarrying()
    {
        ChoicePoint[] whole = [.. _points.Values.SelectMany(p => p).Where(p => p.Rules.Count == 0 && p.Threads == _threads[0])];
        return [.. whole.Where(p => !Array.Exists(whole, o => o != p && IsBeaten(p, o))).Select(p => p.Chain)];
    }

    private static bool IsBeaten(ChoicePoint point, ChoicePoint by) => by.Careful.Quality > point.Optimistic.Quality
        && by.Careful.LatencyMean < point.Optimistic.LatencyMean && by.Figures.MemoryBytes <= point.Figures.MemoryBytes
        && !(by.Figures.Watts > point.Figures.Watts);

    private static int FirstStride(int frameCount)
    {
        int stride = 1;
        while (frameCount / (stride * 2) >= Math.Max(FirstFrames, frameCount / FirstPart))
        {
            stride *= 2;
        }

        return stride;
    }

    /// <summary>The exit that the costliest path ends in, by the least time that its stages took.</summary>
    private ChainLink Teacher(int stride)
    {
        CandidatePack[] taught = [.. _packs.Where(p => _request.Teacher is null || p.Name == _request.Teacher
            || Path.GetFullPath(p.Place.Given) == Path.GetFullPath(_request.Teacher))];
        if (taught.Length == 0)
        {
            throw new InvalidDataException($"there is no pack '{_request.Teacher}' to teach; {NearestName.Suggest(_request.Teacher!,
                [.. _packs.Select(p => p.Name)])}");
        }

        return taught.SelectMany(Chain.PathsOf).MaxBy(c => c.Links.Sum(l => l.Pack.LeastMs(l.Variant.Index, stride)))!.Links[^1];
    }

    /// <summary>Only where a constraint asks for it: it takes a while, and most machines have no sensor.</summary>
    private void MeasurePower()
    {
        if (_request.Constraints.FirstOrDefault(c => c.Figure is PointFigure.Watts or PointFigure.Energy) is not { } asked)
        {
            return;
        }

        foreach (var pack in _packs)
        {
            foreach (int threads in _threads)
            {
                _progress($"measuring the power of {pack.Name} with {ChoiceRuns.Words(threads)}");
                double? watts = _request.WattsOf is { } given ? given(pack.Place.Given, threads) : _runs.MeasureWatts(pack, threads);
                pack.Watts[threads] = watts ?? throw new EngineRefusedException(RefusalCause.Machine, $"'{asked}' cannot be kept: nothing "
                    + "measures power on this machine ('edgerouted doctor' says why); leave it out, or choose on the board");
            }
        }
    }
}
