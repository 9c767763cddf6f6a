namespace EdgeRoute.Engine.Capture;

/// <summary>
/// The time of a live source's frames. A camera's own time is taken while it goes as this machine's does; one that jumps, stands still or
/// runs at another speed would make old answers look young, so that its frames are then timed by their arrival.
/// </summary>
internal sealed class SourceClock
{
    /// <summary>A frame may be held up for so long on its way, or come so early after one that was.</summary>
    public const long ToleranceNs = 2_000_000_000;

    /// <summary>Frames over which the usual distance of the two clocks is averaged: skew of a crystal is followed, a jump is not.</summary>
    private const double MeanCount = 256;

    private double _distanceNs;
    private long _lastSourceNs, _lastArrivalNs, _frameCount;

    /// <summary>Frames are timed by their arrival.</summary>
    public bool IsDistrusted { get; private set; }

    /// <summary>The source was opened: its time may begin anywhere.</summary>
    public void Begin() => (_frameCount, IsDistrusted) = (0, false);

    /// <summary>The time of a frame. Goes on from the frame before where the source's own is not taken.</summary>
    /// <param name="sourceNs">The source's own time; -1 where it has none.</param>
    /// <param name="arrivalNs">On this machine's monotonic clock.</param>
    public long TimeOf(long sourceNs, long arrivalNs)
    {
        if (sourceNs < 0)
        {
            return arrivalNs;
        }

        double distance = sourceNs - arrivalNs;
        IsDistrusted |= _frameCount > 0 && Math.Abs(distance - _distanceNs) > ToleranceNs;
        _distanceNs = _frameCount == 0 ? distance : _distanceNs + ((distance - _distanceNs) / MeanCount);
        long time = IsDistrusted ? _lastSourceNs + (arrivalNs - _lastArrivalNs) : sourceNs;
        (_lastSourceNs, _lastArrivalNs) = (time, arrivalNs);
        _frameCount++;
        return time;
    }
}
