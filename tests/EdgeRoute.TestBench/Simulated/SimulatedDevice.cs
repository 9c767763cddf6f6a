using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Steering;

namespace EdgeRoute.TestBench.Simulated;

/// <summary>
/// One boot of a device: the real engine state, loop, lane, supervisors, router, prices, changes, trials, journal and recordings, over
/// scripted cameras, stages and disk, in virtual time.
/// </summary>
internal sealed class SimulatedDevice : IDisposable
{
    private const long WatchNs = 200_000_000, TrialNs = 250_000_000, EngineWatchNs = 100_000_000;

    /// <summary>By then a change that waits for the end of a frame has been called off.</summary>
    private const long ChangeMostNs = (EngineWatch.ChangeLimitMs * 1_000_000L) + (2 * EngineWatchNs);

    private readonly VirtualTime _time;
    private readonly Lane _lane;
    private readonly FrameLoop _loop;
    private readonly FrameWatch _watch;
    private readonly ChangeControl _changes;
    private readonly EngineWatch _engineWatch;
    private bool _isInFrame, _isStepDue;

    public SimulatedDevice(VirtualTime time, Random random, string manifest, JournalFile journal)
    {
        _time = time;
        var pack = PackReader.Read(manifest);
        var tree = new RouteTree(pack.Graph);
        Stages = new SimulatedStages(tree, time, random);
        var config = ConfigOf(random, manifest);
        Engine = new RunningEngine(config, Stages.Set, time, PreprocessKernels.Default, (_, _) => { }, new SystemFiles("/nowhere"))
        {
            LoadPack = (_, _, _) => throw new EngineRefusedException(RefusalCause.Config, "no pack can be loaded here"),
            TryBuild = _ => { },
            LibraryVersion = "scripted",
            EmergencyStop = new StopSwitch(time),
        };
        Engine.State.Add("shapes", new LoadedPack(pack, tree, Stages.Set));
        Cameras = [.. config.Sources.Select((s, i) => AddStream(i, s, random))];
        _lane = new Lane(Engine.State.Streams, Engine.Signal, Engine.Boundary);
        Laws = new FrameLaws(Engine.State.Streams);
        Recorder = new SimulatedRecorder(time, () => Engine.Recordings.SessionOf(Engine.State.Plans()));
        List<string> paths = [.. tree.Nodes.Select(n => n.PathName)];
        _watch = new FrameWatch([.. config.Sources.Select(s => new WatchedStream(s.Name, paths))], time.NowNs);
        Engine.Tracers.AddRange([new TallyConsumer(Engine.State.TallyOf), Laws, Recorder, new WatchedFrames(_watch)]);
        _loop = new FrameLoop(_lane, time, Engine.Consumers, Engine.Tracers);
        _changes = new ChangeControl(Engine, journal, ReadingSince);
        Laptop = new SimulatedLaptop(Engine, _changes, journal, random);
        foreach (var camera in Cameras)
        {
            camera.Published = Wake;
        }

        _engineWatch = new EngineWatch(Engine.Boundary, [], config.Runtime.StageLimitMs, _ => { }, _ => GiveUp(), service: null);
        time.In(EngineWatchNs, WatchEngine);
        time.In(WatchNs, Watch);
        time.In(TrialNs, WatchTrial);
    }

    public RunningEngine Engine { get; }

    public IReadOnlyList<SimulatedCamera> Cameras { get; }

    public SimulatedStages Stages { get; }

    public SimulatedRecorder Recorder { get; }

    public SimulatedLaptop Laptop { get; }

    public FrameLaws Laws { get; }

    /// <summary>Switched off: what was due on it does not happen any more.</summary>
    public bool IsOff { get; private set; }

    /// <summary>The loop hung and could not be ended, so the process ends; it is to be started again.</summary>
    public bool IsGivenUp => Stages.IsGivenUp && !_isInFrame;

    /// <summary>The process ends: what waits for the loop is told so.</summary>
    public void Close()
    {
        Engine.Boundary.Close();
        Laptop.Settle();
    }

    /// <summary>A request, and the loop comes round for it.</summary>
    public void Ask()
    {
        if (!IsOff)
        {
            Laptop.Ask();
            Wake();
        }
    }

    public void Dispose()
    {
        IsOff = true;
        _engineWatch.Dispose();
        _changes.Dispose();
        Recorder.Dispose();
        Engine.Dispose();
    }

    private static DeviceConfig ConfigOf(Random random, string manifest)
    {
        string calibration = Path.Combine(Path.GetDirectoryName(manifest)!, "calibration.json");
        string value = $"{{ kind: value, calibration: '{calibration}', price: 0.01 }}";
        string[] policies = ["{ kind: cascade }", "{ kind: fixed, path: light }", value];
        var sources = Enumerable.Range(0, random.Next(1, 5)).Select(i => $"  cam{i}: {{ open: 'sim://tabletop', pack: shapes, "
            + $"{(i == 3 ? "take: every" : "take: newest, pace: source")}, policy: {policies[random.Next(policies.Length)]}"
            + $"{(random.Next(2) == 0 ? "" : ", deadline_ms: " + random.Next(2, 300))} }}");
        string text = $"packs: {{ shapes: {{ manifest: '{manifest}' }} }}\nsources:\n{string.Join('\n', sources)}\n";
        var reading = DeviceConfigReader.ReadText(text, "simulated.yaml", checkPaths: false);
        return reading.Config ?? throw new InvalidOperationException(string.Join("\n", reading.Problems));
    }

    private SimulatedCamera AddStream(int index, SourceConfig source, Random random)
    {
        var exchange = new SlotExchange(source.Take, Engine.Signal);
        var parts = Engine.Streamer.Build(index, source, Engine.State.PackNamed("shapes"), exchange);
        Engine.State.Add(source, parts);
        bool isFile = source.Take == DeliveryMode.EveryFrame;
        var period = TimeSpan.FromMilliseconds(isFile ? 1 : random.Next(300, 3000));
        return new SimulatedCamera(index, _time, exchange, period, isFile ? random.Next(1, 20_000) : 0, _ => { });
    }

    /// <summary>A frame waits, or a change does: the loop comes round when it is free.</summary>
    private void Wake()
    {
        if (!_isStepDue && !IsOff)
        {
            _isStepDue = true;
            _time.In(0, Step);
        }
    }

    private void Step()
    {
        _isStepDue = false;
        if (_isInFrame || IsOff)
        {
            return;
        }

        bool wasAsked = Laptop.Waits;
        _isInFrame = true;
        if (Engine.State.Streams.Any(s => s.Waiting.DueNs != long.MaxValue))
        {
            _loop.Run(_loop.EndedCount + 1);
        }
        else
        {
            Engine.Boundary.Apply();
        }

        _isInFrame = false;
        if (wasAsked)
        {
            Laptop.Settle();
        }

        if (Laptop.Waits || Engine.State.Streams.Any(s => s.Waiting.DueNs != long.MaxValue))
        {
            Wake();
        }
    }

    private void GiveUp() => (IsOff, Stages.IsGivenUp) = (true, true);

    /// <summary>Also while a stage hangs, as its own thread does.</summary>
    private void WatchEngine()
    {
        if (IsOff)
        {
            return;
        }

        _engineWatch.Tick(Engine.Boundary.Heartbeat.NowMs);
        if (Laptop.Waits && _time.NowNs - Laptop.WaitsSinceNs > ChangeMostNs)
        {
            Laptop.Settle();
        }

        _time.In(EngineWatchNs, WatchEngine);
    }

    private void Watch()
    {
        if (!IsOff)
        {
            _watch.Pump(_time.NowNs);
            _time.In(WatchNs, Watch);
        }
    }

    private void WatchTrial()
    {
        if (!IsOff)
        {
            Laptop.WatchTrial();
            Wake();
            _time.In(TrialNs, WatchTrial);
        }
    }

    private TrialReading ReadingSince(int index, long sinceNs)
    {
        var window = _watch.WindowSince(index, sinceNs, _time.NowNs);
        double agreement = window.AuditedCount >= Trial.AuditLeast ? window.AgreementMean : double.NaN;
        return new TrialReading(window.Status, Engine.State.Streams[index].Tally, Laws.LateCounts[index], agreement, null);
    }
}
