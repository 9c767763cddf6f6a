using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Running;

/// <summary>Opens what an engine and a sweep are made of: the library, packs with their sessions, sources. Says what it found.</summary>
internal sealed class EngineParts(RuntimeConfig runtime, IReadOnlyDictionary<string, SourceMaker> schemes, TimeProvider clock,
    EngineReporter report)
{
    /// <summary>What runs an isolated source, see <see cref="IsolatedSource"/>.</summary>
    public IReadOnlyList<string> CaptureCommand { get; init; } = CaptureChild.HostCommand;

    /// <summary>Servers that have stages too.</summary>
    public RemoteEngines Remotes { get; set; } = RemoteEngines.None;

    /// <param name="threadCount">Where the config gives none.</param>
    public OrtEnvironment OpenEnvironment(int threadCount = 0)
    {
        var library = OrtLibrary.Load(runtime.Library?.Full, runtime.LibrarySha256);
        report(ReportLevel.Notice, $"onnxruntime {library.Version} (API {library.ApiVersion}) from {library.Path}; compiled with "
            + $"{string.Join(", ", library.CompiledProviders)}");
        foreach (var place in library.FailedPlaces.Where(p => p.IsNamed))
        {
            report(ReportLevel.Warning, $"onnxruntime was not loaded from the place it was told to: {place}");
        }

        var threads = new OrtEnvironmentOptions { IntraOpThreadCount = runtime.ThreadCount ?? threadCount, Spin = runtime.Spin };
        if (runtime.Nice is { } nice && !ThreadNice.CanAdd(nice))
        {
            report(ReportLevel.Warning, $"runtime.nice is {nice}, which this process may not set: its frames run as everything else; start "
                + $"it as root, after 'ulimit -e {ThreadNice.LimitFor(nice)}', or with LimitNICE={nice} in its systemd unit");
        }

        if (!ThreadNice.CanRealtime(runtime.Realtime))
        {
            report(ReportLevel.Warning, $"runtime.realtime is {runtime.Realtime}, which this process may not set: its frames run as "
                + $"ordinary threads; start it as root, after 'ulimit -r {runtime.Realtime}', or with RestrictRealtime=no, "
                + $"LimitRTPRIO={runtime.Realtime} and SystemCallFilter=sched_setscheduler in its systemd unit");
        }

        return ThreadNice.With(runtime.NiceStep, () => OrtEnvironment.Create(library, threads, OnLibraryLog));
    }

    public LoadedPack LoadPack(string name, string manifestPath, string? filesFolder, OrtEnvironment environment) =>
        LoadPack(name, ReadPack.Of(manifestPath, filesFolder), environment);

    public LoadedPack LoadPack(string name, ReadPack read, OrtEnvironment environment)
    {
        var pack = read.Pack;
        if (RemoteEngines.Problems(Remotes.Configs, name, pack).FirstOrDefault() is { } problem)
        {
            throw new EngineRefusedException(RefusalCause.Config, problem);
        }

        var loaded = new List<LoadedPack>();
        try
        {
            foreach (var part in read.Parts)
            {
                loaded.Add(Load(name, part, isCrop: loaded.Count > 0, environment));
            }
        }
        catch
        {
            loaded.ForEach(l => l.Dispose());
            throw;
        }

        return loaded[0] with { Crops = [.. pack.Crops.Select((c, i) => new LoadedCrop(c, loaded[i + 1]))] };
    }

    private LoadedPack Load(string name, PackGraphs graphs, bool isCrop, OrtEnvironment environment)
    {
        var pack = graphs.Pack;
        graphs.Require(environment);
        foreach (string doubt in graphs.Doubts())
        {
            report(ReportLevel.Warning, $"pack {name}, {doubt}");
        }

        var tree = new RouteTree(pack.Graph);
        var providers = runtime.Providers.Select(p => new OrtProviderRequest(p.Name, p.Options.ToDictionary(o => o.Key, o => o.Value),
            p.Require));
        var stages = new OnnxStageSet(pack, tree, environment, new OrtSessionRequest { Providers = [.. providers] },
            runtime.StageLimitMs * FirstRuns.StageLimits, null, isCrop ? null : stage => Remotes.Of(name, stage));
        try
        {
            report(ReportLevel.Notice, isCrop ? $"pack {name}: stage '{pack.FixedRoute}' looks at crops of its boxes"
                : $"pack {name}: {pack.Title} ({pack.Name} {pack.Version}), {PathsOf(tree)}");
            TellProviders(name, stages);
            long start = clock.NowNs();
            stages.WarmUp();
            var loaded = new LoadedPack(pack, tree, stages)
            {
                Provider = ProviderOf(stages), ThreadCount = environment.Options.IntraOpThreadCount,
                WarmUpMs = (clock.NowNs() - start) / 1e6,
            };
            TellCosts(name, loaded);
            return loaded;
        }
        catch
        {
            stages.Dispose();
            throw;
        }
    }

    private void TellCosts(string name, LoadedPack loaded)
    {
        if (loaded.Pack.ProfileOf(Environment.MachineName, loaded.Provider, loaded.ThreadCount) is { Provider: { } provider } measured)
        {
            report(ReportLevel.Notice, $"pack {name}: begins with what it took here with {provider} and threads: {measured.ThreadCount}");
        }
    }

    /// <summary>The first that all stages use.</summary>
    private string? ProviderOf(OnnxStageSet stages) => runtime.Providers.Select(p => p.Name).FirstOrDefault(name =>
        stages.ProviderReports.All(s => s.Reports.Any(r => r.Name == name && r.State == OrtProviderState.Used)));

    private void TellProviders(string name, OnnxStageSet stages)
    {
        foreach (var (stage, reports) in stages.ProviderReports)
        {
            foreach (var provider in reports)
            {
                report(provider.State == OrtProviderState.Used ? ReportLevel.Detail : ReportLevel.Warning,
                    $"pack {name}, stage {stage}: {provider}");
            }
        }
    }

    public IFrameSource MakeSource(string name, string address, SourceOptions wishes)
    {
        var factory = SourceFactory.With(schemes, clock, text => report(ReportLevel.Warning, text));
        if (!factory.TryMake(address, wishes, out var made, out string problem))
        {
            throw new EngineRefusedException(RefusalCause.Config, $"source '{name}': {problem}");
        }

        return wishes.IsIsolated ? Isolated(name, made, new SourceRequest(address, wishes)) : made;
    }

    /// <exception cref="EngineRefusedException">The source cannot run in a process of its own.</exception>
    public static void CheckIsolated(string name, IFrameSource made)
    {
        if (made is IActuator || made.TellsState)
        {
            throw new EngineRefusedException(RefusalCause.Config, $"source '{name}': 'isolate' is true, but it tells the robot's state or "
                + "carries out actions, which stay in the engine's process; leave it out");
        }
    }

    private IsolatedSource Isolated(string name, IFrameSource made, SourceRequest request)
    {
        CheckIsolated(name, made);
        return new IsolatedSource(made, request, CaptureCommand, text => report(ReportLevel.Warning, $"source {name}: {text}"));
    }

    public IPreprocessKernel Kernel =>
        runtime.KernelName == RuntimeConfig.AutoKernel ? PreprocessKernels.Default : PreprocessKernels.ByName(runtime.KernelName);

    /// <summary>Runs <paramref name="build"/>; whatever it refuses comes out as one exception that says what is to be mended.</summary>
    /// <exception cref="EngineRefusedException">The library, a pack, a source or an option cannot be used.</exception>
    public static T Refusing<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception refused) when (refused is OrtLibraryNotFoundException or OrtProviderRequiredException)
        {
            throw new EngineRefusedException(RefusalCause.Machine, refused.Message, refused);
        }
        catch (Exception refused) when (refused is PackRefusedException or OrtException or StageFailedException or ArgumentException)
        {
            throw new EngineRefusedException(RefusalCause.Config, refused.Message, refused);
        }
    }

    /// <summary>A pack with keep ratios can have dozens of paths; a few show how they are written.</summary>
    private static string PathsOf(RouteTree tree)
    {
        const int Shown = 6;
        var names = tree.PathNames.ToList();
        return $"paths {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? $" and {names.Count - Shown} more" : "")}";
    }

    private void OnLibraryLog(OrtLogSeverity severity, string text) =>
        report(severity >= OrtLogSeverity.Error ? ReportLevel.Warning : ReportLevel.Detail, "onnxruntime: " + text);
}

/// <summary>A pack as its files say, hashes checked, before any library is there to open it.</summary>
/// <param name="Parts">Its graphs, and those of its stages on crops after them, in the manifest's order.</param>
internal sealed record ReadPack(Pack Pack, IReadOnlyList<PackGraphs> Parts)
{
    /// <exception cref="PackRefusedException">It cannot be used.</exception>
    public static ReadPack Of(string manifestPath, string? filesFolder)
    {
        var pack = PackReader.Read(manifestPath, filesFolder);
        return new ReadPack(pack, [.. pack.Crops.Select(c => c.Pack).Prepend(pack).Select(p => new PackGraphs(p))]);
    }
}
