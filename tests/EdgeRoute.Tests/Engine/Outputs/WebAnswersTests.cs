using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.ControlChannel.Serving;
using EdgeRoute.Tests.ControlChannel.Web;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class WebAnswersTests : IDisposable
{
    private static readonly string[] Labels = ["person", "bike", "cat"];
    private static readonly AnswerNames Front = new("front", ["frame", "light"], Labels), Rear = Front with { Source = "rear" };

    private readonly List<string> _warnings = [];
    private readonly ManualTime _time = new();
    private readonly WebAnswers _answers;

    public WebAnswersTests() => _answers = Open();

    public void Dispose() => _answers.Dispose();

    [Fact]
    public async Task Each_client_is_told_what_its_query_wants_and_what_passes_is_as_in_a_file()
    {
        using var all = await Connect("");
        using var sure = await Connect("?min_confidence=0.5&source=front");
        using var persons = await Connect("?class=person&only_changes=true");
        using var packed = await Connect("?format=msgpack&class=bike");
        Write(Front, 1, (0, 0.9f), (1, 0.4f));
        Write(Rear, 2, (0, 0.8f));
        Write(Front, 3, (0, 0.7f), (1, 0.6f));
        Assert.Equal(["front 1: person,bike", "rear 2: person", "front 3: person,bike"],
            [await Next(all), await Next(all), await Next(all)]);
        Assert.Equal(["front 1: person", "front 3: person,bike"], [await Next(sure), await Next(sure)]);
        Assert.Equal(["front 1: person", "rear 2: person"], [await Next(persons), await Next(persons)]);
        var told = await NextMessage(packed);
        Assert.Equal(("front", 1L, 1L, "bike", 0.4f), (told.Source, told.Sequence, told.Number, Assert.Single(told.Detections).Class,
            (float)told.Detections[0].Confidence));
        Assert.Empty((await NextMessage(packed)).Detections);
        Assert.Equal((10L, 0L), _answers.Counts);
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_alone_and_is_told_how_much()
    {
        using var reader = await Connect("?format=msgpack");
        using var stalled = RawClient.Open(_answers.LocalEndPoint!);
        Wait(2);
        long sequence = 0;
        while (_answers.Counts.Lost < 20)
        {
            Write(Front, ++sequence, [.. Enumerable.Repeat((0, 0.5f), 100)]);
            var told = await NextMessage(reader);
            Assert.Equal((sequence, 0), (told.Number, told.LostCount));
        }

        long lost = _answers.Counts.Lost;
        Assert.Equal(2 * sequence, _answers.Counts.Written + lost);
        Assert.Contains("is too slow for the answers it asked for; those that it loses are counted", Assert.Single(_warnings),
            StringComparison.Ordinal);

        // It reads again: what waited, and in the first answer that is new to it how many it has lost.
        Assert.False(Told(stalled).TryGetProperty("lost", out _));
        for (long waited = sequence - lost; waited > 1; waited--)
        {
            Told(stalled);
        }

        Write(Front, ++sequence, (0, 0.5f));
        var last = Told(stalled);
        Assert.Equal((lost, sequence), (last.GetProperty("lost").GetInt64(), last.GetProperty("sequence").GetInt64()));
        Assert.Single(_warnings);
        _time.NowNs += FoldedReports.QuietNs;
        Write(Front, ++sequence, (0, 0.5f));
        Assert.Contains($"keeps up again; it has lost {lost} of {sequence} answers", _warnings[^1], StringComparison.Ordinal);
        stalled.Dispose();
        ChannelRig.WaitUntil(() => _answers.ListenerCount == 1, "it has left");
        Assert.Contains($"has left; it lost {lost} of {sequence} answers", _warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_device_lost_on_the_way_is_told_to_every_client()
    {
        using var reader = await Connect("?format=msgpack");
        _answers.Miss();
        _answers.Miss();
        Write(Front, 1, (0, 0.5f));
        Assert.Equal(2, (await NextMessage(reader)).LostCount);
        Assert.Equal((1L, 0L), _answers.Counts);
    }

    [Fact]
    public async Task Clients_are_limited_and_a_place_that_is_free_again_is_given_again()
    {
        var sockets = new List<ClientWebSocket>();
        for (int i = 0; i < WebAnswers.ClientCount; i++)
        {
            sockets.Add(await Connect(""));
        }

        Wait(WebAnswers.ClientCount);
        string full = RawClient.Exchange(_answers.LocalEndPoint!, RawClient.Handshake);
        Assert.StartsWith("HTTP/1.1 503 Service Unavailable", full, StringComparison.Ordinal);
        Assert.Contains("32 clients are connected already", full, StringComparison.Ordinal);
        sockets[0].Abort();
        Wait(WebAnswers.ClientCount - 1);
        using var next = await Connect("");
        Write(Front, 1, (2, 0.5f));
        Assert.Equal("front 1: cat", await Next(next));
        sockets.ForEach(s => s.Dispose());
    }

    [Fact]
    public void Who_is_refused_is_told_once_and_others_are_counted()
    {
        string foreign = RawClient.Handshake.Replace("Host: x", "Host: x\r\nOrigin: http://evil.example", StringComparison.Ordinal);
        for (int i = 0; i < 5; i++)
        {
            string answer = RawClient.Exchange(_answers.LocalEndPoint!, foreign);
            Assert.StartsWith("HTTP/1.1 403 Forbidden", answer, StringComparison.Ordinal);
        }

        Assert.Contains("pages of http://evil.example may not read here", Assert.Single(_warnings), StringComparison.Ordinal);
        _time.NowNs += FoldedReports.QuietNs;
        RawClient.Exchange(_answers.LocalEndPoint!, foreign);
        Assert.EndsWith("(and 4 others before)", _warnings[^1], StringComparison.Ordinal);
        RawClient.Exchange(_answers.LocalEndPoint!, foreign);
        _answers.Dispose();
        Assert.Equal("outputs.web: refused and not told: 1", _warnings[^1]);
    }

    [Fact]
    public async Task The_end_of_a_run_is_said_to_everybody_after_the_last_answer()
    {
        using var one = await Connect("");
        using var deaf = RawClient.Open(_answers.LocalEndPoint!);
        Wait(2);
        Write(Front, 1, (0, 0.5f));
        var closing = Task.Run(_answers.Dispose);
        Assert.Equal("front 1: person", await Next(one));
        Assert.Equal("1001 the run has ended", await Next(one));
        await one.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", default);
        await closing;
        Assert.EndsWith("the run has ended", System.Text.Encoding.Latin1.GetString(deaf.ReadToEnd()), StringComparison.Ordinal);
    }

    /// <summary>A clock that goes when it is told to.</summary>
    private sealed class ManualTime : TimeProvider
    {
        public long NowNs { get; set; } = 1;

        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => NowNs;
    }

    private WebAnswers Open()
    {
        var config = new WebSocketOutputConfig("web", new IPEndPoint(IPAddress.Loopback, 0), AnswerFormat.Json, null, false, null);
        var answers = new WebAnswers(config, new WebGate(null, null), s => s is "" or "front" or "rear" ? Labels : null,
            _time) { Warn = Warn };
        answers.Open(new WebHosts { Silence = TimeSpan.FromMinutes(10) });
        return answers;
    }

    private void Warn(string text)
    {
        lock (_warnings)
        {
            _warnings.Add(text);
        }
    }

    private void Wait(int count) => ChannelRig.WaitUntil(() => _answers.ListenerCount == count, $"{count} clients are there");

    private async Task<ClientWebSocket> Connect(string query)
    {
        int before = _answers.ListenerCount;
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{_answers.LocalEndPoint}/answers{query}"), default);
        Wait(before + 1);
        return socket;
    }

    private void Write(AnswerNames names, long sequence, params (int Class, float Confidence)[] boxes)
    {
        var answer = new Answer(TaskKind.Detection, 100, 0) { NodeIndex = 1, DetectionCount = boxes.Length };
        for (int i = 0; i < boxes.Length; i++)
        {
            answer.DetectionSlots[i] = new Detection(0.1f, 0.2f, 0.3f, 0.4f, boxes[i].Confidence, boxes[i].Class);
        }

        var record = new TraceRecord { Stamp = new FrameStamp(0, sequence, 0, 0), End = FrameEnd.Completed, NodeIndex = 1 };
        using var slot = new FrameSlot();
        using var copy = new PublishedCopy(new Answer(TaskKind.Detection, 100, 0));
        copy.Take(new PublishedFrame(0, slot, answer, in record) { Names = names }, withPixels: false);
        _answers.Write(copy);
    }

    private static async Task<byte[]> Bytes(WebSocket socket)
    {
        using var all = new MemoryStream();
        var bytes = new byte[64 * 1024];
        WebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(bytes, default);
            all.Write(bytes, 0, got.Count);
        }
        while (!got.EndOfMessage);
        return all.ToArray();
    }

    private static async Task<string> Next(ClientWebSocket socket)
    {
        byte[] bytes = await Bytes(socket);
        if (socket.CloseStatus is { } status)
        {
            return $"{(int)status} {socket.CloseStatusDescription}";
        }

        var frame = JsonDocument.Parse(bytes).RootElement;
        string found = string.Join(',', frame.GetProperty("detections").EnumerateArray().Select(d => d.GetProperty("class").GetString()));
        return $"{frame.GetProperty("source").GetString()} {frame.GetProperty("sequence").GetInt64()}: {found}";
    }

    private static async Task<AnswerMessage> NextMessage(ClientWebSocket socket)
    {
        var reader = new MessageReader(await Bytes(socket));
        return FieldReader.Read<AnswerMessage>(ref reader);
    }

    /// <summary>The next text that a server sends, which it does not mask.</summary>
    private static JsonElement Told(RawClient client)
    {
        byte[] head = client.Read(2);
        Assert.Equal(0x81, head[0]);
        byte[] length = client.Read(head[1] switch { 126 => 2, 127 => 8, _ => 0 });
        int count = head[1] < 126 ? head[1] : length.Aggregate(0, (sum, b) => (sum << 8) | b);
        return JsonDocument.Parse(client.Read(count)).RootElement;
    }
}
