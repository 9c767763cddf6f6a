using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Engine.Stages;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>
/// The frame loop over a policy's real sessions: what the stages are told, which step each frame gives out, and where it came from.
/// </summary>
public sealed class PolicyLoopTests : IDisposable
{
    private static readonly FrameLayout Layout = FrameLayout.Packed(PixelFormat.Rgb, 8, 8);

    /// <summary>Mean bytes that make the light stage sure, let heavy answer, and leave heavy unsure too.</summary>
    private const byte Bright = 200, Grey = 100, Dark = 10;

    private readonly TemporaryFolder _folder = new();
    private readonly Robot _robot = new();
    private readonly StopSwitch _stop = new(TimeProvider.System);
    private string? _stateFault;
    private readonly List<string> _events = [];
    private readonly Pack _pack;
    private readonly PackRig _rig;
    private readonly List<TraceRecord> _traces = [];

    public PolicyLoopTests()
    {
        _pack = TinyPack.Policy(_folder);
        _rig = new PackRig(_pack, PackRig.CascadeOf(_pack), consumers: _ => [new Collector(_traces)],
            with: p => p with { Actuator = _robot, Stop = _stop, OnEvent = (_, text) => _events.Add(text) });
    }

    public void Dispose()
    {
        _rig.Dispose();
        _folder.Dispose();
    }

    private Action Frame(byte brightness = Bright, string? instruction = "put", float grip = 0, int stateLength = 3)
    {
        byte[] bytes = new byte[Layout.SizeBytes];
        Array.Fill(bytes, brightness);
        float[] state = [0.5f, 0, grip, 0];
        int before = _robot.Actions.Count;
        _rig.Feed(Layout, bytes, instruction, state.AsSpan(0, stateLength), _stateFault);
        Assert.Equal(before + 1, _robot.Actions.Count);
        return _robot.Actions[^1];
    }

    [Fact]
    public void Each_frame_gives_out_one_action_with_its_origin()
    {
        Action[] actions = [Frame(), Frame(), Frame(), Frame(), Frame()];
        Assert.Equal([1, 1.01f, 1.02f, 1, 1.01f], actions.Select(a => a.Values[0]));
        Assert.Equal([0.5f, 0.51f, 0.52f, 0.5f, 0.51f], actions.Select(a => a.Values[1]));
        Assert.Equal([(0L, 0L, 0), (1, 0, 1), (2, 0, 2), (3, 3, 0), (4, 3, 1)],
            actions.Select(a => (a.Origin.Frame.Sequence, a.Origin.PlanFrame.Sequence, a.Origin.StepIndex)));
        Assert.All(actions, a => Assert.Equal(("light", false), (a.Origin.PathName, a.Origin.IsHold)));
        Assert.Equal(Bright / 255f, actions[1].Origin.Confidence, 1e-5f);
        Assert.Equal(66_000_000, actions[2].Origin.AgeNs);
        Assert.Equal([FrameEnd.Exited, FrameEnd.Skipped, FrameEnd.Skipped, FrameEnd.Exited, FrameEnd.Skipped], _traces.Select(t => t.End));
        Assert.True(float.IsPositiveInfinity(_traces[3].Signals.AgeMs));
        Assert.Equal(OptionDenial.NoPrevious, Denial(_traces[3]));
        Assert.Equal((2, 1, 5), (_rig.Stream.Plans.PlanCount, _rig.Stream.Plans.EndCount(PlanEnd.Spent), _rig.Stream.Plans.ActionCount));
    }

    [Fact]
    public void The_path_that_made_the_plan_goes_with_every_step_of_it()
    {
        Assert.Equal("light>heavy@keep=0.5", Frame(Grey).Origin.PathName);
        var second = Frame(Bright);
        Assert.Equal(("light>heavy@keep=0.5", 1, 102.01f), (second.Origin.PathName, second.Origin.StepIndex, second.Values[0]));
        Assert.Equal(FrameEnd.Skipped, _rig.LastEnd);
    }

    [Fact]
    public void Unsure_plans_state_changes_and_new_tasks_make_new_plans()
    {
        Frame(Dark);
        Assert.Equal(0, Frame(Bright).Origin.StepIndex);
        Assert.Equal(1, Frame(Bright).Origin.StepIndex);
        Assert.Equal(0, Frame(Bright, grip: 1).Origin.StepIndex);
        Assert.Equal(1, Frame(Bright, grip: 1).Origin.StepIndex);
        var other = Frame(Bright, "the red star", grip: 1);
        Assert.Equal((0, 2 + 3 + 5), (other.Origin.StepIndex, other.Values[0]));
        var plans = _rig.Stream.Plans;
        Assert.Equal((1, 1, 1, 0), (plans.EndCount(PlanEnd.Unsure), plans.EndCount(PlanEnd.StateChanged),
            plans.EndCount(PlanEnd.InstructionChanged), plans.HoldCount));
        Assert.Equal((2, 2, 4), (_rig.Stages.Instructions.RunCount, _rig.Stages.Instructions.MissCount, _rig.Stages.Instructions.HitCount));
    }

    [Fact]
    public void A_frame_whose_instruction_is_not_understood_fails_holds_and_is_reported_once()
    {
        Frame();
        for (int i = 0; i < 3; i++)
        {
            var hold = Frame(instruction: "put the rad star");
            Assert.Equal((FrameEnd.Failed, true, "hold"), (_rig.LastEnd, hold.Origin.IsHold, hold.Origin.PathName));
            Assert.Equal([0f, 0], hold.Values);
        }

        Assert.Contains("the word 'rad'; did you mean 'red'?", Assert.Single(_events), StringComparison.Ordinal);
        Assert.Contains("the word 'rad'", _rig.Stream.LastFault, StringComparison.Ordinal);
        Assert.Equal((3, 3, 3), (_rig.Stream.Plans.UntoldCount, _rig.Stream.Plans.HoldCount, _rig.Stream.Tally.Failed));
        Assert.Equal((FrameEnd.Exited, 0), (Ended(Frame()), _robot.Actions[^1].Origin.StepIndex));
        Frame(instruction: "put the rad star");
        Assert.Equal(2, _events.Count);
    }

    [Fact]
    public void A_missing_state_fails_the_frame_and_is_never_taken_for_zeros()
    {
        Frame();
        // The watched value is told, so the plan still holds; the stages want another length, so the frame fails.
        Assert.Equal((1, FrameEnd.Failed), (Frame(stateLength: 4).Origin.StepIndex, _rig.LastEnd));
        foreach (int length in new[] { 0, 2 })
        {
            Assert.Equal((FrameEnd.Failed, true), (Ended(Frame(stateLength: length)), _robot.Actions[^1].Origin.IsHold));
            Assert.Contains($"tells {length} ", _rig.Stream.LastFault, StringComparison.Ordinal);
        }

        Assert.Equal(3, _rig.Stream.Plans.UntoldCount);
    }

    [Fact]
    public void While_the_emergency_stop_is_pressed_each_frame_holds_and_the_plan_is_made_anew()
    {
        Frame();
        _stop.Press("line estop");
        foreach (int _ in new[] { 1, 2 })
        {
            var hold = Frame();
            Assert.Equal((true, "emergency stop"), (hold.Origin.IsHold, hold.Origin.HoldReason));
            Assert.Equal([0f, 0], hold.Values);
        }

        _stop.Release("line estop");
        Assert.Equal((0, 1f), (Frame().Origin.StepIndex, _robot.Actions[^1].Values[0]));
        Assert.Equal(2, _rig.Stream.Plans.HoldCount);
    }

    [Fact]
    public void A_state_that_is_not_told_in_time_fails_its_frames_and_is_told_once_and_when_it_is_over()
    {
        Frame();
        foreach (int age in new[] { 812, 845 })
        {
            _stateFault = $"the robot state is {age} ms old";
            Assert.Equal(FrameEnd.Failed, Ended(Frame(stateLength: 0)));
            Assert.Equal(_stateFault, _rig.Stream.LastFault);
        }

        Assert.Equal("frames fail: the robot state is 812 ms old", Assert.Single(_events));
        _stateFault = null;
        Frame();
        Assert.Equal("the robot state is told again; 2 frames failed without it", _events[1]);
        Assert.Equal((2, "robot state"), (_rig.Stream.Faults.Single(f => f.Kind == "robot state").Count, "robot state"));
    }

    [Fact]
    public void The_language_run_is_device_time_of_its_frame_and_of_no_option()
    {
        Frame();
        var costs = _rig.Stream.Router.Costs.OfVariant(_rig.Tree.FindPath("light")!.VariantIndex);
        Assert.True(_traces[0].StagesNs > 0 && costs.MsP50 * 1e6 < _traces[0].PreprocessNs + _traces[0].StagesNs + _traces[0].HeadsNs);
    }

    [Fact]
    public void A_recorded_run_is_decided_the_same_again()
    {
        var random = new Random(5);
        string[] tasks = ["put", "the red star", "put the rad star"];
        for (int i = 0; i < 400; i++)
        {
            Frame((byte)random.Next(256), tasks[i / 20 % 3], grip: i / 7 % 2, stateLength: i % 50 == 49 ? 2 : 3);
        }

        var again = new TraceRedecision(_rig.Tree, new CascadePolicy(_rig.Tree, _pack.Cascade!));
        _traces.ForEach(t => again.Decide(t));
        Assert.Null(again.FirstDifference);
        Assert.True(again.ComparedCount > 300 && again.DifferentCount == 0,
            $"{again.ComparedCount} compared, {again.DifferentCount} different");
        var plans = _rig.Stream.Plans;
        Assert.Equal((400, 400 - plans.HoldCount), (plans.ActionCount, plans.StepCount));
        Assert.All([PlanEnd.Spent, PlanEnd.Unsure, PlanEnd.StateChanged, PlanEnd.InstructionChanged],
            end => Assert.True(plans.EndCount(end) > 0, end.ToString()));
        Assert.Equal(plans.PlanCount - 1, Enum.GetValues<PlanEnd>().Sum(plans.EndCount));
        Assert.Equal(2, _rig.Stages.Instructions.RunCount);
    }

    [Fact]
    public void Ten_thousand_frames_of_a_policy_allocate_nothing()
    {
        byte[][] frames = [.. new[] { Bright, Grey, Dark }.Select(b => Enumerable.Repeat(b, Layout.SizeBytes).ToArray())];
        string[] tasks = ["put", "the red star", "put the blue star", "star"];
        var counter = new Counter();
        using var rig = new PackRig(_pack, PackRig.CascadeOf(_pack), with: p => p with { Actuator = counter });
        var windows = new AllocationWindows(625);
        for (int i = 0; i < windows.TotalFrameCount; i++)
        {
            rig.Feed(Layout, frames[i / 5 % 3], tasks[i / 40 % 4], [0.5f, 0, i / 30 % 2]);
            windows.EndFrame();
        }

        Assert.Equal(0, windows.LeastBytes);
        Assert.Equal((windows.TotalFrameCount, 0L), (counter.Count, rig.Stream.Plans.HoldCount));
        Assert.Equal(4, rig.Stages.Instructions.RunCount);
        Assert.All(["light", "light>heavy@keep=0.5", "previous"], path => Assert.True(rig.CountOf(path) > 0, path));
    }

    private FrameEnd Ended(Action _) => _rig.LastEnd;

    private static OptionDenial Denial(TraceRecord record)
    {
        ReadOnlySpan<OptionValue> values = record.Decisions[0].Values;
        return values[record.Decisions[0].OptionCount - 1].Denial;
    }

    private sealed record Action(ActionOrigin Origin, float[] Values);

    private sealed class Robot : IActuator
    {
        public List<Action> Actions { get; } = [];

        public void Act(in ActionOrigin origin, ReadOnlySpan<float> action) => Actions.Add(new Action(origin, action.ToArray()));
    }

    private sealed class Counter : IActuator
    {
        public int Count { get; private set; }

        public void Act(in ActionOrigin origin, ReadOnlySpan<float> action) => Count++;
    }

    private sealed class Collector(List<TraceRecord> traces) : IAnswerConsumer
    {
        public void Publish(in PublishedFrame frame) => traces.Add(frame.Record);
    }
}
