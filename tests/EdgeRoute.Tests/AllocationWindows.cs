namespace EdgeRoute.Tests;

/// <summary>
/// The managed bytes that frames cost their thread again and again: those of the window of frames that allocated the least.
/// </summary>
/// <remarks>
/// The runtime allocates at moments of its own (a static made at its first use, a cache that grows, a lock that is contended for the first
/// time, a method compiled anew), so one window alone fails by chance. What the frames themselves allocate is in every window, so taking
/// the least lets nothing pass: windows follow each other without a gap, and each is as long as all before it together, so that even a
/// collection that grows by doubling grows in each.
/// </remarks>
/// <param name="frameCount">Frames of the first window: at least the cycle after which frames repeat themselves.</param>
internal sealed class AllocationWindows(int frameCount = AllocationWindows.FrameCountMin)
{
    /// <summary>What one frame in a hundred allocates cannot fall between two windows.</summary>
    public const int FrameCountMin = 100;

    /// <summary>The last is eight times as long as the first; something that happens once spoils one of them.</summary>
    private const int WindowCount = 4;

    private readonly int _frameCount = frameCount >= FrameCountMin
        ? frameCount : throw new ArgumentOutOfRangeException(nameof(frameCount), frameCount,
            $"A window has {FrameCountMin} frames or more.");

    private readonly long[] _readings = new long[WindowCount + 1];
    private int _readingCount;
    private int _endedCount;

    /// <summary>Frames to run: a warm-up as long as the first window, then the windows.</summary>
    public int TotalFrameCount => _frameCount << WindowCount;

    /// <summary>Bytes of the window that has the fewest, once all have ended.</summary>
    public long LeastBytes
    {
        get
        {
            Assert.True(_readingCount == _readings.Length,
                $"{_endedCount} of {TotalFrameCount} frames have ended; the least is known after the last.");
            return Enumerable.Range(0, WindowCount).Min(i => _readings[i + 1] - _readings[i]);
        }
    }

    /// <summary>The least bytes of a window of calls of one action.</summary>
    public static long LeastBytesOf(Action frame, int frameCount = FrameCountMin)
    {
        var windows = new AllocationWindows(frameCount);
        for (int i = 0; i < windows.TotalFrameCount; i++)
        {
            frame();
            windows.EndFrame();
        }

        return windows.LeastBytes;
    }

    /// <summary>Called after each frame, on the thread that is measured.</summary>
    public void EndFrame()
    {
        _endedCount++;
        if (_readingCount < _readings.Length && _endedCount == _frameCount << _readingCount)
        {
            _readings[_readingCount++] = GC.GetAllocatedBytesForCurrentThread();
        }
    }
}
