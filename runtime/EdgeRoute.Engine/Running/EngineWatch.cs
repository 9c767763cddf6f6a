using System.Globalization;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Loop;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// Looks at the heartbeats of the loop and of the sources from a thread of its own, because whoever hangs cannot say so. A stage that does
/// not return is ended; a loop that cannot be ended is given up. The service manager hears of life only while there is some.
/// </summary>
/// <param name="captures">The sources' threads, of which each tells itself what is wrong with it; gone through anew at each look.</param>
/// <param name="stageLimitMs">How long one run of a stage may take.</param>
/// <param name="warn">Told once of each thing that hangs.</param>
/// <param name="onLost">Called once when the loop is given up, with the reason.</param>
internal sealed class EngineWatch(FrameBoundary boundary, IEnumerable<CaptureThread> captures, int stageLimitMs, Action<string> warn,
    Action<string> onLost, ServiceNotifier? service) : IDisposable
{
    /// <summary>A stage has this long to end after it was told to; then the loop is given up.</summary>
    public const int TerminationMs = 2000;

    /// <summary>The same once the engine is to stop: the process must end within five seconds, sources and outputs included.</summary>
    public const int StopTerminationMs = 1000;

    /// <summary>How long a stage may go on after the engine was told to stop.</summary>
    public const int StopStageMs = 1500;

    /// <summary>A change that waits longer for the end of a frame is called off.</summary>
    public const int ChangeLimitMs = 3000;

    /// <summary>The loop comes round every second even without frames; several times that is no delay.</summary>
    public const int LoopLimitMs = 5000;

    /// <summary>
    /// A source's thread comes round every tenth of a second, but for its opening, which may wait for a network. One that is silent for
    /// longer shows no life.
    /// </summary>
    public const int SourceLimitMs = 15_000;

    /// <summary>
    /// The service manager hears that the engine is ready with the first frame, or after so long without one: a camera that is
    /// not there must not keep a robot's other services waiting.
    /// </summary>
    public const int ReadyLimitMs = 20_000;

    private const int TickMs = 100;
    private const int WatchdogMs = 1000;

    private readonly ManualResetEventSlim _isEnding = new();
    private Thread? _thread;
    private RunningStage? _terminated;
    private long _terminatedMs, _toldMs, _startMs, _stopMs = -1;
    private bool _isLoopStale, _doAllHang, _isReadyTold;
    private volatile bool _isLost;

    /// <summary>Nothing that matters hangs.</summary>
    public bool IsFresh => !_isLost && !_isLoopStale && !_doAllHang;

    /// <summary>Begins to look; once.</summary>
    public void Start()
    {
        _startMs = boundary.Heartbeat.NowMs;
        _thread = PartThread.Make("watch", Run, fault => warn($"the watch over the engine ended: {PartThread.Words(fault)}"));
        _thread.Start();
    }

    /// <summary>The engine is to stop: what does not come to an end by itself is ended soon.</summary>
    public void NoteStop() => Interlocked.CompareExchange(ref _stopMs, boundary.Heartbeat.NowMs, -1);

    /// <summary>One look at everything.</summary>
    public void Tick(long nowMs)
    {
        boundary.Expire(nowMs, ChangeLimitMs, Why(nowMs));
        WatchLoop(nowMs);
        WatchSources();
        TellReady(nowMs);

        if (service is not null && IsFresh && nowMs - _toldMs >= WatchdogMs)
        {
            _toldMs = nowMs;
            service.Tell("WATCHDOG=1");
        }
    }

    public void Dispose()
    {
        _isEnding.Set();
        _thread?.Join();
        _isEnding.Dispose();
    }

    private void Run()
    {
        while (!_isEnding.Wait(TickMs))
        {
            PartThread.Try(() => Tick(boundary.Heartbeat.NowMs), fault => warn($"the watch over the engine: {PartThread.Words(fault)}"));
        }
    }

    private void TellReady(long nowMs)
    {
        if (service is null || _isReadyTold)
        {
            return;
        }

        int count = captures.Count();
        bool hasFrame = captures.Any(c => c.Tally.FrameCount > 0);
        if (count == 0 || hasFrame || nowMs - _startMs >= ReadyLimitMs)
        {
            _isReadyTold = true;
            string without = hasFrame || count == 0 ? "" : $"; no frame has come within {ReadyLimitMs / 1000} s";
            service.Tell($"READY=1\nSTATUS=running {count} source{(count == 1 ? "" : "s")}{without}");
        }
    }

    private void WatchLoop(long nowMs)
    {
        var running = boundary.Heartbeat.Running;
        long stopMs = Interlocked.Read(ref _stopMs);
        bool isStopping = stopMs >= 0;
        if (running is not null)
        {
            long dueMs = running.SinceMs + stageLimitMs;
            long limitMs = isStopping ? Math.Min(dueMs, stopMs + StopStageMs) : dueMs;
            WatchStage(running, limitMs, nowMs, isStopping ? StopTerminationMs : TerminationMs);
            return;
        }

        long silentMs = nowMs - boundary.Heartbeat.BeatMs;
        if (silentMs > LoopLimitMs != _isLoopStale)
        {
            _isLoopStale = !_isLoopStale;
            warn(_isLoopStale ? $"the frame loop has not come round for {Seconds(silentMs)} s; it is not inside a stage"
                : "the frame loop goes on");
        }

        if (isStopping && Math.Min(nowMs - stopMs, silentMs) > StopStageMs + StopTerminationMs)
        {
            Lose($"the frame loop has not come to its end within {Seconds(nowMs - stopMs)} s");
        }
    }

    private void WatchStage(RunningStage running, long deadlineMs, long nowMs, int graceMs)
    {
        if (nowMs <= deadlineMs)
        {
            return;
        }

        if (boundary.Heartbeat.TryTerminate(running))
        {
            (_terminated, _terminatedMs) = (running, nowMs);
            warn($"stage '{running.Stage}' has not returned for {Seconds(nowMs - running.SinceMs)} s; its run is being ended");
        }
        else if (_terminated == running && nowMs - _terminatedMs > graceMs)
        {
            Lose($"stage '{running.Stage}' has not returned for {Seconds(nowMs - running.SinceMs)} s and cannot be ended");
        }
    }

    private void WatchSources()
    {
        int count = 0, hanging = 0;
        foreach (var thread in captures)
        {
            thread.Watch();
            count++;
            hanging += !thread.IsEnded && thread.SilentMs > SourceLimitMs ? 1 : 0;
        }

        _doAllHang = count > 0 && hanging == count;
    }

    private void Lose(string reason)
    {
        if (_isLost)
        {
            return;
        }

        _isLost = true;
        string text = reason + "; the loop is given up and the run ends: start the process again";
        service?.Tell("STATUS=" + text);
        warn(text);
        onLost(text);
    }

    private string Why(long nowMs) => boundary.Heartbeat.Running is { } running
        ? $"the loop has been in stage '{running.Stage}' for {Seconds(nowMs - running.SinceMs)} s"
        : $"the loop has not come round for {Seconds(nowMs - boundary.Heartbeat.BeatMs)} s";

    private static string Seconds(long ms) => (ms / 1000.0).ToString("0.0", CultureInfo.InvariantCulture);
}
