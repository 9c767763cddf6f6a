using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// The sources that share one accelerator. Picks the ready frame with the least slack, so that no camera starves the others.
/// </summary>
public sealed class Lane(IReadOnlyList<FrameStream> streams, FrameSignal signal, FrameBoundary boundary)
{
    /// <summary>Longest single wait: a bound on what a lost wake-up could cost, never reached in health.</summary>
    private const int WaitMs = 1000;

    private volatile bool _isStopped;

    public IReadOnlyList<FrameStream> Streams { get; } = streams;

    /// <summary>Where changes are carried out; before each frame, and while none comes.</summary>
    public FrameBoundary Boundary { get; } = boundary;

    /// <summary>Ends <see cref="WaitForFrame"/> at the next frame boundary; any thread.</summary>
    public void Stop()
    {
        _isStopped = true;
        signal.Raise();
    }

    /// <summary>The stream whose waiting frame is due first; null when stopped, or when every source has ended and nothing waits.</summary>
    public FrameStream? WaitForFrame()
    {
        while (!_isStopped)
        {
            Boundary.Heartbeat.Beat();
            Boundary.Apply();
            // Asked before looking: a source that ends between the two is seen on the next turn.
            bool haveAllEnded = HaveAllEnded();
            if (MostUrgent() is { } stream)
            {
                return stream;
            }

            if (haveAllEnded)
            {
                return null;
            }

            signal.Wait(WaitMs);
        }

        return null;
    }

    /// <summary>Predicted device time of the frames that wait, in milliseconds.</summary>
    public double WaitingMs
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < Streams.Count; i++)
            {
                sum += Streams[i].WaitingMs;
            }

            return sum;
        }
    }

    /// <summary>
    /// Whether work that nobody waits for may be done now: no frame waits, or only frames of sources that can wait themselves.
    /// </summary>
    public bool MayPause
    {
        get
        {
            for (int i = 0; i < Streams.Count; i++)
            {
                if (Streams[i].IsPressed)
                {
                    return false;
                }
            }

            return true;
        }
    }

    private FrameStream? MostUrgent()
    {
        FrameStream? best = null;
        long bestDue = long.MaxValue;
        for (int i = 0; i < Streams.Count; i++)
        {
            long due = Streams[i].NextDueNs;
            if (due < bestDue)
            {
                (best, bestDue) = (Streams[i], due);
            }
        }

        return best;
    }

    private bool HaveAllEnded()
    {
        for (int i = 0; i < Streams.Count; i++)
        {
            if (!Streams[i].HasEnded)
            {
                return false;
            }
        }

        return true;
    }
}
