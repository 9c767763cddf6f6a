namespace EdgeRoute.Engine.Frames;

/// <summary>
/// The one thing a frame loop waits on, shared by all of its sources: raised when a frame waits somewhere or a source is at its end.
/// Raising it twice before a wait wakes the loop once, so after each wake-up the loop asks every exchange.
/// </summary>
public sealed class FrameSignal : IDisposable
{
    private readonly AutoResetEvent _event = new(false);
    private readonly Lock _gate = new();
    private bool _isDisposed;

    /// <summary>
    /// Any thread; after the end nobody waits any more, and it does nothing: a source that hung in its library may come back late.
    /// </summary>
    public void Raise()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _event.Set();
            }
        }
    }

    /// <summary>True when it was raised within <paramref name="waitMs"/> milliseconds.</summary>
    public bool Wait(int waitMs) => _event.WaitOne(waitMs);

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _event.Dispose();
        }
    }
}
