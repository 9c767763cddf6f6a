namespace EdgeRoute.Engine.Faults;

/// <summary>How a part is trusted.</summary>
internal enum BreakerState
{
    /// <summary>It may be chosen.</summary>
    Closed,

    /// <summary>It failed too often in a row and is left out for a while.</summary>
    Open,

    /// <summary>The while is over: the next run decides.</summary>
    HalfOpen,
}

/// <summary>
/// Leaves out what fails again and again, then tries it once after a pause that doubles each time. Used by one thread; the state may be
/// read by others.
/// </summary>
internal sealed class CircuitBreaker
{
    /// <summary>Faults in a row after which it is left out.</summary>
    public const int FaultLimit = 5;

    /// <summary>The first pause; each failed try doubles it.</summary>
    public const long PauseLeastNs = 1_000_000_000;

    public const long PauseMostNs = 60_000_000_000;

    private long _pauseNs, _untilNs;
    private int _rowCount;

    public BreakerState State { get; private set; }

    /// <summary>The state as people are told.</summary>
    public string Word => State switch
    {
        BreakerState.Closed => "closed",
        BreakerState.Open => "open",
        _ => "half-open",
    };

    public long FaultCount { get; private set; }

    /// <summary>Whether it is left out now.</summary>
    public bool IsOpen(long nowNs)
    {
        if (State == BreakerState.Open && nowNs >= _untilNs)
        {
            State = BreakerState.HalfOpen;
        }

        return State == BreakerState.Open;
    }

    /// <summary>It failed. Returns what is to be told where it is left out from now on; else null.</summary>
    public string? Fail(long nowNs)
    {
        FaultCount++;
        _rowCount++;
        if (State == BreakerState.Open || (State == BreakerState.Closed && _rowCount < FaultLimit))
        {
            return null;
        }

        _pauseNs = State == BreakerState.Closed ? PauseLeastNs : Math.Min(_pauseNs * 2, PauseMostNs);
        (State, _untilNs) = (BreakerState.Open, nowNs + _pauseNs);
        return $"{_rowCount} faults in a row; it is left out for {_pauseNs / 1_000_000_000} s, then tried once";
    }

    /// <summary>It worked. True when it had been left out before.</summary>
    public bool Succeed()
    {
        _rowCount = 0;
        bool wasOut = State != BreakerState.Closed;
        State = BreakerState.Closed;
        return wasOut;
    }
}
