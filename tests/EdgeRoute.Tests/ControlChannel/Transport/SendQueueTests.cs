using EdgeRoute.ControlChannel;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.Tests.ControlChannel.Serving;

namespace EdgeRoute.Tests.ControlChannel.Transport;

public sealed class SendQueueTests
{
    [Fact]
    public void What_waits_is_bounded_by_what_it_is()
    {
        var stream = new GateStream();
        var queue = new SendQueue(stream, _ => { });
        byte[] message = new byte[1 << 20];
        int telemetry = 0, vital = 0;
        while (queue.TrySendTelemetry(message))
        {
            telemetry++;
        }

        while (queue.TrySend(message))
        {
            vital++;
        }

        Assert.Equal((4, 36), (telemetry, vital));
        Assert.Equal(ChannelLimits.QueueBytes, queue.WaitingBytes);
        Assert.False(queue.TrySendTelemetry([1]));
        stream.Gate.SetResult();
        ChannelRig.WaitUntil(() => queue.WaitingBytes == 0, "all is sent");
        Assert.True(queue.TrySendTelemetry(message));
    }

    [Fact]
    public void Messages_leave_in_order_and_the_end_is_told()
    {
        var stream = new GateStream();
        var ended = new TaskCompletionSource<Exception?>();
        var queue = new SendQueue(stream, ended.SetResult);
        for (byte i = 0; i < 100; i++)
        {
            Assert.True(queue.TrySend([i]));
        }

        queue.Finish();
        Assert.False(queue.TrySend([1]));
        stream.Gate.SetResult();
        Assert.Null(ended.Task.Result);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), stream.Written);
    }

    [Fact]
    public void A_stream_that_fails_ends_the_queue()
    {
        var stream = new GateStream();
        var ended = new TaskCompletionSource<Exception?>();
        var queue = new SendQueue(stream, ended.SetResult);
        queue.TrySend([1]);
        queue.TrySend([2]);
        stream.Gate.SetException(new IOException("gone"));
        Assert.IsType<IOException>(ended.Task.Result);
        Assert.False(queue.TrySend([3]));
        ChannelRig.WaitUntil(() => queue.WaitingBytes == 0, "nothing waits any more");
    }

    /// <summary>Once it flows, sending telemetry costs no memory but the pool's.</summary>
    [Fact]
    public void Telemetry_allocates_nothing()
    {
        var queue = new SendQueue(Stream.Null, _ => { });
        byte[] message = new byte[1000];
        var wait = default(SpinWait);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            queue.TrySendTelemetry(message);
            while (queue.WaitingBytes > 0)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }));
    }

    /// <summary>Takes nothing until its gate opens.</summary>
    private sealed class GateStream : MemoryStream
    {
        public TaskCompletionSource Gate { get; } = new();

        public List<byte> Written { get; } = [];

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Gate.Task;
            Written.AddRange(buffer.Span);
        }
    }
}
