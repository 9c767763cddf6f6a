using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Measuring;

/// <summary>
/// The engine of a device config, whole, but with cameras that play frames of its sources from memory, all at one rate that is changed
/// while it runs. It writes no trace and no recording, and opens no control channel.
/// </summary>
public sealed class PacedEngine : IDisposable
{
    /// <summary>Frames kept of a source: two seconds of most cameras, or as many as fit into this memory.</summary>
    private const int FramesMost = 60;
    private const long BytesMost = 256 << 20;

    /// <summary>At low rates a camera is silent for long, and is well all the same.</summary>
    private const int StallMs = 600_000;

    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly List<FrameReel> _reels = [];
    private readonly List<ReelCamera> _cameras = [];
    private readonly PathLatencies _latencies = new();
    private readonly RunningEngine _engine;
    private readonly Thread _runs;
    private Exception? _fault;

    private PacedEngine(DeviceConfig config, IReadOnlyDictionary<string, SourceMaker> schemes, EngineReporter report,
        double framesPerSecond, Action<string> progress)
    {
        var parts = new EngineParts(config.Runtime, schemes, Clock, report);
        try
        {
            foreach (var source in config.Sources)
            {
                progress($"reading frames of source '{source.Name}' into memory");
                var wishes = source.CaptureOptions with { Pace = SourcePace.AsTaken, Delivery = DeliveryMode.EveryFrame,
                    IsIsolated = false };
                var frames = parts.MakeSource(source.Name, source.Address.FactoryText, wishes);
                _reels.Add(FrameReel.Take(frames, source.Name, FramesMost, BytesMost, Clock));
            }

            var options = new EngineOptions(long.MaxValue, null, null, CameraSchemes(framesPerSecond)) { OpenLine = null };
            progress($"opening the models of {Packs(config)} and warming them up");
            _engine = new EngineBuilder(PacedConfig(config), options, report).Build();
        }
        catch
        {
            _reels.ForEach(r => r.Dispose());
            throw;
        }

        _engine.Tracers.Add(_latencies);
        _runs = PartThread.Make("engine", () => _engine.Run(long.MaxValue), fault => _fault = fault);
        _runs.Start();
    }

    /// <summary>What measures power; null where nothing does.</summary>
    public string? PowerSource => _engine.Board.PowerSource;

    /// <summary>Takes frames of the sources, then starts the engine.</summary>
    /// <param name="schemes">Makers of sources that other parts bring, by scheme.</param>
    /// <param name="framesPerSecond">Of each source, at first.</param>
    /// <param name="progress">Told what is done, before it is.</param>
    /// <exception cref="EngineRefusedException">The config cannot be run, or a source gives no frame.</exception>
    public static PacedEngine Start(DeviceConfig config, IReadOnlyDictionary<string, SourceMaker> schemes, EngineReporter report,
        double framesPerSecond, Action<string> progress) =>
        EngineParts.Refusing(() => new PacedEngine(config, schemes, report, framesPerSecond, progress));

    /// <summary>Sets the rate of all sources, lets it settle, and looks on for a while. Null where it was cancelled.</summary>
    /// <exception cref="EngineRefusedException">The engine has ended meanwhile.</exception>
    public PacedWindow? Look(double framesPerSecond, TimeSpan settling, TimeSpan time, CancellationToken cancel)
    {
        _cameras.ForEach(c => c.FramesPerSecond = framesPerSecond);
        if (cancel.WaitHandle.WaitOne(settling))
        {
            return null;
        }

        _latencies.Begin();
        var before = Ends();
        long start = Clock.GetTimestamp();
        if (cancel.WaitHandle.WaitOne(time))
        {
            return null;
        }

        var ends = Ends().Zip(before, (now, then) => now - then).ToList();
        double seconds = Clock.GetElapsedTime(start).TotalSeconds;
        var paths = _latencies.End();
        if (!_runs.IsAlive)
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"the engine has ended: {_fault?.Message ?? _engine.LostReason}",
                _fault);
        }

        return new PacedWindow(seconds, [.. ends.Select((e, i) => WindowOf(i, e, paths))], _engine.Board.Watts);
    }

    public void Dispose()
    {
        _engine.Stop();
        _runs.Join();
        _engine.Dispose();
        _reels.ForEach(r => r.Dispose());
    }

    /// <summary>Frames under way at the edges of a window are in neither its captures nor its ends.</summary>
    private List<EndTally> Ends() => [.. _engine.Statuses().Select(s => s.Ends.Settled())];

    private SourceWindow WindowOf(int index, EndTally ends, IReadOnlyDictionary<(int Stream, int Node), LatencyHistogram> paths)
    {
        var stream = _engine.State.Streams[index];
        var own = paths.Where(p => p.Key.Stream == index).OrderBy(p => p.Key.Node)
            .Select(p => new PathLatency(stream.Router.Tree.Nodes[p.Key.Node].PathName, p.Value)).ToList();
        return new SourceWindow(stream.Name, ends, own);
    }

    private static string Packs(DeviceConfig config) => (config.Packs.Count == 1 ? "pack " : "packs ")
        + string.Join(", ", config.Packs.Select(p => $"'{p.Name}'"));

    private static DeviceConfig PacedConfig(DeviceConfig config) => config with
    {
        Sources = [.. config.Sources.Select((s, i) => s with
        {
            Address = new ConfigAddress(AddressKind.Sim, SchemeOf(i) + "://", null, IsLive: true),
            Take = DeliveryMode.NewestWins, Pace = SourcePace.Source, Loop = false, IsIsolated = false, StallMs = StallMs,
            User = null, PasswordFile = null, FramesPerSecond = null, State = null, Actions = null,
            Audit = s.Audit is { } audit ? audit with { KeepFolder = null } : null,
        })],
        Control = null, Trace = null, Record = null,
    };

    private Dictionary<string, SourceMaker> CameraSchemes(double framesPerSecond) => _reels.Select((reel, i) => (reel, i)).ToDictionary(
        r => SchemeOf(r.i), r => (SourceMaker)((CaptureAddress address, SourceOptions options, ref string problem) =>
        {
            var camera = new ReelCamera(r.reel, Clock) { FramesPerSecond = framesPerSecond };
            _cameras.Add(camera);
            return camera;
        }), StringComparer.Ordinal);

    private static string SchemeOf(int index) => $"reel{index}";

    /// <summary>Latencies of a window by stream and node; on the loop's thread, and taken away from any.</summary>
    private sealed class PathLatencies : IAnswerConsumer
    {
        private readonly Lock _gate = new();
        private Dictionary<(int Stream, int Node), LatencyHistogram> _paths = [];

        public void Publish(in PublishedFrame frame)
        {
            ref readonly var record = ref frame.Record;
            if (record.End is FrameEnd.Failed or FrameEnd.Dropped || record.NodeIndex < 0)
            {
                return;
            }

            lock (_gate)
            {
                var key = (frame.StreamIndex, (int)record.NodeIndex);
                if (!_paths.TryGetValue(key, out var latency))
                {
                    _paths[key] = latency = new LatencyHistogram();
                }

                latency.Add(record.LatencyNs);
            }
        }

        public void Begin() => End();

        public Dictionary<(int Stream, int Node), LatencyHistogram> End()
        {
            lock (_gate)
            {
                var ended = _paths;
                _paths = [];
                return ended;
            }
        }
    }
}

/// <summary>Plays a reel round and round as a camera would, at a rate that any thread may change.</summary>
/// <param name="reel">Stays the caller's.</param>
internal sealed class ReelCamera(FrameReel reel, TimeProvider clock) : IFrameSource
{
    /// <summary>
    /// Waits of the system are whole milliseconds. Where frames follow so closely that this would bring them in bunches, the rest is waited
    /// for by giving way to others again and again.
    /// </summary>
    private const long CloseNs = 4 * MsNs;

    private const long MsNs = 1_000_000;

    private readonly ManualResetEvent _stop = new(false);
    private long _periodNs;
    private long _dueNs, _count;

    public string Description => $"{reel.Frames.Count} frames, played again and again";

    public bool IsLive => true;

    public bool SizesVary => true;

    public bool TellsState => reel.Tells.State;

    public bool TellsInstruction => reel.Tells.Instruction;

    public SourceFault Fault => SourceFault.None;

    public required double FramesPerSecond
    {
        set => Volatile.Write(ref _periodNs, (long)(1e9 / value));
    }

    public bool Open()
    {
        _stop.Reset();
        _dueNs = clock.NowNs();
        return true;
    }

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = -1;
        long periodNs = Volatile.Read(ref _periodNs);
        if (!WaitUntilDue(periodNs, waitMs))
        {
            return ReadOutcome.Nothing;
        }

        // Who comes late is not flooded: a camera does not make up for what it missed.
        long nowNs = clock.NowNs();
        _dueNs = (nowNs - _dueNs > periodNs ? nowNs : _dueNs) + periodNs;
        var frame = reel.Frames[(int)(_count++ % reel.Frames.Count)];
        frame.Bytes.CopyTo(slot.Prepare(frame.Layout));
        slot.TellState(frame.State);
        slot.Instruction = frame.Instruction;
        return ReadOutcome.Frame;
    }

    public void Close() => _stop.Set();

    public void Dispose()
    {
        Close();
        _stop.Dispose();
    }

    private bool WaitUntilDue(long periodNs, int waitMs)
    {
        long nowNs = clock.NowNs();
        // The rate may have been raised since the time was set.
        _dueNs = Math.Min(_dueNs, nowNs + periodNs);
        bool isClose = periodNs < CloseNs;
        long neededMs = (_dueNs - nowNs + (isClose ? 0 : MsNs - 1)) / MsNs;
        if (neededMs > 0 && (_stop.WaitOne((int)Math.Min(neededMs, waitMs)) || neededMs > waitMs))
        {
            return false;
        }

        while (isClose && clock.NowNs() < _dueNs)
        {
            Thread.Yield();
        }

        return true;
    }
}

/// <summary>What was seen of a running engine for a while.</summary>
/// <param name="Watts">Mean power lately; null where nothing measures it.</param>
public sealed record PacedWindow(double Seconds, IReadOnlyList<SourceWindow> Sources, double? Watts);

/// <summary>What became of a source's frames, and how long those that were answered took.</summary>
public sealed record SourceWindow(string Name, EndTally Ends, IReadOnlyList<PathLatency> Paths);

/// <summary>Capture to publish of the frames that a path answered.</summary>
public sealed record PathLatency(string Path, LatencyHistogram Latency);
