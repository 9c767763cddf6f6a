using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Watching;

/// <summary>Actions of one run of the engine on their way to whoever moves. Any thread.</summary>
public sealed class ActionWatch
{
    private volatile Func<string, int> _takers = static _ => 0;
    private long _lostCount;

    /// <summary>Every action of every stream, on the thread of its steps. Who takes it copies it and returns at once.</summary>
    public event Action<ActionMessage>? Seen;

    /// <summary>Actions that a subscriber did not get, all subscribers together.</summary>
    public long LostCount => Interlocked.Read(ref _lostCount);

    /// <summary>Subscribers to the actions of a stream.</summary>
    public int TakersOf(string stream) => _takers(stream);

    /// <summary>Hands an action on; it may be made another as soon as this returns.</summary>
    public void Publish(ActionMessage action) => Seen?.Invoke(action);

    internal void Follow(Func<string, int> takers) => _takers = takers;

    internal void CountLost() => Interlocked.Increment(ref _lostCount);
}
