using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>Plans of eight steps of one value at 10 Hz, ticked by hand; step i of plan n is 10 n + i.</summary>
public sealed class PlanExecutorTests : IDisposable, IActuator
{
    private const int StepCount = 8;
    private const long Ms = 1_000_000;

    private readonly ScriptedClock _clock = new(1000 * Ms);
    private readonly StopSwitch _stop;
    private readonly List<(float Value, string? Hold, int Step)> _given = [];
    private readonly List<string> _events = [];
    private readonly RouteTree _tree = SampleGraphs.Cascade();
    private readonly AnswerCarrier _carrier = new(TaskKind.Policy, new TrackerSettings(1, 0, 0), StepCount,
        new PlanRules(1) { ExecuteStepCount = 4, StepNs = 100 * Ms });

    private PlanExecutor _executor;
    private string? _fault;
    private long _sequence;

    public PlanExecutorTests()
    {
        _stop = new StopSwitch(_clock);
        _executor = Executor(new ActionConfig(ActuatorKind.Channel, 10, 550) { Blends = false });
    }

    private PlanExecutor Executor(ActionConfig config) => new(config, 0, this, _stop, _clock, (_, text) => _events.Add(text));

    public void Dispose() => _executor.Dispose();

    string? IActuator.Fault => _fault;

    void IActuator.Act(in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        lock (_given)
        {
            _given.Add((action.Length > 0 ? action[0] : float.NaN, origin.IsHold ? origin.HoldReason : null, origin.StepIndex));
        }
    }

    /// <summary>A frame captured now, with a plan of this number where one is made from it.</summary>
    private void Frame(int? plan = null, string task = "a", ActionMeaning meaning = ActionMeaning.Unknown)
    {
        var stamp = new FrameStamp(0, _sequence++, _clock.GetTimestamp(), _clock.GetTimestamp());
        _carrier.Advance(stamp, default, task);
        if (plan is { } number)
        {
            var answer = new Answer(TaskKind.Policy, 0, StepCount) { NodeIndex = 1, ValueCount = StepCount, Stamp = stamp };
            for (int i = 0; i < StepCount; i++)
            {
                answer.ValueSlots[i] = (10 * number) + i;
            }

            _carrier.Observe(answer, default, 1);
        }

        _executor.HandOver(stamp, _carrier, new PlanRules(1) { StepNs = 100 * Ms, Meaning = meaning }, _tree);
    }

    private void Ticks(int count, double ms = 100)
    {
        for (int i = 0; i < count; i++)
        {
            _executor.Tick(_clock.GetTimestamp());
            _clock.AdvanceMs(ms);
        }
    }

    private float[] Values => [.. _given.Select(g => g.Hold is null ? g.Value : float.NaN)];

    [Fact]
    public void Before_the_first_plan_it_holds_and_tells_no_event()
    {
        Ticks(2);
        Frame(1);
        Ticks(2);
        Assert.Equal([float.NaN, float.NaN, 10, 11], Values);
        Assert.Equal("there is no plan yet", _given[0].Hold);
        Assert.Empty(_events);
    }

    [Fact]
    public void A_plan_that_took_long_begins_with_the_step_that_is_due()
    {
        Frame(1);
        Ticks(3);
        // Captured between two steps; its first belongs to the next one, which passes while it is computed.
        _clock.AdvanceMs(-60);
        var stamp = new FrameStamp(0, _sequence++, _clock.GetTimestamp(), _clock.GetTimestamp());
        _clock.AdvanceMs(60);
        Ticks(2);
        _carrier.Advance(stamp, default, "a");
        var answer = new Answer(TaskKind.Policy, 0, StepCount) { NodeIndex = 1, ValueCount = StepCount, Stamp = stamp };
        for (int i = 0; i < StepCount; i++)
        {
            answer.ValueSlots[i] = 20 + i;
        }

        _carrier.Observe(answer, default, 1);
        _executor.HandOver(stamp, _carrier, new PlanRules(1), _tree);
        Ticks(2);
        Assert.Equal([10, 11, 12, 13, 14, 22, 23], Values);
        var status = _executor.Status();
        Assert.Equal((7, 2, 2, 0), (status.GivenCount, status.PlanCount, status.SkippedCount, status.MissedCount));
    }

    [Fact]
    public void A_plan_without_a_successor_ends_in_a_hold_that_is_told_once_and_when_it_is_over()
    {
        Frame(1);
        Ticks(10);
        Assert.Equal([10, 11, 12, 13, 14, 15, float.NaN, float.NaN, float.NaN, float.NaN], Values);
        Assert.Equal("actions hold: the plan is too old and no new one has come; it was made from frame 0, 600 ms ago (max_age_ms is 550)",
            Assert.Single(_events));
        Assert.Equal("the plan is too old and no new one has come", _executor.Status().Hold);
        Frame(2);
        Ticks(1);
        Assert.Equal(["actions go on after 400 ms"], _events.Skip(1));
        Assert.Equal(20, Values[^1]);
        Assert.Null(_executor.Status().Hold);
    }

    [Fact]
    public void A_plan_with_no_step_left_is_not_begun_anew()
    {
        using var patient = Executor(new ActionConfig(ActuatorKind.Channel, 10, 60_000));
        (_executor, var first) = (patient, _executor);
        first.Dispose();
        Frame(1);
        Ticks(9);
        Assert.Equal(float.NaN, Values[^1]);
        Assert.Contains("the plan has no step left", Assert.Single(_events), StringComparison.Ordinal);
    }

    [Fact]
    public void The_emergency_stop_comes_before_every_step_and_after_it_a_new_plan_is_waited_for()
    {
        Frame(1);
        Ticks(2);
        _stop.Press("line estop");
        Frame(2);
        // Between two steps, at once.
        _clock.AdvanceMs(-60);
        _executor.Tick(_clock.GetTimestamp());
        Assert.Equal("emergency stop", _given[^1].Hold);
        _clock.AdvanceMs(60);
        Ticks(2);
        _stop.Release("line estop");
        Ticks(1);
        Assert.Equal([10, 11, float.NaN, float.NaN, float.NaN, float.NaN], Values);
        Frame(3);
        Ticks(1);
        Assert.Equal(30, Values[^1]);
        Assert.Empty(_events);
    }

    [Fact]
    public void Another_task_is_not_begun_with_the_steps_of_the_one_before()
    {
        using var blending = Executor(new ActionConfig(ActuatorKind.Channel, 10, 550) { Blends = true });
        (_executor, var first) = (blending, _executor);
        first.Dispose();
        Frame(1);
        Ticks(2);
        Frame(null, "b");
        Ticks(1);
        Assert.Equal("the task is another and its first plan is still computed", _given[^1].Hold);
        Frame(2, "b");
        Ticks(1);
        Assert.Equal((20f, 0L), (Values[^1], blending.Status().BlendedCount));
        Frame(3, "c");
        Ticks(1);
        Assert.Equal((30f, 0L), (Values[^1], blending.Status().BlendedCount));
        Frame(4, "c");
        Ticks(1);
        Assert.Equal(1, blending.Status().BlendedCount);
        Assert.InRange(Values[^1], 31, 39.9f);
    }

    [Theory]
    [InlineData(ActionMeaning.Positions, null, true)]
    [InlineData(ActionMeaning.Movements, null, false)]
    [InlineData(ActionMeaning.Unknown, null, false)]
    [InlineData(ActionMeaning.Movements, true, true)]
    [InlineData(ActionMeaning.Positions, false, false)]
    public void Plans_of_positions_are_blended_and_others_where_the_config_says_so(ActionMeaning meaning, bool? asked, bool isBlended)
    {
        using var executor = Executor(new ActionConfig(ActuatorKind.Channel, 10, 550) { Blends = asked });
        (_executor, var first) = (executor, _executor);
        first.Dispose();
        Frame(1, meaning: meaning);
        Ticks(2);
        Frame(2, meaning: meaning);
        Ticks(1);
        Assert.Equal((isBlended, isBlended ? 1 : 0), (executor.Status().Blends, executor.Status().BlendedCount));
        Assert.Equal(isBlended, Values[^1] < 20);
    }

    /// <summary>The arm was held while the plan was computed, so that it still is where the plan begins.</summary>
    [Theory]
    [InlineData(ActionMeaning.Movements, 10f, 22f)]
    [InlineData(ActionMeaning.Positions, 13f, 22f)]
    public void Movements_that_nobody_made_are_not_skipped(ActionMeaning meaning, float first, float second)
    {
        using var executor = Executor(new ActionConfig(ActuatorKind.Channel, 10, 9000) { Blends = false });
        (_executor, var before) = (executor, _executor);
        before.Dispose();
        var rules = new PlanRules(1) { StepNs = 100 * Ms, Meaning = meaning };
        Late(1, 3, rules);
        Ticks(1);
        Assert.Equal(first, Values[^1]);
        Late(2, 2, rules);
        Ticks(1);
        Assert.Equal(second, Values[^1]);
        Assert.Equal(meaning == ActionMeaning.Movements ? 2 : 5, executor.Status().SkippedCount);
    }

    /// <summary>The plan counted on 20 and 21; meanwhile the one before moved the arm by 12 and 13. It moves by 27 at most.</summary>
    [Theory]
    [InlineData(ActionMeaning.Movements, false, new float[] { 27, 27, 27, 27, 27, 27 })]
    [InlineData(ActionMeaning.Positions, false, new float[] { 22, 23, 24, 25, 26, 27 })]
    [InlineData(ActionMeaning.Movements, true, new float[] { 17.4f, 20.7f, 23.1f, 24.8f, 26, 27 })]
    public void Movements_that_a_plan_counted_on_are_made_up(ActionMeaning meaning, bool blends, float[] expected)
    {
        using var executor = Executor(new ActionConfig(ActuatorKind.Channel, 10, 9000) { Blends = blends });
        (_executor, var before) = (executor, _executor);
        before.Dispose();
        var rules = new PlanRules(1) { StepNs = 100 * Ms, Meaning = meaning, Switches = [] };
        Late(1, 0, rules);
        Ticks(2);
        Late(2, 2, rules);
        Ticks(6);
        Assert.Equal([10f, 11, 12, 13], Values[..4]);
        Assert.Equal(expected, Values[4..], (a, b) => Math.Abs(a - b) < 0.1f);
    }

    /// <summary>A plan that takes so many ticks to be computed.</summary>
    private void Late(int plan, int ticks, PlanRules rules)
    {
        var stamp = new FrameStamp(0, _sequence++, _clock.GetTimestamp(), _clock.GetTimestamp());
        Ticks(ticks);
        _carrier.Advance(stamp, default, "a");
        var answer = new Answer(TaskKind.Policy, 0, StepCount) { NodeIndex = 1, ValueCount = StepCount, Stamp = stamp };
        for (int i = 0; i < StepCount; i++)
        {
            answer.ValueSlots[i] = (10 * plan) + i;
        }

        _carrier.Observe(answer, default, 1);
        _executor.HandOver(stamp, _carrier, rules, _tree);
    }

    [Fact]
    public void An_actuator_that_does_not_hear_of_a_hold_is_told_at_once()
    {
        Frame(1);
        Ticks(1);
        _fault = "no answer";
        _stop.Press("line estop");
        Ticks(1);
        Assert.Equal("actions: no answer", Assert.Single(_events));
        _fault = null;
        Ticks(1);
        Assert.Equal("actions are carried out again", _events[^1]);
        Assert.Equal(2, _events.Count);
    }

    [Fact]
    public void Known_latency_is_skipped_as_well_and_without_skipping_each_plan_begins_with_its_first_step()
    {
        using var behind = Executor(new ActionConfig(ActuatorKind.Channel, 10, 900) { LatencyMs = 200, Blends = false });
        (_executor, var first) = (behind, _executor);
        first.Dispose();
        Frame(1);
        Ticks(2);
        Assert.Equal([12, 13], Values);
        using var naive = Executor(new ActionConfig(ActuatorKind.Channel, 10, 900) { SkipsPassed = false, Blends = false });
        _executor = naive;
        Frame(2);
        _clock.AdvanceMs(300);
        Ticks(2);
        Assert.Equal([20, 21], Values[^2..]);
    }

    [Fact]
    public void Steps_that_the_thread_came_too_late_for_are_counted()
    {
        Frame(1);
        Ticks(1);
        _clock.AdvanceMs(200);
        Ticks(1);
        Assert.Equal([10, 13], Values);
        Assert.Equal(2, _executor.Status().MissedCount);
    }

    [Fact]
    public void Its_thread_steps_by_itself_and_ends_with_a_hold()
    {
        var actuator = new Waiting(20);
        using (var executor = new PlanExecutor(new ActionConfig(ActuatorKind.Channel, 200, 60_000), 0, actuator,
            new StopSwitch(TimeProvider.System), TimeProvider.System, (_, _) => { }))
        {
            executor.Follow(new FrameStamp(0, 0, 1, 1), _carrier, new PlanRules(2), _tree);
            Assert.True(actuator.Enough.Wait(TimeSpan.FromMinutes(1)), "the steps do not come");
        }

        Assert.Equal("the run ends", actuator.LastHold);
        Assert.True(actuator.IsDisposed);
    }

    private sealed class Waiting(int wanted) : IActuator, IDisposable
    {
        private int _count;

        public ManualResetEventSlim Enough { get; } = new();

        public string? LastHold { get; private set; }

        public bool IsDisposed { get; private set; }

        public void Act(in ActionOrigin origin, ReadOnlySpan<float> action)
        {
            LastHold = origin.HoldReason;
            if (++_count == wanted)
            {
                Enough.Set();
            }
        }

        public void Dispose() => IsDisposed = true;
    }
}
