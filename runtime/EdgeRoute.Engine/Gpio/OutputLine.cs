using EdgeRoute.Core.Costs;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Gpio;

/// <summary>
/// An output line that rules drive. The frame loop says what it wants and goes on at once; the thread of the outputs writes. Active while
/// any rule holds it, and for as long as a pulse lasts.
/// </summary>
public sealed class OutputLine
{
    /// <summary>A rule that is on for a shorter time than the thread takes to wake is still seen on the line.</summary>
    private const long LeastNs = 1_000_000;

    private readonly Lock _gate = new();
    private readonly DrivenLine _line;
    private readonly Action _wake;
    private readonly TimeProvider _clock;
    private int _holdCount, _askCount;
    private long _pulseNs, _askedNs, _untilNs = long.MinValue, _lostCount;

    /// <param name="wake">Has <see cref="Step"/> called soon.</param>
    internal OutputLine(DrivenLine line, Action wake, TimeProvider clock) => (_line, _wake, _clock) = (line, wake, clock);

    internal DrivenLine Line => _line;

    /// <summary>From the answer's publishing to the line's change.</summary>
    internal LatencyHistogram Latency { get; } = new();

    /// <summary>Times that it was to become active while the line could not be had.</summary>
    internal long LostCount => Interlocked.Read(ref _lostCount);

    /// <summary>One more holds it active.</summary>
    /// <param name="sinceNs">When the answer was published that it follows from, on the monotonic clock.</param>
    public void Hold(long sinceNs) => Ask(1, LeastNs, sinceNs);

    /// <summary>One that held it lets go.</summary>
    /// <inheritdoc cref="Hold"/>
    public void LetGo(long sinceNs) => Ask(-1, 0, sinceNs);

    /// <summary>Active for so long from now, at least.</summary>
    /// <inheritdoc cref="Hold"/>
    public void Pulse(int pulseMs, long sinceNs) => Ask(0, pulseMs * 1_000_000L, sinceNs);

    /// <summary>Writes what is wanted, on the thread of the outputs.</summary>
    /// <param name="isAlive">The frame loop comes round; else the line has its safe level.</param>
    /// <returns>When it must be called again at the latest.</returns>
    internal long Step(long nowNs, bool isAlive)
    {
        bool isHeld = _line.TryHold(nowNs);
        var (isWanted, askedNs) = Take(nowNs, isHeld);
        if (!isHeld)
        {
            return _line.Held.RetryAtNs;
        }

        if (_line.TryWrite(isAlive ? isWanted : _line.IsSafeActive, nowNs) && askedNs > 0)
        {
            Latency.Add(_clock.NowNs() - askedNs);
        }

        return isWanted && _untilNs > nowNs ? _untilNs : nowNs + DrivenLine.LookNs;
    }

    private void Ask(int holds, long pulseNs, long sinceNs)
    {
        lock (_gate)
        {
            _holdCount += holds;
            _askCount += pulseNs > 0 ? 1 : 0;
            _pulseNs = Math.Max(_pulseNs, pulseNs);
            _askedNs = _askedNs == 0 ? sinceNs : _askedNs;
        }

        _wake();
    }

    private (bool IsWanted, long AskedNs) Take(long nowNs, bool isHeld)
    {
        lock (_gate)
        {
            long askedNs = _askedNs;
            Interlocked.Add(ref _lostCount, isHeld ? 0 : _askCount);
            _untilNs = isHeld && _pulseNs > 0 ? Math.Max(_untilNs, nowNs + _pulseNs) : _untilNs;
            (_pulseNs, _askedNs, _askCount) = (0, 0, 0);
            return (_holdCount > 0 || nowNs < _untilNs, askedNs);
        }
    }
}
