using EdgeRoute.Core.Costs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Remote;

/// <summary>
/// An inference server that runs stages of packs. Frames ask it from the loop's thread over a link that is open already; a thread of its
/// own opens that anew, asks whether the server is ready and its models are the stages', and measures the link. Whatever it does not
/// answer in time the stage answers here: <see cref="Ask(RemoteCall, long)"/> says so, counts it and tells it once.
/// </summary>
internal sealed class RemoteEngine : IDisposable
{
    private const int AskLimitMs = ServerSocket.LimitMs;

    /// <summary>How often the thread looks whether something is to be done.</summary>
    private const int TickMs = 100;

    private const long PauseLeastNs = 500_000_000, PauseMostNs = 30_000_000_000;

    /// <summary>A connection that has been idle for so long may have been closed for that.</summary>
    private const long IdleNs = 1_000_000_000;

    /// <summary>Without an answer for so long the server is asked whether it is ready.</summary>
    private const long QuietNs = 5_000_000_000;

    private readonly EngineConfig _config;
    private readonly TimeProvider _clock;
    private readonly double _limitMs;
    private readonly RemoteNews _news;
    private readonly CircuitBreaker _breaker = new();
    private readonly IServerLink _link, _watchLink;
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _hasLooked = new();
    private readonly Thread _thread;

    /// <summary>Held by whoever uses the frames' connection.</summary>
    private readonly Lock _gate = new();

    /// <summary>Held by whoever changes what the server is to run.</summary>
    private readonly Lock _callsGate = new();

    private volatile RemoteCall[] _calls = [];
    private volatile bool _isEnding;
    private volatile string? _fault;
    private long _pauseNs = PauseLeastNs, _nextTryNs = long.MinValue, _heardNs, _usedNs;
    private long _requestCount, _answeredCount, _lateCount, _failedCount, _hereCount, _keptCount, _bytesOut, _bytesIn;

    /// <param name="limitMs">A frame waits for it no longer, whatever the config says.</param>
    /// <param name="say">Told what people should know of, once.</param>
    public RemoteEngine(EngineConfig config, double limitMs, TimeProvider clock, Action<ReportLevel, string> say)
    {
        (_config, _clock, _news) = (config, clock, new RemoteNews(config.Name, say));
        _limitMs = Math.Min(config.TimeoutMs, limitMs);
        Address = EngineAddress.Of(config.Address, out string problem)
            ?? throw new EngineRefusedException(RefusalCause.Machine, $"engines.{config.Name}.address {problem}");
        if (config.JpegQuality is not null && !JpegLibrary.TryLoad(out string reason))
        {
            throw new EngineRefusedException(RefusalCause.Machine, $"engines.{config.Name}.jpeg_quality: {reason}");
        }

        (_link, _watchLink) = (LinkTo(config, Address, _gate), LinkTo(config, Address, new Lock()));
        _thread = PartThread.Make($"engine {config.Name}", Watch, fault => say(ReportLevel.Warning,
            $"engine {config.Name}: its thread has ended ({PartThread.Words(fault)}); its stages run here"));
    }

    public EngineAddress Address { get; }

    public string Name => _config.Name;

    /// <param name="gate">Held by whoever uses the link while another thread may open it.</param>
    public static IServerLink LinkTo(EngineConfig config, EngineAddress address, Lock gate) =>
        address.IsGrpc ? new GrpcLink(config, address, gate) : new HttpLink(config, address, gate);

    /// <summary>A run of a stage's model over the frames' connection.</summary>
    public IServerRun Prepare(EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs) =>
        _link.Prepare(stage, inputs, outputs);

    /// <summary>Begins to look for the server; once.</summary>
    public void Start() => _thread.Start();

    /// <summary>Until it has been looked for, or the time of one look has passed.</summary>
    public void AwaitLook() => _hasLooked.Wait(AskLimitMs);

    /// <summary>How a stage's picture goes to the server; null for as its tensor.</summary>
    public WirePicture? PictureOf(FrameInputSpec spec, int width, int height) =>
        _config.JpegQuality is { } quality ? new WirePicture(spec, width, height, quality) : null;

    /// <summary>A variant of a stage that the server is to run.</summary>
    public RemoteCall Add(EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs)
    {
        var call = new RemoteCall(this, stage, inputs, outputs);
        lock (_callsGate)
        {
            _calls = [.. _calls, call];
        }

        _wake.Set();
        return call;
    }

    public void Remove(RemoteCall call)
    {
        lock (_callsGate)
        {
            _calls = [.. _calls.Where(c => c != call)];
        }
    }

    /// <summary>On the loop's thread. Unless the server has run the stage, it is still to run here.</summary>
    /// <param name="deadlineNs">When the frame is to be answered; the largest value for none.</param>
    public RunPlace Ask(RemoteCall call, long deadlineNs)
    {
        long now = _clock.NowNs();
        call.IsWanted = true;
        if (_fault is not null || call.Verdict != ModelVerdict.Fits || _breaker.IsOpen(now))
        {
            return RunsHere();
        }

        double slackMs = deadlineNs == long.MaxValue ? double.PositiveInfinity : (deadlineNs - now) / 1e6;
        double waitMs = PlaceChoice.WaitMs(slackMs, call.Here, call.There, _limitMs, _config.Use == EngineUse.Always);
        if (waitMs <= PlaceChoice.Here)
        {
            _keptCount++;
            return RunPlace.Here;
        }

        lock (_gate)
        {
            return Ask(call, now, waitMs);
        }
    }

    public EngineStatus Status()
    {
        var measured = _calls.Where(c => c.There.IsKnown).ToList();
        string state = _breaker.State == BreakerState.Open ? EngineStatus.LeftOut : EngineStatus.Ready;
        return new EngineStatus
        {
            Name = Name, Kind = ConfigEnums.Of(ConfigEnums.Engines, _config.Kind), Address = Address.ToString(),
            State = _fault is null ? state : EngineStatus.Absent,
            Fault = _fault ?? _calls.Select(c => c.Problem).FirstOrDefault(p => p is not null),
            Stages = [.. _config.Stages.Select(s => $"{s.Pack}/{s.Stage}")],
            RequestCount = _requestCount, AnsweredCount = _answeredCount, LateCount = _lateCount, FailedCount = _failedCount,
            HereCount = _hereCount, KeptCount = _keptCount,
            BytesOut = Interlocked.Read(ref _bytesOut), BytesIn = Interlocked.Read(ref _bytesIn),
            RoundTripMs = measured.Count > 0 ? measured.Max(c => c.There.MeanMs) : double.NaN,
        };
    }

    public void Dispose()
    {
        _isEnding = true;
        _wake.Set();
        if (_thread.IsAlive)
        {
            _thread.Join(2 * AskLimitMs);
        }

        _link.Dispose();
        _watchLink.Dispose();
        _hasLooked.Dispose();
        _wake.Dispose();
    }

    /// <summary>The stage runs here because the server cannot be asked.</summary>
    private RunPlace RunsHere()
    {
        _hereCount++;
        _news.NoteHere();
        return RunPlace.HereInstead;
    }

    private RunPlace Ask(RemoteCall call, long now, double waitMs)
    {
        if (!_link.IsOpen)
        {
            _wake.Set();
            return RunsHere();
        }

        try
        {
            _requestCount++;
            call.Request.Run(waitMs);
            Count(call.Request.BytesOut, call.Request.BytesIn);
            _answeredCount++;
            long end = _clock.NowNs();
            call.NoteThere((end - now) / 1e6, end);
            Interlocked.Exchange(ref _heardNs, _usedNs = end);
            if (!_link.IsOpen)
            {
                _wake.Set();
            }

            if (_breaker.Succeed())
            {
                _news.TellBack("answers again");
            }

            return RunPlace.Server;
        }
        catch (RemoteFaultException fault)
        {
            _wake.Set();
            Count(call.Request.BytesOut, call.Request.BytesIn);
            bool wasIdle = now - _usedNs > IdleNs;
            if (!fault.IsClosed || !wasIdle)
            {
                NoteFault(call, fault, waitMs);
            }

            return RunsHere();
        }
    }

    private void NoteFault(RemoteCall call, RemoteFaultException fault, double waitMs)
    {
        if (fault.IsLate)
        {
            // It would have taken longer still.
            _lateCount++;
            call.There.Add(Math.Max(waitMs, call.There.MeanMs));
        }
        else
        {
            _failedCount++;
        }

        _news.TellFault(call.Stage.Stage, fault);
        if (_breaker.Fail(_clock.NowNs()) is { } opened)
        {
            _news.TellOnce($": {opened}; its stages run here meanwhile");
        }
    }

    private void Count(long bytesOut, long bytesIn)
    {
        Interlocked.Add(ref _bytesOut, bytesOut);
        Interlocked.Add(ref _bytesIn, bytesIn);
    }

    private void Watch()
    {
        while (!_isEnding)
        {
            if (_clock.NowNs() >= _nextTryNs)
            {
                Look();
            }

            _wake.WaitOne(TickMs);
        }
    }

    private void Look()
    {
        try
        {
            KeepLink();
            bool wasAway = _fault is not null;
            (_fault, _pauseNs) = (null, PauseLeastNs);
            if (wasAway && _breaker.State == BreakerState.Closed)
            {
                _news.TellBack("can be used again");
            }
        }
        catch (Exception fault) when (fault is RemoteFaultException or TrustException)
        {
            _watchLink.Close();
            _fault = fault.Message;
            (_nextTryNs, _pauseNs) = (_clock.NowNs() + _pauseNs, Math.Min(_pauseNs * 2, PauseMostNs));
            _link.Close();
            Array.ForEach(_calls, c => c.Verdict = ModelVerdict.Unknown);
            _news.TellOnce($" at {Address} cannot be used: {fault.Message}; its stages run here until it can");
        }
        finally
        {
            _hasLooked.Set();
        }
    }

    /// <summary>Whatever is to be done at the server, over a connection of the thread's own.</summary>
    private void KeepLink()
    {
        if (_fault is not null || Interlocked.Read(ref _heardNs) == 0 || _clock.NowNs() - Interlocked.Read(ref _heardNs) > QuietNs)
        {
            RequireReady();
            Interlocked.Exchange(ref _heardNs, _clock.NowNs());
        }

        // Before what may take its time: frames wait for it.
        OpenLink();
        foreach (var call in _calls)
        {
            Judge(call);
            Measure(call);
        }
    }

    private void OpenLink()
    {
        lock (_gate)
        {
            if (_link.IsOpen)
            {
                return;
            }
        }

        _link.Open();
        lock (_gate)
        {
            _usedNs = _clock.NowNs();
        }
    }

    private void RequireReady()
    {
        _watchLink.Open();
        _watchLink.RequireReady(AskLimitMs);
    }

    private void Judge(RemoteCall call)
    {
        long now = _clock.NowNs();
        if (call.Verdict == ModelVerdict.Fits || (call.Verdict == ModelVerdict.Differs && now - call.JudgedNs < PauseMostNs))
        {
            return;
        }

        _watchLink.Open();
        var told = _watchLink.Describe(call.Stage, AskLimitMs);
        var differences = ModelCheck.Differences(told, call.Inputs, call.Outputs);
        bool differed = call.Verdict == ModelVerdict.Differs;
        call.Problem = differences.Count == 0 ? null : $"stage '{call.Stage.Stage}': {string.Join("; ", differences)}";
        if (differences.Count == 0)
        {
            call.TakeForm(told);
        }

        (call.Verdict, call.JudgedNs) = (differences.Count == 0 ? ModelVerdict.Fits : ModelVerdict.Differs, now);
        if (call.Problem is { } problem)
        {
            _news.TellOnce($" at {Address}: {problem}; the stage runs here until they are alike", call.Stage.Stage);
        }
        else if (differed)
        {
            _news.TellBack($"has the model of stage '{call.Stage.Stage}' now", call.Stage.Stage);
        }
    }

    private void Measure(RemoteCall call)
    {
        if (!call.IsDue(_clock.NowNs()))
        {
            return;
        }

        IReadOnlyList<double> ms;
        _watchLink.Open();
        try
        {
            ms = call.Probe(_watchLink, AskLimitMs, _clock, Count);
        }
        catch (RemoteFaultException fault) when (fault.IsLate)
        {
            // No fault: the link is that slow, and frames stay here.
            ms = [AskLimitMs];
        }
        catch (RemoteFaultException fault)
        {
            // Where the server is gone, that is the fault; else it is there, and does not run this model.
            RequireReady();
            call.NoteUnmeasured($"stage '{call.Stage.Stage}': {fault.Message}", _clock.NowNs());
            _news.TellOnce($" at {Address}: {call.Problem}; the stage runs here until it can", call.Stage.Stage);
            return;
        }

        bool wasUnable = call.Problem is not null;
        lock (_gate)
        {
            call.Learn(ms, _clock.NowNs());
        }

        if (wasUnable)
        {
            _news.TellBack($"runs stage '{call.Stage.Stage}' now", call.Stage.Stage);
        }
    }
}
