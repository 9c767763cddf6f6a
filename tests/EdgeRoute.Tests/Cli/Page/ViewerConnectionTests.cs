using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Page;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.TestBench.Robots;
using EdgeRoute.Tests.Protocol.Recording;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Tests.Cli.Page;

/// <summary>A Foxglove viewer before a device that is scripted: what it is told, and what the device is asked for its sake.</summary>
public sealed class ViewerConnectionTests : IAsyncLifetime
{
    private const long UtcOffsetNs = 1_700_000_000_000_000_000;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _enough = new(TimeSpan.FromSeconds(100));
    private readonly Channel<SubscribeRequest> _subscribed = Channel.CreateUnbounded<SubscribeRequest>();
    private readonly Channel<int> _unsubscribed = Channel.CreateUnbounded<int>();
    private readonly List<string> _sources = ["front", "side é"];
    private readonly byte[] _jpeg = PictureMaker.Jpeg(64, 48);
    private ScriptedDevice _device = null!;
    private PageServer _server = null!;
    private int _lastSubscription;

    public async Task InitializeAsync()
    {
        _device = new ScriptedDevice(Path.Combine(_folder.Path, "control.sock"));
        _device.Answer(ControlMethod.Describe, _ => new DeviceDescription
        {
            Device = "scripted", Streams = [.. _sources.Select((name, i) => Described(name, i))],
        });
        _device.Answer<SubscribeRequest>(ControlMethod.Subscribe, request =>
        {
            _subscribed.Writer.TryWrite(request);
            return new Subscription { Number = ++_lastSubscription };
        });
        _device.Answer<Subscription>(ControlMethod.Unsubscribe, ended =>
        {
            _unsubscribed.Writer.TryWrite(ended.Number);
            return null;
        });
        File.WriteAllText(_folder.File("index.html"), "<p>the page");
        _server = await PageServer.StartAsync(PageFiles.Read(_folder.Path), new DeviceFinder(_folder.Path).Find($"unix:{_device.Path}"), 0,
            _enough.Token);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _device.DisposeAsync();
        _folder.Dispose();
        _enough.Dispose();
    }

    [Fact]
    public async Task A_viewer_is_told_all_topics_and_the_device_is_asked_only_for_what_is_subscribed_to()
    {
        using var viewer = await Viewer.OpenAsync(_server, _enough.Token);
        Assert.Equal(TopicPlan.Of(_sources).Select(t => t.Name), viewer.Channels.Keys);
        Assert.Contains("/side__/image", viewer.Channels.Keys);
        Assert.Equal("telemetry", (await NextSubscriptionAsync()).Kind);
        await viewer.SubscribeAsync(7, "/front/answer");
        var asked = await NextSubscriptionAsync();
        Assert.Equal(("answer", "front", 0d), (asked.Kind, asked.Stream, asked.RateHz));
        await _device.NotifyAsync(ControlNotification.Answer, AnswerOf("side é", 3));
        await _device.NotifyAsync(ControlNotification.Answer, AnswerOf("front", 4));
        var data = await viewer.NextDataAsync();
        Assert.Equal((7u, (ulong)AnswerOf("front", 4).CaptureUtcNs), (data.Subscription, data.TimeNs));
        Assert.Equal(4, data.Message.GetProperty("sequence").GetInt64());
        await viewer.SendAsync("""{"op":"unsubscribe","subscriptionIds":[7]}""");
        Assert.Equal(2, await _unsubscribed.Reader.ReadAsync(_enough.Token));
        Assert.DoesNotContain(_device.Requests, r => r.Method == ControlMethod.Picture);
    }

    [Fact]
    public async Task A_picture_its_boxes_and_its_path_are_of_one_frame_and_the_next_is_asked_for_when_it_is_sent()
    {
        long sequence = 0;
        _device.Answer<PictureRequest>(ControlMethod.Picture, request => new PictureReply
        {
            Stream = request.Stream, Sequence = ++sequence, Jpeg = _jpeg, Answer = AnswerOf(request.Stream, sequence),
        });
        using var viewer = await Viewer.OpenAsync(_server, _enough.Token, "&width=320");
        await viewer.SubscribeAsync(1, "/front/boxes");
        await viewer.SubscribeAsync(2, "/front/path");
        await viewer.SubscribeAsync(3, "/front/image");
        Viewer.Data boxes;
        do
        {
            boxes = await viewer.NextDataAsync();
        }
        while (boxes.Subscription != 1 || viewer.SeenSubscriptions.Count < 3);

        var (path, image) = (await viewer.NextDataAsync(), await viewer.NextDataAsync());
        Assert.Equal((2u, 3u), (path.Subscription, image.Subscription));
        Assert.Equal((boxes.TimeNs, boxes.TimeNs), (path.TimeNs, image.TimeNs));
        var corner = boxes.Message.GetProperty("points")[0].GetProperty("points")[0];
        Assert.Equal((16, 24), (corner.GetProperty("x").GetDouble(), corner.GetProperty("y").GetDouble()));
        Assert.StartsWith("light  12.0 ms, completed", path.Message.GetProperty("texts")[0].GetProperty("text").GetString()!,
            StringComparison.Ordinal);
        Assert.Equal(_jpeg, image.Message.GetProperty("data").GetBytesFromBase64());
        Assert.Equal(320, _device.Last<PictureRequest>(ControlMethod.Picture).Width);
    }

    [Fact]
    public async Task A_decision_stands_at_the_time_of_day_that_answers_tell_of_the_devices_clock()
    {
        using var viewer = await Viewer.OpenAsync(_server, _enough.Token);
        await NextSubscriptionAsync();
        await viewer.SubscribeAsync(5, "/front/decision");
        SubscribeRequest[] asked = [await NextSubscriptionAsync(), await NextSubscriptionAsync()];
        Assert.Equal([("answer", 1d, "front"), ("trace", 0d, "front")], asked.Select(a => (a.Kind, a.RateHz, a.Stream)).Order());
        Assert.Equal("full", asked[0].Detail);
        var trace = RecordingSamples.Trace(RecordingSamples.NewRouter(RecordingSamples.Policy()), 9, 4);
        await _device.NotifyAsync(ControlNotification.Answer, AnswerOf("front", 8));
        await _device.NotifyAsync(ControlNotification.Trace, Batch(trace, trace with { NodeIndex = 99 }, trace));
        for (int i = 0; i < 2; i++)
        {
            var data = await viewer.NextDataAsync();
            Assert.Equal((5u, (ulong)(trace.Stamp.CaptureNs + UtcOffsetNs)), (data.Subscription, data.TimeNs));
            Assert.Equal(9, data.Message.GetProperty("sequence").GetInt64());
        }
    }

    [Fact]
    public async Task A_viewer_that_does_not_read_skips_messages_and_is_told_how_many()
    {
        const int Sent = 900;
        using var viewer = await Viewer.OpenAsync(_server, _enough.Token);
        await NextSubscriptionAsync();
        await viewer.SubscribeAsync(1, "/log");
        Assert.Equal("event", (await NextSubscriptionAsync()).Kind);
        string text = new('x', 64 << 10);
        for (int i = 1; i <= Sent; i++)
        {
            await _device.NotifyAsync(ControlNotification.Event, new EventEntry { Number = i, UtcNs = i, Level = "notice", Text = text });
        }

        long received = 0, skipped = 0;
        while (received + skipped < Sent)
        {
            var message = await viewer.NextAsync();
            received += message.Op == "data" ? 1 : 0;
            skipped = message.Op == "status" ? long.Parse(message.Body.GetProperty("message").GetString()!.Split(' ')[0]) : skipped;
        }

        Assert.Equal(Sent, received + skipped);
        Assert.NotEqual(0, skipped);
    }

    [Fact]
    public async Task Sources_that_come_and_go_are_told_and_what_stays_keeps_its_number()
    {
        using var viewer = await Viewer.OpenAsync(_server, _enough.Token);
        await NextSubscriptionAsync();
        uint front = viewer.Channels["/front/image"], side = viewer.Channels["/side__/image"];
        _sources[1] = "back";
        await _device.NotifyAsync(ControlNotification.Telemetry, new TelemetryMessage
        {
            Status = new DeviceStatus { Streams = [.. _sources.Select(s => new StreamStatus { Name = s })] },
        });
        var gone = await viewer.NextAsync();
        Assert.Equal("unadvertise", gone.Op);
        Assert.Contains(side, gone.Body.GetProperty("channelIds").EnumerateArray().Select(i => i.GetUInt32()));
        var come = await viewer.NextAsync();
        Assert.Equal("advertise", come.Op);
        Assert.All(come.Body.GetProperty("channels").EnumerateArray(), c =>
            Assert.StartsWith("/back/", c.GetProperty("topic").GetString()!, StringComparison.Ordinal));
        await viewer.SendAsync($$"""{"op":"subscribe","subscriptions":[{"id":1,"channelId":{{side}}}]}""");
        Assert.Contains($"no channel {side}", await viewer.NextStatusAsync(), StringComparison.Ordinal);
        await viewer.SendAsync($$"""{"op":"subscribe","subscriptions":[{"id":1,"channelId":{{front}}}]}""");
        Assert.Contains("no picture of front", await viewer.NextStatusAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"op":"setParameters","parameters":[]}""", "'setParameters' is not served")]
    [InlineData("""{"op":"unsubscribe","subscriptionIds":[4]}""", "no subscription 4")]
    [InlineData("""{"op":"subscribe"}""", "cannot be read")]
    [InlineData("""{"op":"subscribe","subscriptions":[{"id":-1,"channelId":1}]}""", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    [InlineData("{", "cannot be read")]
    public async Task What_makes_no_sense_is_told_and_the_viewer_stays(string request, string words)
    {
        using var viewer = await Viewer.OpenAsync(_server, _enough.Token);
        await NextSubscriptionAsync();
        await viewer.SendAsync(request);
        Assert.Contains(words, await viewer.NextStatusAsync(), StringComparison.Ordinal);
        await viewer.SubscribeAsync(1, "/event");
        Assert.Equal("event", (await NextSubscriptionAsync()).Kind);
    }

    [Fact]
    public async Task A_device_that_went_is_told_and_what_was_subscribed_to_is_asked_for_again()
    {
        using var viewer = await Viewer.OpenAsync(_server, _enough.Token);
        await NextSubscriptionAsync();
        await viewer.SubscribeAsync(1, "/event");
        await NextSubscriptionAsync();
        await _device.HangUpAsync();
        Assert.Contains("dialled again", await viewer.NextStatusAsync(), StringComparison.Ordinal);
        Assert.Contains("is back", await viewer.NextStatusAsync(), StringComparison.Ordinal);
        SubscribeRequest[] asked = [await NextSubscriptionAsync(), await NextSubscriptionAsync()];
        Assert.Equal(["event", "telemetry"], asked.Select(a => a.Kind).Order());
    }

    [Theory]
    [InlineData("token=" + "0000000000000000000000000000000000000000000000000000000000000000", FoxgloveOps.Subprotocol, "403")]
    [InlineData("", FoxgloveOps.Subprotocol, "403")]
    [InlineData(null, "another.v1", "400")]
    [InlineData("&width=63", FoxgloveOps.Subprotocol, "400")]
    [InlineData("&width=wide", FoxgloveOps.Subprotocol, "400")]
    public async Task Without_the_token_or_what_viewers_speak_nobody_comes_in(string? query, string subprotocol, string status)
    {
        var address = new UriBuilder(_server.ViewerAddress);
        address.Query = query switch
        {
            null => address.Query,
            ['&', ..] => address.Query + query,
            _ => query,
        };
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(subprotocol);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address.Uri, _enough.Token));
        Assert.Contains(status, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_viewers_token_does_not_open_the_page_and_more_viewers_than_there_is_room_for_are_refused()
    {
        string token = new Uri(_server.ViewerAddress).Query;
        using var browser = new HttpClient();
        var page = new UriBuilder(_server.Address) { Query = token }.Uri;
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync(page)).StatusCode);
        var viewers = new List<Viewer>();
        for (int i = 0; i < 8; i++)
        {
            viewers.Add(await Viewer.OpenAsync(_server, _enough.Token));
        }

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => Viewer.OpenAsync(_server, _enough.Token));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        viewers.ForEach(v => v.Dispose());
    }

    private async Task<SubscribeRequest> NextSubscriptionAsync() => await _subscribed.Reader.ReadAsync(_enough.Token);

    private static StreamDescription Described(string name, int index) => new()
    {
        Name = name, Index = index, Nodes = [.. RecordingSamples.Session.Sources[0].Nodes.Select(n => new RouteNodeDescription
        {
            Path = n.PathName,
            Options = [.. n.Options.Select(o => new RouteOptionDescription { Kind = (int)o.Kind, Name = o.Name, NodeIndex = o.NodeIndex })],
        })],
    };

    private static AnswerMessage AnswerOf(string source, long sequence) => new()
    {
        Source = source, Sequence = sequence, CaptureNs = sequence * 1000, PublishedNs = (sequence * 1000) + 12_000_000,
        CaptureUtcNs = UtcOffsetNs + (sequence * 1000), End = "completed", Path = "light", Task = "detection", AgeMs = 0,
        Detections = [new DetectionEntry { Class = "cup", Confidence = 0.75, Box = [0.25f, 0.5f, 0.5f, 0.25f] }],
    };

    private static TraceMessage Batch(params TraceRecord[] traces)
    {
        byte[] records = new byte[traces.Length * RecordingFormat.TraceBytes];
        for (int i = 0; i < traces.Length; i++)
        {
            TraceRecordCodec.Encode(traces[i], records.AsSpan(i * RecordingFormat.TraceBytes));
        }

        return new TraceMessage { RecordBytes = RecordingFormat.TraceBytes, Records = records };
    }

    /// <summary>The viewer's side, by hand.</summary>
    private sealed class Viewer(ClientWebSocket socket, CancellationToken cancel) : IDisposable
    {
        private readonly byte[] _buffer = new byte[1 << 20];

        public Dictionary<string, uint> Channels { get; } = [];

        public HashSet<uint> SeenSubscriptions { get; } = [];

        public static async Task<Viewer> OpenAsync(PageServer server, CancellationToken cancel, string query = "")
        {
            var socket = new ClientWebSocket();
            try
            {
                socket.Options.AddSubProtocol(FoxgloveOps.Subprotocol);
                await socket.ConnectAsync(new Uri(server.ViewerAddress + query), cancel);
                var viewer = new Viewer(socket, cancel);
                var told = await viewer.NextAsync();
                Assert.Equal(("serverInfo", 0), (told.Op, told.Body.GetProperty("capabilities").GetArrayLength()));
                foreach (var channel in (await viewer.NextAsync()).Body.GetProperty("channels").EnumerateArray())
                {
                    viewer.Channels.Add(channel.GetProperty("topic").GetString()!, channel.GetProperty("id").GetUInt32());
                }

                return viewer;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        public Task SubscribeAsync(uint id, string topic) =>
            SendAsync($$"""{"op":"subscribe","subscriptions":[{"id":{{id}},"channelId":{{Channels[topic]}}}]}""");

        public Task SendAsync(string text) =>
            socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancel);

        public async Task<(string Op, JsonElement Body, Data? Data)> NextAsync()
        {
            int count = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(_buffer.AsMemory(count), cancel);
                count += received.Count;
            }
            while (!received.EndOfMessage);

            if (received.MessageType == WebSocketMessageType.Text)
            {
                var body = JsonDocument.Parse(_buffer.AsSpan(0, count).ToArray()).RootElement;
                return (body.GetProperty("op").GetString()!, body, null);
            }

            Assert.Equal(1, _buffer[0]);
            var message = JsonDocument.Parse(_buffer.AsSpan(13, count - 13).ToArray()).RootElement;
            var data = new Data(BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(1)),
                BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(5)), message);
            SeenSubscriptions.Add(data.Subscription);
            return ("data", data.Message, data);
        }

        public async Task<Data> NextDataAsync() => (await NextAsync()).Data ?? throw new InvalidDataException("a word where data was due");

        public async Task<string> NextStatusAsync()
        {
            var (op, body, _) = await NextAsync();
            Assert.Equal("status", op);
            return body.GetProperty("message").GetString()!;
        }

        public void Dispose() => socket.Dispose();

        public sealed record Data(uint Subscription, ulong TimeNs, JsonElement Message);
    }
}
