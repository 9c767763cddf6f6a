using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Tests.Core.Tracking;

/// <summary>Plan long, execute short, replan early: an action chunk of five steps of two values, followed frame by frame.</summary>
public sealed class ActionPlanTests
{
    private const int StepCount = 5;

    private static readonly TrackerSettings NoTracking = new(1, 0, 0);

    private readonly PlanTally _tally = new();
    private long _sequence;

    private AnswerCarrier Carrier(PlanRules? rules = null) => new(TaskKind.Policy, NoTracking, StepCount * 2, rules ?? Rules(), _tally);

    private static PlanRules Rules(int steps = 3) => new(2) { ExecuteStepCount = steps, HasConfidence = true, ConfidenceAtLeast = 0.5f,
        ReplanOnState = [1] };

    private FrameStamp Next() => new(0, _sequence, _sequence * 1000, _sequence++ * 33_000_000);

    /// <summary>Step i of plan n is [10 n + i, -(10 n + i)].</summary>
    private void Plan(AnswerCarrier carrier, int number, float confidence = 0.9f)
    {
        var answer = new Answer(TaskKind.Policy, 0, StepCount * 2) { NodeIndex = 1, ValueCount = StepCount * 2,
            Stamp = new FrameStamp(0, _sequence - 1, 0, (_sequence - 1) * 33_000_000) };
        for (int i = 0; i < StepCount; i++)
        {
            (answer.ValueSlots[2 * i], answer.ValueSlots[(2 * i) + 1]) = ((10 * number) + i, -((10 * number) + i));
        }

        carrier.Observe(answer, new ExitSignals(confidence, 0, 0, 0, 0), 1);
    }

    /// <summary>
    /// A frame that reuses where it may, and makes plan <paramref name="number"/> where not. The first value of the action, NaN for a hold.
    /// </summary>
    private float Frame(AnswerCarrier carrier, int number, float confidence = 0.9f, float state = 0, string? instruction = "a",
        bool fails = false, bool always = false)
    {
        carrier.Advance(Next(), [7, state], instruction);
        bool isReused = carrier.HasPrevious && !always;
        Assert.Equal(carrier.HasPrevious, float.IsFinite(carrier.Describe(default, FrameSignals.Unknown with { AgeMs = 33 }).AgeMs));
        if (!isReused && !fails)
        {
            Plan(carrier, number, confidence);
        }

        float action = carrier.HasPrevious ? carrier.Answer.Values[0] : float.NaN;
        carrier.CarryOut();
        return action;
    }

    [Fact]
    public void A_plan_is_followed_step_by_step_until_it_is_spent()
    {
        var carrier = Carrier();
        float[] actions = [.. Enumerable.Range(1, 7).Select(n => Frame(carrier, n))];
        Assert.Equal([10, 11, 12, 40, 41, 42, 70], actions);
        Assert.Equal((3, 7, 0, 2), (_tally.PlanCount, _tally.StepCount, _tally.HoldCount, _tally.EndCount(PlanEnd.Spent)));
        Assert.Equal(7 / 3.0, _tally.StepsPerPlanMean, 9);
    }

    [Fact]
    public void A_reused_answer_is_the_rest_of_the_plan_with_the_step_due_first()
    {
        var carrier = Carrier();
        Frame(carrier, 1);
        Frame(carrier, 2);
        Assert.Equal((1, 8, 0L), (carrier.Answer.StepIndex, carrier.Answer.ValueCount, carrier.Answer.Stamp.Sequence));
        Assert.Equal([11f, -11, 12, -12, 13, -13, 14, -14], carrier.Answer.Values.ToArray());
        Assert.Equal(0.9f, carrier.PlanConfidence);
    }

    [Fact]
    public void Without_a_limit_the_whole_chunk_is_carried_out_and_never_more()
    {
        var carrier = Carrier(Rules() with { ExecuteStepCount = int.MaxValue });
        Assert.Equal([10, 11, 12, 13, 14, 60, 61], [.. Enumerable.Range(1, 7).Select(n => Frame(carrier, n))]);
    }

    [Theory]
    [InlineData(0.49f)]
    [InlineData(float.NaN)]
    public void An_unsure_plan_is_followed_for_its_first_step_only(float confidence)
    {
        var carrier = Carrier();
        Assert.Equal([10, 20, 30, 31], new[] { Frame(carrier, 1, confidence), Frame(carrier, 2, confidence), Frame(carrier, 3),
            Frame(carrier, 4) });
        Assert.Equal((2, 0), (_tally.EndCount(PlanEnd.Unsure), _tally.EndCount(PlanEnd.Spent)));
    }

    [Theory]
    [InlineData(0.5f, 11)]
    [InlineData(0.51f, 20)]
    [InlineData(-1, 20)]
    [InlineData(float.NaN, 20)]
    public void A_state_that_changed_ends_the_plan(float state, float expected)
    {
        var carrier = Carrier();
        Frame(carrier, 1);
        Assert.Equal(expected, Frame(carrier, 2, state: state));
        Assert.Equal(expected == 20 ? 1 : 0, _tally.EndCount(PlanEnd.StateChanged));
    }

    [Fact]
    public void A_plan_that_ended_does_not_come_back_when_the_state_does()
    {
        var carrier = Carrier();
        Frame(carrier, 1);
        Assert.True(float.IsNaN(Frame(carrier, 2, state: 1, fails: true)));
        Assert.Equal([30, 31], new[] { Frame(carrier, 3), Frame(carrier, 4) });
        Assert.Equal((1, 1), (_tally.HoldCount, _tally.EndCount(PlanEnd.StateChanged)));
    }

    [Fact]
    public void Another_instruction_ends_the_plan_and_the_same_text_in_another_string_does_not()
    {
        var carrier = Carrier();
        Frame(carrier, 1, instruction: "put it");
        Assert.Equal(11, Frame(carrier, 2, instruction: new string("put it")));
        Assert.Equal(30, Frame(carrier, 3, instruction: "drop it"));
        Assert.Equal(1, _tally.EndCount(PlanEnd.InstructionChanged));
    }

    [Fact]
    public void A_new_plan_that_nobody_needed_is_the_policys_own_choice()
    {
        var carrier = Carrier();
        Assert.Equal([10, 20, 21], new[] { Frame(carrier, 1), Frame(carrier, 2, always: true), Frame(carrier, 3) });
        Assert.Equal(1, _tally.EndCount(PlanEnd.Running));
    }

    [Fact]
    public void A_failed_frame_goes_on_with_the_plan_and_holds_where_there_is_none()
    {
        var carrier = Carrier();
        Assert.True(float.IsNaN(Frame(carrier, 1, fails: true)));
        Assert.Equal([20, 21, 22], new[] { Frame(carrier, 2), Frame(carrier, 3, fails: true), Frame(carrier, 4, fails: true) });
        Assert.True(float.IsNaN(Frame(carrier, 5, fails: true)));
        Assert.True(float.IsNaN(Frame(carrier, 6, fails: true)));
        Assert.Equal([70, 71], new[] { Frame(carrier, 7), Frame(carrier, 8) });
        Assert.Equal((3, 5, 8), (_tally.HoldCount, _tally.StepCount, _tally.ActionCount));
    }

    [Fact]
    public void A_set_point_holds_until_the_next_answer()
    {
        var carrier = Carrier(new PlanRules(2) { ExecuteStepCount = 1, IsSetPoint = true });
        Assert.Equal([10, 10, 10], new[] { Frame(carrier, 1), Frame(carrier, 2), Frame(carrier, 3) });
    }

    [Fact]
    public void After_a_restart_there_is_no_plan()
    {
        var carrier = Carrier();
        Frame(carrier, 1);
        carrier.Reset();
        Assert.Equal([20, 21], new[] { Frame(carrier, 2), Frame(carrier, 3) });
        Assert.Equal(0, Enum.GetValues<PlanEnd>().Sum(_tally.EndCount));
    }

    [Fact]
    public void A_new_plan_is_compared_step_by_step_with_the_rest_of_the_old_one()
    {
        var carrier = Carrier(Rules() with { ExecuteStepCount = 1 });
        Frame(carrier, 1);
        carrier.Advance(Next(), [7, 0], "a");
        var answer = new Answer(TaskKind.Policy, 0, StepCount * 2) { NodeIndex = 1, ValueCount = StepCount * 2 };
        for (int i = 0; i < StepCount; i++)
        {
            (answer.ValueSlots[2 * i], answer.ValueSlots[(2 * i) + 1]) = (11 + i, -(11 + i));
        }

        Assert.Equal(1, carrier.Compare(default, answer, null).CarriedAgreement);
        answer.ValueSlots[0] += 99;
        Assert.Equal(0, carrier.Compare(default, answer, null).CarriedAgreement);
    }

    [Fact]
    public void With_a_rate_of_its_own_a_plan_goes_on_by_time_whatever_frames_end()
    {
        var carrier = Carrier(Rules() with { StepNs = 20_000_000 });
        // 33 ms from frame to frame: one step and a half, and the fourth frame is past the three steps of a plan.
        Assert.Equal([10, 12, 30, 32], new[] { Frame(carrier, 1), Frame(carrier, 2), Frame(carrier, 3), Frame(carrier, 4) });
        Assert.Equal((2, 5, 0, 1), (_tally.PlanCount, _tally.StepCount, _tally.HoldCount, _tally.EndCount(PlanEnd.Spent)));
    }

    [Fact]
    public void A_plan_of_another_task_is_known_by_the_frame_that_ends_it_and_by_the_first_of_its_successor()
    {
        var carrier = Carrier();
        Frame(carrier, 1);
        Assert.False(carrier.IsOtherTask);
        Frame(carrier, 2, instruction: "b", fails: true);
        Assert.True(carrier is { IsOtherTask: true, HasPrevious: false });
        Frame(carrier, 3, instruction: "b");
        Assert.True(carrier is { IsOtherTask: true, HasPrevious: true });
        Frame(carrier, 4, instruction: "b", always: true);
        Assert.False(carrier.IsOtherTask);
    }

    [Fact]
    public void A_plan_that_was_not_carried_out_is_over()
    {
        var carrier = Carrier();
        Frame(carrier, 1);
        carrier.Forgo();
        Assert.False(carrier.HasPrevious);
        Assert.Equal(20, Frame(carrier, 2));
        Assert.Equal((1, 1), (_tally.HoldCount, _tally.EndCount(PlanEnd.StateChanged)));
    }

    [Fact]
    public void Following_plans_allocates_nothing()
    {
        var carrier = Carrier();
        var answer = new Answer(TaskKind.Policy, 0, StepCount * 2) { NodeIndex = 1, ValueCount = StepCount * 2 };
        float[] state = [7, 0];
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            carrier.Advance(default, state, "a");
            if (!carrier.HasPrevious)
            {
                carrier.Observe(answer, new ExitSignals(1, 0, 0, 0, 0), 1);
            }

            carrier.CarryOut();
        }));
    }
}
