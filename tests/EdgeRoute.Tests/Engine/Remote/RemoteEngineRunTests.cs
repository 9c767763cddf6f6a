using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Doctor;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.Engine.Stages;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>Whole engines whose config names a server.</summary>
public sealed class RemoteEngineRunTests : IDisposable
{
    private const int FrameLimit = 100_000;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _lines = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_frame_is_answered_while_the_server_goes_from_bad_to_worse_and_comes_back()
    {
        using var server = new ConformanceServer(RemoteRig.ModelsOf(PackRig.Shapes));
        using var engine = Build(server.Port, "heavy_1: {}, heavy_2: {}");
        var script = new Script(server, engine);
        engine.Consumers.Add(script);
        engine.Run(FrameLimit);
        var source = Assert.Single(engine.Reports.Statuses());
        Assert.Equal((0L, source.Ends.Captured), (source.Ends.Failed, script.FrameCount + source.Ends.Dropped));
        var status = Assert.Single(engine.State.Remotes.Statuses());
        Assert.True(status.FailedCount > 0 && status.HereCount > 0 && status.AnsweredCount > 0);
        Assert.Equal(TraceFlags.AtServer | TraceFlags.HereInstead, script.Places & (TraceFlags.AtServer | TraceFlags.HereInstead));
        Assert.Equal(Script.StepCount, script.Step);
        Assert.Single(_lines, l => l.Contains("nothing listens at", StringComparison.Ordinal));
        Assert.Contains(_lines, l => l.StartsWith("engine rack can be used again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_check_refuses_stages_that_the_pack_has_not_and_the_start_too()
    {
        var config = Config(1, "heavy_3: {}");
        string problem = Assert.Single(StartCheck.Problems(config, SimulatedSources.Schemes));
        Assert.Contains("engine 'rack': pack 'shapes' has no stage 'heavy_3'", problem, StringComparison.Ordinal);
        Assert.Contains("heavy_3", Assert.Throws<EngineRefusedException>(() => Build(1, "heavy_3: {}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_doctor_asks_the_server_for_its_models()
    {
        using var server = new ConformanceServer(RemoteRig.ModelsOf(PackRig.Shapes));
        var engine = Config(server.Port, "heavy_1: {}").Engines[0];
        Assert.Equal(("ready, with heavy_1", true), (EngineProbe.Ask(engine).Detail, EngineProbe.Ask(engine).IsUsable));
        var other = Config(server.Port, "heavy_1: { model: lost }").Engines[0];
        Assert.Contains("the server has no model 'lost'", EngineProbe.Ask(other).Detail, StringComparison.Ordinal);
        server.Kill();
        Assert.Contains("nothing listens at", EngineProbe.Ask(engine).Detail, StringComparison.Ordinal);
    }

    private RunningEngine Build(int port, string stages) => new EngineBuilder(Config(port, stages),
        new EngineOptions(FrameLimit, null, null, SimulatedSources.Schemes), (_, text) =>
        {
            lock (_lines)
            {
                _lines.Add(text);
            }
        }).Build();

    private DeviceConfig Config(int port, string stages)
    {
        string manifest = Path.Combine(TestPlaces.Repository, "models", "shapes", "manifest.json");
        var reading = DeviceConfigReader.ReadFile(_folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { shapes: { manifest: {{manifest}} } }
            engines: { rack: { kind: remote, address: "http://127.0.0.1:{{port}}", use: always, stages: { {{stages}} } } }
            sources: { table: { open: "sim://tabletop", pack: shapes, take: every, pace: free, lock: heavy_1>heavy_2 } }
            """));
        Assert.Empty(reading.Problems);
        return reading.Config!;
    }

    /// <summary>After each thing that the status shows, the next that happens to the server; at last the run ends.</summary>
    private sealed class Script(ConformanceServer server, RunningEngine engine) : IAnswerConsumer
    {
        public const int StepCount = 5;

        private long _answered;

        public int Step { get; private set; }

        public long FrameCount { get; private set; }

        /// <summary>What the traces say of the places where stages ran.</summary>
        public TraceFlags Places { get; private set; }

        public void Publish(in PublishedFrame frame)
        {
            FrameCount++;
            Places |= frame.Record.Flags;
            var status = engine.State.Remotes.Statuses()[0];
            switch (Step)
            {
                case 0 when status.AnsweredCount > 5:
                    server.Mood = ServerMood.Truncated;
                    Step++;
                    break;
                case 1 when status.FailedCount > 2:
                    server.Kill();
                    Step++;
                    break;
                case 2 when status.State == EngineStatus.Absent:
                    server.Mood = ServerMood.Sound;
                    server.Revive();
                    (_answered, Step) = (status.AnsweredCount, Step + 1);
                    break;
                case 3 when status.AnsweredCount > _answered:
                    Step++;
                    break;
                case 4:
                    Step++;
                    engine.Stop();
                    break;
                default:
                    break;
            }
        }
    }
}
