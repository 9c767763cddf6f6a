using System.Net;
using System.Net.Sockets;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Mqtt;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Engine.Mqtt;

/// <summary>An output to a broker without an engine around it: the test is the queue.</summary>
internal sealed class MqttRig : IDisposable
{
    private readonly List<string> _lines = [];
    private readonly FrameSlot _slot = new();
    private readonly PublishedCopy _copy = new(new Answer(TaskKind.Detection, 4, 4));
    private readonly AnswerNames _names = new("front", ["frame", "light"], ["person", "bike"]) { Task = TaskKind.Detection };
    private long _sequence;

    /// <param name="keys">Of the output, in YAML's flow style.</param>
    public MqttRig(string keys)
    {
        // Of its own, because a port that one test has just let go of may be the next one's, and a broker has one client of a name.
        string id = keys.Contains("client_id", StringComparison.Ordinal) ? "" : $", client_id: rig-{Guid.NewGuid():N}";
        var reading = DeviceConfigReader.ReadText("packs: { d: { manifest: m.json } }\nsources: { s: { open: x.mp4, pack: d } }\n"
            + $"outputs: {{ ha: {{ kind: mqtt, topic: robot, {keys}{id} }} }}\n", "/a/d.yaml", checkPaths: false);
        Assert.Empty(reading.Problems);
        var config = Assert.IsType<MqttOutputConfig>(Assert.Single(reading.Config!.Outputs));
        var device = new MqttDevice("robot one", "1.0", () => [], () => BoardReading.None, TimeProvider.System);
        Output = new MqttOutput(config, device, Say, Say);
        Output.Start();
    }

    public MqttOutput Output { get; }

    /// <summary>Hands an answer of so many persons on.</summary>
    public void Tell(int personCount = 1)
    {
        var answer = new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 1, DetectionCount = personCount };
        answer.DetectionSlots[..personCount].Fill(new Detection(0.1f, 0.2f, 0.3f, 0.4f, 0.9f, 0));
        var record = new TraceRecord
        {
            Stamp = new FrameStamp(0, ++_sequence, 1, 1), PublishedNs = _sequence * 1_000_000, End = FrameEnd.Completed, NodeIndex = 1,
        };
        _copy.Take(new PublishedFrame(0, _slot, answer, in record) { Names = _names }, withPixels: false);
        Output.Write(_copy);
    }

    /// <summary>Waits until a line with these words was said, and returns it.</summary>
    public string Said(string words)
    {
        using var limit = new CancellationTokenSource(Mosquitto.Patience);
        lock (_lines)
        {
            while (!_lines.Exists(l => l.Contains(words, StringComparison.Ordinal)))
            {
                Assert.False(limit.IsCancellationRequested, $"'{words}' was not said: {string.Join('\n', _lines.TakeLast(10))}");
                Assert.True(Monitor.Wait(_lines, Mosquitto.Patience), $"'{words}' was not said: {string.Join('\n', _lines)}");
            }

            return _lines.Find(l => l.Contains(words, StringComparison.Ordinal))!;
        }
    }

    public int CountOf(string words)
    {
        lock (_lines)
        {
            return _lines.Count(l => l.Contains(words, StringComparison.Ordinal));
        }
    }

    public void Dispose()
    {
        Output.Dispose();
        _copy.Dispose();
        _slot.Dispose();
    }

    private void Say(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
            Monitor.PulseAll(_lines);
        }
    }
}

/// <summary>A way to a broker that can be cut, as a cable or the power of a device can.</summary>
internal sealed class CutRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _ends = [];
    private readonly int _to;

    public CutRelay(int to)
    {
        _to = to;
        _listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        lock (_ends)
        {
            _ends.ForEach(e => e.Client.Close(0));
        }
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var from = await _listener.AcceptTcpClientAsync();
                var to = new TcpClient();
                await to.ConnectAsync(IPAddress.Loopback, _to);
                lock (_ends)
                {
                    _ends.AddRange([from, to]);
                }

                _ = from.GetStream().CopyToAsync(to.GetStream());
                _ = to.GetStream().CopyToAsync(from.GetStream());
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException or IOException)
        {
            // It was cut.
        }
    }
}
