namespace EdgeRoute.Protocol;

/// <summary>Instants as records and messages carry them: whole nanoseconds of a <see cref="TimeProvider"/>.</summary>
public static class Instants
{
    private const long NsPerSecond = 1_000_000_000;
    private const long NsPerTick = 100;

    /// <summary>
    /// Monotonic time, which no clock adjustment moves backwards (CLOCK_MONOTONIC on Linux); latencies and deadlines are measured by it.
    /// </summary>
    public static long NowNs(this TimeProvider clock)
    {
        long frequency = clock.TimestampFrequency;
        return frequency == NsPerSecond ? clock.GetTimestamp() : (long)(clock.GetTimestamp() * ((double)NsPerSecond / frequency));
    }

    /// <summary>The time of day since 1970-01-01T00:00:00Z, for what people read; it may jump, and nothing is measured by it.</summary>
    public static long UtcNs(this TimeProvider clock) => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * NsPerTick;
}
