using System.Net.Sockets;
using System.Text;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;
using EdgeRoute.Tests.Engine.Capture;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>The watch over loop and sources, told what time it is.</summary>
public sealed class EngineWatchTests : IDisposable
{
    private const int LimitMs = 10_000;

    private readonly FrameSignal _signal = new();
    private readonly FrameBoundary _boundary;
    private readonly ScriptedStageSet _stages = new(SampleGraphs.Cascade(), new Dictionary<string, ScriptedStage>());
    private readonly List<string> _warnings = [];
    private readonly List<string> _lost = [];
    private readonly long _nowMs;

    public EngineWatchTests()
    {
        _boundary = new FrameBoundary(_signal);
        _nowMs = _boundary.Heartbeat.NowMs;
    }

    public void Dispose()
    {
        _stages.Dispose();
        _signal.Dispose();
    }

    [Fact]
    public void A_stage_over_its_limit_is_ended_once_and_then_the_loop_is_given_up()
    {
        using var watch = Watch();
        _boundary.Heartbeat.Enter(_stages, "heavy");
        watch.Tick(_nowMs + LimitMs - 1000);
        Assert.Equal((0, 0), (_stages.TerminationCount, _warnings.Count));
        watch.Tick(_nowMs + LimitMs + 5000);
        watch.Tick(_nowMs + LimitMs + 5000 + EngineWatch.TerminationMs);
        Assert.Equal((1, 0), (_stages.TerminationCount, _lost.Count));
        watch.Tick(_nowMs + LimitMs + 6000 + EngineWatch.TerminationMs);
        watch.Tick(_nowMs + LimitMs + 9000 + EngineWatch.TerminationMs);
        Assert.Contains("stage 'heavy'", Assert.Single(_lost), StringComparison.Ordinal);
        Assert.False(watch.IsFresh);
    }

    [Fact]
    public void A_stage_that_ends_after_all_is_followed_by_ordinary_runs()
    {
        using var watch = Watch();
        _boundary.Heartbeat.Enter(_stages, "heavy");
        watch.Tick(_nowMs + LimitMs + 5000);
        _boundary.Heartbeat.Leave();
        _boundary.Heartbeat.Enter(_stages, "heavy");
        watch.Tick(_nowMs + 1000);
        Assert.Equal((1, 0), (_stages.TerminationCount, _lost.Count));
        Assert.True(watch.IsFresh);
    }

    [Fact]
    public void After_a_stop_a_stage_has_little_time_left()
    {
        using var watch = Watch();
        _boundary.Heartbeat.Enter(_stages, "heavy");
        watch.NoteStop();
        long stopMs = _boundary.Heartbeat.NowMs;
        watch.Tick(stopMs + EngineWatch.StopStageMs + 1);
        watch.Tick(stopMs + EngineWatch.StopStageMs + EngineWatch.StopTerminationMs + 2);
        Assert.Single(_lost);
    }

    [Fact]
    public void A_loop_that_does_not_come_round_is_told_once_and_told_again_when_it_does()
    {
        using var watch = Watch();
        watch.Tick(_nowMs + EngineWatch.LoopLimitMs + 60_000);
        watch.Tick(_nowMs + EngineWatch.LoopLimitMs + 61_000);
        Assert.False(watch.IsFresh);
        _boundary.Heartbeat.Beat();
        watch.Tick(_boundary.Heartbeat.NowMs);
        Assert.Equal(2, _warnings.Count);
        Assert.True(watch.IsFresh);
    }

    [Fact]
    public async Task A_change_that_the_loop_does_not_get_to_is_called_off_with_the_reason_and_never_made()
    {
        using var watch = Watch();
        bool isMade = false;
        _boundary.Heartbeat.Enter(_stages, "heavy");
        var change = _boundary.Run(() => isMade = true);
        watch.Tick(_boundary.Heartbeat.NowMs + EngineWatch.ChangeLimitMs + 1);
        var late = await Assert.ThrowsAsync<InvalidOperationException>(() => change);
        Assert.Contains("the loop has been in stage 'heavy'", late.Message, StringComparison.Ordinal);
        _boundary.Apply();
        Assert.False(isMade);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_service_manager_hears_of_life_only_while_there_is_some(bool isAbstract)
    {
        using var folder = new TemporaryFolder();
        string name = isAbstract ? "@edgeroute-" + Guid.NewGuid() : folder.File("notify.sock");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name[1..] : name));
        using var service = new ServiceNotifier(name);
        using var watch = Watch(service);
        watch.Tick(_nowMs);
        Assert.Equal("READY=1\nSTATUS=running 0 sources", Heard(manager));
        Assert.Equal("WATCHDOG=1", Heard(manager));
        watch.Tick(_nowMs + EngineWatch.LoopLimitMs + 60_000);
        Assert.False(watch.IsFresh);
        service.Tell("STATUS=the end");
        Assert.Equal("STATUS=the end", Heard(manager));
    }

    /// <summary>A camera that never gives a frame is told, and keeps nobody waiting for ever.</summary>
    [Fact]
    public void The_service_is_ready_with_the_first_frame_or_says_after_a_while_that_none_has_come()
    {
        using var folder = new TemporaryFolder();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        manager.Bind(new UnixDomainSocketEndPoint(folder.File("notify.sock")));
        using var service = new ServiceNotifier(folder.File("notify.sock"));
        using var exchange = new SlotExchange(DeliveryMode.NewestWins, _signal);
        using var silent = new CaptureThread(0, new ScriptedSource(true, null), exchange, TimeProvider.System, _ => { });
        using var watch = new EngineWatch(_boundary, [silent], LimitMs, _warnings.Add, _lost.Add, service);
        watch.Tick(1000);
        Assert.Equal("WATCHDOG=1", Heard(manager));
        silent.Tally.NoteFrame();
        watch.Tick(1001);
        Assert.Equal("READY=1\nSTATUS=running 1 source", Heard(manager));

        using var other = new CaptureThread(1, new ScriptedSource(true, null), exchange, TimeProvider.System, _ => { });
        using var patient = new EngineWatch(_boundary, [other], LimitMs, _warnings.Add, _lost.Add, service);
        patient.Tick(EngineWatch.ReadyLimitMs);
        Assert.Contains("no frame has come within 20 s", Heard(manager), StringComparison.Ordinal);
    }

    [Fact]
    public void A_manager_that_is_gone_stops_nothing()
    {
        using var service = new ServiceNotifier("/nowhere/notify.sock");
        service.Tell("READY=1");
    }

    private static string Heard(Socket manager)
    {
        byte[] word = new byte[200];
        return Encoding.UTF8.GetString(word, 0, manager.Receive(word));
    }

    private EngineWatch Watch(ServiceNotifier? service = null) => new(_boundary, [], LimitMs, _warnings.Add, _lost.Add, service);
}
