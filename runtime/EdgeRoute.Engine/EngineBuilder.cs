using EdgeRoute.Core.Budgets;
using EdgeRoute.Core.Quality;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Calibrations;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Configuration;
using EdgeRoute.Engine.Device;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Pricing;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine;

/// <summary>From a device config to an engine that is ready to run: library, packs, streams, capture threads, consumers. Says what it found.</summary>
public sealed class EngineBuilder(DeviceConfig config, EngineOptions options, EngineReporter report)
{
    private static readonly MonotonicClock Clock = new();

    private readonly PricingBuilder _pricing = new(report);
    private readonly EngineParts _parts = new(config.Runtime, options.Schemes, Clock, report);

    /// <exception cref="EngineRefusedException">
    /// There is no usable ONNX Runtime library (every place tried is listed), or a pack, source, policy or output of the config cannot be used.
    /// </exception>
    public RunningEngine Build() => EngineParts.Refusing(() => Assemble(_parts.OpenEnvironment()));

    private RunningEngine Assemble(OrtEnvironment environment)
    {
        var engine = new RunningEngine(config, environment, Clock, report);
        try
        {
            foreach (var pack in config.Packs)
            {
                engine.Add(pack.Name, _parts.LoadPack(pack.Name, pack.Manifest.Full, pack.Files?.Full, environment));
            }

            foreach (var source in config.Sources)
            {
                AddStream(engine, source);
            }

            new EngineOutputs(config, options, report).AddTo(engine);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private void AddStream(RunningEngine engine, SourceConfig source)
    {
        var pack = engine.PackNamed(source.PackName);
        var frames = _parts.MakeSource(source.Name, source.Address.FactoryText, source.CaptureOptions);
        var exchange = new SlotExchange(source.Take == TakeKind.Newest ? DeliveryMode.NewestWins : DeliveryMode.EveryFrame, engine.Signal);
        var costs = new CostTable(pack.Tree);
        pack.Pack.FillCosts(pack.Tree, costs, Environment.MachineName);
        var kernel = _parts.Kernel;
        var calibration = source.Policy.Kind == PolicyKind.Value ? Refused(source, () => PricingBuilder.Read(source, pack)) : null;
        calibration?.FillCosts(pack.Tree, costs);
        var router = new Router(pack.Tree, costs, MakePolicy(source, pack, calibration));
        var fixedRoute = new Router(pack.Tree, costs, new FixedPolicy(pack.Tree, pack.Pack.FixedRoute));
        long deadlineNs = source.DeadlineMs is { } ms ? (long)(ms * 1e6) : long.MaxValue;
        var parts = new FrameStreamParts(
            source.Name, exchange, router, fixedRoute, pack.Stages, new FramePixels(pack.Stages, pack.Tree.Variants, kernel), deadlineNs, Clock);
        engine.Add(source, frames, exchange, calibration is null ? parts : Priced(engine, source, parts, calibration, pack));
        report(ReportLevel.Notice, $"source {source.Name}: {frames.Description}; policy {parts.Router.Policy.Name}, kernel {kernel.Name}");
    }

    private FrameStreamParts Priced(RunningEngine engine, SourceConfig source, FrameStreamParts parts, LoadedCalibration calibration, LoadedPack pack)
    {
        int index = engine.Streams.Count;
        parts.Router.Contexts = new ContextLosses(calibration.Calibration.ContextCount);
        var pricing = Refused(source, () => _pricing.Build(
            source, calibration, parts.Router, parts.Router.Costs, config.Sources.Count > 1, text => engine.OnStreamEvent(index, text)));
        return parts with
        {
            Pricing = pricing,
            Auditor = PricingBuilder.AuditorOf(source, calibration, pack),
            Tracking = PricingBuilder.TrackingOf(calibration, pack.Pack, pack.Tree),
            CalibrationSha256 = calibration.Sha256,
        };
    }

    private static IRoutePolicy MakePolicy(SourceConfig source, LoadedPack pack, LoadedCalibration? calibration) => Refused<IRoutePolicy>(source, () => source.Policy.Kind switch
    {
        PolicyKind.Value => new ValuePolicy(calibration!.Calibration),
        PolicyKind.Fixed => new FixedPolicy(pack.Tree, source.Policy.PathName ?? pack.Pack.FixedRoute),
        _ => new CascadePolicy(pack.Tree, pack.Pack.Cascade ?? throw new ArgumentException($"the pack '{pack.Pack.Name}' has no cascade; use a fixed policy")),
    });

    private static T Refused<T>(SourceConfig source, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException refused)
        {
            throw new EngineRefusedException(RefusalCause.Config, $"source '{source.Name}': {refused.Message}");
        }
    }
}
