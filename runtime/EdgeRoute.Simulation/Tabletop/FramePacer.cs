using EdgeRoute.Protocol;

namespace EdgeRoute.Simulation.Tabletop;

/// <summary>Keeps a simulated camera to its frame rate.</summary>
/// <param name="periodNs">Between two frames.</param>
internal sealed class FramePacer(TimeProvider clock, long periodNs)
{
    private long _dueNs;

    /// <summary>The next frame is due now.</summary>
    public void Restart() => _dueNs = clock.NowNs();

    /// <summary>
    /// Waits for the next frame's time, in whole milliseconds rounded up, at most <paramref name="waitMs"/> and until
    /// <paramref name="stop"/> is set. True when the frame is due. Who comes late gets a frame at once, and the pace starts anew.
    /// </summary>
    public bool WaitUntilDue(int waitMs, WaitHandle stop)
    {
        long waitNs = _dueNs - clock.NowNs();
        if (waitNs > 0)
        {
            int neededMs = (int)((waitNs + 999_999) / 1_000_000);
            if (stop.WaitOne(Math.Min(neededMs, waitMs)) || neededMs > waitMs)
            {
                return false;
            }
        }

        long nowNs = clock.NowNs();
        _dueNs = (nowNs - _dueNs > periodNs ? nowNs : _dueNs) + periodNs;
        return true;
    }
}
