using System.Diagnostics;
using EdgeRoute.Engine.Device;

namespace EdgeRoute.Engine;

/// <summary>The kernel's monotonic clock (CLOCK_MONOTONIC), which no clock adjustment moves backwards.</summary>
public sealed class MonotonicClock : IClock
{
    private static readonly double NsPerTick = 1e9 / Stopwatch.Frequency;

    public long NowNs => (long)(Stopwatch.GetTimestamp() * NsPerTick);
}
