using EdgeRoute.Engine.Device;

namespace EdgeRoute.Tests.Capture;

/// <summary>A clock that a test moves.</summary>
public sealed class ScriptedClock : IClock
{
    public long NowNs { get; private set; } = 1_000_000_000;

    public void AdvanceMs(long ms) => NowNs += ms * 1_000_000;
}
