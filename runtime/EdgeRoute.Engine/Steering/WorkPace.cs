namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Keeps work that a laptop may ask for without end from taking the processor, and the memory that is collected after it, from frames: a
/// person's requests go at once, a flood of them gets a share of the time. Any thread.
/// </summary>
internal sealed class WorkPace(TimeProvider clock)
{
    /// <summary>Work that goes at once after a rest, in milliseconds: many configs of a usual size, which takes a few each.</summary>
    public const double BurstMs = 200;

    /// <summary>The part of the time that work may take for long.</summary>
    public const double Share = 0.05;

    private readonly Lock _gate = new();
    private double _doneMs;
    private long _asOf = clock.GetTimestamp();

    /// <summary>How long the next work waits.</summary>
    public TimeSpan Rest()
    {
        lock (_gate)
        {
            Forget();
            return TimeSpan.FromMilliseconds(Math.Max(0, _doneMs - BurstMs) / Share);
        }
    }

    /// <summary>Takes the place where the work is done, as soon as it may be; who only waits for the time leaves it to others.</summary>
    public async Task Enter(SemaphoreSlim place, CancellationToken cancel)
    {
        await place.WaitAsync(cancel).ConfigureAwait(false);
        while (Rest() is var rest && rest > TimeSpan.Zero)
        {
            place.Release();
            await Task.Delay(rest, clock, cancel).ConfigureAwait(false);
            await place.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Does it, and notes what it took.</summary>
    public T Do<T>(Func<T> work)
    {
        long begun = clock.GetTimestamp();
        try
        {
            return work();
        }
        finally
        {
            lock (_gate)
            {
                Forget();
                _doneMs += clock.GetElapsedTime(begun).TotalMilliseconds;
            }
        }
    }

    private void Forget()
    {
        long now = clock.GetTimestamp();
        _doneMs = Math.Max(0, _doneMs - (clock.GetElapsedTime(_asOf, now).TotalMilliseconds * Share));
        _asOf = now;
    }
}
