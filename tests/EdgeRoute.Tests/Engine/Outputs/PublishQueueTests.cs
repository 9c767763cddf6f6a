using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class PublishQueueTests : IDisposable
{
    private static readonly FrameLayout Layout = FrameLayout.Packed(PixelFormat.Gray8, 4, 2);

    private readonly FrameSlot _slot = new();
    private readonly Answer _answer = Room();
    private readonly List<long> _consumed = [];

    public void Dispose() => _slot.Dispose();

    [Fact]
    public void A_queue_that_waits_hands_on_every_frame_in_order()
    {
        using var full = new ManualResetEventSlim();
        using (var queue = Queue(QueuePressure.Wait, _ => full.Wait()))
        {
            for (int i = 0; i < 4 * PublishQueue.AnswerDepth; i++)
            {
                if (i == PublishQueue.AnswerDepth)
                {
                    full.Set();
                }

                Publish(queue, i);
            }

            queue.Dispose();
            Assert.Equal(0, queue.LostCount);
            Assert.Null(queue.Fault);
        }

        Assert.Equal(Enumerable.Range(0, 4 * PublishQueue.AnswerDepth).Select(i => (long)i), _consumed);
    }

    [Theory]
    [InlineData(true, PublishQueue.PixelDepth)]
    [InlineData(false, PublishQueue.AnswerDepth)]
    public void A_queue_that_loses_counts_exactly_what_found_it_full(bool withPixels, int depth)
    {
        using var gate = new ManualResetEventSlim();
        using var queue = Queue(QueuePressure.Lose, _ => gate.Wait(), withPixels);
        for (int i = 0; i < depth + 50; i++)
        {
            Publish(queue, i);
        }

        Assert.Equal(50, queue.LostCount);
        gate.Set();
        queue.Dispose();
        Assert.Equal(Enumerable.Range(0, depth).Select(i => (long)i), _consumed);
        Assert.Equal(50, queue.LostCount);
    }

    [Fact]
    public void A_copy_keeps_pixels_and_answer_of_its_own_frame()
    {
        using var gate = new ManualResetEventSlim();
        var seen = new List<(byte Pixel, float Value, long Sequence)>();
        using var queue = Queue(QueuePressure.Wait, copy =>
        {
            gate.Wait();
            seen.Add((copy.Slot.Bytes[0], copy.Answer.Values[0], copy.Slot.Stamp.Sequence));
        }, withPixels: true);
        for (int i = 0; i < 3; i++)
        {
            Publish(queue, i);
        }

        gate.Set();
        queue.Dispose();
        Assert.Equal([(0, 0, 0), (1, 1, 1), (2, 2, 2)], seen);
    }

    [Theory]
    [InlineData(QueuePressure.Wait)]
    [InlineData(QueuePressure.Lose)]
    public void A_consumer_whose_disk_fails_ends_alone_and_every_frame_it_did_not_write_is_counted(QueuePressure pressure)
    {
        using var queue = Queue(pressure, copy =>
        {
            if (copy.Record.Stamp.Sequence >= 2)
            {
                throw new IOException("no space left");
            }
        });
        const int Count = 4 * PublishQueue.AnswerDepth;
        for (int i = 0; i < Count; i++)
        {
            Publish(queue, i);
        }

        queue.Dispose();
        Assert.Equal("no space left", Assert.IsType<IOException>(queue.Fault).Message);
        Assert.Equal([0L, 1L], _consumed);
        Assert.Equal(Count - 2, queue.LostCount);
    }

    [Fact]
    public void Closing_hands_on_what_is_queued_and_closing_again_does_nothing()
    {
        using var gate = new ManualResetEventSlim();
        using var queue = Queue(QueuePressure.Lose, _ => gate.Wait());
        for (int i = 0; i < 20; i++)
        {
            Publish(queue, i);
        }

        gate.Set();
        queue.Dispose();
        queue.Dispose();
        Assert.Equal(20, _consumed.Count);
    }

    [Fact]
    public void A_frame_that_cannot_be_copied_is_lost_and_the_queue_goes_on()
    {
        using var queue = Queue(QueuePressure.Wait, _ => { });
        for (int i = 0; i < 2 * PublishQueue.AnswerDepth; i++)
        {
            Assert.Throws<ArgumentException>(() => Publish(queue, i, TooLarge()));
        }

        Publish(queue, 7);
        queue.Dispose();
        Assert.Equal([7L], _consumed);
        Assert.Equal(2 * PublishQueue.AnswerDepth, queue.LostCount);
    }

    [Fact]
    public void A_frame_that_finds_no_memory_at_the_consumer_is_lost_alone()
    {
        using var queue = Queue(QueuePressure.Wait,
            copy => _ = copy.Record.Stamp.Sequence == 1 ? throw new InsufficientMemoryException() : 0);
        for (int i = 0; i < 3; i++)
        {
            Publish(queue, i);
        }

        queue.Dispose();
        Assert.Equal([0L, 2L], _consumed);
        Assert.Equal((1, null), (queue.LostCount, queue.Fault));
    }

    [Fact]
    public void Larger_answers_find_room_once_the_queue_is_renewed_and_those_that_wait_come_first()
    {
        using var gate = new ManualResetEventSlim();
        int room = 1;
        var seen = new List<(long Sequence, int ValueCount)>();
        void Consume(PublishedCopy copy)
        {
            gate.Wait();
            seen.Add((copy.Record.Stamp.Sequence, copy.Answer.ValueCount));
        }

        using var queue = new PublishQueue("test", () => new Answer(TaskKind.Embedding, 0, room), withPixels: false, QueuePressure.Lose,
            Consume);
        Publish(queue, 0);
        room = 2;
        queue.Renew();
        Publish(queue, 1, TooLarge());
        queue.Renew();
        Publish(queue, 2, TooLarge());
        gate.Set();
        queue.Dispose();
        Assert.Equal([(0, 1), (1, 2), (2, 2)], seen);
    }

    [Fact]
    public void A_ring_of_answers_with_masks_is_shorter_and_takes_no_more_than_16_mebibytes()
    {
        using var gate = new ManualResetEventSlim();
        Answer Large() => new(TaskKind.Detection, 200, 0, DetailForm.Mask);
        using var queue = new PublishQueue("test", Large, withPixels: false, QueuePressure.Lose, _ => gate.Wait());
        for (int i = 0; i < PublishQueue.AnswerDepth; i++)
        {
            Publish(queue, i, Large());
        }

        long depth = PublishQueue.AnswerDepth - queue.LostCount;
        Assert.Equal((16 << 20) / Large().RoomBytes, depth);
        gate.Set();
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_copied_fails_and_keeps_nobody_waiting()
    {
        var tap = new SnapshotTap(Room);
        var asked = tap.Next(0, CancellationToken.None);
        _slot.Prepare(Layout);
        var record = new TraceRecord { NodeIndex = 1, End = FrameEnd.Completed };
        tap.Publish(new PublishedFrame(0, _slot, TooLarge(), in record));
        await Assert.ThrowsAsync<ArgumentException>(() => asked);
    }

    private static Answer TooLarge() => new(TaskKind.Embedding, 0, 2) { ValueCount = 2 };

    private static Answer Room() => new(TaskKind.Embedding, 0, 1);

    private PublishQueue Queue(QueuePressure pressure, Action<PublishedCopy> before, bool withPixels = false) =>
        new("test", Room, withPixels, pressure, copy =>
        {
            before(copy);
            _consumed.Add(copy.Record.Stamp.Sequence);
        });

    /// <summary>One slot, answer and record for all frames, as in the loop: a queue that kept references would mix them up.</summary>
    private void Publish(PublishQueue queue, int sequence, Answer? answer = null)
    {
        _slot.Prepare(Layout).Fill((byte)sequence);
        _slot.Commit(new FrameStamp(0, sequence, 0, 0));
        (_answer.NodeIndex, _answer.ValueCount, _answer.ValueSlots[0]) = (1, 1, sequence);
        var record = new TraceRecord { Stamp = _slot.Stamp, NodeIndex = 1, End = FrameEnd.Completed };
        queue.Publish(new PublishedFrame(0, _slot, answer ?? _answer, in record));
    }
}
