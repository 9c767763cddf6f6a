using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>A path that looks at some frames, its answers carried between.</summary>
/// <param name="Name">When it looks.</param>
/// <param name="Rule">As a device config has it.</param>
/// <param name="Frames">Those that it was judged on.</param>
/// <param name="Looks">Which of them it looked at, by their place.</param>
/// <param name="Qualities">By judged frame: the mean of it and of those after it that were not run, which it stands for.</param>
internal sealed record CarriedPlay(string Name, CarryRule Rule, int[] Frames, int[] Looks, CarriedQuality[] Qualities)
{
    /// <summary>Frames of the footage for each look.</summary>
    public double Interval => Qualities.Sum(q => q.Weight) / Looks.Length;

    public double Quality => MeanOf(q => q.Likely);

    public double MeanOf(Func<CarriedQuality, double> figure) =>
        Qualities.Sum(q => q.Weight * figure(q)) / Qualities.Sum(q => q.Weight);

    public bool Has(int frame) => Array.BinarySearch(Frames, frame) >= 0;

    /// <summary>At a frame of the footage that it was judged on.</summary>
    public CarriedQuality At(int frame) => Qualities[Array.BinarySearch(Frames, frame)];
}

/// <summary>
/// Quality of a frame that was judged and of those after it up to the next, which lie between what is known at both ends.
/// </summary>
/// <param name="Weight">How many frames these are.</param>
/// <param name="Likely">An answer grows old with the root of its age, as what moves at random does.</param>
/// <param name="Least">As if it were as old at once as it is at the next judged frame.</param>
/// <param name="Most">As if it grew old evenly.</param>
internal readonly record struct CarriedQuality(double Weight, double Likely, double Least, double Most)
{
    /// <summary>Of a frame that is looked at, as each is.</summary>
    public static CarriedQuality Seen(double quality) => new(1, quality, quality, quality);
}

/// <summary>
/// Plays a path of one pack with its answers carried, by the player and the judge that frontiers are played with, on the frames that it was
/// run on. Where those are all frames, that is what a device does. Else looks and judgements fall on these frames alone, and the quality
/// between two of them is told from both ends.
/// </summary>
internal sealed class CarriedPath
{
    private const string PathName = "path";

    private static readonly RouteTree Tree = new(new RouteGraph([new RouteStage(PathName, true, true, [])],
        [EdgeTo(0), EdgeTo(RouteGraph.Previous)]));

    private static readonly RouteNode Path = Tree.FindPath(PathName)!, Previous = Tree.FindPath("previous")!;

    /// <summary>Beside the tree: no policy goes there, and nobody judges its answers.</summary>
    private static readonly RouteNode Teacher = new(Tree.Nodes.Count, 0, RouteGraph.Frame, 1, "teacher", true, false, []);

    private readonly int[] _frames;

    /// <summary>By frame: how far the next one is; of the last, 1.</summary>
    private readonly int[] _gaps;

    private readonly double _gapMean;
    private readonly SweptRecording _recording;
    private readonly QualityJudge _judge;
    private readonly TrackerSettings _tracking;
    private readonly float _ageMost;
    private readonly double _frameMs;

    /// <param name="frames">In their order, and two at least.</param>
    /// <param name="teacher">What is right where there are no labels.</param>
    public CarriedPath(ChainLink last, ChainLink teacher, FrameLabels? labels, IReadOnlyList<int> frames,
        AgreementSettings settings)
    {
        _frames = [.. frames];
        _gaps = [.. _frames.Skip(1).Zip(_frames, (next, frame) => next - frame), 1];
        _gapMean = _gaps.Average();
        _recording = new SweptRecording(last.Name, Tree, last.Pack.Pack.Task, [.. frames.Select(f => FrameOf(last, teacher, f))]);
        float threshold = ThresholdOf(last);
        _judge = new QualityJudge(_recording, settings, [0, threshold, threshold, ThresholdOf(teacher)], Teacher, labels);
        _tracking = new TrackerSettings(1, threshold, settings.DoubtBand);
        _ageMost = (float)Math.Min(last.Pack.Pack.MaxAgeMs ?? Router.UsualMaxAgeMs, Router.UsualMaxAgeMs);
        _frameMs = SkippingGrid.FrameMs(_recording);
    }

    /// <summary>Every n-th frame, and those that differ enough from the one that was seen last.</summary>
    public IEnumerable<CarriedPlay> Plays(CancellationToken cancel)
    {
        var every = SkippingGrid.Intervals.Where(n => SkippingGrid.EveryRule(n, _frameMs).AgeMsAtMost <= _ageMost);
        foreach (int interval in every)
        {
            cancel.ThrowIfCancellationRequested();
            var rule = SkippingGrid.EveryRule(interval, _frameMs);
            yield return PlayOf(SkippingGrid.EveryName(interval), rule, Play(rule), interval);
        }

        foreach (float drift in SkippingGrid.Drifts)
        {
            cancel.ThrowIfCancellationRequested();
            var rule = new CarryRule(_ageMost, drift);
            var play = PlayOf(SkippingGrid.DriftName(drift), rule, Play(rule), null);
            // Where nearly each frame that was run is looked at, those between might be as well.
            if (_gapMean <= 1 ? play.Looks.Length < _frames.Length : play.Interval > 2 * _gapMean)
            {
                yield return play;
            }
        }
    }

    /// <param name="Looked">It looked at the frame.</param>
    /// <param name="Carried">Quality of what was carried to it.</param>
    private readonly record struct Shown(bool Looked, double Quality, double Carried);

    private Shown[] Play(CarryRule rule)
    {
        double[] carried = new double[_frames.Length];
        var player = new SweepPlayer(_recording, _judge, _tracking) { OnFrame = s => carried[s.FrameIndex] = s.QualityOf(Previous) };
        var router = new Router(Tree, _recording.Profile(), new SkippingPolicy(Tree, PathName, rule))
        {
            Operating = OperatingPoint.Free, MaxAgeMs = Math.Max(_ageMost, rule.AgeMsAtMost),
        };
        return [.. player.Play(router).Select(p => new Shown(p.NodeIndex == Path.Index, p.Quality, carried[p.FrameIndex]))];
    }

    /// <param name="interval">Frames between two looks; null for whatever the footage asks for.</param>
    private CarriedPlay PlayOf(string name, CarryRule rule, Shown[] shown, int? interval)
    {
        int[] looks = [.. Enumerable.Range(0, shown.Length).Where(i => shown[i].Looked)];
        var qualities = new CarriedQuality[shown.Length];
        for (int i = 0, age = 0; i < shown.Length; i++)
        {
            age = shown[i].Looked || i == 0 ? 0 : age + _gaps[i - 1];
            bool isLast = i + 1 == shown.Length;
            double end = isLast ? shown[i].Quality : shown[i + 1].Carried;
            double stands = _gaps[i] == 1 ? 1 : StandsFor(_gaps[i], interval - age, shown[i + 1].Looked);
            qualities[i] = Between(shown[i].Quality, end, age, _gaps[i], stands);
        }

        return new CarriedPlay(name, rule, _frames, looks, qualities);
    }

    /// <summary>
    /// Frames up to the next that was run. A look that the picture asks for falls anywhere between the last frame without the need for it
    /// and the one that shows it.
    /// </summary>
    private static double StandsFor(int gap, int? left, bool isLookedAtNext)
    {
        double most = left is null && isLookedAtNext ? (gap + 1) / 2.0 : gap;
        return Math.Clamp(left ?? most, 0, most);
    }

    private static CarriedQuality Between(double quality, double end, int age, int gap, double stands)
    {
        double likely = quality, least = quality, most = quality;
        double from = Math.Sqrt(age), to = Math.Sqrt(age + gap);
        int count = Math.Max((int)Math.Ceiling(stands), 1);
        for (int later = 1; later < count; later++)
        {
            double old = (Math.Sqrt(age + later) - from) / (to - from), even = (double)later / gap;
            likely += quality + (old * (end - quality));
            least += Math.Min(quality, end);
            most += Math.Max(quality + (even * (end - quality)), quality + (old * (end - quality)));
        }

        return new CarriedQuality(stands, likely / count, least / count, most / count);
    }

    private static float ThresholdOf(ChainLink link) => link.Stage.Exit?.Detection?.Threshold ?? 0;

    /// <summary>A frame with the path's answer and the teacher's; what they took is told elsewhere, with each count of threads.</summary>
    private static SweptFrame FrameOf(ChainLink last, ChainLink teacher, int frame)
    {
        var swept = last.Pack.FrameAt(frame)!;
        var ran = swept.Variants[last.Variant.Index];
        var answer = ran.Answer?.Shrunk();
        answer?.NodeIndex = Path.Index;
        var right = teacher.Pack.FrameAt(frame)?.Variants[teacher.Variant.Index].Answer;
        return swept with { Variants = [new SweptVariant(0, ran.Exit, answer), new SweptVariant(0, default, right)] };
    }

    private static RouteEdge EdgeTo(int stage) => new(RouteGraph.Frame, stage, [1], [1], FrameRegion.Full);
}
