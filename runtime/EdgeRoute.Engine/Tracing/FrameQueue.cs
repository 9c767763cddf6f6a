using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Tracing;

/// <summary>
/// Frames on their way to the disk: a fixed number of buffers, each as large as the largest frame it has held. When all are full the new
/// frame is not taken, and counted as lost. One thread pushes, one thread takes; no locks.
/// </summary>
internal sealed class FrameQueue : IDisposable
{
    /// <summary>A quarter of a second at 30 frames per second, and 11 MB of 720p NV12. Small in Debug, so that tests wrap around.</summary>
#if DEBUG
    public const int DefaultCapacity = 4;
#else
    public const int DefaultCapacity = 8;
#endif

    private readonly FrameSlot[] _slots;
    private long _pushed;
    private long _taken;
    private long _lost;

    public FrameQueue(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _slots = new FrameSlot[capacity];
        for (int i = 0; i < capacity; i++)
        {
            _slots[i] = new FrameSlot();
        }
    }

    public int Capacity => _slots.Length;

    public long LostCount => Volatile.Read(ref _lost);

    /// <summary>Seen by the pushing thread: a push will not lose the frame.</summary>
    public bool HasRoom => _pushed - Volatile.Read(ref _taken) < _slots.Length;

    /// <summary>Copies a frame into a free buffer. False: all are full, and the frame is counted as lost.</summary>
    /// <param name="told">Where what the frame was told stands; null for nothing.</param>
    public bool TryPush(in FrameStamp stamp, in FrameLayout layout, ReadOnlySpan<byte> bytes, FrameSlot? told = null)
    {
        if (!HasRoom)
        {
            CountLost();
            return false;
        }

        var slot = _slots[_pushed % _slots.Length];
        bytes[..layout.SizeBytes].CopyTo(slot.Prepare(layout));
        slot.Commit(stamp);
        if (told is not null)
        {
            slot.TellAs(told);
        }

        Volatile.Write(ref _pushed, _pushed + 1);
        return true;
    }

    /// <summary>Counts a frame that was lost on its way here. Any thread.</summary>
    public void CountLost() => Interlocked.Increment(ref _lost);

    /// <summary>The oldest frame, or null. It stays in the queue until <see cref="Release"/>.</summary>
    public FrameSlot? Peek() => _taken == Volatile.Read(ref _pushed) ? null : _slots[_taken % _slots.Length];

    /// <summary>Gives the buffer of the oldest frame back.</summary>
    public void Release() => Volatile.Write(ref _taken, _taken + 1);

    public void Dispose()
    {
        foreach (var slot in _slots)
        {
            slot.Dispose();
        }
    }
}
