using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.ControlChannel.Web;
using EdgeRoute.Tests.Protocol.Framing;
using EdgeRoute.Tests.Workbench.Sweeps;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>A whole device in this process that tells answers over a WebSocket, with a file of answers beside it.</summary>
public sealed class WebSocketDeviceTests : IDisposable
{
    private const int Count = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly IPEndPoint _address = WebHostTests.FreeAddress();

    private string Socket => _folder.File("control.sock");

    private string Answers => _folder.File("answers.jsonl");

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task A_client_and_the_file_are_told_the_same_of_the_same_frames()
    {
        var told = new List<string>();
        using (var rig = Device())
        {
            using var socket = await Connect();
            while (told.Count < Count)
            {
                told.Add(await Next(socket));
            }

            var output = rig.Ask<DeviceStatus>(ControlMethod.Status).Outputs.Single(o => o.Name == "page");
            Assert.Equal(("websocket", null), (output.Kind, output.Fault));
            Assert.True(output.ToldCount >= Count);

            // A client that reads too slowly on a busy machine is told no more than fits: what it misses is counted.
            long[] sequences = [.. told.Select(SequenceOf)];
            Assert.Equal(sequences.Order(), sequences);
            Assert.True(sequences[^1] - sequences[0] + 1 - Count <= output.LostCount, $"{output.LostCount} of {sequences[^1]} are lost");
        }

        AssertAsWritten(told);
    }

    [SkippableFact]
    public async Task Metrics_at_the_same_address_and_a_restart_go_their_own_ways()
    {
        using var rig = Device(control: $", metrics: '{_address}'");
        using var socket = await Connect();
        await Next(socket);
        Assert.Contains("edgeroute_answers_told_total{kind=\"websocket\",output=\"page\"} ", Metrics(), StringComparison.Ordinal);
        string text = File.ReadAllText(_folder.File("device.yaml"));
        var put = rig.Ask<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest
        {
            Text = text.Replace("kind: websocket", "kind: websocket, format: msgpack", StringComparison.Ordinal), Restarts = true,
        });
        Assert.True(put.IsWritten, string.Join('\n', put.Problems));
        while (socket.State == WebSocketState.Open)
        {
            await Next(socket);
        }

        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "the run has ended"), (socket.CloseStatus, socket.CloseStatusDescription));
        rig.PassFrames(enginesBefore: 1);
        Assert.StartsWith("HTTP/1.1 200 OK", Metrics(), StringComparison.Ordinal);
        using var next = await Connect();
        Assert.Equal(WebSocketMessageType.Binary, (await next.ReceiveAsync(new byte[64 * 1024], default)).MessageType);
    }

    /// <summary>The WebSocket of another hand, as browsers have it.</summary>
    [SkippableFact]
    public void A_program_for_browsers_is_told_the_same()
    {
        string script = $$"""
            const socket = new WebSocket("ws://{{_address}}/answers?source=table");
            let count = 0;
            socket.onmessage = message => {
              if (count++ < {{Count}}) console.log(message.data);
              if (count == {{Count}}) socket.close(1000, "enough");
            };
            socket.onclose = ended => console.log(`closed ${ended.code} ${ended.wasClean}`);
            """;
        using var rig = Device();
        string said = Node(script);
        string[] lines = [.. said.Split('\n').Where(l => l.StartsWith('{') || l.StartsWith("closed", StringComparison.Ordinal))];
        Assert.Equal((Count + 1, "closed 1000 true"), (lines.Length, lines[^1]));
        rig.Until("it is written what was told", () => Written().Count >= Count && Written().ContainsKey(SequenceOf(lines[^2])));
        AssertAsWritten(lines[..^1]);
    }

    [SkippableFact]
    public void The_script_of_the_documents_works()
    {
        string page = File.ReadAllText(Path.Combine(TestPlaces.Repository, "device-configs", "README.md"));
        string script = page.Split("```js\n")[1].Split("```")[0].Replace("127.0.0.1:8090", _address.ToString(), StringComparison.Ordinal)
            .Replace("class=person&", "", StringComparison.Ordinal);
        using var rig = Device();
        string said = Node(script + """
            let count = 0;
            answers.addEventListener("message", () => { if (++count == 100) answers.close(1000, "enough"); });
            """);
        Assert.Matches(@"table \d+ \w+ \w+ \d+ \[", said);
        Assert.EndsWith("1000 enough", said.TrimEnd(), StringComparison.Ordinal);
    }

    /// <summary>The frames of this test are those of a real engine; only the channel's thread is left out.</summary>
    [SkippableFact]
    public async Task Frames_allocate_nothing_while_a_client_reads_and_another_does_not()
    {
        using var rig = new SteeringRig(outputs: $"outputs: {{ page: {{ kind: websocket, listen: '{_address}' }} }}");
        using var stalled = RawClient.Open(_address);
        using var socket = await Connect();
        using var end = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            var bytes = new byte[64 * 1024];
            while (socket.State == WebSocketState.Open)
            {
                await socket.ReceiveAsync(bytes, end.Token);
            }
        });
        rig.PassFrames(300);
        long before = rig.Engine.Report().LoopAllocatedBytes, least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            rig.PassFrames(100);
            long after = rig.Engine.Report().LoopAllocatedBytes;
            (before, least) = (after, Math.Min(least, after - before));
        }

        Assert.Equal(0, least);
        Assert.True(rig.Engine.OutputStatuses().Single().ToldCount > 0);
        rig.StopLoop();
        await reading;
    }

    private void AssertAsWritten(IReadOnlyCollection<string> told)
    {
        var written = Written();
        Assert.All(told, answer => Assert.Equal(written[SequenceOf(answer)], Plain(answer)));
        Assert.Contains(told, a => JsonNode.Parse(a)!["detections"]!.AsArray().Count > 1);
        Assert.Contains(told, a => a.Contains("\"track\":", StringComparison.Ordinal));
    }

    private Dictionary<long, string> Written() => File.ReadAllText(Answers).Split('\n')[..^1].ToDictionary(SequenceOf, Plain);

    private static long SequenceOf(string line) => JsonNode.Parse(line)!["sequence"]!.GetValue<long>();

    /// <summary>Each output works the time of day out when it writes.</summary>
    private static string Plain(string line)
    {
        var frame = JsonNode.Parse(line)!.AsObject();
        Assert.True(frame.Remove("capture_utc_ns"));
        return frame.ToJsonString();
    }

    private async Task<ClientWebSocket> Connect()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{_address}/answers"), default);
        return socket;
    }

    private static async Task<string> Next(ClientWebSocket socket)
    {
        var bytes = new byte[64 * 1024];
        int length = 0;
        WebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(new ArraySegment<byte>(bytes, length, bytes.Length - length), default);
            length += got.Count;
        }
        while (!got.EndOfMessage);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static string Node(string script)
    {
        string said = Interpreter.Run(Interpreter.NeedBareNode(), "--experimental-websocket", "-e", script).Text;
        bool isAbsent = said.Contains("WebSocket is not defined", StringComparison.Ordinal) || said.Contains("bad option",
            StringComparison.Ordinal);
        Skip.If(isAbsent, "needs a Node.js that has WebSocket: version 20.10 or later");
        return said;
    }

    private string Metrics() => RawClient.Exchange(_address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");

    private RunnerRig Device(string control = "")
    {
        string config = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { shapes: { manifest: {{ShapesSweeps.ShapesFolder}}/manifest.json } }
            sources: { table: { open: "sim://tabletop?width=160&height=120&fps=60&seed=1", pack: shapes, take: every,
              policy: { kind: cascade } } }
            disk: { free_mb: 0 }
            outputs: { all: { kind: jsonl, path: {{Answers}} }, page: { kind: websocket, listen: '{{_address}}' } }
            control: { unix: {{Socket}}{{control}} }
            """);
        var rig = new RunnerRig(config, Socket, ProbationTimes.Usual);
        rig.PassFrames();
        return rig;
    }
}
