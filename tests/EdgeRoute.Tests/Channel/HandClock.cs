using EdgeRoute.Engine.Device;

namespace EdgeRoute.Tests.Channel;

/// <summary>A clock that a test moves and many threads read.</summary>
public sealed class HandClock : IClock
{
    private long _nowNs = 1_000_000_000_000;

    public long NowNs => Interlocked.Read(ref _nowNs);

    public void AdvanceMs(long ms) => Interlocked.Add(ref _nowNs, ms * 1_000_000);
}
