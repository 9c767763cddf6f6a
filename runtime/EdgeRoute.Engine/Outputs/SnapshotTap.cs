using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Hands out copies of single frames to whoever asks. The loop looks at one reference a frame, and copies only where somebody waits.
/// Compressing is the asker's work.
/// </summary>
internal sealed class SnapshotTap : IAnswerConsumer
{
    private readonly Wish?[] _wishes;
    private readonly Func<Answer> _makeRoom;

    /// <param name="makeRoom">Makes an answer large enough for any stream's.</param>
    public SnapshotTap(int streamCount, Func<Answer> makeRoom) => (_wishes, _makeRoom) = (new Wish?[streamCount], makeRoom);

    /// <summary>The next frame of a stream that ends. Dispose the copy.</summary>
    /// <exception cref="InvalidOperationException">Somebody waits for one already.</exception>
    public Task<PublishedCopy> Next(int streamIndex, CancellationToken cancel)
    {
        var wish = new Wish(new PublishedCopy(_makeRoom()));
        var waiting = Interlocked.CompareExchange(ref _wishes[streamIndex], wish, null);
        if (waiting is not null)
        {
            wish.Copy.Dispose();
            throw new InvalidOperationException("somebody waits for a picture of this stream already");
        }

        cancel.Register(() => Cancel(streamIndex, wish, cancel));
        return wish.Done.Task;
    }

    public void Publish(in PublishedFrame frame)
    {
        if (Volatile.Read(ref _wishes[frame.StreamIndex]) is not null
            && Interlocked.Exchange(ref _wishes[frame.StreamIndex], null) is { } wish)
        {
            Fulfil(wish, frame);
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

    private void Cancel(int streamIndex, Wish wish, CancellationToken cancel)
    {
        if (Interlocked.CompareExchange(ref _wishes[streamIndex], null, wish) == wish)
        {
            wish.Copy.Dispose();
            wish.Done.TrySetCanceled(cancel);
        }
    }

    private sealed record Wish(PublishedCopy Copy)
    {
        public TaskCompletionSource<PublishedCopy> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
