using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>How a queue meets a consumer that is slower than the frames.</summary>
public enum QueuePressure
{
    /// <summary>The frame is not handed on, and counted as lost: for live sources, where the loop must not wait.</summary>
    Lose,

    /// <summary>The loop waits: for files read in full, where the source waits with it and nothing is lost.</summary>
    Wait,
}

/// <summary>
/// Copies published frames to a consumer's thread through a ring of entries made at start: one writer (the loop), one reader.
/// </summary>
public sealed class PublishQueue : IAnswerConsumer, IDisposable
{
    /// <summary>Entries with pixels: eight 1080p frames are 25 MB, a quarter of a second at 30 frames per second.</summary>
    public const int PixelDepth = 8;

    /// <summary>Entries without pixels: two seconds at 120 frames per second.</summary>
    public const int AnswerDepth = 256;

    /// <summary>
    /// Memory of the answers in a ring: what <see cref="AnswerDepth"/> maps take. Answers with masks are larger, and fewer wait.
    /// </summary>
    private const long RoomBytes = 16 << 20;

    private readonly Func<Answer> _makeRoom;
    private readonly SemaphoreSlim _filled = new(0);
    private readonly SemaphoreSlim _free;
    private readonly bool _withPixels;
    private volatile QueuePressure _pressure;
    private readonly Action<PublishedCopy> _consume;
    private readonly Action? _lose;
    private readonly Thread _thread;
    private readonly int _depth;
    private Ring _writing, _reading;
    private long _writeCount;
    private long _lostCount;
    private volatile bool _isClosing;

    /// <param name="name">Names the thread.</param>
    /// <param name="makeRoom">Makes an answer large enough for any stream's, as they are when it is called.</param>
    /// <param name="withPixels">Copy the frame's bytes too.</param>
    /// <param name="pressure">What to do when the ring is full.</param>
    /// <param name="consume">Runs on the queue's thread. An exception ends the consumer, not the loop; see <see cref="Fault"/>.</param>
    /// <param name="lose">Told of each frame lost, on the loop's or the queue's thread.</param>
    public PublishQueue(string name, Func<Answer> makeRoom, bool withPixels, QueuePressure pressure, Action<PublishedCopy> consume,
        Action? lose = null)
    {
        _makeRoom = makeRoom;
        _depth = withPixels ? PixelDepth : (int)Math.Clamp(RoomBytes / Math.Max(1, makeRoom().RoomBytes), PixelDepth, AnswerDepth);
        _withPixels = withPixels;
        _pressure = pressure;
        _consume = consume;
        _lose = lose;
        _writing = _reading = MakeRing();
        _free = new SemaphoreSlim(_depth);
        _thread = PartThread.Make(name, Drain, fault => Fault = fault);
        _thread.Start();
    }

    /// <summary>Copies of frames from one on; the reader goes over to the next ring when it has come to that one's first.</summary>
    private sealed class Ring(PublishedCopy[] entries, long firstCount)
    {
        public volatile Ring? Next;

        public long FirstCount => firstCount;

        public PublishedCopy Of(long count) => entries[count % entries.Length];

        public void Dispose() => Array.ForEach(entries, e => e.Dispose());
    }

    public string Name => _thread.Name!;

    /// <summary>Frames that found the ring full, that the consumer failed on, or that came to it after it had ended.</summary>
    public long LostCount => Interlocked.Read(ref _lostCount);

    /// <summary>Why the consumer ended early; null while it works.</summary>
    public Exception? Fault { get; private set; }

    public void Publish(in PublishedFrame frame)
    {
        if (Fault is not null || !TryReserve())
        {
            Lose();
            return;
        }

        try
        {
            _writing.Of(_writeCount).Take(frame, _withPixels);
        }
        catch
        {
            // Such as a frame that finds no memory: its place is free again.
            _free.Release();
            Lose();
            throw;
        }

        _writeCount++;
        _filled.Release();
    }

    /// <summary>A live source has come, for which the loop must not wait; on the loop's thread.</summary>
    public void LoseFromNowOn() => _pressure = QueuePressure.Lose;

    /// <summary>On the loop's thread, between frames: the streams have become others, and so has the room that answers take.</summary>
    public void Renew()
    {
        var next = MakeRing();
        _writing.Next = next;
        _writing = next;
    }

    /// <summary>Hands on what is queued, then ends the thread. A second call does nothing.</summary>
    public void Dispose()
    {
        if (_isClosing)
        {
            return;
        }

        _isClosing = true;
        _filled.Release();
        _thread.Join();
        for (var ring = _reading; ring is not null; ring = ring.Next)
        {
            ring.Dispose();
        }

        _filled.Dispose();
        _free.Dispose();
    }

    private bool TryReserve()
    {
        if (_pressure == QueuePressure.Lose)
        {
            return _free.Wait(0);
        }

        _free.Wait();
        return true;
    }

    private void Drain()
    {
        for (long read = 0; ; read++)
        {
            _filled.Wait();
            if (_isClosing && read == Interlocked.Read(ref _writeCount))
            {
                return;
            }

            Consume(EntryOf(read));
            _free.Release();
        }
    }

    private PublishedCopy EntryOf(long count)
    {
        while (_reading.Next is { } next && count >= next.FirstCount)
        {
            _reading.Dispose();
            _reading = next;
        }

        return _reading.Of(count);
    }

    private Ring MakeRing() => new([.. Enumerable.Range(0, _depth).Select(_ => new PublishedCopy(_makeRoom()))], _writeCount);

    private void Consume(PublishedCopy entry)
    {
        if (Fault is not null)
        {
            Lose();
            return;
        }

        try
        {
            _consume(entry);
        }
        catch (OutOfMemoryException)
        {
            // This frame finds no memory; the next may find some.
            Lose();
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            Fault = fault;
            Lose();
        }
    }

    private void Lose()
    {
        Interlocked.Increment(ref _lostCount);
        _lose?.Invoke();
    }
}
