namespace EdgeRoute.Engine.Channel;

/// <summary>The time of day, for what people read; it may jump, and nothing is measured by it.</summary>
public static class WallClock
{
    /// <summary>Nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public static long UtcNs() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
}
