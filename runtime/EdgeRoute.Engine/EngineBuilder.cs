using EdgeRoute.Core.Budgets;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Configuration;
using EdgeRoute.Engine.Device;
using EdgeRoute.Engine.Packs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine;

/// <summary>From a device config to an engine that is ready to run: library, packs, streams, capture threads, consumers. Says what it found.</summary>
public sealed class EngineBuilder(DeviceConfig config, EngineOptions options, EngineReporter report)
{
    private readonly MonotonicClock _clock = new();

    /// <exception cref="EngineRefusedException">
    /// There is no usable ONNX Runtime library (every place tried is listed), or a pack, source, policy or output of the config cannot be used.
    /// </exception>
    public RunningEngine Build()
    {
        try
        {
            return Assemble(OpenEnvironment());
        }
        catch (OrtLibraryNotFoundException missing)
        {
            throw new EngineRefusedException(RefusalCause.Machine, missing.Message, missing);
        }
        catch (OrtProviderRequiredException refused)
        {
            throw new EngineRefusedException(RefusalCause.Machine, refused.Message, refused);
        }
        catch (Exception refused) when (refused is PackRefusedException or OrtException or StageFailedException or ArgumentException)
        {
            throw new EngineRefusedException(RefusalCause.Config, refused.Message, refused);
        }
    }

    private RunningEngine Assemble(OrtEnvironment environment)
    {
        var engine = new RunningEngine(config, environment, _clock, report);
        try
        {
            foreach (var pack in config.Packs)
            {
                engine.Add(pack.Name, LoadPack(pack, environment));
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

    private OrtEnvironment OpenEnvironment()
    {
        var library = OrtLibrary.Load(config.Runtime.Library?.Full);
        report(ReportLevel.Notice, $"onnxruntime {library.Version} (API {library.ApiVersion}) from {library.Path}; compiled with {string.Join(", ", library.CompiledProviders)}");
        foreach (var place in library.FailedPlaces.Where(p => p.IsNamed))
        {
            report(ReportLevel.Warning, $"onnxruntime was not loaded from the place it was told to: {place}");
        }

        var threads = new OrtEnvironmentOptions { IntraOpThreadCount = config.Runtime.ThreadCount, Spin = config.Runtime.Spin };
        return OrtEnvironment.Create(library, threads, OnLibraryLog);
    }

    private void OnLibraryLog(OrtLogSeverity severity, string text) =>
        report(severity >= OrtLogSeverity.Error ? ReportLevel.Warning : ReportLevel.Detail, "onnxruntime: " + text);

    private LoadedPack LoadPack(PackConfig named, OrtEnvironment environment)
    {
        var pack = PackReader.Read(named.Manifest.Full, named.Files?.Full);
        var tree = new RouteTree(pack.Graph);
        var providers = config.Runtime.Providers.Select(p => new OrtProviderRequest(p.Name, p.Options.ToDictionary(o => o.Key, o => o.Value), p.Require));
        var stages = new OnnxStageSet(pack, tree, environment, new OrtSessionRequest { Providers = [.. providers] });
        report(ReportLevel.Notice, $"pack {named.Name}: {pack.Title} ({pack.Name} {pack.Version}), paths {string.Join(", ", tree.PathNames)}");
        foreach (var (stage, reports) in stages.ProviderReports)
        {
            foreach (var provider in reports)
            {
                report(provider.State == OrtProviderState.Used ? ReportLevel.Detail : ReportLevel.Warning, $"pack {named.Name}, stage {stage}: {provider}");
            }
        }

        stages.WarmUp();
        return new LoadedPack(pack, tree, stages);
    }

    private void AddStream(RunningEngine engine, SourceConfig source)
    {
        var pack = engine.PackNamed(source.PackName);
        var frames = MakeSource(source);
        var exchange = new SlotExchange(source.Take == TakeKind.Newest ? DeliveryMode.NewestWins : DeliveryMode.EveryFrame, engine.Signal);
        var costs = new CostTable(pack.Tree);
        pack.Pack.FillCosts(pack.Tree, costs, Environment.MachineName);
        var kernel = config.Runtime.KernelName == RuntimeConfig.AutoKernel ? PreprocessKernels.Default : PreprocessKernels.ByName(config.Runtime.KernelName);
        var fixedRoute = new Router(pack.Tree, costs, new FixedPolicy(pack.Tree, pack.Pack.FixedRoute));
        long deadlineNs = source.DeadlineMs is { } ms ? (long)(ms * 1e6) : long.MaxValue;
        var parts = new FrameStreamParts(source.Name, exchange, new Router(pack.Tree, costs, MakePolicy(source, pack)), fixedRoute, pack.Stages,
            new FramePixels(pack.Stages, pack.Tree.Variants, kernel), deadlineNs, _clock);
        engine.Add(source, frames, exchange, parts);
        report(ReportLevel.Notice, $"source {source.Name}: {frames.Description}; policy {parts.Router.Policy.Name}, kernel {kernel.Name}");
    }

    private IFrameSource MakeSource(SourceConfig source)
    {
        var factory = new SourceFactory(_clock);
        ReplaySource.Register(factory, text => report(ReportLevel.Warning, text));
        foreach (var (scheme, maker) in options.Schemes)
        {
            factory.RegisterScheme(scheme, maker);
        }

        var wishes = source.CaptureOptions;
        return factory.TryMake(source.Address.FactoryText, wishes, out var made, out string problem)
            ? made
            : throw new EngineRefusedException(RefusalCause.Config, $"source '{source.Name}': {problem}");
    }

    private static IRoutePolicy MakePolicy(SourceConfig source, LoadedPack pack)
    {
        try
        {
            return source.Policy.Kind == PolicyKind.Fixed
                ? new FixedPolicy(pack.Tree, source.Policy.PathName ?? pack.Pack.FixedRoute)
                : new CascadePolicy(pack.Tree, pack.Pack.Cascade ?? throw new ArgumentException($"the pack '{pack.Pack.Name}' has no cascade; use a fixed policy"));
        }
        catch (ArgumentException refused)
        {
            throw new EngineRefusedException(RefusalCause.Config, $"source '{source.Name}': {refused.Message}");
        }
    }
}
