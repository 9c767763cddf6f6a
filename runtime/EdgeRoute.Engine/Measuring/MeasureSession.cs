using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Sweeping;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Measuring;

/// <summary>
/// A pack opened once for each setting, all at a time, so that the settings can take turns on the same frames: whatever else the machine
/// does meets them all. Sessions have threads of their own here, which wait while another setting runs.
/// </summary>
public sealed class MeasureSession : IDisposable
{
    /// <summary>Frames that the settings run on in turn: some variety, and little memory.</summary>
    private const int FrameCount = 4;

    /// <summary>Part of the free memory that the sessions of all settings may take.</summary>
    private const double MemoryShare = 0.5;

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly SystemFiles _files = new();
    private readonly MeasureRequest _request;
    private readonly OrtEnvironment _environment;
    private readonly FrameReel _reel;
    private readonly List<OpenedSetting> _opened = [];
    private readonly List<AbsentProvider> _absent = [];
    private readonly CpuShares _shares;
    private readonly PowerMeter _power;
    private int _frameIndex;

    private MeasureSession(MeasureRequest request, OrtEnvironment environment, EngineParts parts)
    {
        (_request, _environment) = (request, environment);
        (_shares, _power) = (new CpuShares(_files), new PowerMeter(_files));
        Pack = PackReader.Read(request.Manifest, request.FilesFolder);
        Tree = new RouteTree(Pack.Graph);
        Source = request.SourceOf(Pack);
        var frames = parts.MakeSource(Source, Source, new SourceOptions { Pace = SourcePace.AsTaken, Delivery = DeliveryMode.EveryFrame });
        _reel = FrameReel.Take(frames, Source, FrameCount, long.MaxValue, _clock);
    }

    public Pack Pack { get; }

    public RouteTree Tree { get; }

    /// <summary>The address that the frames are of.</summary>
    public string Source { get; }

    public string LibraryVersion => _environment.Library.Version;

    /// <summary>In the order in which they were opened.</summary>
    public IReadOnlyList<OpenedSetting> Settings => _opened;

    /// <summary>Providers that were asked for, or that the library has, and do not work here.</summary>
    public IReadOnlyList<AbsentProvider> Absent => _absent;

    /// <summary>What measures energy; null where nothing does.</summary>
    public string? PowerSource => _power.SourceName;

    /// <summary>Why nothing measures energy; empty where something does.</summary>
    public string NoPowerReason => _power.Reason;

    /// <param name="progress">Told what is opened.</param>
    /// <exception cref="EngineRefusedException">The library, the pack or the source cannot be used, or the settings need too much
    /// memory.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static MeasureSession Open(MeasureRequest request, EngineReporter report, Action<string> progress, CancellationToken cancel) =>
        EngineParts.Refusing(() =>
        {
            var library = request.Library is { } path ? new ConfigPath(path, Path.GetFullPath(path), PathNeed.FileOrFolder, default!)
                : null;
            var parts = new EngineParts(RuntimeConfig.Default with { Library = library, ThreadCount = 1 }, request.Schemes,
                TimeProvider.System, report);
            var environment = parts.OpenEnvironment();
            MeasureSession? session = null;
            try
            {
                session = new MeasureSession(request, environment, parts);
                session.OpenSettings(parts, progress, cancel);
                return session;
            }
            catch
            {
                session?.Dispose();
                environment.Dispose();
                throw;
            }
        });

    /// <summary>
    /// Runs every variant once in each of some sweeps with one setting; behind them, of packs that have some, every stage on crops once, on
    /// the whole frame, which is the largest crop that there is.
    /// </summary>
    public MeasuredTurn Turn(OpenedSetting setting, int sweepCount)
    {
        // Meters tell the mean since they were read before, so that what lies between two turns is read away.
        _power.Update(_clock.NowNs());
        (double joules, double seconds) = (_power.Joules, _power.MeasuredSeconds);
        var sweeps = new List<float[]>(sweepCount);
        var cpuBefore = Environment.CpuUsage.TotalTime;
        long start = _clock.NowNs();
        for (int i = 0; i < sweepCount; i++)
        {
            sweeps.Add(Sweep(setting));
        }

        double ms = (_clock.NowNs() - start) / 1e6;
        double cpuMs = (Environment.CpuUsage.TotalTime - cpuBefore).TotalMilliseconds;
        _power.Update(_clock.NowNs());
        return new MeasuredTurn(sweeps, ms, cpuMs, _power.Joules - joules, _power.MeasuredSeconds - seconds, setting.LastFault);
    }

    private float[] Sweep(OpenedSetting setting)
    {
        try
        {
            var frame = _reel.Frames[_frameIndex++ % _reel.Frames.Count];
            return [.. setting.Sweep.Run(frame).Variants.Select(v => v.Ms), .. setting.Crops.Select(c => c.Run(frame).Variants[0].Ms)];
        }
        catch (FrameUnusableException unusable)
        {
            throw new EngineRefusedException(RefusalCause.Config, $"source '{Source}': {unusable.Message}", unusable);
        }
    }

    /// <summary>Runs stages on up to so many frames at once, where their graph leaves the number open.</summary>
    public IReadOnlyList<BatchTime> RunBatches(OpenedSetting setting, int sizeMost, CancellationToken cancel) =>
        new BatchRuns(setting.Stages, Tree, _clock).Run(sizeMost, cancel);

    /// <summary>
    /// What other processes took of all cores since this was asked before, 0 to 100; null at first, or where the kernel does not tell.
    /// </summary>
    public double? OthersPercent()
    {
        _shares.Update();
        return _shares.Percent - _shares.ProcessPercent;
    }

    public void Dispose()
    {
        _opened.ForEach(o => o.Dispose());
        _reel.Dispose();
        _power.Dispose();
        _environment.Dispose();
    }

    private void OpenSettings(EngineParts parts, Action<string> progress, CancellationToken cancel)
    {
        const string FullNameEnd = "ExecutionProvider";
        var compiled = _environment.Library.CompiledProviders;
        var wanted = _request.Providers.Count > 0 ? _request.Providers
            : [.. ProviderConfig.Names.Where(n => compiled.Contains(n + FullNameEnd, StringComparer.OrdinalIgnoreCase))];
        foreach (string provider in wanted)
        {
            var settings = _request.SettingsOf(provider, Environment.ProcessorCount);
            for (int i = 0; i < settings.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                progress($"opening the sessions for {provider}, setting {i + 1} of {settings.Count}");
                if (!TryOpen(parts, settings[i]))
                {
                    break;
                }

                CheckMemory(_opened[^1], settings.Count - 1 - i);
            }
        }

        if (_opened.Count == 0)
        {
            throw new EngineRefusedException(RefusalCause.Machine, "none of the execution providers works here:\n"
                + string.Join('\n', _absent.Select(a => $"  {a.Provider}: {a.Reason}")));
        }
    }

    private bool TryOpen(EngineParts parts, RunSetting setting)
    {
        bool isCpu = setting.Provider == ProviderConfig.Cpu;
        var request = new OrtSessionRequest
        {
            Providers = isCpu ? [] : [new OrtProviderRequest(setting.Provider, Require: true)],
            OwnThreads = new OrtSessionThreads(setting.ThreadCount, setting.Spin),
        };
        var costs = new OpeningCosts(_files, _clock);
        try
        {
            var stages = new OnnxStageSet(Pack, Tree, _environment, request, FirstRuns.UsualLimitMs, costs);
            _opened.Add(new OpenedSetting(setting, costs, stages, new PathSweep(new LoadedPack(Pack, Tree, stages), parts.Kernel, _clock)
                { LooksOnce = true }));
            foreach (var crop in Pack.Crops)
            {
                var tree = new RouteTree(crop.Pack.Graph);
                var own = new OnnxStageSet(crop.Pack, tree, _environment, request, FirstRuns.UsualLimitMs, costs);
                _opened[^1].Add(own, new PathSweep(new LoadedPack(crop.Pack, tree, own), parts.Kernel, _clock) { LooksOnce = true });
            }

            return true;
        }
        catch (OrtProviderRequiredException absent)
        {
            var why = absent.Reports.First(r => r.State != OrtProviderState.Used);
            _absent.Add(new AbsentProvider(setting.Provider, why.Detail));
            return false;
        }
    }

    /// <summary>Half a machine's memory for a measurement is enough; the first of a provider's settings shows what one takes.</summary>
    private void CheckMemory(OpenedSetting first, int leftCount)
    {
        long each = first.Openings.Sum(o => o.MemoryBytes ?? 0);
        long? free = _files.TryRead("/proc/meminfo", out _) is { } memory ? BoardIdentity.BytesOf(memory, "MemAvailable") : null;
        if (each * leftCount > free * MemoryShare)
        {
            const long Mebibyte = 1 << 20;
            throw new EngineRefusedException(RefusalCause.Machine, $"{leftCount} more settings of about {each / Mebibyte} MiB each do not "
                + $"fit into half of the {free / Mebibyte} MiB that are free; measure fewer at a time, such as --threads 1 2");
        }
    }
}

/// <summary>A setting with the pack's sessions, ready to take turns.</summary>
public sealed class OpenedSetting : IDisposable
{
    private readonly List<OnnxStageSet> _cropStages = [];
    private readonly List<PathSweep> _crops = [];

    internal OpenedSetting(RunSetting setting, OpeningCosts costs, OnnxStageSet stages, PathSweep sweep)
    {
        (Setting, Openings, FirstRunMs) = (setting, costs.Stages, costs.FirstRunMs);
        (Stages, Sweep) = (stages, sweep);
    }

    public RunSetting Setting { get; }

    /// <summary>What opening the session of each stage took. Memory that an earlier setting gave back is not asked for again.</summary>
    public IReadOnlyList<StageOpening> Openings { get; }

    /// <summary>By variant: milliseconds of its first run.</summary>
    public IReadOnlyList<float> FirstRunMs { get; }

    internal OnnxStageSet Stages { get; }

    internal PathSweep Sweep { get; }

    /// <summary>What the last failed run of any stage said; null while none failed.</summary>
    internal string? LastFault => _crops.Prepend(Sweep).Select(s => s.LastFault).FirstOrDefault(f => f is not null);

    /// <summary>Of each stage on crops, in the manifest's order.</summary>
    internal IReadOnlyList<PathSweep> Crops => _crops;

    internal void Add(OnnxStageSet stages, PathSweep sweep)
    {
        _cropStages.Add(stages);
        _crops.Add(sweep);
    }

    public void Dispose()
    {
        _crops.ForEach(c => c.Dispose());
        _cropStages.ForEach(s => s.Dispose());
        Sweep.Dispose();
        Stages.Dispose();
    }
}

/// <summary>A provider that does not work here.</summary>
public sealed record AbsentProvider(string Provider, string Reason);

/// <summary>Some sweeps with one setting.</summary>
/// <param name="Sweeps">For each its milliseconds by variant, preprocessing and head included; not a number where a run failed.</param>
/// <param name="Ms">All together, with what lies between the variants.</param>
/// <param name="CpuMs">Time of all cores meanwhile.</param>
/// <param name="Joules">Measured over <paramref name="MeteredSeconds"/>, which are 0 where nothing measures.</param>
/// <param name="Fault">What the last failed run said; null while none failed.</param>
public sealed record MeasuredTurn(
    IReadOnlyList<float[]> Sweeps, double Ms, double CpuMs, double Joules, double MeteredSeconds, string? Fault);
