using System.Collections.Concurrent;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// What other threads want done between two frames. It is prepared by them and only carried out here, on the loop's thread, so that a frame
/// sees one consistent state and nothing on its road needs a lock.
/// </summary>
/// <param name="clock">Null: the machine's.</param>
public sealed class FrameBoundary(FrameSignal signal, TimeProvider? clock = null)
{
    /// <summary>Changes that may wait at once: those of every connection's latest request, and a few of the engine's own.</summary>
    public const int PendingLimit = 64;

    private readonly ConcurrentQueue<Pending> _pending = new();
    private volatile bool _isClosed;

    private sealed record Pending(Action Work, TaskCompletionSource Done, long SinceMs)
    {
        private int _isClaimed;

        /// <summary>True for one of those who would end it: the loop, the end of the run, or its limit of time.</summary>
        public bool TryClaim() => Interlocked.Exchange(ref _isClaimed, 1) == 0;
    }

    /// <summary>Signs of life of the loop whose boundary this is.</summary>
    public LoopHeartbeat Heartbeat { get; } = new(clock);

    /// <summary>Managed bytes that the work allocated: not the frames' doing. Read on the loop's thread.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>
    /// Hands in work; any thread. The task ends when it was carried out, fails with what it threw, and is cancelled when the loop ends
    /// first.
    /// </summary>
    /// <exception cref="InvalidOperationException">Too much waits already.</exception>
    public Task Run(Action work)
    {
        if (_pending.Count >= PendingLimit)
        {
            throw new InvalidOperationException($"{PendingLimit} changes wait for the end of a frame already; the loop does not get there");
        }

        var pending = new Pending(work, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), Heartbeat.NowMs);
        _pending.Enqueue(pending);
        signal.Raise();
        if (_isClosed)
        {
            CancelAll();
        }

        return pending.Done.Task;
    }

    /// <summary>Carries out what waits; the loop's thread, between frames. Costs a look where nothing waits.</summary>
    public void Apply()
    {
        if (_pending.IsEmpty)
        {
            return;
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (_pending.TryDequeue(out var pending))
        {
            if (!pending.TryClaim())
            {
                continue;
            }

            try
            {
                pending.Work();
                pending.Done.SetResult();
            }
#pragma warning disable CA1031 // Whatever a change throws is its caller's to hear; the frames go on.
            catch (Exception failed)
#pragma warning restore CA1031
            {
                pending.Done.SetException(failed);
            }
        }

        AllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Calls off what has waited longer than a limit: it will not be carried out any more. Any thread.</summary>
    /// <param name="nowMs">On the clock of the heartbeat.</param>
    /// <param name="why">What keeps the loop.</param>
    public void Expire(long nowMs, int limitMs, string why)
    {
        foreach (var pending in _pending)
        {
            if (nowMs - pending.SinceMs > limitMs && pending.TryClaim())
            {
                pending.Done.SetException(new InvalidOperationException($"{why}, so no frame ended within {limitMs} ms"));
            }
        }
    }

    /// <summary>The loop has ended: what waits, and all that comes, is cancelled.</summary>
    public void Close()
    {
        _isClosed = true;
        CancelAll();
    }

    private void CancelAll()
    {
        while (_pending.TryDequeue(out var pending))
        {
            if (pending.TryClaim())
            {
                pending.Done.TrySetCanceled();
            }
        }
    }
}
