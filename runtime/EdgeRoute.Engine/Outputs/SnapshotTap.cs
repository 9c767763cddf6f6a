using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Hands out copies of single frames to whoever asks. The loop looks at one reference a frame, and copies only where somebody waits.
/// Compressing is the asker's work.
/// </summary>
/// <param name="makeRoom">Makes an answer large enough for any stream's.</param>
internal sealed class SnapshotTap(Func<Answer> makeRoom) : IAnswerConsumer
{
    private readonly Lock _gate = new();

    /// <summary>Replaced as a whole, because the loop's thread reads it; mostly empty.</summary>
    private volatile Wish[] _wishes = [];

    /// <summary>The next frame of a stream that ends. Dispose the copy.</summary>
    /// <exception cref="InvalidOperationException">Somebody waits for one already.</exception>
    public Task<PublishedCopy> Next(int streamIndex, CancellationToken cancel)
    {
        var wish = new Wish(streamIndex, new PublishedCopy(makeRoom()));
        lock (_gate)
        {
            if (Array.Exists(_wishes, w => w.StreamIndex == streamIndex))
            {
                wish.Copy.Dispose();
                throw new InvalidOperationException("somebody waits for a picture of this stream already");
            }

            _wishes = [.. _wishes, wish];
        }

        cancel.Register(() => Cancel(wish, cancel));
        return wish.Done.Task;
    }

    public void Publish(in PublishedFrame frame)
    {
        foreach (var wish in _wishes)
        {
            if (wish.StreamIndex == frame.StreamIndex && TryTake(wish))
            {
                Fulfil(wish, frame);
            }
        }
    }

    /// <summary>True for one of those who would end it: the loop, or who called it off.</summary>
    private bool TryTake(Wish wish)
    {
        lock (_gate)
        {
            int before = _wishes.Length;
            _wishes = [.. _wishes.Where(w => w != wish)];
            return _wishes.Length < before;
        }
    }

    /// <summary>A frame that cannot be copied, where there is no memory for it, is the asker's failure.</summary>
    private static void Fulfil(Wish wish, in PublishedFrame frame)
    {
        try
        {
            wish.Copy.Take(frame, withPixels: true);
            wish.Done.TrySetResult(wish.Copy);
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            wish.Copy.Dispose();
            wish.Done.TrySetException(fault);
        }
    }

    private void Cancel(Wish wish, CancellationToken cancel)
    {
        if (TryTake(wish))
        {
            wish.Copy.Dispose();
            wish.Done.TrySetCanceled(cancel);
        }
    }

    private sealed record Wish(int StreamIndex, PublishedCopy Copy)
    {
        public TaskCompletionSource<PublishedCopy> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
