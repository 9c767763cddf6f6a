using System.Collections.Concurrent;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.TestBench.Capture;

/// <summary>A capture thread over a real source, with what it told; every wait ends by an event or fails after half a minute.</summary>
internal sealed class CaptureRun : IDisposable
{
    /// <summary>Long enough for a loaded machine: reached only when something is broken.</summary>
    public const int PatienceMs = 240_000;

    private readonly BlockingCollection<SourceEvent> _events = [];
    private readonly FrameSignal _signal = new();

    public CaptureRun(IFrameSource source, DeliveryMode delivery, CaptureLimits? limits = null)
    {
        Exchange = new SlotExchange(delivery, _signal);
        Thread = new CaptureThread(0, source, Exchange, TimeProvider.System, _events.Add, limits);
        Thread.Start();
    }

    public SlotExchange Exchange { get; }

    public CaptureThread Thread { get; }

    public List<SourceEvent> Seen { get; } = [];

    public T WaitFor<T>(Func<T, bool>? isWanted = null)
        where T : SourceEvent
    {
        while (_events.TryTake(out var happened, PatienceMs))
        {
            Seen.Add(happened);
            if (happened is T wanted && (isWanted is null || isWanted(wanted)))
            {
                return wanted;
            }
        }

        throw new TimeoutException($"no {typeof(T).Name} came; seen: {string.Join("; ", Seen)}");
    }

    /// <summary>
    /// Hands each frame to <paramref name="use"/> until so many were taken or the source has nothing left; returns how many.
    /// </summary>
    public int Take(int frameLimit, Action<FrameSlot>? use = null)
    {
        int taken = 0;
        while (taken < frameLimit && !Exchange.IsDrained)
        {
            if (!Exchange.TryTake(out var slot))
            {
                if (!_signal.Wait(PatienceMs))
                {
                    throw new TimeoutException($"no frame came after {taken}; {Exchange.Counts}");
                }

                continue;
            }

            use?.Invoke(slot);
            Exchange.Release(slot);
            taken++;
        }

        return taken;
    }

    public void Dispose()
    {
        Thread.Dispose();
        Exchange.Dispose();
        _signal.Dispose();
        _events.Dispose();
    }
}
