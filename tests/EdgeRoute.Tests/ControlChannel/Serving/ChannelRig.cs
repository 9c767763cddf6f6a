using System.Net;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.Tests.ControlChannel.Serving;

/// <summary>A channel on real sockets, without an engine, whose time the test moves.</summary>
internal sealed class ChannelRig : IDisposable
{
    /// <summary>Only a test that fails waits as long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly ChannelTrust? _trust;

    public ChannelRig(bool withTcp = false, Action<MethodTable>? more = null)
    {
        (Events, Journal, Watch) = (new EventLog(), new JournalFile(_folder.Path), MakeWatch(Clock.NowNs()));
        _trust = withTcp ? new ChannelTrust(_folder.File("state"), "robot") : null;
        var settings = new ChannelSettings("robot", "1.2.3", SocketPath, withTcp ? new IPEndPoint(IPAddress.Loopback, 0) : null);
        Answers = new AnswerWatch(LabelsOf, () => RingLost) { Fault = () => Fault };
        var binding = new ChannelBinding(Methods, Watch, Status) { Answers = Answers, Actions = Actions };
        Server = new ChannelServer(settings, binding, Events, Clock, _trust);
        new ChannelMethods(Server, Journal, _trust).AddTo(Methods);
        more?.Invoke(Methods);
        Server.Start();
    }

    public ScriptedClock Clock { get; } = new(1_000_000_000_000);

    public EventLog Events { get; }

    public JournalFile Journal { get; }

    public FrameWatch Watch { get; }

    public AnswerWatch Answers { get; }

    public ActionWatch Actions { get; } = new();

    /// <summary>Answers that a device in this place has lost before they came to the channel.</summary>
    public long RingLost { get; set; }

    /// <summary>Why it hands on no more of them.</summary>
    public string? Fault { get; set; }

    public MethodTable Methods { get; } = new();

    public ChannelServer Server { get; }

    public ChannelTrust Trust => _trust!;

    public string SocketPath => _folder.File("control.sock");

    public long Failed { get; set; }

    public static FrameWatch MakeWatch(long startNs) =>
        new([new WatchedStream("front", ["previous", "light", "heavy"]), new WatchedStream("rear", ["light"])], startNs, ringCapacity: 256);

    public ChannelClient Connect()
    {
        var client = ChannelClient.Unix(SocketPath);
        client.Hello();
        return client;
    }

    public DeviceStatus Status() => new()
    {
        Streams = [new StreamStatus { Name = "front", Failed = Failed, Window = Watch.Window(0, Clock.NowNs()) },
            new StreamStatus { Name = "rear" }],
        Channel = Server.Status(Journal.LastNumber),
        Outputs = Server.AnswerStatuses(),
    };

    /// <summary>As the engine's thread tells an answer.</summary>
    public void Tell(AnswerMessage answer) => Answers.Publish(answer, LabelsOf(answer.Source)!);

    private static string[]? LabelsOf(string stream) => stream switch
    {
        "" => ["person", "bike", "cat"],
        "front" => ["person", "bike"],
        "rear" => ["cat"],
        _ => null,
    };

    public void Tick(long laterMs = 0)
    {
        Clock.AdvanceMs(laterMs);
        Server.Tick(Clock.NowNs());
    }

    /// <summary>A frame that took <paramref name="latencyMs"/> and ends now.</summary>
    public void Publish(int stream, long sequence, int node, long latencyMs = 10, TraceFlags flags = TraceFlags.None) =>
        Publish(Watch, stream, sequence, node, Clock.NowNs(), latencyMs, flags);

    public static void Publish(FrameWatch watch, int stream, long sequence, int node, long nowNs, long latencyMs = 10,
        TraceFlags flags = TraceFlags.None)
    {
        var record = new TraceRecord
        {
            Stamp = new FrameStamp { SourceIndex = stream, Sequence = sequence, CaptureNs = nowNs - (latencyMs * 1_000_000) },
            PublishedNs = nowNs, DeadlineNs = long.MaxValue, StagesNs = latencyMs * 500_000, NodeIndex = node, Flags = flags,
            End = node < 0 ? FrameEnd.Failed : FrameEnd.Completed, EnergyMillijoules = float.NaN, AuditLoss = float.NaN,
        };
        watch.Publish(in record);
    }

    /// <summary>Other threads bring this about.</summary>
    public static void WaitUntil(Func<bool> isSo, string what) => Assert.True(SpinWait.SpinUntil(isSo, Patience), what);

    public void Dispose()
    {
        Server.Dispose();
        Journal.Dispose();
        _trust?.Dispose();
        _folder.Dispose();
    }
}
