namespace EdgeRoute.Engine.Capture;

/// <summary>How long to wait before a broken source is opened again: doubling from <see cref="MinMs"/> to <see cref="MaxMs"/>.</summary>
internal sealed class RestartBackoff
{
    /// <summary>Short enough that a hiccup costs a few frames only.</summary>
    public const int MinMs = 100;

    /// <summary>A camera that comes back is seen within two seconds; one that does not costs half an attempt a second.</summary>
    public const int MaxMs = 2_000;

    /// <summary>Frames after which a source counts as healthy again: about a second. One that breaks sooner keeps its long waits.</summary>
    public const int HealthyFrameCount = 30;

    private int _nextMs = MinMs;

    /// <summary>Attempts since the source was last healthy.</summary>
    public int AttemptCount { get; private set; }

    /// <summary>The wait before the next attempt, in milliseconds.</summary>
    public int Next()
    {
        int waitMs = _nextMs;
        _nextMs = Math.Min(_nextMs * 2, MaxMs);
        AttemptCount++;
        return waitMs;
    }

    /// <summary>Told the frames since opening; forgets the past once there are enough.</summary>
    public void NoteFrames(long frameCount)
    {
        if (frameCount == HealthyFrameCount)
        {
            (_nextMs, AttemptCount) = (MinMs, 0);
        }
    }
}
