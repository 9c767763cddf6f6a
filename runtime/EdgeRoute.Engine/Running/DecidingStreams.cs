using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// What a device config's streams decide by, without pixels, sessions and threads: routers, costs, prices and the machine's sensors, made
/// as the engine makes them. For whoever plays frames of his own through them.
/// </summary>
public sealed class DecidingStreams : IDisposable
{
    private readonly BoardMonitor _monitor;

    /// <param name="files">Where the machine's sensors are read.</param>
    /// <param name="report">Told of what cannot hold, and of sensors lost and regained.</param>
    /// <exception cref="EngineRefusedException">A pack, calibration, policy or budget of the config cannot be used.</exception>
    public DecidingStreams(DeviceConfig config, SystemFiles files, TimeProvider clock, EngineReporter report)
    {
        _monitor = new BoardMonitor(files, clock, text => report(ReportLevel.Warning, text), config.PowerMonitor);
        var pricing = new PricingBuilder(report);
        Streams = [.. EngineParts.Refusing(() =>
        {
            var packs = config.Packs.ToDictionary(p => p.Name, p => PackReader.Read(p.Manifest.Full, p.Files?.Full),
                StringComparer.Ordinal);
            return config.Sources.Select((s, i) => Make(s, packs[s.PackName], pricing, config.Sources.Count > 1,
                text => report(ReportLevel.Notice, $"source {s.Name}: {text}"))).ToList();
        })];
        _monitor.Measured += board => Routes.Observe(board, clock.NowNs());
        _monitor.Measure();
        foreach (string line in PowerNeed.Unmet(config, _monitor.Latest))
        {
            report(ReportLevel.Warning, line);
        }
    }

    public IReadOnlyList<DecidingStream> Streams { get; }

    /// <summary>As measured last.</summary>
    public BoardReading Board => _monitor.Latest;

    /// <summary>The latest power, heat and clock, for the streams.</summary>
    public PowerGauge Power => _monitor.Power;

    /// <summary>What each route takes of the board's energy; whoever plays the frames counts them.</summary>
    public RouteMeter Routes { get; } = new();

    /// <summary>Reads the sensors that are due.</summary>
    public void Measure() => _monitor.Measure();

    public void Dispose() => _monitor.Dispose();

    private static DecidingStream Make(SourceConfig source, Pack pack, PricingBuilder pricing, bool sharesLane, Action<string> onEvent)
    {
        // Nothing is run here, so there are no stages.
        var unopened = new LoadedPack(pack, new RouteTree(pack.Graph), null!);
        var calibration = StreamBuilder.CalibrationOf(source, unopened, null);
        var known = calibration ?? UsualCalibration(pack, unopened);
        var costs = new CostTable(unopened.Tree);
        pack.FillCosts(unopened.Tree, costs, pack.CostProfiles.Select(p => p.Device).FirstOrDefault() ?? "");
        known?.FillCosts(unopened.Tree, costs);
        var router = new Router(unopened.Tree, costs, StreamBuilder.MakePolicy(source, unopened, calibration))
        {
            LockNodeIndex = StreamBuilder.LockOf(source, unopened),
            MaxAgeMs = (float)(source.MaxAgeMs ?? pack.MaxAgeMs ?? StreamBuilder.UsualMaxAgeMs(source)),
        };
        if (calibration is null)
        {
            return new DecidingStream(source, pack, router, null, known);
        }

        router.Contexts = new ContextLosses(calibration.Calibration.ContextCount);
        var prices = pricing.Build(source, calibration, router, unopened, sharesLane, onEvent, null);
        prices.Resume(null);
        return new DecidingStream(source, pack, router, prices, known);
    }

    /// <summary>What its frames are like is known of a pack that was calibrated, whatever the stream decides by.</summary>
    private static LoadedCalibration? UsualCalibration(Pack pack, LoadedPack loaded)
    {
        string usual = Path.Combine(Path.GetDirectoryName(pack.ManifestPath)!, CalibrationFile.UsualName);
        return File.Exists(usual) ? CalibrationFile.Read(usual, pack, loaded.Tree) : null;
    }
}

/// <summary>One of them.</summary>
/// <param name="Pricing">Null where the policy knows no prices.</param>
/// <param name="Calibration">What is known of the pack's frames; null where nothing is.</param>
public sealed record DecidingStream(SourceConfig Source, Pack Pack, Router Router, StreamPricing? Pricing, LoadedCalibration? Calibration);
