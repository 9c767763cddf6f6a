using System.Buffers;
using System.Net.Sockets;
using EdgeRoute.ControlChannel;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.ControlChannel.Serving;

public sealed class ChannelServerTests
{
    [Fact]
    public void A_hello_is_answered_with_device_and_role()
    {
        using var rig = new ChannelRig();
        using var client = ChannelClient.Unix(rig.SocketPath);
        var welcome = client.Hello();
        Assert.Equal((1, "robot", "1.2.3", "admin", ""),
            (welcome.Protocol, welcome.Device, welcome.Version, welcome.Role, welcome.Fingerprint));
        Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
    }

    [Fact]
    public void A_peer_of_the_Unix_socket_is_named_by_the_kernel()
    {
        using var rig = new ChannelRig(more: t => t.Add<NoParameters>("who", ControlRole.Operator,
            (_, caller, _) => Answer(caller.ToString())));
        using var client = rig.Connect();
        Assert.Matches(@"^uid \d+ \(admin, unix\)$", client.Ask<DoneReply>("who").Text);
    }

    [Fact]
    public void Another_version_is_told_what_the_device_speaks()
    {
        using var rig = new ChannelRig();
        using var client = ChannelClient.Unix(rig.SocketPath);
        var error = client.AskRefused(ControlMethod.Hello, new HelloRequest { Protocol = 2 });
        Assert.Equal(RpcErrorCode.Version, error.Code);
        Assert.Contains("version 1", error.Message, StringComparison.Ordinal);
        Assert.NotNull(client.Farewell());
        Assert.Equal(1, rig.Server.Refusals.CountOf(ConnectionRefusal.Version));
    }

    [Fact]
    public void Nothing_comes_before_hello_and_no_second_one()
    {
        using var rig = new ChannelRig();
        using var client = ChannelClient.Unix(rig.SocketPath);
        Assert.Equal(RpcErrorCode.Denied, client.AskRefused(ControlMethod.Ping).Code);
        client.Hello();
        Assert.Equal(RpcErrorCode.Conflict, client.AskRefused(ControlMethod.Hello, new HelloRequest()).Code);
        Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
    }

    [Fact]
    public void Unknown_methods_and_unknown_keys_are_refused()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Assert.Equal(RpcErrorCode.UnknownMethod, client.AskRefused("make.tea").Code);
        var error = client.AskRefused(ControlMethod.Events, new NamedRequest { Name = "x" });
        Assert.Equal(RpcErrorCode.BadRequest, error.Code);
        Assert.Contains("'name'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xC1 }, "never used")]
    [InlineData(new byte[] { 0x93, 0x01, 0x00, 0xC0 }, "no message")]
    [InlineData(new byte[] { 0x93, 0x02, 0xA1, 0x78, 0x90 }, "notification")]
    [InlineData(new byte[] { 0xDB, 0x7F, 0xFF, 0xFF, 0xFF }, "at most")]
    [InlineData(new byte[] { 0x91, 0x91, 0x91, 0x91, 0x91, 0x91 }, "nested deeper")]
    public void Bytes_that_are_no_message_end_the_connection(byte[] bytes, string words)
    {
        using var rig = new ChannelRig();
        using var client = ChannelClient.Unix(rig.SocketPath);
        client.SendBytes(bytes);
        Assert.Contains(words, client.Farewell(), StringComparison.Ordinal);
        Assert.Equal(1, rig.Server.Refusals.CountOf(ConnectionRefusal.Malformed));
    }

    [Fact]
    public void A_message_beyond_the_limit_ends_the_connection_before_it_is_read()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        client.SendBytes([0x94, 0x00, 0x01, 0xDB, 0x00, 0x11, 0x00, 0x00]);
        Assert.Contains($"at most {MessagePackLimits.Requests.SizeBytes}", client.Farewell(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_comes_byte_by_byte_is_answered()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        var buffer = new ArrayBufferWriter<byte>();
        RpcMessage.WriteRequest(buffer, 77, ControlMethod.Ping, null);
        foreach (byte one in buffer.WrittenSpan.ToArray())
        {
            client.SendBytes([one]);
        }

        Assert.Equal(77u, client.Response().Answer.Id);
    }

    [Fact]
    public void A_slow_method_holds_up_no_other()
    {
        var gate = new TaskCompletionSource();
        using var rig = new ChannelRig(more: t => t.Add<NoParameters>("slow", ControlRole.Viewer, async (_, _, _) =>
        {
            await gate.Task;
            return new DoneReply { Text = "slow" };
        }));
        using var client = rig.Connect();
        uint slow = client.Send("slow"), quick = client.Send(ControlMethod.Ping);
        Assert.Equal(quick, client.Response().Answer.Id);
        gate.SetResult();
        Assert.Equal(slow, client.Response().Answer.Id);
    }

    [Fact]
    public void Requests_that_wait_are_limited()
    {
        var gate = new TaskCompletionSource();
        using var rig = new ChannelRig(more: t => t.Add<NoParameters>("slow", ControlRole.Viewer, async (_, _, _) =>
        {
            await gate.Task;
            return null;
        }));
        using var client = rig.Connect();
        for (int i = 0; i < ChannelLimits.PendingCount; i++)
        {
            client.Send("slow");
        }

        Assert.Equal(RpcErrorCode.Limit, client.AskRefused(ControlMethod.Ping).Code);
        gate.SetResult();
    }

    [Fact]
    public void A_method_that_throws_takes_nothing_down()
    {
        using var rig = new ChannelRig(more: t => t.Add<NoParameters>("bad", ControlRole.Viewer,
            (_, _, _) => throw new InvalidOperationException("it broke")));
        using var client = rig.Connect();
        var error = client.AskRefused("bad");
        Assert.Equal((RpcErrorCode.Failed, "'bad' failed: it broke"), (error.Code, error.Message));
        Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
        Assert.Contains(rig.Events.After(0), e => e.Text.Contains("it broke", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_run_of_the_engine_answers_from_then_on()
    {
        using var rig = new ChannelRig(more: t => t.Add<NoParameters>("wait", ControlRole.Viewer, async (_, _, cancel) =>
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return null;
        }));
        using var client = rig.Connect();
        client.Send("wait");
        Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
        var next = new MethodTable();
        next.Add<NoParameters>("new", ControlRole.Viewer, (_, _, _) => Answer("new"));
        rig.Server.Bind(new ChannelBinding(next, null, null));
        Assert.Equal(RpcErrorCode.Unavailable, client.Response().Answer.Error!.Code);
        Assert.Equal("new", client.Ask<DoneReply>("new").Text);
        Assert.Equal(RpcErrorCode.UnknownMethod, client.AskRefused("wait").Code);
    }

    [Fact]
    public void Requests_beyond_the_rate_are_refused_until_time_has_passed()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        for (int i = 1; i < ChannelLimits.RequestBurst; i++)
        {
            client.Ask<DoneReply>(ControlMethod.Ping);
        }

        Assert.Equal(RpcErrorCode.Limit, client.AskRefused(ControlMethod.Ping).Code);
        rig.Clock.AdvanceMs(10);
        client.Ask<DoneReply>(ControlMethod.Ping);
        Assert.Equal(RpcErrorCode.Limit, client.AskRefused(ControlMethod.Ping).Code);
        Assert.Equal(2, rig.Server.Refusals.CountOf(ConnectionRefusal.Rate));
    }

    [Fact]
    public void A_flood_of_requests_ends_the_connection_and_no_other()
    {
        using var rig = new ChannelRig();
        using var other = rig.Connect();
        using var client = rig.Connect();
        for (int i = 1; i < ChannelLimits.RequestBurst + ChannelLimits.FloodCount; i++)
        {
            client.Send(ControlMethod.Ping);
            client.Response();
        }

        client.Send(ControlMethod.Ping);
        Assert.NotNull(client.Farewell());
        Assert.Equal(1, rig.Server.Refusals.CountOf(ConnectionRefusal.Flood));
        Assert.Equal("pong", other.Ask<DoneReply>(ControlMethod.Ping).Text);
    }

    [Fact]
    public void A_thousand_half_open_connections_take_eight_places()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        var half = new List<Socket>();
        for (int i = 0; i < 1000; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(rig.SocketPath));
            half.Add(socket);
            if (i % 100 == 0)
            {
                Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
            }
        }

        ChannelRig.WaitUntil(() => rig.Server.Refusals.CountOf(ConnectionRefusal.UnprovenFull) == 1000 - ChannelLimits.UnprovenCount,
            "the others were refused");
        Assert.Equal(1 + ChannelLimits.UnprovenCount, rig.Server.Connections().Count);
        Assert.True(rig.Events.LastNumber < 5, $"{rig.Events.LastNumber} lines of log");
        rig.Tick((ChannelLimits.HandshakeNs / 1_000_000) - 1);
        Assert.Equal(1 + ChannelLimits.UnprovenCount, rig.Server.Connections().Count);
        rig.Tick(1);
        rig.Tick(1_000);
        ChannelRig.WaitUntil(() => rig.Server.Connections().Count == 1, "their time was over");
        Assert.Equal(ChannelLimits.UnprovenCount, rig.Server.Refusals.CountOf(ConnectionRefusal.Handshake));
        Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
        half.ForEach(s => s.Dispose());
    }

    [Fact]
    public void There_are_as_many_places_as_promised()
    {
        using var rig = new ChannelRig();
        var clients = Enumerable.Range(0, ChannelLimits.ConnectionCount).Select(_ => rig.Connect()).ToList();
        using (var late = ChannelClient.Unix(rig.SocketPath))
        {
            Assert.Null(late.Farewell());
        }

        Assert.Equal(1, rig.Server.Refusals.CountOf(ConnectionRefusal.Full));
        clients[0].Dispose();
        ChannelRig.WaitUntil(() => rig.Server.Connections().Count < ChannelLimits.ConnectionCount, "a place is free again");
        using var next = rig.Connect();
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public void The_end_is_told()
    {
        var rig = new ChannelRig();
        using var client = rig.Connect();
        var ending = Task.Factory.StartNew(rig.Server.Dispose, TaskCreationOptions.LongRunning);
        Assert.Contains("ends", client.Farewell(), StringComparison.Ordinal);
        client.Dispose();
        ending.Wait();
        Assert.False(File.Exists(rig.SocketPath));
        rig.Dispose();
    }

    [Fact]
    public void Clients_are_an_unknown_word_without_TCP()
    {
        using var rig = new ChannelRig();
        using var client = rig.Connect();
        Assert.Equal(RpcErrorCode.Unavailable, client.AskRefused(ControlMethod.Clients).Code);
        Assert.Equal(RpcErrorCode.Unavailable, client.AskRefused(ControlMethod.PairingOpen, new PairingOpenRequest()).Code);
    }

    private static ValueTask<IControlMessage?> Answer(string text) => ValueTask.FromResult<IControlMessage?>(new DoneReply { Text = text });
}
