using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.TestBench.Simulated;

/// <summary>What a camera does wrong.</summary>
internal enum CameraFault
{
    None,
    Refuses,
    GoesSilent,
    Breaks,
    Throws,
    Ends,
    SendsBadPictures,
    ChangesSize,
    ThrowsOnClose,
    LiesAboutTime,
    StopsItsClock,
}

/// <summary>A camera by script: frames at its rate, and for a while none, or broken ones. Its supervisor is the real one.</summary>
internal sealed class SimulatedCamera : IFrameSource
{
    private readonly VirtualTime _time;
    private readonly SlotExchange _exchange;
    private readonly CaptureSupervisor _supervisor;
    private readonly long _periodNs;
    private readonly long _frameLimit;
    private CameraFault _fault;
    private long _faultUntilNs, _healthySinceNs, _nextFrameNs, _frameCount, _stoppedNs;
    private int _pauseMs;
    private int _side = 16;
    private bool _hasEnded;

    /// <param name="period">Between two frames.</param>
    /// <param name="frameLimit">Frames of a file; 0 for a camera, which never ends.</param>
    public SimulatedCamera(int index, VirtualTime time, SlotExchange exchange, TimeSpan period, long frameLimit,
        Action<SourceEvent> observer)
    {
        (_time, _exchange, _frameLimit) = (time, exchange, frameLimit);
        _periodNs = period.Ticks * 100;
        _healthySinceNs = time.NowNs;
        _supervisor = new CaptureSupervisor(index, this, exchange, CaptureLimits.Usual, time, observer, Pause);
        time.In(0, Step);
    }

    public string Description => "simulated";

    public bool IsLive => _frameLimit == 0;

    public SourceFault Fault { get; private set; } = SourceFault.None;

    public CaptureTally Tally => _supervisor.Tally;

    /// <summary>Called when a frame waits.</summary>
    public Action Published { get; set; } = () => { };

    public bool HasEnded => _hasEnded;

    public long LastFrameNs { get; private set; }

    /// <summary>Since when nothing has been wrong with it; far in the future while something is.</summary>
    public long HealthySinceNs => _fault == CameraFault.None ? _healthySinceNs : long.MaxValue / 2;

    public void Misbehave(CameraFault fault, TimeSpan duration)
    {
        (_fault, _faultUntilNs) = (fault, _time.NowNs + (duration.Ticks * 100));
        _time.In(duration.Ticks * 100, Recover);
    }

    public void AskRestart() => _supervisor.AskRestart();

    public bool Open()
    {
        _nextFrameNs = _time.NowNs + _periodNs;
        bool isOpen = _fault != CameraFault.Refuses;
        Fault = isOpen ? SourceFault.None : new SourceFault(SourceFaultKind.OpenFailed, "refused");
        return isOpen;
    }

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = -1;
        if (_frameLimit > 0 && _frameCount >= _frameLimit)
        {
            return ReadOutcome.End;
        }

        switch (_fault)
        {
            case CameraFault.GoesSilent:
                return ReadOutcome.Nothing;
            case CameraFault.Breaks:
                Fault = new SourceFault(SourceFaultKind.StreamError, "broken");
                return ReadOutcome.Fault;
            case CameraFault.Throws:
                throw new InvalidOperationException("thrown by a camera");
            case CameraFault.Ends:
                return ReadOutcome.End;
            default:
                return _time.NowNs < _nextFrameNs ? ReadOutcome.Nothing : Fill(slot, ref sourceNs);
        }
    }

    public void Close()
    {
        if (_fault == CameraFault.ThrowsOnClose)
        {
            throw new InvalidOperationException("thrown by a camera that is closed");
        }
    }

    public void Dispose()
    {
    }

    private ReadOutcome Fill(FrameSlot slot, ref long sourceNs)
    {
        _frameCount++;
        _nextFrameNs = Math.Max(_nextFrameNs + _periodNs, _time.NowNs);
        LastFrameNs = _time.NowNs;
        if (_fault == CameraFault.SendsBadPictures)
        {
            var bytes = slot.Prepare(FrameLayout.Packed(PixelFormat.Jpeg, 3, 1));
            bytes.Clear();
            return ReadOutcome.Frame;
        }

        sourceNs = SourceTime();
        _side = _fault == CameraFault.ChangesSize ? 8 + (int)(_frameCount % 5) : 16;
        slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, _side, _side)).Fill((byte)(_frameCount / 3));
        return ReadOutcome.Frame;
    }

    /// <summary>Frames of the camera's own clock, which begins at 0 somewhere.</summary>
    private long SourceTime()
    {
        _stoppedNs = _fault == CameraFault.StopsItsClock ? _stoppedNs : _time.NowNs;
        return _stoppedNs + 3_600_000_000_000 + (_fault == CameraFault.LiesAboutTime ? ((_frameCount % 7) - 3) * 600_000_000_000 : 0);
    }

    private void Recover()
    {
        if (_time.NowNs >= _faultUntilNs)
        {
            (_fault, _healthySinceNs) = (CameraFault.None, _time.NowNs);
        }
    }

    private bool Pause(int ms)
    {
        _pauseMs = ms;
        return false;
    }

    private void Step()
    {
        // A writer that has to wait would do so in real time.
        bool isFull = !IsLive && _exchange.Counts.Waiting == SlotExchange.WaitingLimit;
        if (!isFull && !_supervisor.Step())
        {
            _supervisor.Finish();
            _hasEnded = true;
            Published();
            return;
        }

        if (_exchange.WaitingSinceNs >= 0)
        {
            Published();
        }

        bool mayDeliver = _fault is CameraFault.None or CameraFault.SendsBadPictures or CameraFault.ChangesSize or CameraFault.ThrowsOnClose
            or CameraFault.LiesAboutTime or CameraFault.StopsItsClock;
        long wait = mayDeliver ? _nextFrameNs - _time.NowNs : CaptureLimits.ReadWaitMs * 1_000_000L;
        _time.In(isFull ? 5_000_000 : Math.Max(Math.Min(wait, CaptureLimits.ReadWaitMs * 1_000_000L), _pauseMs * 1_000_000L), Step);
        _pauseMs = 0;
    }
}
