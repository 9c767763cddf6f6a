using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using Microsoft.Coyote.Specifications;
using Microsoft.Coyote.SystematicTesting;

namespace EdgeRoute.Schedules;

/// <summary>Queues between whoever has something to tell and whoever writes it.</summary>
public static class ChannelSchedules
{
    private const int MessageCount = 3;

    /// <summary>Messages that were accepted are written once, those of one sender in order; the end is told once.</summary>
    [Test]
    public static async Task What_a_send_queue_accepted_is_written_before_its_end()
    {
        var written = new List<byte[]>();
        var end = new TaskCompletionSource<Exception?>();
        int endCount = 0;
        var queue = new SendQueue(new YieldingStream(written, failAt: -1), fault =>
        {
            Interlocked.Increment(ref endCount);
            end.TrySetResult(fault);
        });
        int[] acceptedCounts = new int[2];
        var senders = Enumerable.Range(0, acceptedCounts.Length).Select(s => Task.Run(() =>
        {
            for (byte i = 0; i < MessageCount; i++)
            {
                acceptedCounts[s] += queue.TrySend([(byte)s, i]) ? 1 : 0;
            }
        })).ToArray();
        var finisher = Task.Run(queue.Finish);
        await Task.WhenAll(senders);
        await finisher;
        var fault = await end.Task;
        Specification.Assert(fault is null && endCount == 1, $"the end was told {endCount} times, with {fault?.Message ?? "no fault"}");
        for (int s = 0; s < senders.Length; s++)
        {
            int[] own = [.. written.Where(m => m[0] == s).Select(m => (int)m[1])];
            Specification.Assert(own.SequenceEqual(Enumerable.Range(0, acceptedCounts[s])), $"sender {s}: {acceptedCounts[s]} accepted, "
                + $"written {string.Join(' ', own)}");
        }

        Specification.Assert(queue.WaitingBytes == 0 && !queue.TrySend([0]), $"{queue.WaitingBytes} bytes wait after the end");
    }

    /// <summary>The client goes away while others still send: the end is told once, and nothing waits for ever.</summary>
    [Test]
    public static async Task A_send_queue_whose_client_left_ends_once()
    {
        var end = new TaskCompletionSource<Exception?>();
        int endCount = 0;
        var queue = new SendQueue(new YieldingStream([], failAt: 1), fault =>
        {
            Interlocked.Increment(ref endCount);
            end.TrySetResult(fault);
        });
        var senders = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < MessageCount; i++)
            {
                queue.TrySend([1]);
            }
        })).ToArray();
        await Task.WhenAll(senders);
        queue.Finish();
        await end.Task;
        while (queue.WaitingBytes > 0)
        {
            await Task.Yield();
        }

        Specification.Assert(endCount == 1 && !queue.TrySend([0]), $"the end was told {endCount} times");
    }

    [Test]
    public static void A_publish_queue_hands_on_every_frame_before_its_end() => Publish(QueuePressure.Wait, failAt: -1);

    [Test]
    public static void A_publish_queue_that_may_lose_frames_counts_them() => Publish(QueuePressure.Lose, failAt: -1);

    [Test]
    public static void A_publish_queue_whose_consumer_fails_goes_on_and_counts() => Publish(QueuePressure.Wait, failAt: 2);

    private static void Publish(QueuePressure pressure, int failAt)
    {
        const int FrameCount = PublishQueue.PixelDepth + 3;
        int seenCount = 0, lostCount = 0;
        var queue = new PublishQueue("frames", () => new Answer(TaskKind.Classification, 0, 1), withPixels: true, pressure, copy =>
        {
            seenCount++;
            if (seenCount - 1 == failAt)
            {
                throw new IOException("the disk is full");
            }
        }, () => Interlocked.Increment(ref lostCount));
        using var slot = new FrameSlot();
        slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 2, 2)).Clear();
        var answer = new Answer(TaskKind.Classification, 0, 1);
        var record = default(Protocol.Tracing.TraceRecord);
        for (int i = 0; i < FrameCount; i++)
        {
            queue.Publish(new PublishedFrame(0, slot, answer, in record));
        }

        queue.Dispose();
        int expected = failAt < 0 ? FrameCount - lostCount : failAt + 1;
        Specification.Assert(seenCount == expected && queue.LostCount == lostCount,
            $"{seenCount} seen, {lostCount} lost, {queue.LostCount} told");
        Specification.Assert(failAt < 0 || lostCount == FrameCount - failAt, $"{lostCount} lost after a fault at {failAt}");
        Specification.Assert(pressure == QueuePressure.Lose || failAt >= 0 || lostCount == 0, $"{lostCount} lost, though the loop waits");
    }

    /// <summary>A connection that lets others run at each write, and breaks at one of them.</summary>
    private sealed class YieldingStream(List<byte[]> written, int failAt) : Stream
    {
        private int _writeCount;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            byte[] bytes = buffer.ToArray();
            await Task.Yield();
            if (_writeCount++ == failAt)
            {
                throw new IOException("the client left");
            }

            written.Add(bytes);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
