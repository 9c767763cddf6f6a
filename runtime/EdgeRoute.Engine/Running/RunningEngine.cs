using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// An engine with its threads: one per source, one for the loop (the caller's), one per output. Built by <see cref="EngineBuilder"/>;
/// stopped from any thread.
/// </summary>
public sealed class RunningEngine : IDisposable
{
    private readonly OrtEnvironment _environment;
    private readonly EngineReporter _report;
    /// <summary>Replaced as a whole, because other threads read it.</summary>
    private volatile Dictionary<string, LoadedPack> _packs = new(StringComparer.Ordinal);
    private readonly List<CaptureThread> _captures = [];
    private readonly List<RunTally> _tallies = [];
    private readonly List<PublishQueue> _queues = [];
    private readonly List<IDisposable> _outputs = [];
    private readonly EventRepeats _repeats = new();
    private readonly Lock _repeatsGate = new();
    private readonly BoardMonitor _monitor;
    private Lane? _lane;
    private FrameLoop? _loop;
    private long _startNs, _endNs;
    private volatile bool _isStopped;

    public RunningEngine(DeviceConfig config, OrtEnvironment environment, TimeProvider clock, IPreprocessKernel kernel,
        EngineReporter report, SystemFiles files)
    {
        Config = config;
        _environment = environment;
        Clock = clock;
        _report = report;
        Boundary = new FrameBoundary(Signal);
        Recordings = new RecordingDesk(this, report);
        _monitor = new BoardMonitor(files, clock, OnEvent);
        Streamer = new StreamBuilder(report, clock, kernel, config.Sources.Count > 1, _monitor.Power, OnStreamEvent);
    }

    /// <summary>As read, with every change since.</summary>
    public DeviceConfig Config { get; private set; }

    /// <summary>A stream has become what a plan says; on the loop's thread, between frames.</summary>
    public event Action<int, StreamPlan>? Replaced;

    /// <summary>
    /// Loads a pack from its name, manifest and folder of files, as at start; any thread. Not added to <see cref="Packs"/> yet.
    /// </summary>
    /// <exception cref="EngineRefusedException">The pack cannot be used.</exception>
    public required Func<string, string, string?, LoadedPack> LoadPack { get; init; }

    /// <summary>Of the ONNX Runtime library.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>Where other threads' changes are carried out.</summary>
    public FrameBoundary Boundary { get; }

    public RecordingDesk Recordings { get; }

    /// <summary>Makes the parts of streams anew for a change.</summary>
    public StreamBuilder Streamer { get; }

    /// <summary>Get the answer as soon as there is one. Changed between frames only.</summary>
    public List<IAnswerConsumer> Consumers { get; } = [];

    /// <summary>Get the whole story of the frame. Changed between frames only.</summary>
    public List<IAnswerConsumer> Tracers { get; } = [];

    /// <summary>What the loop waits on; shared by all sources.</summary>
    public FrameSignal Signal { get; } = new();

    public List<FrameStream> Streams { get; } = [];

    public TimeProvider Clock { get; }

    /// <summary>Heat, power and load of the machine as last measured; any thread.</summary>
    public BoardReading Board => _monitor.Latest;

    public LoadedPack PackNamed(string name) => _packs[name];

    public LoadedPack PackOf(int streamIndex) => _packs[Config.Sources[streamIndex].PackName];

    /// <summary>Names and packs, those included that no stream uses.</summary>
    public IReadOnlyDictionary<string, LoadedPack> Packs => _packs;

    public void Add(string name, LoadedPack pack) =>
        _packs = new Dictionary<string, LoadedPack>(_packs, StringComparer.Ordinal) { [name] = pack };

    /// <summary>Between frames: a pack that was loaded while the engine runs.</summary>
    public void Add(PackConfig config, LoadedPack pack)
    {
        Add(config.Name, pack);
        Config = Config with { Packs = [.. Config.Packs, config] };
    }

    /// <summary>Takes a pack out that no stream uses; between frames.</summary>
    public void Remove(string name)
    {
        var pack = _packs[name];
        _packs = _packs.Where(p => p.Key != name).ToDictionary(StringComparer.Ordinal);
        Config = Config with { Packs = [.. Config.Packs.Where(p => p.Name != name)] };
        pack.Dispose();
    }

    /// <summary>Outputs are open that name the paths of the packs the run began with.</summary>
    public bool HasFixedOutputs => _queues.Count > 0;

    /// <summary>What every stream is now.</summary>
    public IReadOnlyList<StreamPlan> Plans() => [.. Streams.Select(s => new StreamPlan(Config.Sources[s.Index], PackOf(s.Index), s.Parts))];

    public IReadOnlyList<EndTally> Tallies() => Streams.ConvertAll(s => s.Tally);

    /// <summary>Between frames: a stream becomes what a plan says.</summary>
    public void Replace(int index, StreamPlan plan)
    {
        if (!ReferenceEquals(plan.Pack, PackOf(index)))
        {
            _tallies[index] = new RunTally(plan.Source.Name, plan.Pack.Tree, _tallies[index]);
        }

        Streams[index].Replace(plan.Parts);
        Config = Config with { Sources = [.. Config.Sources.Select((s, i) => i == index ? plan.Source : s)] };
        Replaced?.Invoke(index, plan);
    }

    public void Add(SourceConfig source, IFrameSource frames, SlotExchange exchange, FrameStreamParts parts)
    {
        var stream = new FrameStream(Streams.Count, parts);
        Streams.Add(stream);
        _tallies.Add(new RunTally(source.Name, parts.Router.Tree));
        _captures.Add(new CaptureThread(stream.Index, frames, exchange, Clock, OnSourceEvent, source.CaptureLimits));
    }

    /// <summary>A queue to a consumer's thread, and what is to be closed after it has drained.</summary>
    public void Add(PublishQueue queue, IDisposable? output)
    {
        _queues.Add(queue);
        Consumers.Add(queue);
        _outputs.AddRange(output is null ? [] : [output]);
    }

    /// <summary>A queue that gets frames with their whole story, through a filter.</summary>
    public void AddTracer(PublishQueue queue, IAnswerConsumer filter, IDisposable output)
    {
        _queues.Add(queue);
        Tracers.Add(filter);
        _outputs.Add(output);
    }

    /// <summary>Room for any stream's answer.</summary>
    public Answer MakeAnswerRoom() => MakeAnswerRoom(Plans());

    /// <summary>Room for any stream's answer once they are what plans say.</summary>
    public static Answer MakeAnswerRoom(IReadOnlyList<StreamPlan> plans)
    {
        var rooms = plans.Select(p => StageAnswers.Make(p.Pack.Stages, p.Pack.Tree)).ToList();
        return new Answer(rooms[0].Task, rooms.Max(r => r.DetectionSlots.Length), rooms.Max(r => r.ValueSlots.Length));
    }

    /// <summary>
    /// Runs on the caller's thread until every source has ended, <paramref name="frameLimit"/> frames have ended, or <see cref="Stop"/> is
    /// called; then stops the sources, drains every output and closes it.
    /// </summary>
    public void Run(long frameLimit)
    {
        _lane = new Lane(Streams, Signal, Boundary);
        if (_isStopped)
        {
            _lane.Stop();
        }

        Tracers.Insert(0, new TallyConsumer(_tallies));
        _loop = new FrameLoop(_lane, Clock, Consumers, Tracers);
        _startNs = Clock.NowNs();
        _monitor.Start();
        _captures.ForEach(c => c.Start());
        try
        {
            _loop.Run(frameLimit);
        }
        finally
        {
            Finish();
        }
    }

    /// <summary>Ends <see cref="Run"/> at the next frame boundary. Any thread; also before Run.</summary>
    public void Stop()
    {
        _isStopped = true;
        _lane?.Stop();
    }

    /// <summary>The run ended because it is to begin anew.</summary>
    public bool IsRestartAsked { get; private set; }

    /// <summary><see cref="Stop"/>, and whoever runs the engine begins anew with the config file as it is then.</summary>
    public void AskRestart()
    {
        IsRestartAsked = true;
        Stop();
    }

    /// <summary>Closes a source and opens it again. False: it is no live source, and would begin anew.</summary>
    public bool RestartSource(int streamIndex)
    {
        bool isLive = _captures[streamIndex].IsLive;
        if (isLive)
        {
            _captures[streamIndex].AskRestart();
        }

        return isLive;
    }

    /// <summary>How every source stands; any thread.</summary>
    public IReadOnlyList<SourceStatus> Statuses() => [.. Streams.Select(StatusOf)];

    /// <summary>At start, once: what measures the machine's power, and which budgets cannot be held where nothing does.</summary>
    internal void MeasureBoard()
    {
        _monitor.Measure();
        foreach (string line in PowerNeed.Unmet(Config, Board))
        {
            _report(ReportLevel.Warning, line);
        }

        if (Board.PowerSource is { } source)
        {
            _report(ReportLevel.Notice, $"power: {source}");
        }
    }

    public RunReport Report()
    {
        double seconds = ((_endNs == 0 ? Clock.NowNs() : _endNs) - _startNs) / 1e9;
        return RunReport.Of(seconds, Config.HashText(), _loop?.SteadyAllocatedBytes ?? 0, Statuses(),
            [.. _packs.Select(p => PackReportOf(p.Key, p.Value))]) with { Board = Board };
    }

    public void Dispose()
    {
        _captures.ForEach(c => c.Dispose());
        _monitor.Dispose();
        _queues.ForEach(q => q.Dispose());
        foreach (var recording in Recordings.Open)
        {
            recording.Dispose();
        }

        _outputs.ForEach(o => o.Dispose());
        Streams.ForEach(s => s.Dispose());
        foreach (var pack in _packs.Values)
        {
            pack.Dispose();
        }

        _environment.Dispose();
        Signal.Dispose();
    }

    private PackReport PackReportOf(string name, LoadedPack pack) =>
        new(name, [.. Config.Sources.Where(s => s.PackName == name).Select(s => s.Name)], pack.Stages.HeadLosses)
        {
            Instructions = pack.Stages.Wants.Instruction ? pack.Stages.Instructions : null,
        };

    private SourceStatus StatusOf(FrameStream stream)
    {
        var tally = _captures[stream.Index].Tally;
        long faults = Enum.GetValues<SourceFaultKind>().Sum(tally.FaultCount);
        var policy = stream.Parts.Plan is null ? null : PolicyReport.Of(stream.Plans);
        return new SourceStatus(_tallies[stream.Index], stream.Tally, faults, tally.RestartCount,
            RoutingReport.Of(stream.Pricing, stream.Parts.Auditor), policy,
            _captures[stream.Index].StatusText);
    }

    private void Finish()
    {
        _endNs = Clock.NowNs();
        Boundary.Close();
        _monitor.Stop();
        _captures.ForEach(c => c.RequestStop());
        foreach (var (capture, stream) in _captures.Zip(Streams))
        {
            if (!capture.Stop())
            {
                _report(ReportLevel.Warning, $"source {stream.Name} hangs inside its library and is left behind; its thread ends with "
                    + "the process");
            }
        }

        ReportRepeats();
        foreach (var queue in _queues)
        {
            queue.Dispose();
            ReportLosses(queue);
        }

        _outputs.ForEach(o => o.Dispose());
        foreach (var recording in Recordings.Open)
        {
            Recordings.End(recording);
            Recordings.Close(recording);
        }
    }

    private void ReportRepeats()
    {
        lock (_repeatsGate)
        {
            foreach (var (sourceIndex, line) in _repeats.Rest())
            {
                _report(ReportLevel.Warning, $"source {Streams[sourceIndex].Name}: {line}");
            }
        }
    }

    internal void ReportLosses(PublishQueue queue)
    {
        if (queue.Fault is { } fault)
        {
            _report(ReportLevel.Warning, $"{queue.Name} ended early: {fault.Message}");
        }

        if (queue.LostCount > 0)
        {
            string cause = queue.Fault is null ? " because writing is slower than the frames" : "";
            _report(ReportLevel.Warning, $"{queue.Name}: {queue.LostCount} frames were not written{cause}");
        }
    }

    /// <summary>What a stream's prices and audits have to say; on the loop's thread, between frames.</summary>
    public void OnStreamEvent(int sourceIndex, string text)
    {
        _report(ReportLevel.Warning, $"source {Streams[sourceIndex].Name}: {text}");
        Recordings.PushEvent(new RecordedEvent(Clock.NowNs(), sourceIndex, EventKind.Note, text));
    }

    /// <summary>What concerns the whole run; any thread.</summary>
    internal void OnEvent(string text) => _report(ReportLevel.Warning, text);

    private void OnSourceEvent(SourceEvent happened)
    {
        var (level, kind, text) = SourceEventText.Of(happened);
        string? line;
        lock (_repeatsGate)
        {
            line = _repeats.LineOf(happened.SourceIndex, kind, text, happened.AtNs);
        }

        if (line is not null)
        {
            _report(level, $"source {Streams[happened.SourceIndex].Name}: {line}");
        }

        Recordings.PushEvent(new RecordedEvent(happened.AtNs, happened.SourceIndex, kind, text));
    }
}
