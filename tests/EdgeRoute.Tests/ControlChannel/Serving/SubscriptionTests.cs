using EdgeRoute.ControlChannel;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.ControlChannel.Serving;

public sealed class SubscriptionTests
{
    [Fact]
    public void Telemetry_comes_at_its_rate_with_what_happened_since()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        int number = Subscribe(client, new SubscribeRequest { Kind = "telemetry", RateHz = 10 });
        rig.Tick();
        Publish(rig, node: 1, count: 3);
        rig.Tick(50);
        Publish(rig, node: 2, count: 2);
        rig.Failed = 4;
        rig.Tick(50);
        var first = client.Notification<TelemetryMessage>("telemetry");
        var second = client.Notification<TelemetryMessage>("telemetry");
        Assert.Equal((number, 1, 0), (first.Subscription, (int)first.Number, (int)first.LostCount));
        Assert.Equal((number, 2, 0), (second.Subscription, (int)second.Number, (int)second.LostCount));
        Assert.Equal([0, 3, 2], second.Status.Streams[0].RecentNodes);
        Assert.Equal(4, second.Status.Streams[0].RecentFailed);
        Assert.Equal(5, second.Status.Streams[0].Window.FrameCount);
        Assert.Equal(1, second.Status.Channel.SubscriberCount);
    }

    [Fact]
    public void Each_rate_has_its_own_since()
    {
        using var rig = new ChannelRig();
        using var quick = rig.Connect();
        using var slow = rig.Connect();
        Subscribe(quick, new SubscribeRequest { Kind = "telemetry", RateHz = 20 });
        Subscribe(slow, new SubscribeRequest { Kind = "telemetry", RateHz = 5 });
        rig.Tick();
        for (int i = 0; i < 4; i++)
        {
            Publish(rig, node: 1, count: 1);
            rig.Tick(50);
        }

        var counts = Enumerable.Range(0, 5).Select(_ => quick.Notification<TelemetryMessage>("telemetry").Status.Streams[0].RecentNodes[1]);
        Assert.Equal([0, 1, 1, 1, 1], counts);
        slow.Notification<TelemetryMessage>("telemetry");
        Assert.Equal(4, slow.Notification<TelemetryMessage>("telemetry").Status.Streams[0].RecentNodes[1]);
    }

    [Fact]
    public void One_status_is_made_for_all_subscribers_of_a_tick()
    {
        using var rig = new ChannelRig();
        int count = 0;
        rig.Server.Bind(new ChannelBinding(rig.Methods, rig.Watch, () =>
        {
            count++;
            return rig.Status();
        }));
        using var one = rig.Connect();
        using var two = rig.Connect();
        Subscribe(one, new SubscribeRequest { Kind = "telemetry", RateHz = 1 });
        Subscribe(two, new SubscribeRequest { Kind = "telemetry", RateHz = 7 });
        rig.Tick();
        one.Notification<TelemetryMessage>("telemetry");
        two.Notification<TelemetryMessage>("telemetry");
        Assert.Equal(1, count);
    }

    [Fact]
    public void Brief_traces_come_in_batches_of_every_frame()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Subscribe(client, new SubscribeRequest { Kind = "trace" });
        Publish(rig, node: 2, count: 5);
        rig.Tick();
        var batch = client.Notification<TraceMessage>("trace");
        Assert.Equal((64, 5 * 64, 1, 0), (batch.RecordBytes, batch.Records.Length, (int)batch.Number, (int)batch.LostCount));
        var last = BriefTrace.Read(batch.Records.AsSpan(4 * 64));
        Assert.Equal((4L, (short)2, 10_000u), (last.Sequence, last.NodeIndex, last.LatencyMicroseconds));
    }

    [Fact]
    public void Full_traces_are_those_of_recordings()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Subscribe(client, new SubscribeRequest { Kind = "trace", Detail = "full" });
        Publish(rig, node: 1, count: 20);
        rig.Tick();
        int sequence = 0;
        while (sequence < 20)
        {
            var batch = client.Notification<TraceMessage>("trace");
            Assert.Equal(RecordingFormat.TraceBytes, batch.RecordBytes);
            for (int at = 0; at < batch.Records.Length; at += batch.RecordBytes)
            {
                TraceRecordCodec.Decode(batch.Records.AsSpan(at, batch.RecordBytes), out var record);
                Assert.Equal(sequence++, record.Stamp.Sequence);
            }
        }
    }

    [Fact]
    public void Traces_are_chosen_by_stream_rate_and_note()
    {
        using var rig = new ChannelRig();
        using var rear = rig.Connect();
        using var few = rig.Connect();
        using var late = rig.Connect();
        Subscribe(rear, new SubscribeRequest { Kind = "trace", Stream = "rear" });
        Subscribe(few, new SubscribeRequest { Kind = "trace", RateHz = 5 });
        Subscribe(late, new SubscribeRequest { Kind = "trace", OnlyNotable = true });
        for (int i = 0; i < 10; i++)
        {
            rig.Publish(0, i, 1, flags: i == 7 ? TraceFlags.Late : TraceFlags.None);
            rig.Clock.AdvanceMs(100);
        }

        rig.Publish(1, 100, 0);
        rig.Tick();
        Assert.Equal([100L], Sequences(rear));
        Assert.Equal([0L, 2, 4, 6, 8, 100], Sequences(few));
        Assert.Equal([7L], Sequences(late));
    }

    [Fact]
    public void A_subscriber_that_does_not_read_loses_and_nobody_else_does()
    {
        using var rig = new ChannelRig();
        using var stalled = rig.Connect();
        using var reader = rig.Connect();
        Subscribe(stalled, new SubscribeRequest { Kind = "trace", Detail = "full" });
        Subscribe(reader, new SubscribeRequest { Kind = "trace", Detail = "full" });
        long published = 0, read = 0;
        while (rig.Server.Hub.LostCount < 200)
        {
            Publish(rig, node: 1, count: 40, first: published);
            published += 40;
            rig.Tick(50);
            while (read < published)
            {
                var batch = reader.Notification<TraceMessage>("trace");
                Assert.Equal(0, batch.LostCount);
                read += batch.Records.Length / batch.RecordBytes;
            }
        }

        var connection = rig.Server.Connections()[0];
        Assert.InRange(connection.MostBytes, ChannelLimits.TelemetryBytes - ChannelLimits.BatchBytes - 200, ChannelLimits.TelemetryBytes);
        Assert.True(rig.Server.Hub.LostCount < published, "some came through");
        long got = CountUntilPong(stalled);
        Publish(rig, node: 1, count: 1, first: published);
        rig.Tick(50);
        var after = stalled.Notification<TraceMessage>("trace");
        Assert.Equal((published, rig.Server.Hub.LostCount), (got + after.LostCount, after.LostCount));
    }

    [Fact]
    public void Events_are_told_in_order()
    {
        using var rig = new ChannelRig();
        rig.Events.Add(EventLevel.Notice, "", "before");
        using var client = rig.Connect();
        Subscribe(client, new SubscribeRequest { Kind = "event" });
        rig.Events.Add(EventLevel.Warning, "front", "one");
        rig.Events.Add(EventLevel.Notice, "", "two\nlines");
        rig.Tick();
        var one = client.Notification<EventEntry>("event");
        var two = client.Notification<EventEntry>("event");
        Assert.Equal((2, "warning", "front", "one"), ((int)one.Number, one.Level, one.Stream, one.Text));
        Assert.Equal((3, "two lines"), ((int)two.Number, two.Text));
        var list = client.Ask<EventList>(ControlMethod.Events, new EventListRequest { After = 1 }).Events;
        Assert.Equal(["one", "two lines"], list.Select(e => e.Text));
    }

    [Fact]
    public void Subscriptions_are_limited_and_end()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        int last = 0;
        for (int i = 0; i < ChannelLimits.SubscriptionCount; i++)
        {
            last = Subscribe(client, new SubscribeRequest { Kind = "telemetry" });
        }

        Assert.Equal(RpcErrorCode.Limit, client.AskRefused("subscribe", new SubscribeRequest { Kind = "event" }).Code);
        client.Ask<Subscription>("unsubscribe", new Subscription { Number = last });
        Assert.Equal(RpcErrorCode.NotFound, client.AskRefused("unsubscribe", new Subscription { Number = last }).Code);
        Subscribe(client, new SubscribeRequest { Kind = "event" });
        client.Dispose();
        ChannelRig.WaitUntil(() => rig.Server.Hub.Count == 0, "a connection takes its subscriptions with it");
    }

    [Theory]
    [InlineData("weather", 1, "brief", "", RpcErrorCode.BadRequest)]
    [InlineData("telemetry", 21, "brief", "", RpcErrorCode.BadRequest)]
    [InlineData("telemetry", 0.05, "brief", "", RpcErrorCode.BadRequest)]
    [InlineData("trace", -1, "brief", "", RpcErrorCode.BadRequest)]
    [InlineData("trace", 1, "thorough", "", RpcErrorCode.BadRequest)]
    [InlineData("trace", 1, "brief", "left", RpcErrorCode.NotFound)]
    public void Wishes_out_of_range_are_refused(string kind, double rate, string detail, string stream, string code)
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Assert.Equal(code, client.AskRefused("subscribe", new SubscribeRequest { Kind = kind, RateHz = rate, Detail = detail,
            Stream = stream }).Code);
    }

    [Fact]
    public void Traces_go_on_in_another_run_of_the_engine()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Subscribe(client, new SubscribeRequest { Kind = "trace", Stream = "rear" });
        var next = new FrameWatch([new WatchedStream("rear", ["light"])], rig.Clock.NowNs(), ringCapacity: 64);
        rig.Server.Bind(new ChannelBinding(rig.Methods, next, rig.Status));
        rig.Publish(1, 1, 0);
        ChannelRig.Publish(next, 0, 2, 0, rig.Clock.NowNs());
        rig.Tick();
        Assert.Equal([2L], Sequences(client));
    }

    private static int Subscribe(ChannelClient client, SubscribeRequest request) => client.Ask<Subscription>(ControlMethod.Subscribe,
        request).Number;

    private static void Publish(ChannelRig rig, int node, int count, long first = 0)
    {
        for (int i = 0; i < count; i++)
        {
            rig.Publish(0, first + i, node);
        }
    }

    private static List<long> Sequences(ChannelClient client)
    {
        var batch = client.Notification<TraceMessage>("trace");
        return [.. Enumerable.Range(0, batch.Records.Length / 64).Select(i => BriefTrace.Read(batch.Records.AsSpan(i * 64)).Sequence)];
    }

    /// <summary>Records that wait for the client, up to an answer behind them.</summary>
    private static long CountUntilPong(ChannelClient client)
    {
        client.Send(ControlMethod.Ping);
        for (long count = 0; ;)
        {
            byte[] bytes = client.Next()!;
            var message = RpcMessage.Read(bytes);
            if (message.Kind == RpcKind.Response)
            {
                return count;
            }

            var batch = FieldReader.Read<TraceMessage>(bytes.AsMemory(message.BodyStart));
            count += batch.Records.Length / batch.RecordBytes;
        }
    }
}
