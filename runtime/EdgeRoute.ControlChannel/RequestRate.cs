namespace EdgeRoute.ControlChannel;

/// <summary>A bucket of requests: full at first, a request takes one, time brings them back. One thread.</summary>
internal sealed class RequestRate
{
    private double _left = ChannelLimits.RequestBurst;
    private long _lastNs = long.MinValue;

    /// <summary>Requests refused since the last one that was taken after a pause.</summary>
    public int RefusedCount { get; private set; }

    public bool TryTake(long nowNs)
    {
        double refill = _lastNs == long.MinValue ? 0 : Math.Max(0, nowNs - _lastNs) / 1e9 * ChannelLimits.RequestsPerSecond;
        (_left, _lastNs) = (Math.Min(ChannelLimits.RequestBurst, _left + refill), nowNs);
        // Only a client that has paused for a while is believed to have understood; one that keeps hammering gets its hundred a second and is still counted.
        RefusedCount = _left >= ChannelLimits.RequestBurst / 2 ? 0 : RefusedCount;
        if (_left < 1)
        {
            RefusedCount++;
            return false;
        }

        _left--;
        return true;
    }
}
