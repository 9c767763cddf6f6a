using EdgeRoute.Engine.Device;

namespace EdgeRoute.Simulation.Scripted;

/// <summary>Time that moves only when told to: a day of it passes in a test's milliseconds.</summary>
public sealed class ScriptedClock(long startNs = 0) : IClock
{
    private long _nowNs = startNs;

    public long NowNs => Interlocked.Read(ref _nowNs);

    public void AdvanceMs(double ms) => Interlocked.Add(ref _nowNs, (long)(ms * 1e6));
}
