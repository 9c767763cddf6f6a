using System.Net.WebSockets;
using System.Text.Json;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.ControlChannel.Serving;
using EdgeRoute.Tests.Engine.Mqtt;

namespace EdgeRoute.SystemTests;

/// <summary>What leaves a device that runs from its config alone: into a file, over the channel, to the laptop's tool and Python.</summary>
public sealed class AnswerTests
{
    private const string Python = "/usr/bin/python3";

    internal const int AnswerCount = 60;

    [SkippableFact]
    public async Task The_file_the_channel_the_tool_and_python_show_the_same_boxes_for_the_same_frames()
    {
        NeedClients();
        using var folder = new TempFolder();
        using var host = Start(folder);
        await host.FirstFrame;
        using var tool = HostProcess.StartBinary(LinkedDevice.Tool, Home(folder), "answers", "--device", $"unix:{Socket(folder)}",
            "--json", "--limit", $"{AnswerCount}");
        using var python = StartPython(folder);
        var raw = new List<AnswerMessage>();
        using (var client = ChannelClient.Unix(Socket(folder)))
        {
            client.Hello();
            client.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Answer });
            while (raw.Count < AnswerCount)
            {
                raw.Add(client.Notification<AnswerMessage>(ControlNotification.Answer));
            }
        }

        Assert.True(tool.WaitForExit() == 0, tool.Error);
        Assert.True(python.WaitForExit() == 0, python.Error);
        host.Signal(15);
        Assert.True(host.WaitForExit() == 0, host.Error);
        var written = Lines(File.ReadAllText(folder.File("answers.jsonl"))).ToDictionary(SequenceOf, BoxesOf);
        var (shown, told) = (Lines(tool.Output), Lines(python.Output));
        Assert.Equal((AnswerCount, AnswerCount), (shown.Count, told.Count));
        Assert.All(shown.Concat(told), line => Assert.Equal(written[SequenceOf(line)], BoxesOf(line)));
        Assert.All(raw, answer => Assert.Equal(written[answer.Sequence], string.Join("; ", answer.Detections.Select(d =>
            WordsOf(d.Class, (float)d.Confidence, d.Box, d.Track)))));
        Assert.Contains(raw, a => a.Detections.Count > 0);
    }

    [SkippableFact]
    public async Task A_broker_and_a_page_show_the_same_objects_as_the_file_for_the_same_frames()
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using var folder = new TempFolder();
        int port = Mosquitto.FreePort();
        using var host = HostProcess.Start("run", Config(folder, folder.File("answers.jsonl"),
            $", home: {{ kind: mqtt, broker: 'mqtt://127.0.0.1:{broker.Port}', topic: robot }}"
                + $", page: {{ kind: websocket, listen: '127.0.0.1:{port}' }}"));
        await host.FirstFrame;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var page = new ClientWebSocket();
        await page.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/answers"), limit.Token);
        var shown = new List<JsonElement>();
        while (shown.Count < AnswerCount)
        {
            shown.Add(await NextOf(page, limit.Token));
        }

        const string Topic = "robot/table/answers";
        listener.Until("an answer", m => m.Topic == Topic);
        await Until(() => listener.Of(Topic).Count >= AnswerCount);
        var told = listener.Of(Topic).ConvertAll(m => Lines(m.Payload)[0]);
        host.Signal(15);
        Assert.True(host.WaitForExit() == 0, host.Error);
        var written = Lines(File.ReadAllText(folder.File("answers.jsonl"))).ToDictionary(SequenceOf, BoxesOf);
        Assert.All(shown.Concat(told), line => Assert.Equal(written[SequenceOf(line)], BoxesOf(line)));
        Assert.Contains(told, line => BoxesOf(line).Contains('#', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_moved_away_is_begun_anew_at_a_hangup_and_the_run_goes_on()
    {
        using var folder = new TempFolder();
        string answers = folder.File("answers.jsonl"), moved = folder.File("moved");
        File.WriteAllText(answers, "before\n");
        // What nohup starts is deaf to a hangup, and so are its children; 'env' gives them their ears back.
        using var host = HostProcess.StartBinary("env", null, "--default-signal=HUP", HostProcess.Binary, "run", Config(folder, answers));
        await host.FirstFrame;
        await Until(() => File.ReadLines(answers).Count() > 10);
        File.Move(answers, moved);
        host.Signal(1);
        await Until(() => File.Exists(answers) && File.ReadLines(answers).Count() > 10);
        host.Signal(15);
        Assert.True(host.WaitForExit() == 0, host.Error);
        Assert.Equal("before", File.ReadLines(moved).First());
        long last = SequenceOf(Lines(File.ReadLines(moved).Last())[0]);
        Assert.Equal(last + 1, SequenceOf(Lines(File.ReadLines(answers).First())[0]));
    }

    [SkippableTheory]
    [InlineData("answers --json", 2)]
    [InlineData("trace --json", 2)]
    [InlineData("events --follow", 1)]
    public async Task The_tool_ends_when_whoever_reads_it_has_gone(string verb, int lineCount)
    {
        Skip.IfNot(File.Exists(LinkedDevice.Tool), $"the laptop tool {LinkedDevice.Tool} is missing; run ./build.sh tools");
        using var folder = new TempFolder();
        using var host = Start(folder);
        await host.FirstFrame;
        string script = $"'{LinkedDevice.Tool}' {verb} --device 'unix:{Socket(folder)}' | head -n {lineCount}; exit ${{PIPESTATUS[0]}}";
        var (exitCode, output, error) = HostProcess.RunBinary("bash", Home(folder), "-c", script);
        Assert.True(exitCode == 0, error);
        Assert.Equal(lineCount, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Answers_of_a_config_go_to_standard_output_alone()
    {
        using var folder = new TempFolder();
        var (exitCode, output, error) = HostProcess.Run("run", Config(folder, "-"), "--frames", "50", "--json");
        Assert.True(exitCode == 0, error);
        Assert.Equal(50, Lines(output).Count);
        Assert.Contains("\"duration_s\"", error, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u003E", output, StringComparison.OrdinalIgnoreCase);
    }

    internal static void NeedClients()
    {
        Skip.IfNot(File.Exists(LinkedDevice.Tool), $"the laptop tool {LinkedDevice.Tool} is missing; run ./build.sh tools");
        Skip.IfNot(File.Exists(Python) && HostProcess.RunBinary(Python, null, "-c", "import msgpack").ExitCode == 0,
            "needs Python's msgpack: apt-get install python3-msgpack");
    }

    /// <summary>A program that prints the boxes of so many frames.</summary>
    internal static HostProcess StartPython(TempFolder folder) => HostProcess.StartBinary(Python,
        new Dictionary<string, string?> { ["PYTHONDONTWRITEBYTECODE"] = "1" },
        Path.Combine(HostProcess.Repository, "tools", "clients", "python", "tests", "answers.py"), Socket(folder), $"{AnswerCount}");

    internal static Dictionary<string, string?> Home(TempFolder folder) => new() { ["HOME"] = folder.Path };

    internal static string Socket(TempFolder folder) => folder.File("control.sock");

    private static HostProcess Start(TempFolder folder) => HostProcess.Start("run", Config(folder, folder.File("answers.jsonl")));

    private static async Task<JsonElement> NextOf(ClientWebSocket page, CancellationToken cancel)
    {
        using var text = new MemoryStream();
        var part = new byte[16 * 1024];
        ValueWebSocketReceiveResult got;
        do
        {
            got = await page.ReceiveAsync(part.AsMemory(), cancel);
            text.Write(part, 0, got.Count);
        }
        while (!got.EndOfMessage);
        return JsonDocument.Parse(text.ToArray()).RootElement;
    }

    internal static string Config(TempFolder folder, string path, string more = "") => folder.Write("device.yaml", $$"""
        runtime: { threads: 1 }
        packs: { shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json")}} } }
        sources:
          table: { open: 'sim://tabletop?seed=3&fps=30&width=160&height=120', pack: shapes, take: every, pace: source,
            policy: { kind: cascade } }
        disk: { free_mb: 0 }
        outputs: { all: { kind: jsonl, path: '{{path}}' }{{more}} }
        control: { unix: {{Socket(folder)}} }
        """);

    internal static List<JsonElement> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    internal static long SequenceOf(JsonElement line) => line.GetProperty("sequence").GetInt64();

    internal static string BoxesOf(JsonElement line) => string.Join("; ", line.GetProperty("detections").EnumerateArray().Select(d =>
        WordsOf(d.GetProperty("class").GetString()!, d.GetProperty("confidence").GetSingle(),
            [.. d.GetProperty("box").EnumerateArray().Select(v => v.GetSingle())], d.GetProperty("track").GetInt64())));

    /// <summary>As files round them.</summary>
    private static string WordsOf(string name, float confidence, float[] box, long? track) =>
        $"{name} {MathF.Round(confidence, 4)} {string.Join(' ', box.Select(v => MathF.Round(v, 5)))} #{track}";

    /// <summary>Another process brings this about and tells nobody. The deadline only bounds a test that fails.</summary>
    internal static async Task Until(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!isSo())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
