using System.Buffers;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Tests.Engine.Stages;
using SourceChange = EdgeRoute.Protocol.Control.SourceRequest;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>The real engine with a policy pack, a camera that knows nothing of its robot, and a robot that is the test.</summary>
public sealed class StateMethodTests : IDisposable
{
    private const double MaxAgeMs = 60_000;

    private readonly TemporaryFolder _folder = new();
    private readonly MethodTable _table = new();
    private readonly List<string> _said = [];
    private RunningEngine? _engine;
    private EngineSteering? _steering;
    private JournalFile? _journal;

    public void Dispose()
    {
        _steering?.Dispose();
        _engine?.Dispose();
        _journal?.Dispose();
        _folder.Dispose();
    }

    [SkippableFact]
    public void Without_a_state_frames_fail_in_clear_words()
    {
        var engine = Start();
        engine.Run(2);
        Assert.Equal(2, engine.State.Streams[0].Tally.Failed);
        Assert.Contains("the robot state was never told", engine.State.Streams[0].LastFault, StringComparison.Ordinal);
        Assert.Equal((0, double.PositiveInfinity), (Status().State!.PutCount, Status().State!.AgeMs));
    }

    [SkippableFact]
    public async Task A_put_state_and_instruction_make_plans_whose_steps_are_told_at_their_own_rate()
    {
        var engine = Start();
        var taken = new List<ActionMessage>();
        using var enough = new ManualResetEventSlim();
        engine.Actions.Seen += action =>
        {
            lock (taken)
            {
                taken.AddRange(action.IsHold ? [] : [new ActionMessage { Source = action.Source, Values = [.. action.Values] }]);

                if (taken.Count == 3)
                {
                    enough.Set();
                }
            }
        };
        var reply = await Put(new StatePutRequest { Values = [0.5f, 0, 0], Instruction = "put the red star" });
        Assert.Equal((true, 0d), (reply.IsUsed, reply.AgeMs));
        var loop = new Thread(() => engine.Run(long.MaxValue)) { IsBackground = true };
        loop.Start();
        Assert.True(enough.Wait(TimeSpan.FromMinutes(1)), string.Join('\n', _said));
        engine.Stop();
        Assert.True(loop.Join(TimeSpan.FromMinutes(1)));
        Assert.All(taken, a => Assert.Equal(("robot", 2), (a.Source, a.Values.Length)));
        var status = Status();
        Assert.Equal((1, "put the red star", MaxAgeMs), (status.State!.PutCount, status.State.Instruction, status.State.MaxAgeMs));
        Assert.True(status.Actions is { Actuator: "channel", Hz: 100, GivenCount: >= 3, PlanCount: >= 1 });
        Assert.Equal("nobody moves: no client has subscribed to the actions of this stream", status.Actions!.Fault);
        Assert.Equal(0, engine.State.Streams[0].Tally.Failed);
    }

    [SkippableFact]
    public async Task What_cannot_be_a_state_is_refused()
    {
        Start();
        async Task<RpcError> Refusal(StatePutRequest request) =>
            (await Assert.ThrowsAsync<RpcRefusedException>(() => Put(request))).Error;

        Assert.Contains("'values' has 2 numbers; the pack 'tiny-policy' of the stream 'robot' wants a state of 3",
            (await Refusal(new StatePutRequest { Values = [1, 2] })).Message, StringComparison.Ordinal);
        Assert.Contains("has 0 numbers", (await Refusal(new StatePutRequest())).Message, StringComparison.Ordinal);
        Assert.Contains("values", (await Refusal(new StatePutRequest { Values = [1, float.NaN, 0] })).Message, StringComparison.Ordinal);
        Assert.Equal(RpcErrorCode.NotFound, (await Refusal(new StatePutRequest { Stream = "front", Values = [1, 2, 3] })).Code);
        var unknown = await Refusal(new StatePutRequest { Values = [1, 2, 3], Instruction = "put the rad star" });
        Assert.Contains("does not know the word 'rad'; did you mean 'red'?", unknown.Message, StringComparison.Ordinal);
        long ahead = TimeProvider.System.UtcNs() + 60_000_000_000;
        Assert.Contains("s ahead of the device's clock", (await Refusal(new StatePutRequest { Values = [1, 2, 3], UtcNs = ahead })).Message,
            StringComparison.Ordinal);
        var old = await Put(new StatePutRequest { Values = [1, 2, 3], UtcNs = TimeProvider.System.UtcNs() - 5_000_000_000 });
        Assert.InRange(old.AgeMs, 5000, 60_000);
        Assert.True((await Put(new StatePutRequest { Instruction = "put" })).IsUsed);
    }

    [SkippableFact]
    public async Task A_stream_whose_state_does_not_come_over_the_channel_says_how_it_could()
    {
        using var rig = new SteeringRig();
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Call<StatePutReply>(ControlMethod.StatePut,
            new StatePutRequest { Values = [1] }));
        Assert.Equal(RpcErrorCode.Unavailable, refused.Error.Code);
        Assert.Equal("the stream 'table' takes no state from the channel", refused.Error.Message);
    }

    [SkippableFact]
    public async Task A_robot_that_comes_while_another_runs_is_told_its_state_and_nothing_acts_for_it_once_it_has_gone()
    {
        var engine = Start();
        var loop = new Thread(() => engine.Run(long.MaxValue)) { IsBackground = true };
        loop.Start();
        using var hasActed = new ManualResetEventSlim();
        using var othersWentOn = new CountdownEvent(20);
        bool isGone = false, isLate = false;
        engine.Actions.Seen += action =>
        {
            bool isSecond = action.Source == "second";
            if (isSecond && !action.IsHold)
            {
                hasActed.Set();
            }

            isLate |= isSecond && Volatile.Read(ref isGone);
            if (!isSecond && Volatile.Read(ref isGone) && !othersWentOn.IsSet)
            {
                othersWentOn.Signal();
            }
        };
        await Call(ControlMethod.SourceAdd, new SourceChange
        {
            Name = "second", WaitSeconds = 60, Config = "open: sim://camera\npack: arm\nstate: { from: channel, max_age_ms: 60000 }\n"
                + "actions: { actuator: channel, hz: 100, max_age_ms: 60000 }",
        });
        await Put(new StatePutRequest { Stream = "second", Values = [0.5f, 0, 0], Instruction = "put the red star" });
        Assert.True(hasActed.Wait(TimeSpan.FromMinutes(1)), string.Join('\n', _said));
        var status = _steering!.Status().Streams[1];
        Assert.Equal(("second", 1, "channel"), (status.Name, status.State!.PutCount, status.Actions!.Actuator));
        await Call(ControlMethod.SourceRemove, new SourceChange { Name = "second" });
        Volatile.Write(ref isGone, true);
        Assert.True(othersWentOn.Wait(TimeSpan.FromMinutes(1)));
        Assert.False(isLate, "the actions of a source end before its removal is answered");
        engine.Stop();
        Assert.True(loop.Join(TimeSpan.FromMinutes(1)));
    }

    private StreamStatus Status() => _steering!.Status().Streams[0];

    private async Task<StatePutReply> Put(StatePutRequest request) => (StatePutReply)await Call(ControlMethod.StatePut, request);

    private async Task<IControlMessage> Call(string method, IControlMessage request)
    {
        var buffer = new ArrayBufferWriter<byte>();
        FieldWriter.Write(buffer, request);
        return (await _table.Answer(method, buffer.WrittenSpan.ToArray(), SteeringRig.Admin, default))!;
    }

    private RunningEngine Start()
    {
        string manifest = TinyPack.WritePolicy(_folder);
        string config = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { arm: { manifest: {{manifest}}, files: {{TestPlaces.Fixture("onnx")}} } }
            sources:
              robot:
                open: "sim://camera"
                pack: arm
                state: { from: channel, max_age_ms: {{MaxAgeMs}} }
                actions: { actuator: channel, hz: 100, max_age_ms: 60000 }
            control: { unix: none }
            """);
        var reading = DeviceConfigReader.ReadFile(config);
        Assert.Empty(reading.Problems);
        IFrameSource? Make(CaptureAddress address, SourceOptions options, ref string problem) => new StillCamera();
        _engine = new EngineBuilder(reading.Config!, new EngineOptions(long.MaxValue, null, null,
            new Dictionary<string, SourceMaker>(StringComparer.Ordinal) { ["sim"] = Make }), (_, text) => _said.Add(text)).Build();
        _journal = new JournalFile(_folder.Path);
        _steering = new EngineSteering(_engine, _journal, "robot", null);
        _steering.Attach(_table);
        return _engine;
    }
}
