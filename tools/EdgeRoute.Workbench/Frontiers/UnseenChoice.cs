using System.Globalization;
using System.Text.Json.Serialization;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Workbench.Calibrating;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Frontiers;

/// <summary>
/// Chooses a way of routing for footage that nobody has seen yet: the cheapest that loses no more than is asked, chance included. The value
/// rule is judged on frames that it was not fitted to; what has only a threshold or two is judged on all, with twice the margin, because
/// the best of many looks better than it is. A budget of lost quality is steered while it runs, here as there.
/// </summary>
public sealed class UnseenChoice(OpenedSweep sweep)
{
    /// <summary>Parts that are left out in turn while the value rule is fitted to the rest.</summary>
    private const int FoldCount = 4;

    /// <summary>Runs of frames by whose differences chance is told: each long enough that most moments lie within one.</summary>
    private const int BlockCount = 8;

    /// <summary>Frames below which a part left out would show nothing.</summary>
    private const int LeastFrames = FoldCount * BlockCount;

    /// <summary>Budgets of lost quality that are tried, in points.</summary>
    private static readonly double[] LossBudgets = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5, 7, 10];

    /// <summary>Standard errors that are added to the loss seen, and taken off it where looks steer the price.</summary>
    private const double HeldOutErrors = 1, TunedErrors = 2, SteeredErrors = 2;


    private readonly SweptRecording _part = sweep.Part;
    private readonly QualityJudge _judge = sweep.JudgeOf(sweep.Part);
    private readonly CostTable _costs = sweep.Part.Profile();
    private readonly string _heaviestPath = sweep.Part.HeaviestNode().PathName;

    /// <summary>What each way of routing is expected to lose, always the heaviest path first.</summary>
    /// <param name="points">Of a frontier on the same frames: which fixed paths, cascades and skipping rules there are.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <exception cref="InvalidDataException">There are too few frames.</exception>
    public IReadOnlyList<UnseenCandidate> Judge(IReadOnlyList<FrontierPoint> points, Action<string> progress, CancellationToken cancel)
    {
        if (_part.Frames.Count < LeastFrames)
        {
            throw new InvalidDataException($"'{_part.Name}' has {_part.Frames.Count} frames in the span; to choose for unseen footage at "
                + $"least {LeastFrames} are needed, and a minute or more of typical footage is wise");
        }

        var heaviest = Play(new FixedPolicy(_part.Tree, _heaviestPath), 0);
        var heaviestPoint = points.First(p => p.Family == "fixed" && p.Name == _heaviestPath);
        var found = new List<UnseenCandidate> { Judged(heaviestPoint, heaviest, heaviest, 0) };
        progress("what may be lost by chance");
        foreach (var point in points.Where(p => p.Name != _heaviestPath && PolicyOf(p) is not null).Concat(MoreSkipping()))
        {
            cancel.ThrowIfCancellationRequested();
            found.Add(Judged(point, Play(PolicyOf(point)!, 0), heaviest, TunedErrors));
        }

        found.AddRange(Valued(heaviest, progress, cancel));
        return found;
    }

    /// <param name="candidates">As judged here.</param>
    /// <param name="loss">Quality that may be lost against always the heaviest path, as a part of 1.</param>
    public UnseenReport Choose(IReadOnlyList<UnseenCandidate> candidates, double loss)
    {
        var families = candidates.GroupBy(c => c.Point.Family).Select(f => CheapestOf(f, loss)).OfType<UnseenCandidate>()
            .OrderBy(c => c.Point.Ms).ToList();
        return new UnseenReport(loss, _part.Frames.Count, _heaviestPath, families[0], families)
        {
            HeldOutCurve = [.. candidates.Where(c => c.Point.Family == "value").Select(CurvePoint)],
        };
    }

    private static CalibrationDocument.CurvePart CurvePoint(UnseenCandidate held) =>
        new() { PricePerMs = held.Point.PricePerMs!.Value, Quality = held.Point.Quality, Ms = held.Point.Ms };

    /// <summary>The calibration that the chosen point runs with, fitted to all frames; null where it needs none.</summary>
    public CalibrationDocument? CalibrationFor(UnseenReport report, SweepChoice choice, Action<string> progress,
        CancellationToken cancel)
    {
        if (report.Chosen.Point.Family is not ("value" or "quality_loss"))
        {
            return null;
        }

        var document = CalibrationRun.Run(sweep, new CalibrateRequest(choice, [], 0.95, FitShare: 1), progress, cancel);
        // What it was fitted to flatters it, and a budget starts from what the curve expects.
        document.Curve = [.. report.HeldOutCurve];
        return document;
    }

    private static UnseenCandidate? CheapestOf(IEnumerable<UnseenCandidate> family, double loss) =>
        family.Where(c => c.Keeps(loss)).MinBy(c => c.Point.Ms);

    private IRoutePolicy? PolicyOf(FrontierPoint point)
    {
        if (point.Skipping is { } skipping)
        {
            return new SkippingPolicy(_part.Tree, skipping.PathName!, skipping.Carry!);
        }

        if (point.Cascade is { } cascade)
        {
            return new CascadePolicy(_part.Tree, cascade);
        }

        return point.Family == "fixed" ? new FixedPolicy(_part.Tree, point.Name) : null;
    }

    private IEnumerable<FrontierPoint> MoreSkipping() => CanReuse
        ? SkippingGrid.Both(_part).Select(s => new FrontierPoint("motion_gated", s.Name, 0, 0, 0, null, null)
            { Skipping = new PolicyConfig(PolicyKind.Skipping, _heaviestPath) { Carry = s.Rule } })
        : [];

    private bool CanReuse => _part.Tree.Nodes[0].Options.Any(o => o.Kind == OptionKind.Previous);

    private IEnumerable<UnseenCandidate> Valued(IReadOnlyList<PlayedFrame> heaviest, Action<string> progress, CancellationToken cancel)
    {
        var folds = new List<ValuePolicy>();
        for (int i = 0; i < FoldCount; i++)
        {
            progress($"the value rule without part {i + 1} of {FoldCount}");
            var rest = Without(i);
            folds.Add(new ValuePolicy(new Calibrator(rest, sweep.JudgeOf(rest), sweep.Tracking).Fit(_ => { }, cancel).Calibration));
        }

        var curve = new List<(double PricePerMs, double Quality)>();
        foreach (double price in PriceGrid.Of(_part))
        {
            cancel.ThrowIfCancellationRequested();
            var policy = new HeldOutPolicy(folds, _part.Frames.Count);
            string name = string.Create(CultureInfo.InvariantCulture, $"price {price:0.#####}");
            var point = new FrontierPoint("value", name, 0, 0, 0, price, null);
            var judged = Judged(point, Play(policy, price, s => policy.FrameIndex = s.FrameIndex), heaviest, HeldOutErrors);
            curve.Add((price, judged.Point.Quality));
            yield return judged;
        }

        foreach (double points in LossSteering.Fits(sweep) ? LossBudgets : [])
        {
            cancel.ThrowIfCancellationRequested();
            var policy = new HeldOutPolicy(folds, _part.Frames.Count);
            var point = new FrontierPoint("quality_loss", FrontierRun.LossName(points), 0, 0, 0, null, null) { QualityLoss = points };
            var steering = new LossSteering(_part, points, PriceGrid.ScaleOf(_part), LossPrice.StartOf(curve, points));
            yield return Judged(point, Play(policy, 0, s => policy.FrameIndex = s.FrameIndex, steering), heaviest, SteeredErrors);
        }
    }

    private SweptRecording Without(int fold)
    {
        int count = _part.Frames.Count;
        return new SweptRecording(_part.Name, _part.Tree, _part.Task, [.. _part.Frames.Where((_, i) => i * FoldCount / count != fold)])
        {
            Plan = _part.Plan,
        };
    }

    private IReadOnlyList<PlayedFrame> Play(IRoutePolicy policy, double price, Action<FrameState>? onFrame = null,
        LossSteering? steering = null)
    {
        var router = new Router(_part.Tree, _costs, policy) { Operating = OperatingPoint.Free with { PricePerMs = (float)price } };
        return new SweepPlayer(_part, _judge, sweep.Tracking) { OnFrame = onFrame, Steering = steering }.Play(router);
    }

    private static UnseenCandidate Judged(FrontierPoint point, IReadOnlyList<PlayedFrame> play, IReadOnlyList<PlayedFrame> heaviest,
        double errors)
    {
        var score = PlayScore.Of(play);
        double[] losses = [.. heaviest.Zip(play, (h, p) => (double)h.Quality - p.Quality)];
        double[] blocks = [.. losses.Select((loss, i) => (Loss: loss, Block: i * BlockCount / losses.Length)).GroupBy(l => l.Block)
            .Select(b => b.Average(l => l.Loss))];
        double mean = blocks.Average(), variance = blocks.Sum(b => Math.Pow(b - mean, 2)) / (blocks.Length - 1);
        double share = heaviest.Sum(h => (double)h.Ms) is > 0 and var all ? play.Sum(p => (double)p.Ms) / all : 0;
        bool isTuned = errors >= TunedErrors && point.QualityLoss is null;
        double chance = Math.Max(errors * Math.Sqrt(variance / blocks.Length), isTuned ? OneMoment(play) : 0);
        return new UnseenCandidate(point with { Quality = score.Quality, Ms = score.Ms, CostShare = share }, losses.Average(), chance);
    }

    /// <summary>
    /// What one more missed moment would cost, which is as long as answers are carried: footage on which a threshold was picked because
    /// nothing was lost there has not shown that nothing can be.
    /// </summary>
    private static double OneMoment(IReadOnlyList<PlayedFrame> play) => 1.0 / Math.Max(1, play.Count(p => p.Ms > 0));
}

/// <summary>The value rule, on each frame with the gains that were fitted without that frame's part of the recording.</summary>
internal sealed class HeldOutPolicy(IReadOnlyList<ValuePolicy> folds, int frameCount) : IRoutePolicy
{
    public int FrameIndex { get; set; }

    public string Name => "value";

    public int Choose(in DecisionPoint point, Span<OptionValue> values) =>
        folds[FrameIndex * folds.Count / frameCount].Choose(point, values);
}

/// <summary>A way of routing, and what it is expected to lose on footage like this.</summary>
/// <param name="Loss">Mean quality lost against always the heaviest path, as a part of 1.</param>
/// <param name="Margin">What chance may add to it, or may have added where looks steer the price.</param>
public sealed record UnseenCandidate(FrontierPoint Point, double Loss, double Margin)
{
    /// <summary>
    /// Whether it is expected to lose no more than asked. A budget of lost quality goes on being steered on other footage, so it is doubted
    /// only where these frames show more than chance that it did not hold; and it must ask for no more itself.
    /// </summary>
    public bool Keeps(double asked) => Point.QualityLoss is { } points ? points <= 100 * asked && Loss - Margin <= asked
        : Loss + Margin <= asked;
}

/// <param name="Asked">Quality that may be lost, as a part of 1.</param>
/// <param name="FrameCount">Frames that it was chosen on.</param>
/// <param name="Families">The cheapest of each kind that keeps to it, cheapest first; kinds of which none does are left out.</param>
public sealed record UnseenReport(double Asked, int FrameCount, string HeaviestPath, UnseenCandidate Chosen,
    IReadOnlyList<UnseenCandidate> Families)
{
    /// <summary>What the value rule came to at its prices, on frames that it was not fitted to.</summary>
    [JsonIgnore]
    public IReadOnlyList<CalibrationDocument.CurvePart> HeldOutCurve { get; init; } = [];
}
