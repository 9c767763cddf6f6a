using System.Diagnostics;

namespace EdgeRoute.Engine.Device;

/// <summary>The kernel's monotonic clock (CLOCK_MONOTONIC), which no clock adjustment moves backwards.</summary>
public sealed class MonotonicClock : IClock
{
    private static readonly double NsPerTick = 1e9 / Stopwatch.Frequency;

    public long NowNs => (long)(Stopwatch.GetTimestamp() * NsPerTick);
}
