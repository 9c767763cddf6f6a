using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
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

    private readonly IFrameSource _source;
    private readonly SlotExchange _exchange;
    private readonly CaptureSupervisor _supervisor;
    private readonly ManualResetEvent _stop = new(false);
    private readonly Thread _thread;
    private readonly TimeProvider _clock;
    private bool _isStarted;

    /// <summary>Takes the source over: it is disposed with this thread. The exchange stays with the caller.</summary>
    public CaptureThread(
        int sourceIndex, IFrameSource source, SlotExchange exchange, TimeProvider clock, Action<SourceEvent> observer,
        CaptureLimits? limits = null)
    {
        _source = source;
        _exchange = exchange;
        _clock = clock;
        _supervisor = new CaptureSupervisor(sourceIndex, source, exchange, limits ?? CaptureLimits.Usual, clock, observer, _stop.WaitOne);
        _thread = PartThread.Make($"capture {sourceIndex}", Run, _supervisor.NoteLost);
    }

    public CaptureTally Tally => _supervisor.Tally;

    /// <summary>True once the thread has ended: the source is closed and nothing will be published.</summary>
    public bool IsEnded => _isStarted && !_thread.IsAlive;

    /// <summary>How long the thread has not come round, in milliseconds; 0 before it began.</summary>
    public long SilentMs => _supervisor.Tally.BeatNs is > 0 and var beat ? (_clock.NowNs() - beat) / 1_000_000 : 0;

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
    /// Closes the exchange (frames that wait are dropped and counted) and ends the thread. False: the source hangs in a native call, and
    /// its thread was left behind; do not dispose what it uses.
    /// </summary>
    public bool Stop()
    {
        RequestStop();
        return !_isStarted || _thread.Join(StopLimitMs);
    }

    /// <summary>The first half of <see cref="Stop"/>, without waiting: with several sources, ask all, then stop each.</summary>
    public void RequestStop()
    {
        _stop.Set();
        _exchange.Close();
    }

    public void Dispose()
    {
        if (Stop())
        {
            _source.Dispose();
            _stop.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            bool goesOn = true;
            while (goesOn && !_stop.WaitOne(0))
            {
                goesOn = _supervisor.Step();
            }
        }
        finally
        {
            _supervisor.Finish();
        }
    }
}
