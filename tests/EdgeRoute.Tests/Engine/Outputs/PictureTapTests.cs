using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class PictureTapTests : IDisposable
{
    private static readonly FrameLayout Layout = FrameLayout.Packed(PixelFormat.Gray8, 96, 64);

    private readonly FrameSlot _slot = new();
    private readonly Answer _answer = Room();
    private readonly AnswerNames _names = new("front", ["light"], []) { Task = TaskKind.Embedding };
    private readonly PictureTap _tap = new(Room, TimeProvider.System);

    public void Dispose()
    {
        _tap.Dispose();
        _slot.Dispose();
    }

    [SkippableFact]
    public async Task Askers_share_a_frame_and_the_next_one_comes_no_sooner_than_a_fifteenth_of_a_second_later()
    {
        NeedLibrary();
        var (one, other) = (_tap.Next(0, 640, CancellationToken.None), _tap.Next(0, 640, CancellationToken.None));
        Publish(1, atMs: 1000);
        Assert.Equal((1, 1), ((await one).Sequence, (await other).Sequence));
        var next = _tap.Next(0, 640, CancellationToken.None);
        Publish(2, atMs: 1030);
        Publish(3, atMs: 1062);
        Publish(4, atMs: 1100);
        Assert.Equal(3, (await next).Sequence);
    }

    /// <summary>The first frame grows the room; from then on the loop's thread copies into what is there.</summary>
    [SkippableFact]
    public async Task A_frame_that_is_wanted_costs_the_loop_no_managed_bytes()
    {
        NeedLibrary();
        var first = _tap.Next(0, 640, CancellationToken.None);
        Publish(1, atMs: 0);
        await first;
        _ = _tap.Next(0, 640, CancellationToken.None);
        Assert.Equal(0, AllocatedBy(() => Publish(2, atMs: 500)));
    }

    [SkippableFact]
    public async Task Frames_of_another_stream_are_not_shown_and_an_end_is_told()
    {
        NeedLibrary();
        var asked = _tap.Next(1, 640, CancellationToken.None);
        Publish(1, atMs: 0);
        _tap.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Throws<ObjectDisposedException>(() => { _ = _tap.Next(1, 640, CancellationToken.None); });
    }

    [SkippableFact]
    public async Task Room_for_a_larger_answer_is_made_between_frames()
    {
        NeedLibrary();
        int size = 1;
        using var tap = new PictureTap(() => new Answer(TaskKind.Embedding, 0, size), TimeProvider.System);
        var asked = tap.Next(0, 640, CancellationToken.None);
        size = 3;
        tap.Renew();
        Publish(7, atMs: 0, tap, new Answer(TaskKind.Embedding, 0, 3) { ValueCount = 3 });
        Assert.Equal(7, (await asked).Sequence);
    }

    private static void NeedLibrary() => Skip.IfNot(JpegLibrary.TryLoad(out string reason), reason);

    private static Answer Room() => new(TaskKind.Embedding, 0, 1);

    private static long AllocatedBy(Action work)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private void Publish(int sequence, long atMs, PictureTap? tap = null, Answer? answer = null)
    {
        _slot.Prepare(Layout).Fill((byte)sequence);
        _slot.Commit(new FrameStamp(0, sequence, 0, 0));
        var record = new TraceRecord { Stamp = _slot.Stamp, NodeIndex = 0, End = FrameEnd.Completed, PublishedNs = atMs * 1_000_000 };
        (tap ?? _tap).Publish(new PublishedFrame(0, _slot, answer ?? _answer, in record) { Names = _names });
    }
}
