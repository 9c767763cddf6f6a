using System.Buffers;
using System.Text;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Mqtt;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;
using EdgeRoute.Tests.Engine.Stages;
using EdgeRoute.Tests.Engine.Steering;

namespace EdgeRoute.Tests.Engine.Mqtt;

/// <summary>A robot's state and task as messages.</summary>
public sealed class StateFeedTests : IDisposable
{
    private const string Joints = "robot/joints", Words = "robot/task";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];
    private readonly FrameSlot _slot = new();

    private static readonly StateTopicConfig Usual = new("home", Joints, "arm.at, open") { InstructionTopic = Words };

    private TaskMailbox _mailbox = new(60_000, Usual);

    public void Dispose()
    {
        _slot.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Numbers_switches_and_lists_of_them_become_the_state_in_the_order_of_the_config()
    {
        var feed = Feed(Usual);
        Take(feed, Joints, """{ "open": true, "arm": { "at": [0.25, -1e-1], "hot": "no" } }""");
        Assert.Equal([0.25f, -0.1f, 1], Told().State.ToArray());
        Take(feed, Words, "put the red star");
        Assert.Equal("put the red star", Told().Instruction);
        Take(Feed(Usual with { Values = "" }), Joints, "[1, [2, false]]");
        Assert.Equal([1f, 2, 0], Told().State.ToArray());
        Take(Feed(Usual with { Instruction = "say.it" }), Words, """{ "say": { "it": "put the blue star" } }""");
        Assert.Equal("put the blue star", Told().Instruction);
        Assert.Empty(_said);
    }

    [Theory]
    [InlineData("nonsense", "it is no JSON")]
    [InlineData("{}", "it has no 'arm.at'")]
    [InlineData("""{ "arm": { "at": [1, "a"] } }""", "an entry of 'arm.at' is no number")]
    [InlineData("""{ "arm": { "at": [1, null] } }""", "an entry of 'arm.at' is no number")]
    [InlineData("""{ "arm": { "at": 1e99 } }""", "'arm.at' is no number")]
    [InlineData("""{ "arm": { "at": 1 }, "open": 0 }""", "it has 2 values; the pack 'tiny-policy' wants a state of 3")]
    public void What_is_no_state_is_not_used_and_said(string message, string problem)
    {
        Take(Feed(Usual), Joints, message);
        Assert.Equal($"source arm: a message on 'robot/joints' is not used: {problem}", Assert.Single(_said));
        Assert.Equal($"the robot state was never told: the last message on 'robot/joints' was not used: {problem}", Told().StateFault);
        Assert.Equal(1, _mailbox.RefusedCount);
    }

    [Fact]
    public void A_task_that_the_pack_does_not_understand_is_not_used()
    {
        Take(Feed(Usual), Words, "put the rad star");
        Assert.Contains("the instruction is 'put the rad star', but", Assert.Single(_said), StringComparison.Ordinal);
        Assert.Null(Told().Instruction);
    }

    [Fact]
    public void A_state_counts_from_its_time_and_one_that_the_broker_had_kept_counts_only_with_its_time()
    {
        Take(Feed(Usual with { Values = "" }), Joints, "[1, 2, 3]", isRetained: true);
        Assert.Contains("no message with it has come on the topic 'robot/joints' of the output 'home'", Told().StateFault,
            StringComparison.Ordinal);
        var timed = Feed(Usual with { Values = "v", UtcNs = "t" });
        Take(timed, Joints, $$"""{ "v": [1, 2, 3], "t": {{TimeProvider.System.UtcNs() - 70_000_000_000}} }""", isRetained: true);
        Assert.Contains("ms old, max_age_ms is 60000: whoever publishes to 'robot/joints' has stopped", Told().StateFault,
            StringComparison.Ordinal);
        Take(timed, Joints, $$"""{ "v": [1, 2, 3], "t": {{TimeProvider.System.UtcNs() + 9_000_000_000}} }""");
        Assert.Contains("s ahead of the device's clock", Assert.Single(_said), StringComparison.Ordinal);
        Take(timed, Joints, $$"""{ "v": [1, 2, 3], "t": {{TimeProvider.System.UtcNs()}} }""", isRetained: true);
        Assert.Equal([1f, 2, 3], Told().State.ToArray());
    }

    [SkippableFact]
    public void At_a_real_broker_the_engine_acts_by_it_and_fails_in_clear_words_without()
    {
        using var broker = new Mosquitto();
        broker.Publish(Words, "put the red star", isRetained: true);
        using var listener = broker.Listen();
        using var engine = Engine(broker.Port);
        var loop = Task.Factory.StartNew(() => engine.Run(long.MaxValue), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            Drive(engine, broker, listener);
        }
        finally
        {
            engine.Stop();
            Assert.True(loop.Wait(TimeSpan.FromMinutes(1)));
        }
    }

    private static void Drive(RunningEngine engine, Mosquitto broker, Mosquitto.Listener listener)
    {
        Wait(() => HasFailed(engine, "no message with it has come on the topic 'robot/joints' of the output 'home'"), "frames fail");
        var mailbox = engine.State.Streams[0].Parts.Mailbox!;
        Wait(() => mailbox.Instruction == "put the red star", "the task that was kept comes");
        broker.Publish(Joints, """{ "arm": { "at": [0.5, 0] }, "open": false }""");
        listener.Until("an action", m => m.Topic == "device/robot/actions" && m.Payload.Contains("\"hold\":false",
            StringComparison.Ordinal));
        broker.Publish(Joints, "{}");
        Wait(() => HasFailed(engine, "ms old, max_age_ms is 2000: the last message on 'robot/joints' was not used: it has no 'arm.at'"),
            "frames fail again");
        Assert.Equal((1, 1), (mailbox.PutCount, mailbox.RefusedCount));
    }

    private static bool HasFailed(RunningEngine engine, string words) =>
        engine.State.Streams[0].LastFault?.Contains(words, StringComparison.Ordinal) == true;

    private RunningEngine Engine(int port)
    {
        string config = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { arm: { manifest: {{TinyPack.WritePolicy(_folder)}}, files: {{TestPlaces.Fixture("onnx")}} } }
            sources:
              robot:
                open: "sim://camera"
                pack: arm
                state: { from: mqtt, output: home, topic: {{Joints}}, values: [arm.at, open], instruction_topic: {{Words}},
                  max_age_ms: 2000 }
                actions: { actuator: mqtt, hz: 100, max_age_ms: 60000, output: home }
            outputs: { home: { kind: mqtt, broker: "mqtt://127.0.0.1:{{port}}", topic: device } }
            """);
        var reading = DeviceConfigReader.ReadFile(config);
        Assert.Empty(reading.Problems);
        IFrameSource? Make(CaptureAddress address, SourceOptions options, ref string problem) => new StillCamera();
        return new EngineBuilder(reading.Config!, new EngineOptions(long.MaxValue, null, null,
            new Dictionary<string, SourceMaker>(StringComparer.Ordinal) { ["sim"] = Make }), (_, text) =>
            {
                lock (_said)
                {
                    _said.Add(text);
                }
            }).Build();
    }

    private StateFeed Feed(StateTopicConfig config)
    {
        _mailbox = new TaskMailbox(60_000, config);
        return new StateFeed(new StateWish("arm", config, _mailbox, TinyPack.Policy(_folder)), TimeProvider.System, _said.Add);
    }

    private static void Take(StateFeed feed, string topic, string message, bool isRetained = false) =>
        feed.Take(topic, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(message)), isRetained);

    private FrameSlot Told()
    {
        _slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 4, 4));
        _mailbox.Tell(_slot, TimeProvider.System.NowNs());
        return _slot;
    }

    private static void Wait(Func<bool> isSo, string what) => Assert.True(SpinWait.SpinUntil(isSo, Mosquitto.Patience), what);
}
