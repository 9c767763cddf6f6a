namespace EdgeRoute.Engine.Device;

/// <summary>Monotonic time in nanoseconds. Handed in, so that tests and replays bring their own.</summary>
public interface IClock
{
    long NowNs { get; }
}
