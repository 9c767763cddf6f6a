using System.Runtime.ExceptionServices;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// An engine with its threads: one per source, one for the loop (the caller's), one per output. Built by <see cref="EngineBuilder"/>;
/// stopped from any thread. What it holds is its <see cref="State"/>.
/// </summary>
public sealed class RunningEngine : IDisposable
{
    private readonly IDisposable _environment;
    private readonly List<PublishQueue> _queues = [];
    private List<IDisposable> _outputs = [];
    private readonly List<AnswerOutput> _answers = [];
    private readonly BoardMonitor _monitor;
    private readonly RecordingKeeper _keeper;
    private Lane? _lane;
    private FrameLoop? _loop;
    private long _startNs, _endNs;
    private volatile bool _isStopped;
    private volatile Action? _noteStop;
    private ExceptionDispatchInfo? _loopFault;

    /// <summary>Set when the loop's thread has ended, or was given up.</summary>
    private readonly ManualResetEventSlim _isOver = new();

    /// <param name="environment">Of the sessions; disposed of after them.</param>
    /// <param name="openLine">Takes a GPIO line; null leaves all lines alone.</param>
    internal RunningEngine(DeviceConfig config, IDisposable environment, TimeProvider clock, IPreprocessKernel kernel,
        EngineReporter report, SystemFiles files, Func<GpioLineConfig, IGpioLine>? openLine = null)
    {
        _environment = environment;
        Clock = clock;
        State = new EngineState(config);
        State.PackChanged += () => _queues.ForEach(q => q.Renew());
        State.StreamsChanged += FollowStreams;
        Boundary = new FrameBoundary(Signal, clock);
        _monitor = new BoardMonitor(files, clock, text => report(ReportLevel.Warning, text), config.PowerMonitor);
        Reports = new EngineReports(State, _monitor, report);
        _monitor.Measured += board => Routes.Observe(board, clock.NowNs());
        State.PackChanged += Routes.Forget;
        Leaving = new LeavingSources(Reports);
        Recordings = new RecordingControl(this, report);
        _keeper = new RecordingKeeper(this, report);
        Events = new EngineEvents(Reports, Recordings, clock);
        Lines = new DeviceLines(config.Gpio, openLine, clock, Events.OfLine);
        Streamer = new StreamBuilder(report, clock, kernel, _monitor.Power, Events.OfStream)
        {
            SharesLane = config.Sources.Count > 1,
            Heartbeat = Boundary.Heartbeat,
            Lines = Lines,
            TellOutput = turn => WriterNamed(turn.Action.Output)?.Tell(turn),
            HasChannel = config.Control is not null,
            Stop = () => EmergencyStop,
            IsRecorded = () => Recordings.Open.Count > 0,
        };
    }

    /// <summary>Its config, packs and streams.</summary>
    public EngineState State { get; }

    public TimeProvider Clock { get; }

    /// <summary>Where other threads' changes are carried out.</summary>
    public FrameBoundary Boundary { get; }

    public RecordingControl Recordings { get; }

    /// <summary>Get the answer as soon as there is one. Changed between frames only.</summary>
    public List<IAnswerConsumer> Consumers { get; } = [];

    /// <summary>Get the whole story of the frame. Changed between frames only.</summary>
    public List<IAnswerConsumer> Tracers { get; } = [];

    /// <summary>Heat, power and load of the machine as last measured; any thread.</summary>
    public BoardReading Board => _monitor.Latest;

    /// <summary>Outputs are open that name the paths of the packs the run began with.</summary>
    public bool HasFixedOutputs { get; private set; }

    /// <summary>One of them is for the streams the run began with, and knows no others.</summary>
    public bool HasFixedStreams { get; private set; }

    /// <summary>How its outputs of answers stand; any thread.</summary>
    public IReadOnlyList<OutputStatus> OutputStatuses() => [.. _answers.Select(a => a.Status())];

    /// <summary>What writes an output; null where there is none of that name.</summary>
    internal AnswerWriter? WriterNamed(string output) => _answers.Find(a => a.Name == output)?.Writer;

    /// <summary>Opens files of answers anew, which may have been moved away. False: there are none. Any thread.</summary>
    public bool ReopenOutputs() => AnswerOutput.Reopen(_answers, Reports);

    /// <summary>Somebody asked for the end; else it comes by itself.</summary>
    public bool IsStopAsked => _isStopped;

    /// <summary>The run ended because it is to begin anew.</summary>
    public bool IsRestartAsked { get; private set; }

    /// <summary>Loads a pack from its name, manifest and folder of files, as at start; any thread. Not added to the state yet.</summary>
    /// <exception cref="EngineRefusedException">The pack cannot be used.</exception>
    public required Func<string, string, string?, LoadedPack> LoadPack { get; init; }

    /// <summary>Makes a source as its config says, as at start, for a stream of an index; any thread. It is not opened yet.</summary>
    /// <exception cref="EngineRefusedException">The source cannot be used.</exception>
    internal Func<RunningEngine, SourceConfig, int, OpenedSource> OpenSource { get; init; } = (_, source, _) =>
        throw new BrokenInvariantException($"This engine has nobody who makes source '{source.Name}'.");

    /// <summary>Builds an engine from a config beside this one and disposes of it; any thread. Throws what its start would.</summary>
    public required Action<DeviceConfig> TryBuild { get; init; }

    /// <summary>The emergency stop. What it does is told and recorded while this engine lives.</summary>
    public required StopSwitch EmergencyStop
    {
        get;
        init
        {
            field = value;
            field.Changed += Events.OfStop;
        }
    }

    /// <summary>Actions on their way to clients of the channel.</summary>
    public ActionWatch Actions { get; } = new();

    /// <summary>Why the loop was given up; null in health. What it uses is then left as it is, and only the process can end it.</summary>
    public string? LostReason { get; private set; }

    /// <summary>Of the ONNX Runtime library.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>Makes the parts of streams anew for a change.</summary>
    internal StreamBuilder Streamer { get; }

    internal EngineReports Reports { get; }

    /// <summary>What each route takes of the board's energy.</summary>
    internal RouteMeter Routes { get; } = new();

    /// <summary>Where its parts say what happens.</summary>
    internal EngineEvents Events { get; }

    /// <summary>Its GPIO lines; held while it runs.</summary>
    internal DeviceLines Lines { get; }

    /// <summary>Sources that the loop has let go of, on their way to an end.</summary>
    internal LeavingSources Leaving { get; }

    /// <summary>What the loop waits on; shared by all sources.</summary>
    internal FrameSignal Signal { get; } = new();

    internal void Add(SourceConfig source, OpenedSource opened, SlotExchange exchange, FrameStreamParts parts)
    {
        State.Add(source, parts, index => new CaptureThread(index, opened.Frames, exchange, Clock, e => Events.OfSource(source.Name, e),
            source.CaptureLimits) { Remake = opened.Remake, Gate = Lines.GateOf(source.Name), Nice = State.Config.Runtime.NiceStep,
            Realtime = State.Config.Runtime.Realtime });
    }

    /// <summary>A queue to a consumer's thread, and what is to be closed after it has drained.</summary>
    internal void Add(AnswerOutput output)
    {
        _answers.Add(output);
        Add(output.Queue, output.Writer);
    }

    /// <summary>The same for an output that names the paths of the packs the run began with.</summary>
    internal void AddFixed(PublishQueue queue, IDisposable output)
    {
        HasFixedOutputs = HasFixedStreams = true;
        Add(queue, output);
    }

    /// <summary>A queue that gets frames with their whole story, through a filter.</summary>
    internal void AddTracer(PublishQueue queue, IAnswerConsumer filter, IDisposable output)
    {
        HasFixedOutputs = true;
        _queues.Add(queue);
        Tracers.Add(filter);
        _outputs.Add(output);
    }

    /// <summary>
    /// Runs until every source has ended, <paramref name="frameLimit"/> frames have ended, <see cref="Stop"/> is called, or the loop hangs
    /// and is given up; then stops the sources, drains every output and closes it.
    /// </summary>
    public void Run(long frameLimit)
    {
        _lane = new Lane(State.Streams, Signal, Boundary);
        if (_isStopped)
        {
            _lane.Stop();
        }

        Tracers.InsertRange(0, [new TallyConsumer(State.TallyOf), Routes]);
        _loop = new FrameLoop(_lane, Clock, Consumers, Tracers);
        _startNs = Clock.NowNs();
        _keeper.Look();
        Boundary.Heartbeat.Beat();
        Lines.Start(EmergencyStop, IsLoopAlive, Progress);
        Each(c => c.Start());
        using var service = ServiceNotifier.FromEnvironment();
        using (var watch = new EngineWatch(Boundary, State.Captures, State.Config.Runtime.StageLimitMs, Reports.Warn, GiveUp, service))
        {
            _noteStop = watch.NoteStop;
            if (_isStopped)
            {
                watch.NoteStop();
            }

            new Thread(() => RunLoop(frameLimit)) { IsBackground = true, Name = "frames" }.Start();
            watch.Start();
            _monitor.Start();
            _keeper.Start();
            _isOver.Wait();
            _noteStop = null;
        }

        // A service manager that hears of a stop ends what still runs some seconds later; this process begins anew.
        service?.Tell(IsRestartAsked ? "STATUS=starting again with the config as it is now" : "STOPPING=1");
        Finish();
        _loopFault?.Throw();
    }

    /// <summary>Ends <see cref="Run"/> at the next frame boundary. Any thread; also before Run.</summary>
    public void Stop()
    {
        _isStopped = true;
        _noteStop?.Invoke();
        _lane?.Stop();
    }

    /// <summary><see cref="Stop"/>, and whoever runs the engine begins anew with the config file as it is then.</summary>
    public void AskRestart()
    {
        IsRestartAsked = true;
        Stop();
    }

    /// <summary>Closes a source and opens it again. False: it is no live source, and would begin anew.</summary>
    public bool RestartSource(int streamIndex)
    {
        var capture = State.Find(streamIndex)?.Capture;
        if (capture is not { IsLive: true })
        {
            return false;
        }

        capture.AskRestart();
        return true;
    }

    /// <summary>How every source stands; any thread.</summary>
    public IReadOnlyList<SourceStatus> Statuses() => Reports.Statuses();

    /// <summary>The run in figures, so far or as a whole.</summary>
    public RunReport Report()
    {
        double seconds = ((_endNs == 0 ? Clock.NowNs() : _endNs) - _startNs) / 1e9;
        return Reports.Run(seconds, _loop?.SteadyAllocatedBytes ?? 0) with { LostReason = LostReason };
    }

    public void Dispose()
    {
        Lines.Dispose();
        EmergencyStop.Changed -= Events.OfStop;
        Each(c => c.Dispose());
        _monitor.Dispose();
        _keeper.Dispose();
        _queues.ForEach(q => q.Dispose());
        foreach (var recording in Recordings.Open)
        {
            recording.Dispose();
        }

        CloseOutputs();
        if (LostReason is not null)
        {
            // A thread is still inside a stage: taking tensors and sessions from under it would crash the process.
            return;
        }

        State.Dispose();
        _environment.Dispose();
        Signal.Dispose();
        _isOver.Dispose();
    }

    private void Add(PublishQueue queue, IDisposable output)
    {
        _queues.Add(queue);
        Consumers.Add(queue);
        _outputs.Add(output);
    }

    private void RunLoop(long frameLimit)
    {
        ThreadNice.TryAdd(State.Config.Runtime.NiceStep);
        ThreadNice.TryRealtime(State.Config.Runtime.Realtime);
        try
        {
            _loop!.Run(frameLimit);
        }
#pragma warning disable CA1031 // Whoever runs the engine gets it, a broken invariant for one.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _loopFault = ExceptionDispatchInfo.Capture(fault);
        }
        finally
        {
            _isOver.Set();
        }
    }

    private void GiveUp(string reason)
    {
        LostReason = reason;
        _lane!.Stop();
        Recordings.PushEvent(new RecordedEvent(Clock.NowNs(), -1, EventKind.StageFailed, reason));
        _isOver.Set();
    }

    private void Finish()
    {
        _endNs = Clock.NowNs();
        Lines.Dispose();
        Boundary.Close();
        _keeper.Dispose();
        _monitor.Stop();
        Each(c => c.RequestStop());
        Leaving.StopAll();
        foreach (var live in State.Live)
        {
            if (live.Capture is { } capture && !capture.Stop())
            {
                Reports.TellLeftBehind(live.Stream.Name, capture.IsHanging);
            }
        }

        Reports.TellRest();
        foreach (var queue in _queues)
        {
            queue.Dispose();
            Reports.TellLosses(queue);
        }

        CloseOutputs();
        foreach (var recording in Recordings.Open)
        {
            Recordings.End(recording);
            Recordings.Close(recording);
        }
    }

    /// <summary>An output whose last bytes find no room is told, and the others are closed all the same.</summary>
    private void CloseOutputs()
    {
        // Actions end first: an actuator that goes through an output has a last hold to send.
        State.Live.Select(l => l.Setup.Parts.Executor).OfType<IDisposable>().ToList().ForEach(Leaving.Close);
        State.Live.ToList().ForEach(l => l.Setup.Parts.Rules?.LetGo());
        var outputs = Interlocked.Exchange(ref _outputs, []);  // Whoever disposes of an engine that runs comes here beside its own end.
        outputs.ForEach(Leaving.Close);
    }

    private bool IsLoopAlive() => LostReason is null
        && Boundary.Heartbeat.NowMs - Boundary.Heartbeat.BeatMs <= EngineWatch.LoopLimitMs;

    private List<StreamProgress> Progress() => [.. State.Streams.Select(s => new StreamProgress(s.Name, s.Tally.Answered))];

    /// <summary>On the loop's thread, between frames.</summary>
    private void FollowStreams()
    {
        _lane?.Follow(State.Streams);
        if (State.Config.Sources.Any(s => s.Take == DeliveryMode.NewestWins))
        {
            _queues.ForEach(q => q.LoseFromNowOn());
        }
    }

    private void Each(Action<CaptureThread> work) => State.Captures.ToList().ForEach(work);
}
