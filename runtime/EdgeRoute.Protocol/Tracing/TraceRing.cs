using System.Numerics;

namespace EdgeRoute.Protocol.Tracing;

/// <summary>
/// Traces on their way from the loop to the disk. The loop never waits: when the ring is full the oldest trace is overwritten, and counted
/// as lost. One thread pushes, one thread takes; no locks.
/// </summary>
public sealed class TraceRing
{
    /// <summary>
    /// Eight seconds of four cameras at 30 frames per second: longer than an SD card stalls while it erases. Small in Debug, so that tests
    /// wrap around.
    /// </summary>
#if DEBUG
    public const int DefaultCapacity = 64;
#else
    public const int DefaultCapacity = 1024;
#endif

    private readonly TraceRecord[] _slots;

    /// <summary>
    /// Which push a slot holds: its number + 1, or <see cref="BeingWritten"/>. The reader compares it before and after its copy.
    /// </summary>
    private readonly long[] _marks;
    private long _written;
    private long _taken;
    private long _lost;

    private const long BeingWritten = -1;

    /// <param name="capacity">A power of two.</param>
    public TraceRing(int capacity = DefaultCapacity)
    {
        if (!BitOperations.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "The capacity of a trace ring must be a power of two.");
        }

        (_slots, _marks) = (new TraceRecord[capacity], new long[capacity]);
    }

    public int Capacity => _slots.Length;

    /// <summary>Traces pushed so far.</summary>
    public long PushedCount => Volatile.Read(ref _written);

    /// <summary>Traces overwritten before they were taken, as far as the taking thread has come.</summary>
    public long LostCount => Volatile.Read(ref _lost);

    /// <summary>Called by the loop's thread only.</summary>
    public void Push(in TraceRecord record)
    {
        int slot = (int)(_written & (_slots.Length - 1));
        Volatile.Write(ref _marks[slot], BeingWritten);
        Interlocked.MemoryBarrier();
        _slots[slot] = record;
        Volatile.Write(ref _marks[slot], _written + 1);
        Volatile.Write(ref _written, _written + 1);
    }

    /// <summary>Takes the oldest trace that is left. Called by one other thread only.</summary>
    public bool TryTake(ref TraceRecord record)
    {
        while (true)
        {
            long written = Volatile.Read(ref _written);
            if (_taken == written)
            {
                return false;
            }

            SkipOverwritten(written);
            if (TryCopy(_taken++, ref record))
            {
                return true;
            }

            Volatile.Write(ref _lost, _lost + 1);
        }
    }

    private void SkipOverwritten(long written)
    {
        long oldest = written - _slots.Length;
        if (_taken < oldest)
        {
            Volatile.Write(ref _lost, _lost + (oldest - _taken));
            _taken = oldest;
        }
    }

    /// <summary>
    /// False when the loop came round and overwrote the slot meanwhile; a torn copy is never seen because the mark has changed.
    /// </summary>
    private bool TryCopy(long number, ref TraceRecord record)
    {
        int slot = (int)(number & (_slots.Length - 1));
        if (Volatile.Read(ref _marks[slot]) != number + 1)
        {
            return false;
        }

        record = _slots[slot];
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _marks[slot]) == number + 1;
    }
}
