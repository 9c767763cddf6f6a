namespace EdgeRoute.Simulation.Scripted;

/// <summary>
/// Time that moves only when told to: a day of it passes in a test's milliseconds. Monotonic time and time of day are one; any thread.
/// </summary>
/// <param name="startNs">Now, since 1970-01-01T00:00:00Z.</param>
internal sealed class ScriptedClock(long startNs = 0) : TimeProvider
{
    private long _nowNs = startNs;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => Interlocked.Read(ref _nowNs);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp() / 100);

    public void AdvanceMs(double ms) => Interlocked.Add(ref _nowNs, (long)(ms * 1e6));
}
