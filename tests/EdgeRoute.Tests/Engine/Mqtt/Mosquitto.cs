using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EdgeRoute.Tests.Engine.Mqtt;

/// <summary>A real broker on a loopback port of its own; skips the test, naming the packages, where there is none.</summary>
internal sealed class Mosquitto : IDisposable
{
    private const string Program = "/usr/sbin/mosquitto", Subscriber = "/usr/bin/mosquitto_sub", Publisher = "/usr/bin/mosquitto_pub";

    /// <summary>Ports that tests were given, as long as they run.</summary>
    private static readonly List<Socket> Held = [];

    /// <summary>What a loaded machine may take for anything here.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    /// <param name="port">0: a free one.</param>
    /// <param name="settings">Lines of its configuration beside the listener's.</param>
    public Mosquitto(int port = 0, string settings = "allow_anonymous true")
    {
        Need();
        Port = port == 0 ? FreePort() : port;
        string config = _folder.Write("mosquitto.conf", string.Create(CultureInfo.InvariantCulture, $"""
            listener {Port} 127.0.0.1
            user {Environment.UserName}
            log_dest stderr
            sys_interval 1
            max_queued_messages 1000000
            {settings}

            """));
        var (lines, running) = (new List<string>(), new TaskCompletionSource<bool>());
        _process = new Process { StartInfo = new ProcessStartInfo(Program, ["-c", config]) { RedirectStandardError = true } };
        _process.ErrorDataReceived += (_, line) =>
        {
            lines.Add(line.Data ?? "");
            if (line.Data?.EndsWith(" running", StringComparison.Ordinal) ?? true)
            {
                running.TrySetResult(line.Data is not null);
            }
        };
        _process.Start();
        _process.BeginErrorReadLine();
        bool isRunning = running.Task.Wait(Patience) && running.Task.Result;
        if (!isRunning)
        {
            Dispose();
        }

        Assert.True(isRunning, $"mosquitto did not start: {string.Join('\n', lines)}");
    }

    public int Port { get; }

    public static void Need() => Skip.IfNot(File.Exists(Program) && File.Exists(Subscriber),
        "needs the broker mosquitto: apt-get install mosquitto mosquitto-clients");

    /// <summary>
    /// One that nothing listens at just now. A socket stays bound to it, so that the system gives it to nobody who asks for any port; who
    /// names it may listen there all the same.
    /// </summary>
    public static int FreePort()
    {
        var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        lock (Held)
        {
            Held.Add(held);
        }

        return ((IPEndPoint)held.LocalEndPoint!).Port;
    }

    /// <summary>Stops the process where it stands, or lets it go on.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Everything that is retained, and everything that comes.</summary>
    public Listener Listen(params string[] more) => new(new ProcessStartInfo(Subscriber,
        ["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-F", "%t %r %p", "-t", "$SYS/broker/version",
            "-t", "#", .. more]));

    /// <summary>Sends a message, and returns when the broker has it.</summary>
    public void Publish(string topic, string payload, bool isRetained = false)
    {
        using var tool = Process.Start(Publisher, ["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t",
            topic, "-m", payload, .. isRetained ? ["-r"] : Array.Empty<string>()]);
        tool.WaitForExit();
        Assert.Equal(0, tool.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _folder.Dispose();
    }

    /// <summary>One message as a subscriber got it.</summary>
    public readonly record struct Message(string Topic, bool IsRetained, string Payload);

    /// <summary>mosquitto_sub at work.</summary>
    internal sealed class Listener : IDisposable
    {
        private readonly Process _process;
        private readonly List<Message> _messages = [];

        public Listener(ProcessStartInfo start)
        {
            start.RedirectStandardOutput = true;
            _process = Process.Start(start)!;
            _process.OutputDataReceived += (_, line) => Take(line.Data);
            _process.BeginOutputReadLine();

            // What the broker says of itself is retained, so it comes as soon as the subscription stands.
            Until("the subscription stands", m => m.Topic.StartsWith("$SYS/", StringComparison.Ordinal));
        }

        /// <summary>What has come so far below a topic.</summary>
        public List<Message> Of(string topic)
        {
            lock (_messages)
            {
                return _messages.FindAll(m => m.Topic == topic);
            }
        }

        public List<Message> All()
        {
            lock (_messages)
            {
                return [.. _messages];
            }
        }

        /// <summary>Waits for a message, or finds it among those that came.</summary>
        public Message Until(string what, Predicate<Message> isIt)
        {
            using var limit = new CancellationTokenSource(Patience);
            lock (_messages)
            {
                while (!_messages.Exists(isIt))
                {
                    Assert.True(Monitor.Wait(_messages, Patience), $"{what}: nothing such came; {_messages.Count} messages did");
                    Assert.False(limit.IsCancellationRequested, $"{what}: nothing such came among {_messages.Count} messages");
                }

                return _messages.FindLast(isIt);
            }
        }

        public Message Until(string topic, string payload) =>
            Until($"{topic} {payload}", m => m.Topic == topic && m.Payload == payload);

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                _process.WaitForExit();
            }

            _process.Dispose();
        }

        private void Take(string? line)
        {
            if (line?.Split(' ', 3) is [var topic, var retained, var payload])
            {
                lock (_messages)
                {
                    _messages.Add(new Message(topic, retained == "1", payload));
                    Monitor.PulseAll(_messages);
                }
            }
        }
    }
}
