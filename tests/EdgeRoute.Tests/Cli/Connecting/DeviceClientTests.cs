using EdgeRoute.Cli.Connecting;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.TestBench.Robots;

namespace EdgeRoute.Tests.Cli.Connecting;

public sealed class DeviceClientTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _enough = new(TimeSpan.FromSeconds(60));
    private ScriptedDevice _device = null!;

    public Task InitializeAsync()
    {
        _device = new ScriptedDevice(Path.Combine(_folder.Path, "control.sock"));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _device.DisposeAsync();
        _folder.Dispose();
        _enough.Dispose();
    }

    [Fact]
    public async Task Greets_with_its_protocol_and_name()
    {
        await using var client = await ConnectAsync();
        var hello = _device.Last<HelloRequest>(ControlMethod.Hello);
        Assert.Equal(ControlProtocol.Version, hello.Protocol);
        Assert.StartsWith("edgeroute ", hello.Client, StringComparison.Ordinal);
        Assert.Equal("scripted", client.Welcome.Device);
        Assert.True(client.IsOperator);
    }

    [Fact]
    public async Task A_refusal_has_code_message_and_hint()
    {
        await using var client = await ConnectAsync();
        _device.Answer(ControlMethod.Status, _ => throw new RpcRefusedException(RpcErrorCode.Denied, "'status' needs the role viewer",
            "pair first"));
        var refused = await Assert.ThrowsAsync<DeviceRefusedException>(() => client.RequestAsync(ControlMethod.Status, null, null,
            _enough.Token));
        Assert.Equal((RpcErrorCode.Denied, "pair first", "'status' needs the role viewer; pair first", ControlMethod.Status),
            (refused.Code, refused.Hint, refused.Message,
            refused.Method));
    }

    [Fact]
    public async Task A_refused_greeting_leaves_no_client()
    {
        _device.Answer(ControlMethod.Hello, _ => throw new RpcRefusedException(RpcErrorCode.Version, "this device speaks protocol 2"));
        var refused = await Assert.ThrowsAsync<DeviceRefusedException>(ConnectAsync);
        Assert.Equal(RpcErrorCode.Version, refused.Code);
    }

    [Fact]
    public async Task Answers_that_come_in_another_order_find_their_request()
    {
        await using var client = await ConnectAsync();
        _device.BeSilent(ControlMethod.Doctor);
        var slow = client.RequestAsync(ControlMethod.Doctor, null, null, _enough.Token);
        _device.Answer(ControlMethod.Ping, _ => new DoneReply { Text = "pong" });
        Assert.Equal("pong", (await client.RequestAsync<DoneReply>(ControlMethod.Ping, null, null, _enough.Token)).Text);
        Assert.False(slow.IsCompleted);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<DeviceLostException>(() => slow);
    }

    [Fact]
    public async Task Silence_ends_at_the_time_limit_and_the_connection_goes_on()
    {
        await using var client = await ConnectAsync();
        _device.BeSilent(ControlMethod.Doctor);
        var late = await Assert.ThrowsAsync<DeviceLostException>(() => client.RequestAsync(ControlMethod.Doctor, null,
            TimeSpan.FromMilliseconds(50), _enough.Token));
        Assert.Contains("'doctor' within 0.1 s", late.Message, StringComparison.Ordinal);
        _device.Answer(ControlMethod.Ping, _ => null);
        Assert.Empty(await client.RequestAsync(ControlMethod.Ping, null, null, _enough.Token));
    }

    [Fact]
    public async Task Notifications_come_in_order_between_answers()
    {
        await using var client = await ConnectAsync();
        var script = new RobotScript();
        for (int tick = 0; tick < 3; tick++)
        {
            await _device.NotifyAsync(ControlNotification.Telemetry, script.Telemetry(tick));
        }

        for (int tick = 0; tick < 3; tick++)
        {
            var message = (await client.Notifications.ReadAsync(_enough.Token)).Read<TelemetryMessage>();
            Assert.Equal((tick + 1, "front"), (message.Number, message.Status.Streams[0].Name));
        }
    }

    [Fact]
    public async Task A_lost_connection_fails_what_waits_and_ends_the_notifications()
    {
        await using var client = await ConnectAsync();
        _device.BeSilent(ControlMethod.Status);
        var waiting = client.RequestAsync(ControlMethod.Status, null, null, _enough.Token);
        await _device.HangUpAsync();
        await Assert.ThrowsAsync<DeviceLostException>(() => waiting);
        Assert.False(await client.Notifications.WaitToReadAsync(_enough.Token));
        Assert.Contains("is lost", client.LostReason, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DeviceLostException>(() => client.RequestAsync(ControlMethod.Ping, null, null, _enough.Token));
    }

    [Fact]
    public async Task Bytes_that_are_no_message_end_the_connection_with_the_reason()
    {
        await using var client = await ConnectAsync();
        await _device.SendRawAsync([0xC1]);
        Assert.False(await client.Notifications.WaitToReadAsync(_enough.Token));
        Assert.Contains("no message", client.LostReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_socket_is_explained()
    {
        var lost = await Assert.ThrowsAsync<DeviceLostException>(() =>
            new DeviceFinder(_folder.Path).Find("unix:/nowhere/control.sock")(_enough.Token));
        Assert.Contains("there is no such socket", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_dials_again_after_pauses_that_grow_and_begin_anew_once_connected()
    {
        var pauses = new List<TimeSpan>();
        int dials = 0, connections = 0;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_enough.Token);
        var watch = new DeviceWatch(
            async cancel => dials++ is 1 or 2 or 3 ? throw new DeviceLostException("unreachable") : await ConnectAsync(cancel),
            (wait, _) =>
            {
                pauses.Add(wait);
                return Task.CompletedTask;
            })
        {
            OnConnected = async (_, _) =>
            {
                if (++connections == 2)
                {
                    await ending.CancelAsync();
                }

                await _device.HangUpAsync();
            },
            OnNotification = _ => { },
            OnLost = (_, _) => { },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch.RunAsync(isPatient: false, ending.Token));
        Assert.Equal([0.5, 1, 2, 4], pauses.Select(p => p.TotalSeconds));
    }

    [Fact]
    public async Task A_watch_says_why_the_device_closed()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_enough.Token);
        string reason = "";
        var watch = new DeviceWatch(ConnectAsync)
        {
            OnConnected = async (_, _) =>
            {
                await _device.NotifyAsync(ControlNotification.Closing, new DoneReply { Text = "starts again with a new config" });
                await _device.HangUpAsync();
            },
            OnNotification = _ => { },
            OnLost = (why, _) =>
            {
                reason = why;
                ending.Cancel();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch.RunAsync(isPatient: false, ending.Token));
        Assert.Equal("starts again with a new config", reason);
    }

    [Fact]
    public async Task A_watch_does_not_insist_where_the_device_refuses()
    {
        _device.Answer(ControlMethod.Hello, _ => throw new RpcRefusedException(RpcErrorCode.Denied, "revoked"));
        var watch = new DeviceWatch(ConnectAsync) { OnConnected = (_, _) => Task.CompletedTask, OnNotification = _ => { },
            OnLost = (_, _) => { } };
        await Assert.ThrowsAsync<DeviceRefusedException>(() => watch.RunAsync(isPatient: true, _enough.Token));
        Assert.Equal(1, _device.ConnectionCount);
    }

    [Fact]
    public void Without_any_device_the_error_says_how_to_get_one()
    {
        var none = Assert.Throws<ArgumentException>(() => new DeviceFinder(_folder.Path, "/nowhere/control.sock").Find(null));
        Assert.Contains("edgeroute pair", none.Message, StringComparison.Ordinal);
        var unknown = Assert.Throws<ArgumentException>(() => new DeviceFinder(_folder.Path).Find("robot9"));
        Assert.Contains("'robot9' is no paired device", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_at_the_usual_place_is_taken_without_a_name() =>
    Assert.NotNull(new DeviceFinder(_folder.Path, _device.Path).Find(null));

    private Task<DeviceClient> ConnectAsync() => ConnectAsync(_enough.Token);

    private Task<DeviceClient> ConnectAsync(CancellationToken cancel) =>
        new DeviceFinder(_folder.Path).Find("unix:" + _device.Path)(cancel);
}
