using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Stages;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// From a source's policy, floor, budgets and audit to the objects that move its prices. One for each engine: its streams share a lane.
/// </summary>
internal sealed class PricingBuilder(EngineReporter report)
{
    /// <summary>Audits are drawn by frame number and this seed, so that a replay audits the same frames.</summary>
    private const ulong AuditSeed = 1;

    /// <summary>Frames per second that a strict allowance is spread over where the source does not say.</summary>
    private const double UsualFramesPerSecond = 30;

    private readonly LaneCongestion _lane = new();

    /// <summary>The calibration a source decides by.</summary>
    /// <exception cref="ArgumentException">It cannot be read or is not one of the pack.</exception>
    public static LoadedCalibration Read(SourceConfig source, LoadedPack pack)
    {
        string usual = Path.Combine(Path.GetDirectoryName(pack.Pack.ManifestPath)!, CalibrationFile.UsualName);
        return CalibrationFile.Read(source.Policy.Calibration?.Full ?? usual, pack.Pack, pack.Tree);
    }

    /// <param name="sharesLane">Other sources want the accelerator too.</param>
    /// <param name="onEvent">Told of breaches and recoveries.</param>
    /// <param name="current">What the stream has now and this is to take the place of; null at start.</param>
    public StreamPricing Build(
        SourceConfig source, LoadedCalibration calibration, Router router, LoadedPack pack, bool sharesLane, Action<string> onEvent,
        StreamPricing? current)
    {
        var costs = router.Costs;
        var grid = Checked(source, calibration).Document.Curve.ConvertAll(c => c.PricePerMs);
        var scale = ScaleOf(grid);
        var controllers = new List<IPriceController>();
        if (source.Policy.PricePerMs is { } dial)
        {
            controllers.Add(new FixedPrice(dial));
        }

        controllers.AddRange(source.Spending.Budgets.Select(b => PriceOf(b, source.Spending, new DualPriceSettings(scale,
            BoardProbe.PowerLagMs, StartPriceOf(b, calibration.Document.Curve)))));
        var allowances = source.Spending.Allowances.Select(a => AllowanceOf(a, source, router.Tree, costs, scale)).ToList();
        controllers.AddRange(allowances);
        controllers.AddRange(sharesLane ? [LanePrice(source, scale, current)] : []);
        var streamPrice = new StreamPrice(controllers);
        var audit = SetFloor(source, calibration, streamPrice, costs, router.Tree);
        audit = current?.Audit is { } running && running.Settings == audit?.Settings ? running : audit;
        int heaviest = HeaviestOf(calibration, router.Tree).VariantIndex;
        bool asksLoss = source.Spending.Budgets.Any(b => b.Kind == BudgetKind.QualityLoss);
        return new StreamPricing(new StreamPricingParts(streamPrice, allowances, audit, grid, heaviest)
        {
            Looks = asksLoss ? new StreamLooks(LossOf(calibration, pack), heaviest) : null,
        }, router, onEvent);
    }

    /// <summary>
    /// A budget of lost quality counts from the heaviest path, so what is expected to be lost must count from there too.
    /// </summary>
    /// <exception cref="ArgumentException">The calibration was judged by something else.</exception>
    public static LoadedCalibration Checked(SourceConfig source, LoadedCalibration calibration)
    {
        var document = calibration.Document;
        if (source.Spending.Budgets.Any(b => b.Kind == BudgetKind.QualityLoss) && document.Teacher != document.HeaviestPath)
        {
            throw new ArgumentException($"budget.{StreamSettings.Of(BudgetKind.QualityLoss).ShortKey} counts what is lost against the "
                + $"heaviest path '{document.HeaviestPath}', but the calibration was judged by '{document.Teacher}'; calibrate without "
                + "--labels and --teacher, or leave the budget out");
        }

        return calibration;
    }

    /// <exception cref="ArgumentException">A battery is to last, and nothing says what it holds.</exception>
    private static IPriceController PriceOf(Budget budget, SpendingConfig spending, DualPriceSettings settings) => budget.Kind switch
    {
        BudgetKind.Temperature => new HeatPrice(budget, settings),
        BudgetKind.BatteryHours => new BatteryPrice(budget, spending.WattHoursOf(budget), settings),
        BudgetKind.QualityLoss => new LossPrice(budget, settings),
        _ => new DualPrice(budget, settings),
    };

    /// <summary>
    /// The lowest price at which the calibration's frames spend no more than the budget has, in device time or heavy runs; for a budget in
    /// other terms 0. A frame's latency, and the time between frames, are taken for its device time: the price moves on from there.
    /// </summary>
    internal static double StartPriceOf(Budget budget, List<CalibrationDocument.CurvePart> curve)
    {
        if (budget.Kind == BudgetKind.QualityLoss)
        {
            return LossPrice.StartOf(curve.Select(c => (c.PricePerMs, c.Quality)), budget.Target);
        }

        Func<CalibrationDocument.CurvePart, bool> fits = budget.Kind switch
        {
            BudgetKind.DeviceMsMean or BudgetKind.LatencyMsMean => c => c.Ms <= budget.Target,
            BudgetKind.FramesPerSecond => c => c.Ms <= 1000 / budget.Target,
            BudgetKind.HeavyShare when curve.TrueForAll(c => c.HeavyShare is not null) => c => c.HeavyShare <= budget.Target,
            _ => _ => true,
        };
        double highest = curve.Select(c => c.PricePerMs).DefaultIfEmpty().Max();
        return curve.Where(fits).Select(c => c.PricePerMs).DefaultIfEmpty(highest).Min();
    }

    /// <summary>A change keeps the stream's place in the lane.</summary>
    private CongestionPrice LanePrice(SourceConfig source, PriceScale scale, StreamPricing? current) =>
        current?.Prices.Controllers.OfType<CongestionPrice>().FirstOrDefault() is { } earlier
            ? new CongestionPrice(earlier, scale) : new CongestionPrice(_lane, source.Spending.Weight, scale, joins: false);

    public static StreamAuditor? AuditorOf(SourceConfig source, LoadedCalibration calibration, LoadedPack pack)
    {
        if (source.Audit is not { } audit)
        {
            return null;
        }

        var path = PathTo(pack.Tree, HeaviestOf(calibration, pack.Tree));
        return new StreamAuditor(new AuditSampler(audit.Share, AuditSeed), path, LossOf(calibration, pack));
    }

    private static AnswerLoss LossOf(LoadedCalibration calibration, LoadedPack pack)
    {
        float[] thresholds = [.. pack.Tree.Nodes.Select(n => n.StageIndex < 0 ? 0
            : pack.Pack.Stages[n.StageIndex].Exit?.Detection?.Threshold ?? 0)];
        int limit = Math.Max(1, pack.Pack.Stages.Max(s => s.Exit?.Detection?.Limit ?? 0));
        var settings = new AgreementSettings(limit) { DoubtBand = (float)calibration.Document.DoubtBand };
        return new AnswerLoss(settings, thresholds, HeaviestOf(calibration, pack.Tree).Index);
    }

    /// <summary>How detections are carried: as they were when the calibration was made.</summary>
    public static TrackerSettings TrackingOf(LoadedCalibration calibration, Pack pack, RouteTree tree) =>
        new(1, pack.Stages[HeaviestOf(calibration, tree).StageIndex].Exit?.Detection?.Threshold ?? 0,
            (float)calibration.Document.DoubtBand);

    private FloorAudit? SetFloor(SourceConfig source, LoadedCalibration calibration, StreamPrice streamPrice, CostTable costs,
        RouteTree tree)
    {
        if (source.Policy.Floor is not { } floor)
        {
            return null;
        }

        if (calibration.FloorFor(floor) is not { } certified)
        {
            string why = calibration.Document.Floors.OrderBy(f => Math.Abs(f.Floor - floor)).FirstOrDefault()?.Reason
                ?? "the calibration certifies no floor";
            report(ReportLevel.Warning, $"source {source.Name}: floor {floor} is not certified ({why}); its price stays at 0, the "
                + "accurate end");
            streamPrice.SetFloor(new FloorLimit(floor, 0, costs.CostliestOnward(0), double.NaN));
            return null;
        }

        var point = calibration.Document.Curve[certified.PriceIndex];
        streamPrice.SetFloor(new FloorLimit(floor, point.PricePerMs, point.Ms, double.NaN));
        double cheapest = CheapestMs(costs, tree);
        foreach (var conflict in ConstraintText.Predict(streamPrice.Floor, source.DeadlineMs ?? double.PositiveInfinity,
            source.Spending.Budgets,
            cheapest, cheapest))
        {
            report(ReportLevel.Warning, $"source {source.Name}: {conflict.Words}");
        }

        return new FloorAudit(new FloorAuditSettings(floor, certified.PriceIndex));
    }

    /// <summary>
    /// What is kept back for each frame to come is the cheapest path that looks at it. Energy has no bound of its own: it is paid at the
    /// board's power as it is when a frame begins.
    /// </summary>
    private static EpisodePrice AllowanceOf(StrictAllowance allowance, SourceConfig source, RouteTree tree, CostTable costs,
        PriceScale scale)
    {
        var options = tree.Nodes[0].Options;
        bool isTime = allowance.Kind == AllowanceKind.DeviceMs;
        double cheapest = isTime ? options.Where(o => o.VariantIndex >= 0).Min(o => (double)costs.BoundToNextExit(o.NodeIndex)) : 0;
        double dearest = isTime ? options.Max(o => costs.BoundToNextExit(o.NodeIndex) + costs.CostliestOnward(o.NodeIndex)) : 1;
        double rate = source.FramesPerSecond ?? UsualFramesPerSecond;
        double episodeMs = (source.Spending.EpisodeSeconds ?? SpendingConfig.UsualEpisodeSeconds) * 1000;
        var plan = allowance.Period == AllowancePeriod.Minute
            ? EpisodeAllowance.PerMinute(allowance.Kind, allowance.Amount, rate, cheapest, dearest)
            : EpisodeAllowance.PerEpisode(allowance.Kind, allowance.Amount, episodeMs, rate, cheapest, dearest);
        return new EpisodePrice(plan with { CanRest = options.Any(o => o.VariantIndex < 0) }, scale);
    }

    /// <summary>0 where the previous answer can be reused.</summary>
    private static double CheapestMs(CostTable costs, RouteTree tree) =>
        tree.Nodes[0].Options.Min(o => o.VariantIndex < 0 ? 0 : (double)costs.ToNextExit(o.NodeIndex).MsP95);

    private static PriceScale ScaleOf(List<double> grid)
    {
        var prices = grid.Where(p => p > 0).ToList();
        return prices.Count < 2 ? PriceScale.Uncalibrated : new PriceScale(prices.Min(), prices.Max());
    }

    private static RouteNode HeaviestOf(LoadedCalibration calibration, RouteTree tree) =>
        tree.FindPath(calibration.Document.HeaviestPath) is { VariantIndex: >= 0 } node ? node
            : throw new ArgumentException($"the calibration's heaviest path '{calibration.Document.HeaviestPath}' is not a path "
                + "of the pack");

    private static List<int> PathTo(RouteTree tree, RouteNode node)
    {
        var variants = new List<int>();
        for (var at = node; at.Index > 0; at = tree.Nodes[at.ParentIndex])
        {
            variants.Insert(0, at.VariantIndex);
        }

        return variants;
    }
}
