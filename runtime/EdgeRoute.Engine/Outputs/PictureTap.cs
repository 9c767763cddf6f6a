using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Pictures for screens, of frames that end while somebody waits for one. The loop looks at one list a frame, and copies the newest frame
/// into room that is there already, at most so many times a second; everything else is done on a thread of its own. Who asks while a
/// picture is made gets the next.
/// </summary>
/// <param name="makeRoom">Makes an answer large enough for any stream's, as they are when it is called.</param>
/// <param name="clock">Whose time frames are stamped with.</param>
internal sealed class PictureTap(Func<Answer> makeRoom, TimeProvider clock) : IAnswerConsumer, IDisposable
{
    /// <summary>Between two pictures of a stream, so that 15 a second are the most; a little less, for cameras that come early.</summary>
    private const long PeriodNs = 62_000_000;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly AnswerTeller _teller = new(clock, withMaps: true);
    private volatile Place[] _places = [];
    private Thread? _thread;
    private volatile bool _isClosing;
    private Exception? _fault;

    /// <summary>The next frame of a stream that ends, at most so many pixels wide.</summary>
    /// <exception cref="InvalidDataException">It cannot be encoded.</exception>
    public Task<PictureReply> Next(int streamIndex, int width, CancellationToken cancel)
    {
        var wish = new Wish(width);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosing, this);
            if (_fault is { } fault)
            {
                return Task.FromException<PictureReply>(fault);
            }

            var place = Array.Find(_places, p => p.StreamIndex == streamIndex) ?? Add(streamIndex);
            place.Wishes.RemoveAll(w => w.Done.Task.IsCompleted);
            place.Wishes.Add(wish);
            place.State = place.State == PlaceState.Idle ? PlaceState.Wanted : place.State;
            Start();
        }

        cancel.Register(() => wish.Done.TrySetCanceled(cancel));
        return wish.Done.Task;
    }

    public void Publish(in PublishedFrame frame)
    {
        foreach (var place in _places)
        {
            if (place.StreamIndex == frame.StreamIndex && place.State == PlaceState.Wanted && frame.Record.PublishedNs >= place.DueNs)
            {
                place.DueNs = frame.Record.PublishedNs + PeriodNs;
                Fill(place, frame);
                place.State = PlaceState.Filled;
                _filled.Release();
            }
        }
    }

    /// <summary>On the loop's thread, between frames: the packs have become others, and so has the room that answers take.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            foreach (var place in _places)
            {
                place.IsRoomOld = true;
                Refit(place);
            }
        }
    }

    /// <summary>Who still waits is told that there is nothing to come. A second call does nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosing)
            {
                return;
            }

            _isClosing = true;
        }

        _filled.Release();
        _thread?.Join();
        foreach (var place in _places)
        {
            place.Fail(new OperationCanceledException("the run has ended"));
            place.Copy.Dispose();
        }

        _places = [];
        _filled.Dispose();
    }

    private Place Add(int streamIndex)
    {
        var place = new Place(streamIndex, new PublishedCopy(makeRoom()));
        _places = [.. _places, place];
        return place;
    }

    private void Start()
    {
        if (_thread is null)
        {
            _thread = PartThread.Make("pictures (channel)", Work, End);
            _thread.Start();
        }
    }

    /// <summary>A frame that cannot be copied, where there is no memory for it, is the askers' failure.</summary>
    private static void Fill(Place place, in PublishedFrame frame)
    {
        try
        {
            place.Copy.Take(frame, withPixels: true);
            place.Fault = null;
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            place.Fault = fault;
        }
    }

    private void Work()
    {
        using var picture = new ScreenPicture();
        while (true)
        {
            _filled.Wait();
            if (_isClosing)
            {
                return;
            }

            foreach (var place in _places)
            {
                if (place.State == PlaceState.Filled)
                {
                    Serve(place, picture);
                }
            }
        }
    }

    private void Serve(Place place, ScreenPicture picture)
    {
        List<Wish> wishes;
        lock (_gate)
        {
            wishes = place.Wishes;
            place.Wishes = [];
        }

        Action[] answers = [.. wishes.Where(w => !w.Done.Task.IsCompleted).GroupBy(w => w.Width)
            .Select(w => AnswerTo([.. w], place, picture))];
        try
        {
            lock (_gate)
            {
                place.State = PlaceState.Idle;
                Refit(place);
                place.State = place.Wishes.Count > 0 ? PlaceState.Wanted : PlaceState.Idle;
            }
        }
        finally
        {
            // Told last, so that who asks again at once misses no frame.
            Array.ForEach(answers, tell => tell());
        }
    }

    /// <summary>Makes the picture, and tells it when called.</summary>
    private Action AnswerTo(Wish[] wishes, Place place, ScreenPicture picture)
    {
        try
        {
            if (place.Fault is { } fault)
            {
                throw fault;
            }

            var reply = new PictureReply
            {
                Stream = place.Copy.Names.Source,
                Sequence = place.Copy.Record.Stamp.Sequence,
                Jpeg = picture.Encode(place.Copy.Slot.Layout, place.Copy.Slot.Bytes, wishes[0].Width),
                Answer = _teller.Tell(place.Copy),
            };
            return () => Array.ForEach(wishes, w => w.Done.TrySetResult(reply));
        }
        catch (Exception failed) when (PartThread.IsPartsOwn(failed))
        {
            return () => Array.ForEach(wishes, w => w.Done.TrySetException(failed));
        }
    }

    /// <summary>Only where neither the loop nor the thread that encodes has it in hand.</summary>
    private void Refit(Place place)
    {
        if (place.IsRoomOld && place.State != PlaceState.Filled)
        {
            place.Copy.Dispose();
            place.Copy = new PublishedCopy(makeRoom());
            place.IsRoomOld = false;
        }
    }

    /// <summary>Such as a library that is not there: who waits is told, and so is who asks later.</summary>
    private void End(Exception fault)
    {
        lock (_gate)
        {
            _fault = fault;
            Array.ForEach(_places, p => p.Fail(fault));
            _places = [];
        }
    }

    private enum PlaceState
    {
        Idle,

        /// <summary>The loop's from here on.</summary>
        Wanted,

        /// <summary>The encoding thread's from here on.</summary>
        Filled,
    }

    private sealed class Place(int streamIndex, PublishedCopy copy)
    {
        public int StreamIndex => streamIndex;

        public volatile PlaceState State;

        /// <summary>Of the loop's thread alone.</summary>
        public long DueNs = long.MinValue;

        public PublishedCopy Copy = copy;
        public Exception? Fault;
        public bool IsRoomOld;
        public List<Wish> Wishes = [];

        public void Fail(Exception fault) => Wishes.ForEach(w => w.Done.TrySetException(fault));
    }

    private sealed record Wish(int Width)
    {
        public TaskCompletionSource<PictureReply> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
