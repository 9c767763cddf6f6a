using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Tracing;

/// <summary>
/// Events from any thread on their way to the disk. They are rare, so a lock around an index is cheap. When it is full the new event is
/// lost, and counted.
/// </summary>
internal sealed class EventQueue
{
    /// <summary>
    /// Four sources that restart ten times a second fill it in six seconds without a drain, which comes twenty times a second.
    /// </summary>
    public const int Capacity = 256;

    private readonly Lock _lock = new();
    private readonly Queue<RecordedEvent> _events = new(Capacity);
    private long _lost;

    public long LostCount => Volatile.Read(ref _lost);

    public void Push(RecordedEvent recorded)
    {
        lock (_lock)
        {
            if (_events.Count < Capacity)
            {
                _events.Enqueue(recorded);
            }
            else
            {
                Volatile.Write(ref _lost, _lost + 1);
            }
        }
    }

    public bool TryTake(out RecordedEvent? recorded)
    {
        lock (_lock)
        {
            return _events.TryDequeue(out recorded);
        }
    }
}
