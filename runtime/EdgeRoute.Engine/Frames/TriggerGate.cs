namespace EdgeRoute.Engine.Frames;

/// <summary>
/// Lets one frame of a source through each time somebody asks for one. Asked for by any thread, passed by the source's own.
/// </summary>
internal sealed class TriggerGate
{
    private readonly ManualResetEventSlim _asked = new();
    private int _isAsked;
    private long _missedCount;

    /// <summary>Frames that were asked for while one was waited for already: they are one frame.</summary>
    public long MissedCount => Interlocked.Read(ref _missedCount);

    public void Ask()
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 1)
        {
            Interlocked.Increment(ref _missedCount);
        }

        _asked.Set();
    }

    /// <summary>Waits until a frame is asked for; false where none was within <paramref name="waitMs"/> milliseconds.</summary>
    public bool Wait(int waitMs) => Volatile.Read(ref _isAsked) == 1 || _asked.Wait(waitMs);

    /// <summary>True for a frame that was asked for, once.</summary>
    public bool TryPass()
    {
        if (Interlocked.Exchange(ref _isAsked, 0) == 0)
        {
            return false;
        }

        _asked.Reset();
        return true;
    }
}
