using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Tests.Engine.Stages;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>The whole engine with a policy pack and a robot that is its own source.</summary>
public sealed class PolicyEngineTests : IDisposable
{
    private const int FrameCount = 50;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void The_source_is_told_one_action_a_frame_and_the_report_accounts_for_all()
    {
        var robot = new Robot(tellsState: true);
        string answers = _folder.File("answers.jsonl");
        using (var engine = Build(robot, "instruction: put the red star", answers))
        {
            engine.Run(FrameCount);
            Assert.Equal(FrameCount, robot.ActionCount);
            var report = engine.Report();
            var policy = report.Sources[0].Policy!;
            Assert.Equal((50, 17, 0, 0, 16), (policy.ActionCount, policy.PlanCount, policy.HoldCount, policy.UntoldCount,
                policy.SpentCount));
            Assert.Equal((49, 1), (report.Packs[0].Instructions!.Value.HitCount, report.Packs[0].Instructions!.Value.RunCount));
            string text = RunReportText.Of(report);
            Assert.Contains("  actions 50: 17 plans of 2.9 steps, holds 0\n", text, StringComparison.Ordinal);
            Assert.Contains("pack arm (robot): instructions read 1 times, found again 49, let go 0, not understood 0\n", text,
                StringComparison.Ordinal);
            Assert.Contains("\"plan_count\": 17", report.ToJson(), StringComparison.Ordinal);
            Assert.Contains("\"run_count\": 1", report.ToJson(), StringComparison.Ordinal);
            var line = new StringWriter();
            var status = new StatusLine(line, isTerminal: false, 200);
            status.Update(0, engine.Statuses());
            Assert.True(status.Update(StatusLine.PlainIntervalNs, engine.Statuses()));
            Assert.Contains("plans 17 of 2.9 steps  holds 0", line.ToString(), StringComparison.Ordinal);
        }

        var third = JsonDocument.Parse(File.ReadLines(answers).ElementAt(2)).RootElement;
        Assert.Equal((2, 0, "light", "previous"), (third.GetProperty("step").GetInt32(), third.GetProperty("plan_sequence").GetInt32(),
            third.GetProperty("plan_path").GetString(), third.GetProperty("path").GetString()));
        Assert.Equal("[11.02,0.52]", third.GetProperty("action").GetRawText());
    }

    [SkippableTheory]
    [InlineData("", "", 1000)]
    [InlineData("", "\"max_age_ms\": 250, ", 250)]
    [InlineData("max_age_ms: 90", "\"max_age_ms\": 250, ", 90)]
    public void How_old_a_reused_answer_may_be_is_said_by_the_source_else_by_its_pack(string more, string packs, double expectedMs)
    {
        using var engine = Build(new Robot(tellsState: true), more, packs: packs);
        Assert.Equal(expectedMs, engine.State.Streams[0].Router.MaxAgeMs);
    }

    [SkippableFact]
    public void A_source_that_never_tells_a_state_is_refused_at_start() =>
        Assert.Contains("source 'robot': the pack 'tiny-policy' wants the robot's state (3 values a frame), which "
            + "'sim://robot' never tells",
            Assert.Throws<EngineRefusedException>(() => Build(new Robot(tellsState: false), "")).Message, StringComparison.Ordinal);

    [SkippableFact]
    public void An_instruction_that_the_pack_cannot_read_is_refused_at_start() =>
        Assert.Equal("source 'robot': 'instruction' is 'put the rad star', but the pack does not know the word 'rad'; did you mean 'red'?",
            Assert.Throws<EngineRefusedException>(() => Build(new Robot(tellsState: true), "instruction: put the rad star")).Message);

    [SkippableFact]
    public void A_pack_that_wants_an_instruction_which_nobody_can_give_is_refused_at_start()
    {
        Assert.Contains("source 'robot': the pack 'tiny-policy' wants an instruction, which 'sim://robot' never gives, and nobody else can",
            Assert.Throws<EngineRefusedException>(() => Build(new Robot(tellsState: true, instructs: false), "")).Message,
            StringComparison.Ordinal);
        using var engine = Build(new Robot(tellsState: true, instructs: false), "", top: "control: { unix: none }");
        Assert.False(engine.State.Streams[0].Parts.Tells.Instruction);
    }

    [SkippableFact]
    public void A_robot_that_acts_by_itself_takes_no_actions_at_a_rate_of_their_own() =>
        Assert.Contains("'actions' is given, but 'sim://robot' is its own robot", Assert.Throws<EngineRefusedException>(() =>
            Build(new Robot(tellsState: true), "actions: { actuator: log, hz: 30, path: a.jsonl }")).Message, StringComparison.Ordinal);

    [SkippableFact]
    public void An_axis_that_follows_a_value_which_the_plans_do_not_have_is_refused_at_start() =>
        Assert.Equal("source 'robot': actions.axes.a.action is 2, but a step of the pack 'tiny-policy' has 2 values, 0 to 1",
            Assert.Throws<EngineRefusedException>(() => Build(new Robot(tellsState: true),
                "actions: { actuator: pca9685, hz: 30, pca9685: {}, axes: { a: { action: 2, channel: 0 } } }")).Message);

    [SkippableFact]
    public void Without_any_instruction_frames_fail_and_the_start_of_it_is_reported_once()
    {
        var robot = new Robot(tellsState: true);
        using var engine = Build(robot, "");
        engine.Run(FrameCount);
        Assert.Equal((FrameCount, FrameCount), (engine.State.Streams[0].Tally.Failed, robot.HoldCount));
        string warning = Assert.Single(_warnings, w => w.Contains("instruction", StringComparison.Ordinal));
        Assert.Contains("frames fail: the pack's stages want an instruction", warning, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_instruction_can_be_changed_between_frames_and_is_checked_first()
    {
        var robot = new Robot(tellsState: true);
        using var engine = Build(robot, "instruction: put the red star");
        var planner = new ChangePlanner(engine);
        var refused = Assert.Throws<RpcRefusedException>(() => planner.Plan("robot",
            new SettingSet { Instruction = SettingValue.Of("drop it") }));
        Assert.Contains("the pack does not know the word 'drop'", refused.Message, StringComparison.Ordinal);

        engine.Run(2);
        var plan = planner.Plan("robot", new SettingSet { Instruction = SettingValue.Of("star") });
        Assert.Equal(("instruction", "put the red star", "star"),
            (plan.Differences[0].Name, plan.Differences[0].Before, plan.Differences[0].After));
        engine.State.Replace(0, plan.Next);
        Assert.Equal(("star", robot), (engine.State.Streams[0].Parts.Instruction, (Robot)engine.State.Streams[0].Parts.Actuator!));
        Assert.Contains("    instruction: \"star\"\n", engine.State.Config.Effective(), StringComparison.Ordinal);
    }

    private RunningEngine Build(Robot robot, string more, string? answers = null, string packs = "", string top = "")
    {
        string manifest = TinyPack.WritePolicy(_folder);
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"manifest\": 1, ", "\"manifest\": 1, " + packs,
            StringComparison.Ordinal));
        string config = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { arm: { manifest: {{manifest}}, files: {{TestPlaces.Fixture("onnx")}} } }
            sources:
              robot:
                open: "sim://robot"
                pack: arm
                take: every
                pace: free
                {{more}}
            {{top}}
            """);
        var reading = DeviceConfigReader.ReadFile(config);
        Assert.Empty(reading.Problems);
        IFrameSource? Make(CaptureAddress address, SourceOptions options, ref string problem) => robot;
        var options = new EngineOptions(FrameCount, null, answers,
            new Dictionary<string, SourceMaker>(StringComparer.Ordinal) { ["sim"] = Make });
        return new EngineBuilder(reading.Config!, options, (level, text) =>
        {
            lock (_warnings)
            {
                _warnings.AddRange(level == ReportLevel.Warning ? [text] : []);
            }
        }).Build();
    }

    /// <summary>Bright frames with a state and no instruction; counts what it is told to do.</summary>
    private sealed class Robot(bool tellsState, bool instructs = true) : IFrameSource, IActuator
    {
        private static readonly float[] State = [0.5f, 0, 0];

        private int _frame;

        public int ActionCount { get; private set; }

        public int HoldCount { get; private set; }

        public string Description => "a robot of the tests";

        public bool IsLive => false;

        public bool TellsState => tellsState;

        public bool TellsInstruction => instructs;

        public SourceFault Fault => SourceFault.None;

        public void Act(in ActionOrigin origin, ReadOnlySpan<float> action)
        {
            ActionCount++;
            HoldCount += origin.IsHold ? 1 : 0;
        }

        public bool Open() => true;

        public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
        {
            sourceNs = _frame * 33_000_000L;
            if (_frame++ >= FrameCount)
            {
                return ReadOutcome.End;
            }

            slot.Prepare(FrameLayout.Packed(PixelFormat.Rgb, 8, 8)).Fill(200);
            slot.TellState(State);
            return ReadOutcome.Frame;
        }

        public void Close()
        {
        }

        public void Dispose()
        {
        }
    }
}
