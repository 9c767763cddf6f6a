using EdgeRoute.Core.Prices;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// The sources that share one accelerator, and whose turn it is.
/// </summary>
public sealed class Lane(IReadOnlyList<FrameStream> streams, FrameSignal signal, FrameBoundary boundary)
{
    /// <summary>Longest single wait: a bound on what a lost wake-up could cost, never reached in health.</summary>
    private const int WaitMs = 1000;

    private FairQueue _queue = new(streams.Count);
    private WaitingFrame[] _frames = new WaitingFrame[streams.Count];
    private volatile bool _isStopped;

    public IReadOnlyList<FrameStream> Streams { get; private set; } = streams;

    /// <summary>Where changes are carried out; before each frame, and while none comes.</summary>
    public FrameBoundary Boundary { get; } = boundary;

    /// <summary>Ends <see cref="WaitForFrame"/> at the next frame boundary; any thread.</summary>
    public void Stop()
    {
        _isStopped = true;
        signal.Raise();
    }

    /// <summary>The stream whose turn it is; null when stopped, or when every source has ended and nothing waits.</summary>
    public FrameStream? WaitForFrame()
    {
        while (!_isStopped)
        {
            Boundary.Heartbeat.Beat();
            Boundary.Apply();
            // Asked before looking: a source that ends between the two is seen on the next turn.
            bool haveAllEnded = HaveAllEnded();
            if (Next() is { } stream)
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
                sum += Streams[i].Waiting.DeviceMs;
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

    /// <summary>A frame of a stream has ended: what it took of the lane counts against its share.</summary>
    public void Charge(FrameStream stream) => _queue.Charge(PlaceOf(stream), stream.DeviceMs, stream.Parts.Weight);

    /// <summary>Streams have come or gone; on the loop's thread, between frames. Those that stay keep their share.</summary>
    public void Follow(IReadOnlyList<FrameStream> streams)
    {
        int[] places = [.. streams.Select(PlaceOf)];
        (_queue, _frames, Streams) = (_queue.With(places), new WaitingFrame[places.Length], streams);
    }

    /// <summary>-1: it is none of the lane's.</summary>
    private int PlaceOf(FrameStream stream)
    {
        for (int i = 0; i < Streams.Count; i++)
        {
            if (ReferenceEquals(Streams[i], stream))
            {
                return i;
            }
        }

        return -1;
    }

    private FrameStream? Next()
    {
        for (int i = 0; i < _frames.Length; i++)
        {
            _frames[i] = Streams[i].Waiting;
        }

        return _queue.Pick(_frames) is >= 0 and var index ? Streams[index] : null;
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
