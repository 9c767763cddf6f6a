using EdgeRoute.Core.Agreement;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>What a point comes to on the frames that it was judged on.</summary>
/// <param name="Quality">Mean agreement with the teacher or the labels, in [0, 1].</param>
/// <param name="LatencyMean">Milliseconds of a frame: preprocessing, models and heads; so are the three after it.</param>
/// <param name="MemoryBytes">Of its models' sessions.</param>
/// <param name="Watts">Mean power while it works without a pause; not a number where nothing measures it.</param>
public sealed record PointFigures(int FrameCount, double Quality, double LatencyMean, double LatencyP50, double LatencyP95,
    double LatencyP99, double MemoryBytes, double Watts)
{
    /// <summary>Part of the frames that a model looks at; answers are carried to the others, which take no time.</summary>
    public double LookShare { get; init; } = 1;

    public double Of(PointFigure figure) => figure switch
    {
        PointFigure.LatencyMean => LatencyMean,
        PointFigure.LatencyP50 => LatencyP50,
        PointFigure.LatencyP95 => LatencyP95,
        PointFigure.LatencyP99 => LatencyP99,
        PointFigure.FramesPerSecond => LatencyMean > 0 ? 1000 / LatencyMean : double.NaN,
        PointFigure.Memory => MemoryBytes,
        PointFigure.Watts => Watts,
        PointFigure.Energy => Watts * LatencyMean,
        PointFigure.LookShare => LookShare,
        _ => Quality,
    };
}

/// <summary>A chain with a policy on it and a count of threads.</summary>
/// <param name="Optimistic">The best that the same may come to on all frames, as far as those tell that were run.</param>
/// <param name="IsWhole">It was run on all frames, with whatever threads.</param>
internal sealed record ChoicePoint(
    Chain Chain, IReadOnlyList<StopRule> Rules, int Threads, PointFigures Figures, PointFigures Optimistic, bool IsWhole)
{
    /// <summary>What it may come to on all frames where some flattered it by a standard error; its own figures where it is whole.</summary>
    public required PointFigures Careful { get; init; }

    /// <summary>Where it looks at some frames alone; null for a look at each.</summary>
    public CarriedPlay? Carried { get; init; }
}

/// <summary>Judges every point of a chain on the frames that its packs were run on.</summary>
internal sealed class PointScorer
{
    /// <summary>Standard errors that a figure of some frames may be off; more would run what can hardly win.</summary>
    private const double Errors = 2;

    /// <summary>Variance of one frame more on which the answers differ by half: equal answers on few frames prove little.</summary>
    private const double UnseenVariance = 0.25;

    /// <summary>On fewer nothing is told of how answers grow old.</summary>
    private const int CarriedFramesLeast = 8;

    private readonly ChainLink _teacher;
    private readonly FrameLabels? _labels;
    private readonly IReadOnlyList<int> _threads;
    private readonly int _frameCount;
    private readonly AgreementSettings _settings;
    private readonly Dictionary<(CandidatePack, int), (AnswerAgreement Agreement, float[] Known)> _qualities = [];

    /// <param name="teacher">What is right where there are no labels.</param>
    public PointScorer(IReadOnlyList<CandidatePack> packs, ChainLink teacher, FrameLabels? labels, double doubtBand,
        IReadOnlyList<int> threads, int frameCount)
    {
        (_teacher, _labels) = (teacher, labels);
        (_threads, _frameCount) = (threads, frameCount);
        int limit = Math.Max(1, packs.Max(p => p.Pack.Stages.Max(s => s.Exit?.Detection?.Limit ?? 0)));
        _settings = new AgreementSettings(limit) { DoubtBand = (float)doubtBand, TeacherThreshold = ThresholdOf(teacher) };
    }

    /// <summary>Every how many frames a chain can be judged now; 0 for none.</summary>
    public int StrideOf(Chain chain)
    {
        int[] strides = [.. chain.Packs.Concat(_labels is null ? [_teacher.Pack] : []).Select(p => p.AnswerStride)];
        return strides.Contains(0) ? 0 : strides.Max();
    }

    /// <summary>All points of a chain, on as many frames as its packs and the teacher have in common.</summary>
    public IReadOnlyList<ChoicePoint> PointsOf(Chain chain)
    {
        var frames = FramesOf(chain);
        if (frames.Count == 0)
        {
            return [];
        }

        var points = new List<ChoicePoint>();
        int[] threads = [.. _threads.Where(t => chain.Packs.All(p => p.StrideOf(t) > 0))];
        var ms = threads.ToDictionary(t => t, t => MsOf(chain, t, frames));
        foreach (var rules in chain.Rules(frames))
        {
            int[] ends = EndsOf(chain, rules, frames);
            // Where all frames end alike, the rules decide nothing: another chain is that path.
            if (rules.Count > 0 && ends.Distinct().Count() == 1)
            {
                continue;
            }

            var quality = EstimateOf([.. frames.Select((f, i) => (double)QualityOf(chain.Links[ends[i]], f))]);
            points.AddRange(threads.Select(t => PointOf(chain, rules, t, new Play(ends, ms[t], quality))));
        }

        return points;
    }

    /// <summary>
    /// Those of a path that looks at some frames alone, its answers carried between, on as many frames as it and the teacher have in
    /// common.
    /// </summary>
    public IReadOnlyList<ChoicePoint> CarriedPointsOf(Chain chain, CancellationToken cancel)
    {
        var frames = FramesOf(chain);
        if (frames.Count < CarriedFramesLeast)
        {
            return [];
        }

        int[] threads = [.. _threads.Where(t => chain.Packs.All(p => p.StrideOf(t) > 0))];
        var path = new CarriedPath(chain.Links[^1], _teacher, _labels, frames, _settings);
        var points = new List<ChoicePoint>();
        foreach (var played in path.Plays(cancel))
        {
            int[] looks = [.. played.Looks.Select(l => frames[l])], ends = [.. looks.Select(_ => chain.Links.Count - 1)];
            var quality = EstimateOf(played);
            points.AddRange(threads.Select(t => PointOf(chain, [], t, new Play(ends, MsOf(chain, t, looks), quality)
            {
                Carried = played, JudgedCount = frames.Count,
            })));
        }

        return points;
    }

    private static float[][] MsOf(Chain chain, int threads, IReadOnlyList<int> frames) =>
        [.. chain.Links.Select(l => frames.Select(f => Finite(l.Pack.MsOf(threads, f, l.Variant.Index))).ToArray())];

    /// <summary>How much better than another a point may be on all frames, judged by those that both were run on.</summary>
    public double GainAtBest(ChoicePoint point, ChoicePoint other)
    {
        int[] frames = [.. FramesOf(point.Chain).Where(f => other.Chain.Packs.All(p => p.FrameAt(f) is not null)
            && point.Carried?.Has(f) != false && other.Carried?.Has(f) != false)];
        CarriedQuality[] a = QualitiesOf(point, frames), b = QualitiesOf(other, frames);
        return MeanOf(a, q => q.Most) - MeanOf(b, q => q.Likely) + Margin([.. a.Zip(b, (x, y) => x.Likely - y.Likely)]);
    }

    private CarriedQuality[] QualitiesOf(ChoicePoint point, IReadOnlyList<int> frames)
    {
        if (point.Carried is { } carried)
        {
            return [.. frames.Select(carried.At)];
        }

        int[] ends = EndsOf(point.Chain, point.Rules, frames);
        return [.. frames.Select((f, i) => CarriedQuality.Seen(QualityOf(point.Chain.Links[ends[i]], f)))];
    }

    private static double MeanOf(CarriedQuality[] qualities, Func<CarriedQuality, double> figure) =>
        qualities.Sum(q => q.Weight * figure(q)) / qualities.Sum(q => q.Weight);

    /// <param name="Ends">By frame that is looked at: the link whose answer is taken.</param>
    /// <param name="Ms">By link and frame.</param>
    private sealed record Play(int[] Ends, float[][] Ms, Estimate Quality)
    {
        public CarriedPlay? Carried { get; init; }

        public int JudgedCount { get; init; } = Ends.Length;

        public int IdleCount => Carried is null ? 0 : Math.Max((int)Math.Round((Carried.Interval - 1) * Ends.Length), 0);
    }

    /// <summary>A mean quality, and what it may come to on all frames.</summary>
    private readonly record struct Estimate(double Likely, double Most, double Careful);

    private Estimate EstimateOf(double[] qualities)
    {
        double mean = qualities.Average(), margin = Margin(qualities);
        return new Estimate(mean, Math.Min(mean + margin, 1), mean - (margin / Errors));
    }

    private Estimate EstimateOf(CarriedPlay play)
    {
        double margin = Margin([.. play.Qualities.Select(q => q.Likely)]);
        return new Estimate(play.Quality, Math.Min(play.MeanOf(q => q.Most) + margin, 1), play.MeanOf(q => q.Least) - (margin / Errors));
    }

    private ChoicePoint PointOf(Chain chain, IReadOnlyList<StopRule> rules, int threads, Play play)
    {
        double[] ms = new double[play.Ends.Length];
        double[] busy = new double[chain.Links.Count];
        for (int i = 0; i < ms.Length; i++)
        {
            for (int link = 0; link <= play.Ends[i]; link++)
            {
                ms[i] += play.Ms[link][i];
                busy[link] += play.Ms[link][i];
            }
        }

        var times = new FrameTimes(ms, play.IdleCount, play.JudgedCount);
        var quality = play.Quality;
        var figures = new PointFigures(play.JudgedCount, quality.Likely, times.Mean, times.At(0.5), times.At(0.95), times.At(0.99),
            chain.MemoryBytes, WattsOf(chain, threads, busy)) { LookShare = 1 / (play.Carried?.Interval ?? 1) };
        bool isWhole = StrideOf(chain) == 1;
        var optimistic = isWhole ? figures : figures with
        {
            Quality = quality.Most, LatencyMean = times.MeanBelow(Errors),
            LatencyP50 = times.AtBelow(0.5, Errors), LatencyP95 = times.AtBelow(0.95, Errors), LatencyP99 = times.AtBelow(0.99, Errors),
        };
        var careful = isWhole ? figures : figures with
        {
            Quality = quality.Careful, LatencyMean = times.MeanAbove(1),
            LatencyP50 = times.AtAbove(0.5, 1), LatencyP95 = times.AtAbove(0.95, 1), LatencyP99 = times.AtAbove(0.99, 1),
        };
        return new ChoicePoint(chain, rules, threads, figures, optimistic, isWhole) { Careful = careful, Carried = play.Carried };
    }

    /// <summary>Each stage's mean power for as long as it works.</summary>
    private static double WattsOf(Chain chain, int threads, double[] busy)
    {
        double joules = chain.Links.Select((l, i) => l.Pack.Watts.TryGetValue(threads, out double watts) ? watts * busy[i] : double.NaN)
            .Sum();
        return joules / busy.Sum();
    }

    private List<int> FramesOf(Chain chain)
    {
        var needed = chain.Packs.Concat(_labels is null ? [_teacher.Pack] : []).Distinct().ToList();
        var frames = new List<int>();
        for (int frame = 0; frame < _frameCount; frame++)
        {
            if (needed.TrueForAll(p => p.FrameAt(frame) is not null))
            {
                frames.Add(frame);
            }
        }

        return frames;
    }

    private static int[] EndsOf(Chain chain, IReadOnlyList<StopRule> rules, IReadOnlyList<int> frames)
    {
        int[] ends = new int[frames.Count];
        for (int i = 0; i < ends.Length; i++)
        {
            int frame = frames[i];
            var met = rules.FirstOrDefault(r => r.IsSure(SweptAt(chain.Links[r.LinkIndex], frame).Exit));
            ends[i] = met?.LinkIndex ?? chain.Links.Count - 1;
        }

        return ends;
    }

    private static SweptVariant SweptAt(ChainLink link, int frame) => link.Pack.FrameAt(frame)!.Variants[link.Variant.Index];

    private float QualityOf(ChainLink link, int frame)
    {
        if (!_qualities.TryGetValue((link.Pack, link.Variant.Index), out var known))
        {
            float[] none = new float[_frameCount];
            Array.Fill(none, float.NaN);
            known = (new AnswerAgreement(_settings with { JudgedThreshold = ThresholdOf(link) }), none);
            _qualities[(link.Pack, link.Variant.Index)] = known;
        }

        ref float quality = ref known.Known[frame];
        quality = float.IsNaN(quality) ? Judge(link, frame, known.Agreement) : quality;
        return quality;
    }

    private float Judge(ChainLink link, int frame, AnswerAgreement agreement)
    {
        if (SweptAt(link, frame).Answer is not { } answer)
        {
            return 0;
        }

        if (_labels is not null)
        {
            return _labels.QualityOf(frame, answer, agreement);
        }

        return SweptAt(_teacher, frame).Answer is { } right ? agreement.Of(answer, right) : 0;
    }

    private static float ThresholdOf(ChainLink link) => link.Stage.Exit?.Detection?.Threshold ?? 0;

    /// <summary>A stage that failed costs nothing, and answers nothing.</summary>
    private static float Finite(float ms) => float.IsFinite(ms) ? ms : 0;

    /// <summary>The more of the frames were judged, the fewer are left to be otherwise.</summary>
    private double Margin(double[] values)
    {
        double variance = Math.Pow(Deviation(values), 2) + (UnseenVariance / values.Length);
        double unseen = Math.Max(1 - ((double)values.Length / _frameCount), 0);
        return Errors * Math.Sqrt(variance * unseen / values.Length);
    }

    public static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}
