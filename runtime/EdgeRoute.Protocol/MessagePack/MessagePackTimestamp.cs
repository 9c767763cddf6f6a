namespace EdgeRoute.Protocol.MessagePack;

/// <summary>An instant: whole seconds since 1970-01-01T00:00:00Z, which may be negative, and nanoseconds after them.</summary>
public readonly record struct MessagePackTimestamp
{
    private const uint NanosecondsPerSecond = 1_000_000_000;

    /// <exception cref="MessagePackException">A billion nanoseconds or more.</exception>
    public MessagePackTimestamp(long seconds, uint nanoseconds)
    {
        (Seconds, Nanoseconds) = (seconds, nanoseconds < NanosecondsPerSecond ? nanoseconds
            : throw new MessagePackException($"a timestamp has {nanoseconds} nanoseconds beside its seconds; at most 999999999 "
                + "are possible"));
    }

    public long Seconds { get; }

    public uint Nanoseconds { get; }

    /// <param name="utcNs">Nanoseconds since 1970; negative ones before it.</param>
    public static MessagePackTimestamp OfUtcNs(long utcNs)
    {
        long seconds = Math.DivRem(utcNs, NanosecondsPerSecond, out long rest);
        return rest < 0 ? new MessagePackTimestamp(seconds - 1, (uint)(rest + NanosecondsPerSecond))
            : new MessagePackTimestamp(seconds, (uint)rest);
    }
}
