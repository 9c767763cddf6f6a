using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// What a capture thread does, one step at a time: open, read, stamp, publish, watch for silence, and restart with back-off. Time and
/// pauses are handed in, so a test walks through an hour of faults without waiting. A live source is restarted for ever; a file that ends
/// or breaks is at its end.
/// </summary>
internal sealed class CaptureSupervisor
{
    private readonly int _sourceIndex;
    private readonly IFrameSource _source;
    private readonly SlotExchange _exchange;
    private readonly CaptureLimits _limits;
    private readonly TimeProvider _clock;
    private readonly Action<SourceEvent> _observer;
    private readonly Func<int, bool> _pause;
    private readonly RestartBackoff _backoff = new();
    private readonly SourceClock _sourceClock = new();
    private volatile bool _isOpen, _isRestartAsked, _isReplaced;
    private long _hangsSinceNs, _awaySinceNs;
    private long _framesSinceOpen;
    private FrameLayout _layout;
    private SourceFault _seenFault = SourceFault.None;
    private SourceFault _lastFault = SourceFault.None;

    /// <param name="observer">Told of everything that happens, on the capture thread or the one that watches it: it must not block.</param>
    /// <param name="pause">Waits that many milliseconds; true when a stop was asked for meanwhile.</param>
    public CaptureSupervisor(
        int sourceIndex, IFrameSource source, SlotExchange exchange, CaptureLimits limits, TimeProvider clock, Action<SourceEvent> observer,
        Func<int, bool> pause)
    {
        _sourceIndex = sourceIndex;
        _source = source;
        _exchange = exchange;
        _limits = limits;
        (_clock, _observer, _pause) = (clock, observer, pause);
    }

    /// <summary>Goes on where another left off, when this one takes its place.</summary>
    public CaptureTally Tally { get; init; } = new();

    /// <summary>As the exchange knows it.</summary>
    public int Writer { get; init; }

    /// <summary>What is done with a frame before the reader may have it; its time of capture is the one before that.</summary>
    public Action<FrameSlot>? BeforePublish { get; set; }

    /// <inheritdoc cref="CaptureThread.Gate"/>
    public TriggerGate? Gate { get; set; }

    /// <summary>Another has taken its place, because it did not come back.</summary>
    public bool IsReplaced => _isReplaced;

    /// <summary>A call into the source that takes longer than so many milliseconds counts as one that hangs.</summary>
    public int HangLimitMs => Math.Max(_limits.StallMs, _isOpen ? CaptureLimits.HangMs : CaptureLimits.OpeningMs);

    /// <summary>
    /// One step: an attempt to open, or to get one frame. False when nothing will follow; then call <see cref="Finish"/>.
    /// </summary>
    public bool Step()
    {
        if (_isReplaced)
        {
            return false;
        }

        Tally.NoteBeat(_clock.NowNs());
        try
        {
            Reopen();
            return !_exchange.IsClosed && (_isOpen ? ReadStep() : OpenStep());
        }
        catch (Exception broken) when (PartThread.IsPartsOwn(broken))
        {
            // Whatever a source throws concerns this source alone; the process and the other cameras go on.
            return Break(new SourceFault(_isOpen ? SourceFaultKind.StreamError : SourceFaultKind.OpenFailed, broken.Message));
        }
    }

    /// <summary>Closes the source and says goodbye to the reader. Called once, after the last step.</summary>
    public void Finish()
    {
        CloseSource();
        _exchange.FinishWriting(Writer);
        Tell(new SourceEnded(_sourceIndex, _clock.NowNs(), Tally.FrameCount, _lastFault));
    }

    /// <summary>The thread itself failed: nothing will follow from this source.</summary>
    public void NoteLost(Exception fault)
    {
        _lastFault = new SourceFault(SourceFaultKind.StreamError, PartThread.Words(fault));
        NoteFault(_lastFault);
        _exchange.FinishWriting(Writer);
    }

    /// <summary>
    /// The source is closed and opened again before its next frame; any thread. For live sources: a file would begin anew.
    /// </summary>
    public void AskRestart() => _isRestartAsked = true;

    /// <summary>
    /// Looks from another thread, always the same, whether this one is inside a call that does not return. That is a fault of the source,
    /// told once, and so is the return.
    /// </summary>
    /// <returns>For how long it hangs, in milliseconds; 0 while it does not.</returns>
    public long Watch()
    {
        long nowNs = _clock.NowNs(), beatNs = Tally.BeatNs;
        long silentMs = beatNs == 0 ? 0 : (nowNs - beatNs) / 1_000_000;
        int limitMs = HangLimitMs;
        if (silentMs > limitMs && _hangsSinceNs == 0)
        {
            _hangsSinceNs = beatNs;
            NoteFault(new SourceFault(SourceFaultKind.Stall, $"it has been inside its library for {silentMs} ms (limit {limitMs} ms) and "
                + "cannot be interrupted; the other sources go on, and with 'isolate: true' its process would be killed"));
        }
        else if (silentMs <= limitMs && _hangsSinceNs > 0)
        {
            Tell(new SourceBack(_sourceIndex, nowNs, (nowNs - _hangsSinceNs) / 1_000_000, WasThere: true));
            _hangsSinceNs = 0;
        }

        return _hangsSinceNs == 0 ? 0 : silentMs;
    }

    /// <summary>
    /// Another takes the place of this one, whose thread hangs: what it does from now on is ignored. By the thread that watches.
    /// </summary>
    public CaptureSupervisor ReplaceWith(IFrameSource source)
    {
        Tally.NoteRestart();
        Tell(new SourceReplaced(_sourceIndex, _clock.NowNs()));
        _isReplaced = true;
        return new CaptureSupervisor(_sourceIndex, source, _exchange, _limits, _clock, _observer, _pause)
        {
            Tally = Tally,
            Writer = _exchange.ReplaceWriter(),
            _awaySinceNs = _hangsSinceNs,
            _layout = _layout,
        };
    }

    /// <summary>There is no other to take its place.</summary>
    public void NoteNotReplaced(Exception fault) =>
        NoteFault(new SourceFault(SourceFaultKind.OpenFailed, $"it hangs, and cannot be made anew: {fault.Message}"));

    private void Reopen()
    {
        if (_isRestartAsked && _isOpen)
        {
            CloseSource();
            Tally.NoteRestart();
        }

        _isRestartAsked = false;
    }

    private bool OpenStep()
    {
        if (!_source.Open())
        {
            return Break(_source.Fault);
        }

        _isOpen = true;
        _framesSinceOpen = 0;
        _sourceClock.Begin();
        _seenFault = SourceFault.None;
        Tally.NoteProgress(_clock.NowNs());
        Tell(new SourceOpened(_sourceIndex, _clock.NowNs(), _source.Description));
        TellNote();
        return true;
    }

    private bool ReadStep()
    {
        // A file waits for its trigger; a camera goes on, and what nobody asked for is not taken.
        if (Gate is { } gate && !_source.IsLive && !gate.Wait(CaptureLimits.ReadWaitMs))
        {
            Tally.NoteProgress(_clock.NowNs());
            return true;
        }

        if (!_exchange.TryBegin(CaptureLimits.ReadWaitMs, out var slot, Writer))
        {
            // The reader is slow; that is no silence of the source.
            Tally.NoteProgress(_clock.NowNs());
            return true;
        }

        switch (_source.Read(slot, CaptureLimits.ReadWaitMs, out long sourceNs))
        {
            case ReadOutcome.Frame:
                Deliver(slot, sourceNs);
                return true;
            case ReadOutcome.Nothing:
                return NoFrame();
            case ReadOutcome.End:
                return _source.IsLive && Break(new SourceFault(SourceFaultKind.EndOfLive, "the stream of a live source ended"));
            default:
                return Break(_source.Fault);
        }
    }

    private void Deliver(FrameSlot slot, long sourceNs)
    {
        long nowNs = _clock.NowNs();
        if (Gate is { } gate && !gate.TryPass())
        {
            Tally.NoteProgress(nowNs);
            return;
        }

        NoteLayout(slot.Layout, nowNs);
        TellNote();
        slot.FollowsRestart = _framesSinceOpen == 0 && Tally.RestartCount > 0;
        BeforePublish?.Invoke(slot);
        if (!_exchange.Publish(new FrameStamp(_sourceIndex, Tally.FrameCount, nowNs, TimeOf(sourceNs, nowNs)), Writer))
        {
            return;
        }

        NoteBack(nowNs);
        Tally.NoteFrame();
        _lastFault = SourceFault.None;
        Tally.NoteProgress(nowNs);
        _backoff.NoteFrames(++_framesSinceOpen);
    }

    private void TellNote()
    {
        if (_source.TakeNote() is { } note)
        {
            Tell(new SourceNoted(_sourceIndex, _clock.NowNs(), note));
        }
    }

    private void NoteBack(long nowNs)
    {
        if (_awaySinceNs > 0)
        {
            Tell(new SourceBack(_sourceIndex, nowNs, (nowNs - _awaySinceNs) / 1_000_000, WasThere: Tally.FrameCount > 0));
            _awaySinceNs = 0;
        }
    }

    /// <summary>A file has no time but its own, however slowly it is read.</summary>
    private long TimeOf(long sourceNs, long nowNs)
    {
        if (!_source.IsLive)
        {
            return sourceNs < 0 ? nowNs : sourceNs;
        }

        bool wasDistrusted = _sourceClock.IsDistrusted;
        long time = _sourceClock.TimeOf(sourceNs, nowNs);
        if (_sourceClock.IsDistrusted && !wasDistrusted)
        {
            NoteFault(new SourceFault(SourceFaultKind.ClockJump, $"its own time is more than {SourceClock.ToleranceNs / 1_000_000} ms off; "
                + "until it is opened again its frames are timed by their arrival"));
        }

        return time;
    }

    private void NoteLayout(in FrameLayout layout, long nowNs)
    {
        bool isSame = layout.Format == _layout.Format && layout.Width == _layout.Width && layout.Height == _layout.Height
            && layout.ColorSpace == _layout.ColorSpace;
        if (!isSame && _layout.Format != 0 && !_source.SizesVary)
        {
            Tally.NoteFormatChange();
            Tell(new SourceFormatChanged(_sourceIndex, nowNs, _layout, layout));
        }

        _layout = layout;
    }

    private bool NoFrame()
    {
        long nowNs = _clock.NowNs();
        bool goesOn = _source.Fault.Kind is SourceFaultKind.UnreadablePicture or SourceFaultKind.OtherWay;
        if (goesOn && !ReferenceEquals(_source.Fault, _seenFault))
        {
            _seenFault = _source.Fault;
            Tally.NoteProgress(nowNs);
            NoteFault(_seenFault);
            return true;
        }

        long silentMs = (nowNs - Tally.LastProgressNs) / 1_000_000;
        int limitMs = _framesSinceOpen == 0 ? _limits.FirstFrameMs : _limits.StallMs;
        return silentMs < limitMs
            || Break(new SourceFault(SourceFaultKind.Stall, $"no frame for {silentMs} ms (limit {limitMs} ms) and no error was reported"));
    }

    /// <summary>The source is broken. True when it will be opened again, after the pause that this includes.</summary>
    private bool Break(SourceFault fault)
    {
        NoteFault(fault);
        _lastFault = fault;
        CloseSource();
        bool isWorthIt = _source.IsLive || (_source.Repeats && Tally.FrameCount > 0);
        if (!isWorthIt || (fault.Kind == SourceFaultKind.CannotWork && Tally.FrameCount == 0))
        {
            return false;
        }

        int waitMs = _backoff.Next();
        long nowNs = _clock.NowNs();
        _awaySinceNs = _awaySinceNs == 0 ? nowNs : _awaySinceNs;
        Tally.NoteRestart();
        Tell(new SourceRestarting(_sourceIndex, nowNs, waitMs, _backoff.AttemptCount));
        return !_pause(waitMs);
    }

    private void NoteFault(SourceFault fault)
    {
        if (!_isReplaced)
        {
            Tally.NoteFault(fault.Kind);
            Tell(new SourceFaulted(_sourceIndex, _clock.NowNs(), fault));
        }
    }

    private void CloseSource()
    {
        // Also after a failed opening: a pipeline may be half started.
        _isOpen = false;
        PartThread.Try(_source.Close, fault => NoteFault(new SourceFault(SourceFaultKind.StreamError,
            $"it could not be closed in order: {PartThread.Words(fault)}")));
    }

    /// <summary>Whoever listens is no reason to stop capturing.</summary>
    private void Tell(SourceEvent happened)
    {
        if (!_isReplaced)
        {
            PartThread.Try(() => _observer(happened), _ => { });
        }
    }
}

/// <summary>What a capture thread counted so far. Written by that thread and the one that watches it, read by any.</summary>
internal sealed class CaptureTally
{
    private readonly long[] _faults = new long[Enum.GetValues<SourceFaultKind>().Length];
    private long _frames, _restarts, _formatChanges, _lastProgressNs, _beatNs;

    public long FrameCount => Interlocked.Read(ref _frames);

    public long RestartCount => Interlocked.Read(ref _restarts);

    public long FormatChangeCount => Interlocked.Read(ref _formatChanges);

    /// <summary>
    /// When the source last showed life, on the monotonic clock: lets others see a thread that hangs inside a native call.
    /// </summary>
    public long LastProgressNs => Interlocked.Read(ref _lastProgressNs);

    /// <summary>When the thread last came round, on the monotonic clock, silent source or not; 0 before it began.</summary>
    public long BeatNs => Interlocked.Read(ref _beatNs);

    public long FaultCount(SourceFaultKind kind) => Interlocked.Read(ref _faults[(int)kind]);

    internal void NoteFrame() => Interlocked.Increment(ref _frames);

    internal void NoteRestart() => Interlocked.Increment(ref _restarts);

    internal void NoteFormatChange() => Interlocked.Increment(ref _formatChanges);

    internal void NoteFault(SourceFaultKind kind) => Interlocked.Increment(ref _faults[(int)kind]);

    internal void NoteBeat(long nowNs) => Interlocked.Exchange(ref _beatNs, nowNs);

    internal void NoteProgress(long nowNs) => Interlocked.Exchange(ref _lastProgressNs, nowNs);
}
