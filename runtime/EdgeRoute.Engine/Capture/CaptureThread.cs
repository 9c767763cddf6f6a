using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// Runs one source on a thread of its own. Its clean end is <see cref="Stop"/>: the source is closed on its own thread. A source that hangs
/// inside a native call cannot be interrupted; its thread is a background thread, so it is left behind and ends with the process.
/// </summary>
internal sealed class CaptureThread : IDisposable
{
    /// <summary>How long <see cref="Stop"/> waits: the whole engine must stop within one second.</summary>
    public const int StopLimitMs = 800;

    /// <summary>A live source that hangs for so many times its limit is replaced: a new one may find what the old one waits for.</summary>
    private const int ReplaceFactor = 2;

    /// <summary>Threads that are left behind at a time: each keeps what its library holds, so that more would not help.</summary>
    private const int LeftBehindLimit = 3;

    private readonly SlotExchange _exchange;
    private readonly CaptureLimits _limits;
    private readonly int _sourceIndex;
    private readonly ManualResetEvent _stop = new(false);
    private readonly List<Thread> _leftBehind = [];
    private readonly TimeProvider _clock;
    private volatile IFrameSource _source;
    private volatile CaptureSupervisor _supervisor;
    private volatile Thread _thread;
    private readonly Lock _watching = new(), _ending = new();
    private bool _isStarted, _cannotReplace, _isDisposed;
    private volatile bool _isStopping;

    /// <summary>Takes the source over: it is disposed with this thread. The exchange stays with the caller.</summary>
    public CaptureThread(
        int sourceIndex, IFrameSource source, SlotExchange exchange, TimeProvider clock, Action<SourceEvent> observer,
        CaptureLimits? limits = null)
    {
        _sourceIndex = sourceIndex;
        _source = source;
        _exchange = exchange;
        _clock = clock;
        _limits = limits ?? CaptureLimits.Usual;
        _supervisor = new CaptureSupervisor(sourceIndex, source, exchange, _limits, clock, observer, _stop.WaitOne);
        _thread = ThreadOf(_supervisor, source);
    }

    /// <summary>Makes the same source anew, for when this one hangs; null where it must not be there twice.</summary>
    public Func<IFrameSource>? Remake { get; init; }

    /// <summary>Lets frames through that somebody asks for; null where the source takes them as they come.</summary>
    public TriggerGate? Gate { get; init; }

    /// <summary>What is added to its thread's nice value where the machine allows it; threads of its library follow.</summary>
    public int Nice { get; init; }

    /// <summary>Its real-time priority, see <see cref="ThreadNice.TryRealtime"/>.</summary>
    public int Realtime { get; init; }

    public CaptureTally Tally => _supervisor.Tally;

    /// <summary>True once the thread has ended: the source is closed and nothing will be published.</summary>
    public bool IsEnded => _isStarted && !_thread.IsAlive;

    /// <summary>How long the thread has not come round, in milliseconds; 0 before it began.</summary>
    public long SilentMs => _supervisor.Tally.BeatNs is > 0 and var beat ? (_clock.NowNs() - beat) / 1_000_000 : 0;

    /// <summary>It has been in one call for longer than a call may take; a thread that merely has no processor is not there yet.</summary>
    public bool IsHanging => !IsEnded && SilentMs > _supervisor.HangLimitMs;

    public bool IsLive => _source.IsLive;

    /// <inheritdoc cref="IFrameSource.StatusText"/>
    public string? StatusText => _source.StatusText;

    /// <inheritdoc cref="CaptureSupervisor.AskRestart"/>
    public void AskRestart() => _supervisor.AskRestart();

    public void Start()
    {
        _isStarted = true;
        _thread.Start();
    }

    /// <summary>
    /// Looks whether the thread hangs inside its source, tells it, and in the end lets a new source go on. Now and then, by one thread;
    /// nothing after <see cref="RequestStop"/>.
    /// </summary>
    public void Watch()
    {
        lock (_watching)
        {
            if (!_isStopping)
            {
                Look();
            }
        }
    }

    private void Look()
    {
        long hangMs = IsEnded ? 0 : _supervisor.Watch();
        if (hangMs > ReplaceFactor * (long)Math.Max(_limits.StallMs, CaptureLimits.OpeningMs) && IsLive && Remake is not null)
        {
            _leftBehind.RemoveAll(t => !t.IsAlive);
            if (_leftBehind.Count < LeftBehindLimit && !_cannotReplace)
            {
                _cannotReplace = !PartThread.Try(() => Replace(Remake()), _supervisor.NoteNotReplaced);
            }
        }
    }

    /// <summary>
    /// Closes the exchange (frames that wait are dropped and counted) and ends the thread. False: the source did not come back from a call
    /// in time, and its thread was left behind; do not dispose what it uses.
    /// </summary>
    public bool Stop()
    {
        RequestStop();
        lock (_watching)
        {
            // A look that had begun may have let another thread take over.
        }

        return !_isStarted || _thread.Join(StopLimitMs);
    }

    /// <summary>The first half of <see cref="Stop"/>, without waiting: with several sources, ask all, then stop each.</summary>
    public void RequestStop()
    {
        _isStopping = true;
        lock (_ending)
        {
            if (!_isDisposed)
            {
                _stop.Set();
                _exchange.Close();
            }
        }
    }

    public void Dispose()
    {
        bool hasEnded = Stop();
        lock (_ending)
        {
            if (!hasEnded || _isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _source.Dispose();
            if (_leftBehind.TrueForAll(t => !t.IsAlive))
            {
                _stop.Dispose();
            }
        }
    }

    private void Replace(IFrameSource source)
    {
        _leftBehind.Add(_thread);
        _supervisor = _supervisor.ReplaceWith(source);
        _source = source;
        _thread = ThreadOf(_supervisor, source);
        _thread.Start();
    }

    private Thread ThreadOf(CaptureSupervisor supervisor, IFrameSource source) =>
        PartThread.Make($"capture {_sourceIndex}", () => Run(supervisor, source), supervisor.NoteLost);

    private void Run(CaptureSupervisor supervisor, IFrameSource source)
    {
        ThreadNice.TryAdd(Nice);
        ThreadNice.TryRealtime(Realtime);
        using var unpacker = new AheadUnpacker(_exchange);
        (supervisor.BeforePublish, supervisor.Gate) = (unpacker.Unpack, Gate);
        try
        {
            bool goesOn = true;
            while (goesOn && !_stop.WaitOne(0))
            {
                goesOn = supervisor.Step();
            }
        }
        finally
        {
            supervisor.Finish();
            if (supervisor.IsReplaced)
            {
                source.Dispose();
            }
        }
    }
}
