namespace EdgeRoute.Core.Prices;

/// <summary>
/// The time between a stream's frames, from the instants handed in; time that stands still or runs backwards counts as no time.
/// </summary>
internal sealed class FramePace
{
    /// <summary>A longer pause is a stream that was idle, not a slow frame.</summary>
    public const double PauseMs = 1000;

    private long _lastNs;
    private bool _hasLast;

    /// <summary>Smoothed over about 15 frames; 0 until two frames have ended.</summary>
    public double MeanMs { get; private set; }

    /// <summary>Goes on from where another pace stands.</summary>
    public void Resume(FramePace earlier) => (_lastNs, _hasLast, MeanMs) = (earlier._lastNs, earlier._hasLast, earlier.MeanMs);

    /// <summary>
    /// Milliseconds since the frame before, at most <see cref="PauseMs"/>; 0 where time did not advance or this is the first frame.
    /// </summary>
    public double Advance(long nowNs)
    {
        double ms = _hasLast && nowNs > _lastNs ? Math.Min(((double)nowNs - _lastNs) / 1e6, PauseMs) : 0;
        (_lastNs, _hasLast) = (nowNs, true);
        MeanMs = MeanMs > 0 && ms > 0 ? MeanMs + ((ms - MeanMs) / 15) : Math.Max(MeanMs, ms);
        return ms;
    }
}
