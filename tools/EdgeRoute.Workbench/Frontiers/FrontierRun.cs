using System.Globalization;
using System.Text.Json.Serialization;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
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
/// Plays fixed paths, threshold cascades, skipping, the value rule, random choices and two oracles through the same frames.
/// </summary>
public sealed class FrontierRun(OpenedSweep sweep)
{
    /// <summary>Shares of reuse and of stopping that the random baseline is played with.</summary>
    private static readonly double[] RandomShares = [0, 0.25, 0.5, 0.75, 1];

    /// <summary>Points that the value rule may lose where looks steer its price.</summary>
    private static readonly double[] LossBudgets = [0.5, 1, 2, 5];

    private readonly SweptRecording _part = sweep.Part;
    private readonly QualityJudge _judge = sweep.JudgeOf(sweep.Part);
    private readonly CostTable _costs = sweep.Part.Profile();

    /// <summary>What the calibration expects at its prices, where a budget of lost quality starts; empty where none is known.</summary>
    public IReadOnlyList<CalibrationDocument.CurvePart> Curve { get; init; } = [];

    /// <param name="calibration">The value rule's; null leaves it out.</param>
    /// <param name="progress">Told what is being played.</param>
    public IReadOnlyList<FrontierPoint> Run(Calibration? calibration, Action<string> progress, CancellationToken cancel)
    {
        var heaviest = Score(new FixedPolicy(_part.Tree, _part.HeaviestNode().PathName), 0);
        var points = new List<FrontierPoint>();
        progress("fixed paths");
        foreach (string path in _part.Tree.PathNames.Where(p => p != "previous"))
        {
            points.Add(PointOf("fixed", path, Score(new FixedPolicy(_part.Tree, path), 0), heaviest.Ms));
        }

        progress("threshold cascades");
        var cascades = new List<FrontierPoint>();
        foreach (var (name, settings) in CascadeGrid.Of(_part))
        {
            cancel.ThrowIfCancellationRequested();
            var score = Score(new CascadePolicy(_part.Tree, settings), 0);
            cascades.Add(PointOf("cascade", name, score, heaviest.Ms) with { Cascade = settings });
        }

        points.AddRange(Undominated(cascades));
        AddRandom(points, heaviest.Ms);
        AddSkipping(points, heaviest.Ms);
        progress("the value rule and the oracles");
        AddPriced(points, calibration, heaviest.Ms, cancel);
        AddSteered(points, calibration, heaviest.Ms);
        var bound = new OracleBound(points.Where(p => p.Family is "time_oracle" or "oracle"));
        return points.ConvertAll(p => p with { Regret = bound.RegretOf(p, heaviest.Ms) });
    }

    private void AddPriced(List<FrontierPoint> points, Calibration? calibration, double heaviestMs, CancellationToken cancel)
    {
        var timeOracle = new TimeOracle(_part, _judge, sweep.Tracking);
        double highest = PriceGrid.Of(_part)[^1];
        foreach (double price in PriceGrid.OverTime(_part))
        {
            cancel.ThrowIfCancellationRequested();
            string name = string.Create(CultureInfo.InvariantCulture, $"price {price:0.#####}");
            var oracle = OracleScore(price);
            points.Add(PointOf("oracle", name, oracle, heaviestMs) with { PricePerMs = price });
            var planned = BetterOf(PlannedScore(timeOracle.Plan(price)), oracle, price);
            points.Add(PointOf("time_oracle", name, planned, heaviestMs) with { PricePerMs = price });
            if (calibration is not null && price <= highest)
            {
                points.Add(PointOf("value", name, Score(new ValuePolicy(calibration), price), heaviestMs) with { PricePerMs = price });
            }
        }
    }

    private void AddSteered(List<FrontierPoint> points, Calibration? calibration, double heaviestMs)
    {
        if (calibration is null || !LossSteering.Fits(sweep))
        {
            return;
        }

        foreach (double loss in LossBudgets)
        {
            double start = LossPrice.StartOf(Curve.Select(c => (c.PricePerMs, c.Quality)), loss);
            var player = new SweepPlayer(_part, _judge, sweep.Tracking)
            {
                Steering = new LossSteering(_part, loss, PriceGrid.ScaleOf(_part), start),
            };
            var score = PlayScore.Of(player.Play(new Router(_part.Tree, _costs, new ValuePolicy(calibration))));
            points.Add(PointOf("quality_loss", LossName(loss), score, heaviestMs) with { QualityLoss = loss });
        }
    }

    internal static string LossName(double points) => string.Create(CultureInfo.InvariantCulture, $"at most {points:0.##} points lost");

    /// <summary>What looks ahead may always do as what does not.</summary>
    private static PlayScore BetterOf(PlayScore planned, PlayScore oracle, double price) =>
        planned.Quality - (price * planned.Ms) >= oracle.Quality - (price * oracle.Ms) ? planned : oracle;

    /// <summary>
    /// The cheapest cascade that begins with the pack's first option, reuses nothing, and loses no more than this against the heaviest
    /// path; where every one loses more, the one that loses least. Null where no signal varies.
    /// </summary>
    public CascadeFound? CheapestCascade(double margin, CancellationToken cancel)
    {
        var heaviest = Score(new FixedPolicy(_part.Tree, _part.HeaviestNode().PathName), 0);
        var entry = _part.Tree.Nodes[0].Options.First(o => o.VariantIndex >= 0);
        var found = new List<CascadeFound>();
        foreach (var settings in CascadeGrid.From(_part, entry))
        {
            cancel.ThrowIfCancellationRequested();
            var score = Score(new CascadePolicy(_part.Tree, settings), 0);
            found.Add(new CascadeFound(settings, score.Quality, score.Ms, heaviest.Quality, heaviest.Ms));
        }

        return found.Where(f => f.Quality >= heaviest.Quality - margin).MinBy(f => f.Ms) ?? found.MaxBy(f => f.Quality);
    }

    private void AddRandom(List<FrontierPoint> points, double heaviestMs)
    {
        bool canReuse = _part.Tree.Nodes[0].Options.Any(o => o.Kind == OptionKind.Previous);
        foreach (double reuse in canReuse ? RandomShares[..^1] : [0])
        {
            foreach (double stop in RandomShares)
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"reuse {reuse:0.##}, stop {stop:0.##}");
                points.Add(PointOf("random", name, Score(new RandomPolicy(reuse, stop, seed: 1), 0), heaviestMs));
            }
        }
    }

    private void AddSkipping(List<FrontierPoint> points, double heaviestMs)
    {
        if (_part.Tree.Nodes[0].Options.All(o => o.Kind != OptionKind.Previous))
        {
            return;
        }

        string path = _part.HeaviestNode().PathName;
        points.AddRange(SkippingGrid.EveryNth(_part).Select(s => SkippingPoint("every_nth", s.Name, path, s.Rule, heaviestMs)));
        points.AddRange(SkippingGrid.MotionGated(path).Select(s => SkippingPoint("motion_gated", s.Name, path, s.Rule, heaviestMs)));
    }

    private FrontierPoint SkippingPoint(string family, string name, string path, CarryRule rule, double heaviestMs) =>
        PointOf(family, name, Score(new SkippingPolicy(_part.Tree, path, rule), 0), heaviestMs) with
        {
            Skipping = new PolicyConfig(PolicyKind.Skipping, path) { Carry = rule },
        };

    private PlayScore Score(IRoutePolicy policy, double price)
    {
        var router = new Router(_part.Tree, _costs, policy) { Operating = OperatingPoint.Free with { PricePerMs = (float)price } };
        return PlayScore.Of(new SweepPlayer(_part, _judge, sweep.Tracking).Play(router));
    }

    private PlayScore OracleScore(double price)
    {
        var oracle = new OraclePolicy(price);
        var player = new SweepPlayer(_part, _judge, sweep.Tracking) { OnFrame = s => oracle.State = s };
        return PlayScore.Of(player.Play(new Router(_part.Tree, _costs, oracle)));
    }

    private PlayScore PlannedScore(IReadOnlyList<int> plan)
    {
        var policy = new PlannedPolicy(_part.Tree, plan);
        var player = new SweepPlayer(_part, _judge, sweep.Tracking) { OnFrame = s => policy.FrameIndex = s.FrameIndex };
        return PlayScore.Of(player.Play(new Router(_part.Tree, _costs, policy)));
    }

    private static FrontierPoint PointOf(string family, string name, PlayScore score, double heaviestMs) =>
        new(family, name, score.Quality, score.Ms, heaviestMs > 0 ? score.Ms / heaviestMs : 0, null, null);

    /// <summary>Of thousands of cascades only those that no other one beats in both quality and cost are worth showing.</summary>
    private static IEnumerable<FrontierPoint> Undominated(List<FrontierPoint> points)
    {
        double best = double.NegativeInfinity;
        foreach (var point in points.OrderBy(p => p.Ms).ThenByDescending(p => p.Quality))
        {
            if (point.Quality > best)
            {
                best = point.Quality;
                yield return point;
            }
        }
    }
}

/// <summary>A cascade, and what it comes to.</summary>
/// <param name="HeaviestQuality">Mean quality of the heaviest path alone, and <paramref name="HeaviestMs"/> its mean device time.</param>
public sealed record CascadeFound(CascadeSettings Settings, double Quality, double Ms, double HeaviestQuality, double HeaviestMs);

/// <summary>One policy's quality and cost on the judged frames.</summary>
/// <param name="Family">fixed, cascade, every_nth, motion_gated, value, quality_loss (the value rule, its price moved by what looks show),
/// random, oracle (knows every answer to the frame at hand) or
/// time_oracle (those to later frames too).</param>
/// <param name="Name">Which one: a path, thresholds, a price.</param>
/// <param name="Quality">Mean quality in [0, 1].</param>
/// <param name="Ms">Mean device time per frame.</param>
/// <param name="CostShare">The same as a share of always taking the heaviest path.</param>
/// <param name="PricePerMs">Of the value rule and the oracles; null otherwise.</param>
/// <param name="Regret">Of the device time that the oracle over time saves at this quality, against always the heaviest path, the share
/// that this one does not save; null where there is nothing to be saved.</param>
public sealed record FrontierPoint(string Family, string Name, double Quality, double Ms, double CostShare, double? PricePerMs,
    double? Regret)
{
    /// <summary>Of a cascade; null otherwise.</summary>
    [JsonIgnore]
    public CascadeSettings? Cascade { get; init; }

    /// <summary>Points that the value rule may lose, its price moved by what looks show; null otherwise.</summary>
    [JsonIgnore]
    public double? QualityLoss { get; init; }

    /// <summary>Of a path every so often; null otherwise.</summary>
    [JsonIgnore]
    public PolicyConfig? Skipping { get; init; }
}
