using System.Diagnostics.CodeAnalysis;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;

namespace EdgeRoute.Engine.Frames;

/// <summary>
/// A fixed number of slots that go round between one capture thread and one frame loop. The writer: <see cref="TryBegin"/>, fill,
/// <see cref="Publish"/>. The reader: <see cref="TryTake"/>, use, <see cref="Release"/>. Nothing is allocated after the constructor (slots
/// grow when a format does).
/// </summary>
public sealed class SlotExchange : IDisposable
{
#if DEBUG
    /// <summary>Frames that may wait when every frame counts. Two in Debug, so that the ring wraps in every test.</summary>
    public const int WaitingLimit = 2;
#else
    /// <summary>Frames that may wait when every frame counts: enough to keep a decoder busy while one slow frame is worked on.</summary>
    public const int WaitingLimit = 4;
#endif

    /// <summary>
    /// Frames a loop may hold at once: the one worked on, the one before it, and a few in the stages of a pipelined loop.
    /// </summary>
    public const int HeldLimitMax = 8;

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _freed = new(false);
    private readonly FrameSignal _signal;
    private readonly FrameSlot[] _slots;
    private readonly FrameSlot[] _free;
    private readonly FrameSlot?[] _waiting;
    private readonly FrameSlot?[] _held;
    private FrameSlot? _writing;
    private Func<FrameLayout, PictureSize>? _unpackedSize;
    private int _freeCount, _firstWaiting, _waitingCount, _heldCount;
    private long _captured, _taken, _dropped;
    private bool _writerWaits, _isFinished, _isClosed;
    private int _writer;

    /// <param name="delivery">What happens when frames come faster than they are taken.</param>
    /// <param name="signal">Raised when a frame waits; shared by the sources of a loop, and owned by the loop.</param>
    /// <param name="heldLimit">Slots the reader may hold at once.</param>
    public SlotExchange(DeliveryMode delivery, FrameSignal signal, int heldLimit = 1)
    {
        if (heldLimit is < 1 or > HeldLimitMax)
        {
            throw new ArgumentOutOfRangeException(nameof(heldLimit), heldLimit, $"A reader may hold 1..{HeldLimitMax} slots.");
        }

        Delivery = delivery;
        _signal = signal;
        _waiting = new FrameSlot?[delivery == DeliveryMode.NewestWins ? 1 : WaitingLimit];
        _held = new FrameSlot?[heldLimit];

        // One slot more than can wait and be held: with it, the writer of a newest-wins exchange never has to wait.
        _slots = new FrameSlot[_waiting.Length + heldLimit + 1];
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i] = new FrameSlot();
        }

        _free = [.. _slots];
        _freeCount = _free.Length;
    }

    public DeliveryMode Delivery { get; }

    public int SlotCount => _slots.Length;

    /// <summary>Told once, on the writer's thread, when the first frame was captured; null for nobody.</summary>
    public Action? Begun { get; init; }

    /// <summary>
    /// Reader: the size at which it wants a JPEG of this layout unpacked, so that the writer can do so ahead; null to have it packed.
    /// </summary>
    public Func<FrameLayout, PictureSize>? UnpackedSize
    {
        get => Volatile.Read(ref _unpackedSize);
        set => Volatile.Write(ref _unpackedSize, value);
    }

    /// <summary>Monotonic capture time of the oldest frame that waits, in nanoseconds; -1 when none does.</summary>
    public long WaitingSinceNs
    {
        get
        {
            lock (_gate)
            {
                return _waitingCount == 0 ? -1 : _waiting[_firstWaiting]!.Stamp.CaptureNs;
            }
        }
    }

    /// <summary>After <see cref="Close"/>: nothing can be begun or taken any more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>The writer is done for good and nothing waits: the source has nothing left for the reader.</summary>
    public bool IsDrained
    {
        get
        {
            lock (_gate)
            {
                return (_isFinished || _isClosed) && _waitingCount == 0;
            }
        }
    }

    public ExchangeCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return new ExchangeCounts(_captured, _taken, _dropped, _waitingCount);
            }
        }
    }

    /// <summary>
    /// Writer: a slot to fill, the same one until it is published. False when none became free within <paramref name="waitMs"/>
    /// milliseconds (only when every frame counts), or after <see cref="Close"/>.
    /// </summary>
    /// <param name="writer">As <see cref="ReplaceWriter"/> numbers them; one that was replaced gets nothing.</param>
    public bool TryBegin(int waitMs, [NotNullWhen(true)] out FrameSlot? slot, int writer = 0)
    {
        if (TryClaim(writer, out slot))
        {
            return true;
        }

        return _freed.WaitOne(waitMs) && TryClaim(writer, out slot);
    }

    /// <summary>
    /// Writer: the slot begun is complete; the reader may have it. After <see cref="Close"/> it counts as captured and dropped.
    /// </summary>
    /// <returns>False where the writer was replaced meanwhile: then there is no such frame.</returns>
    public bool Publish(in FrameStamp stamp, int writer = 0)
    {
        bool isFirst;
        lock (_gate)
        {
            if (writer != _writer)
            {
                return false;
            }

            var slot = _writing ?? throw new BrokenInvariantException("Publish needs a slot from TryBegin.");
            isFirst = _captured++ == 0;
            if (_isClosed)
            {
                _dropped++;
                return true;
            }

            slot.Commit(stamp);
            if (_waitingCount == _waiting.Length)
            {
                _free[_freeCount++] = Dequeue();
                _dropped++;
            }

            _waiting[(_firstWaiting + _waitingCount++) % _waiting.Length] = slot;
            _writing = null;
        }

        if (isFirst)
        {
            Begun?.Invoke();
        }

        _signal.Raise();
        return true;
    }

    /// <summary>
    /// The writer does not come back, so another takes its place. The slot that it fills is left to it for good, and what it does after all
    /// is ignored. Where it was done at this very moment, the exchange goes on with the next.
    /// </summary>
    /// <returns>The number of the next writer; the first one's is 0.</returns>
    public int ReplaceWriter()
    {
        lock (_gate)
        {
            if (_writing is not null)
            {
                var fresh = new FrameSlot();
                _slots[Array.IndexOf(_slots, _writing)] = fresh;
                _free[_freeCount++] = fresh;
                _writing = null;
            }

            _isFinished = false;
            return ++_writer;
        }
    }

    /// <summary>Writer: no frame will follow. Frames that wait stay for the reader.</summary>
    public void FinishWriting(int writer = 0)
    {
        lock (_gate)
        {
            if (writer != _writer)
            {
                return;
            }

            _isFinished = true;
            if (_writing is not null)
            {
                _free[_freeCount++] = _writing;
                _writing = null;
            }
        }

        _signal.Raise();
    }

    /// <summary>Reader: the oldest waiting frame (the newest there is, where newest wins). Give it back by <see cref="Release"/>.</summary>
    public bool TryTake([NotNullWhen(true)] out FrameSlot? slot)
    {
        lock (_gate)
        {
            slot = null;
            if (_waitingCount == 0)
            {
                return false;
            }

            if (_heldCount == _held.Length)
            {
                throw new BrokenInvariantException($"The reader already holds {_heldCount} slots, its limit; release one first.");
            }

            slot = Dequeue();
            _held[_heldCount++] = slot;
            _taken++;
            WakeWriter();
            return true;
        }
    }

    /// <summary>Reader: done with a slot taken before; its bytes may change from now on.</summary>
    public void Release(FrameSlot slot)
    {
        lock (_gate)
        {
            int at = Array.IndexOf(_held, slot, 0, _heldCount);
            if (at < 0)
            {
                throw new BrokenInvariantException("This slot is not held: it was released already, or belongs to another exchange.");
            }

            _held[at] = _held[--_heldCount];
            _held[_heldCount] = null;
            _free[_freeCount++] = slot;
            WakeWriter();
        }
    }

    /// <summary>Ends the exchange: frames that wait are dropped, a waiting writer wakes up, slots held may still be released.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            for (; _waitingCount > 0; _dropped++)
            {
                _free[_freeCount++] = Dequeue();
            }
        }

        _freed.Set();
        _signal.Raise();
    }

    /// <summary>
    /// Closes it and frees the slots. A slot that a writer is still filling is left to the collector: freeing it would pull memory from
    /// under it.
    /// </summary>
    public void Dispose()
    {
        Close();
        FrameSlot? inUse;
        lock (_gate)
        {
            inUse = _writing;
        }

        foreach (var slot in _slots)
        {
            if (slot != inUse)
            {
                slot.Dispose();
            }
        }

        // A writer that hangs in its source may still wait on this event later.
        if (inUse is null)
        {
            _freed.Dispose();
        }
    }

    /// <summary>Every frame counts, and as many wait as may.</summary>
    private bool MustWait => Delivery == DeliveryMode.EveryFrame && _waitingCount == _waiting.Length;

    private bool TryClaim(int writer, [NotNullWhen(true)] out FrameSlot? slot)
    {
        lock (_gate)
        {
            if (writer != _writer)
            {
                slot = null;
                return false;
            }

            if (_writing is null && !_isClosed && !MustWait && _freeCount > 0)
            {
                _writing = _free[--_freeCount];
            }

            slot = _isClosed || MustWait ? null : _writing;
            _writerWaits = slot is null;
            if (_writerWaits && !_isClosed)
            {
                _freed.Reset(); // Raised for a wait that had run out before; it would end the next one too soon.
            }

            return slot is not null;
        }
    }

    /// <summary>Only when a slot can be begun: a release while as many frames wait as may would end the wait for nothing.</summary>
    private void WakeWriter()
    {
        if (_writerWaits && !MustWait)
        {
            _writerWaits = false;
            _freed.Set();
        }
    }

    private FrameSlot Dequeue()
    {
        var slot = _waiting[_firstWaiting]!;
        _waiting[_firstWaiting] = null;
        _firstWaiting = (_firstWaiting + 1) % _waiting.Length;
        _waitingCount--;
        return slot;
    }
}

/// <summary>Counts of one exchange, read together. The law: Captured = Taken + Dropped + Waiting, at every moment.</summary>
public readonly record struct ExchangeCounts(long Captured, long Taken, long Dropped, int Waiting);
