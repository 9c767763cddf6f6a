using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using EdgeRoute.Tests.Engine.Mqtt;
using static EdgeRoute.SystemTests.AnswerTests;

namespace EdgeRoute.SystemTests;

/// <summary>One run of a config alone, and all who may look at it at once.</summary>
public sealed class OnlookerTests
{
    /// <summary>The tool's exit code when it is asked to stop.</summary>
    private const int Interrupted = 130;

    private const string Topic = "robot/table/answers";

    [SkippableFact]
    public async Task A_program_a_subscriber_a_browser_and_the_tool_see_the_same_tracks_in_the_same_frames()
    {
        Skip.IfNot(File.Exists(Browser.Program), "needs a browser: apt-get install chromium");
        NeedClients();
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using var folder = new TempFolder();
        int port = Mosquitto.FreePort();
        using var host = HostProcess.Start("run", Config(folder, folder.File("answers.jsonl"),
            $", home: {{ kind: mqtt, broker: 'mqtt://127.0.0.1:{broker.Port}', topic: robot, qos: 1 }}"
                + $", page: {{ kind: websocket, listen: '127.0.0.1:{port}' }}"));
        await host.FirstFrame;
        using var browser = new Browser(folder, $"ws://127.0.0.1:{port}/answers");
        await Until(() => !browser.Seen.IsEmpty);
        using var tool = HostProcess.StartBinary("env", Home(folder), "--default-signal=INT", LinkedDevice.Tool, "answers", "--device",
            $"unix:{Socket(folder)}", "--json");
        await tool.Line("\"sequence\"");
        using var python = StartPython(folder);
        Assert.True(python.WaitForExit() == 0, python.Error);
        var program = BoxesBySequence(Lines(python.Output));
        long last = program.Keys.Max();
        await tool.Line($"\"sequence\":{last + 1},");
        await Until(() => browser.Seen.ContainsKey(last) && listener.Of(Topic).Exists(m => SequenceOf(Lines(m.Payload)[0]) >= last));
        tool.Signal(2);
        Assert.True(tool.WaitForExit() == Interrupted, tool.Error);
        host.Signal(15);
        Assert.True(host.WaitForExit() == 0, host.Error);

        var written = BoxesBySequence(Lines(File.ReadAllText(folder.File("answers.jsonl"))));
        Dictionary<long, string>[] seen = [program, BoxesBySequence(listener.Of(Topic).ConvertAll(m => Lines(m.Payload)[0])),
            new Dictionary<long, string>(browser.Seen), BoxesBySequence(Lines(tool.Output))];
        Assert.All(seen, one => Assert.All(one, frame => Assert.Equal(written[frame.Key], frame.Value)));
        long[] common = [.. program.Keys.Where(k => seen.All(one => one.ContainsKey(k)))];
        Assert.Equal(AnswerCount, common.Length);
        Assert.Contains(common, k => written[k].Contains('#', StringComparison.Ordinal));
    }

    private static Dictionary<long, string> BoxesBySequence(IEnumerable<JsonElement> lines) => lines.ToDictionary(SequenceOf, BoxesOf);

    /// <summary>A real browser with a page that opens the WebSocket and hands on what it was told.</summary>
    private sealed class Browser : IDisposable
    {
        public const string Program = "/usr/bin/chromium";

        private readonly HttpListener _server = new();
        private readonly HostProcess _process;
        private readonly string _page;

        public Browser(TempFolder folder, string webSocket)
        {
            _page = $$"""
                <!doctype html><title>answers</title><script>
                const told = [];
                new WebSocket('{{webSocket}}').onmessage = message => {
                  told.push(message.data);
                  if (told.length === 10) fetch('/told', { method: 'POST', body: told.splice(0).join('\n') });
                };
                </script>
                """;
            string address = $"http://127.0.0.1:{Mosquitto.FreePort()}/";
            _server.Prefixes.Add(address);
            _server.Start();
            _ = Task.Run(Serve);
            _process = HostProcess.StartBinary(Program, new Dictionary<string, string?> { ["HOME"] = folder.Path }, "--headless",
                "--no-sandbox", "--disable-gpu", "--disable-background-networking", $"--user-data-dir={folder.File("browser")}", address);
        }

        /// <summary>Boxes of frames by their sequence.</summary>
        public ConcurrentDictionary<long, string> Seen { get; } = [];

        public void Dispose()
        {
            // Until it has ended, it and its children write into its folder.
            _process.Signal(15);
            _process.WaitForExit();
            _process.Dispose();
            _server.Close();
        }

        private async Task Serve()
        {
            while (_server.IsListening)
            {
                HttpListenerContext asked;
                try
                {
                    asked = await _server.GetContextAsync();
                }
                catch (Exception over) when (over is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                using var told = new StreamReader(asked.Request.InputStream, Encoding.UTF8);
                foreach (var line in Lines(await told.ReadToEndAsync()))
                {
                    Seen[SequenceOf(line)] = BoxesOf(line);
                }

                asked.Response.ContentType = "text/html";
                asked.Response.Close(Encoding.UTF8.GetBytes(asked.Request.Url?.AbsolutePath == "/" ? _page : ""), willBlock: false);
            }
        }
    }
}
