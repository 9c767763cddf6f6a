using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Engine.Loop;

public sealed class FrameLoopTests
{
    private static readonly ScriptedStage Sure = ScriptedStage.Steady(0.9f, 2), Unsure = ScriptedStage.Steady(0.6f, 2),
        Heavy = ScriptedStage.Steady(0.99f, 20);

    [Fact]
    public void A_sure_light_exit_ends_the_frame_exited_and_an_unsure_one_escalated()
    {
        using var rig = LoopRig.WithCascade(new ScriptedStage(n => n % 2 == 0 ? 0.9f : 0.6f, _ => 2, _ => false), Heavy);
        rig.RunAll(10, i => (byte)(i * 20));
        var tally = rig.Streams[0].Tally;
        Assert.Equal((10, 5, 5, 0), (tally.Captured, tally.Exited, tally.Escalated, tally.InFlight));
        Assert.Equal(5, rig.Stages.RunCountOf("heavy"));
        Assert.Equal(0.99f, rig.Answers[1].Confidence);
    }

    [Fact]
    public void A_path_with_nothing_left_to_choose_ends_completed()
    {
        var tree = SampleGraphs.Cascade();
        using var rig = new LoopRig(tree, new FixedPolicy(tree, "heavy"), LoopRig.LightAndHeavy(Sure, Heavy));
        rig.RunAll(3, i => (byte)(i * 80));
        Assert.Equal(3, rig.Streams[0].Tally.Completed);
    }

    [Fact]
    public void A_still_frame_reuses_the_previous_answer_until_it_is_too_old()
    {
        using var rig = LoopRig.WithCascade(Sure, Heavy);
        rig.RunAll(5, _ => 100);
        // Frames are 40 ms apart and an answer may be 100 ms old: run, reuse, reuse, run, reuse.
        Assert.Equal([FrameEnd.Exited, FrameEnd.Skipped, FrameEnd.Skipped, FrameEnd.Exited, FrameEnd.Skipped],
            rig.Records.Select(r => r.End));
        Assert.Equal([0L, 0, 0, 3, 3], rig.Answers.Select(a => a.Stamp.Sequence));
    }

    [Fact]
    public void A_stage_that_fails_is_answered_for_by_another_and_counted()
    {
        using var rig = LoopRig.WithCascade(Unsure, Heavy with { Fails = n => n % 2 == 0 });
        rig.RunAll(4, i => (byte)(i * 60));
        Assert.Equal([FrameEnd.Exited, FrameEnd.Escalated, FrameEnd.Exited, FrameEnd.Escalated], rig.Records.Select(r => r.End));
        Assert.Equal(2, rig.Streams[0].FallbackCount);
        Assert.True(rig.Records[0].Flags.HasFlag(TraceFlags.Fallback));
        Assert.Contains("scripted fault", rig.Streams[0].LastFault);
    }

    [Fact]
    public void A_frame_fails_only_when_every_option_failed_and_the_loop_goes_on()
    {
        using var rig = LoopRig.WithCascade(Sure with { Fails = n => n == 0 }, Heavy with { Fails = n => n == 0 });
        rig.RunAll(3, i => (byte)(i * 80));
        Assert.Equal([FrameEnd.Failed, FrameEnd.Exited, FrameEnd.Exited], rig.Records.Select(r => r.End));
        Assert.Equal(-1, rig.Records[0].NodeIndex);
        Assert.Equal(0, rig.Streams[0].Tally.InFlight);
    }

    [Fact]
    public void A_frame_whose_pixels_cannot_be_read_fails_and_the_next_one_is_answered()
    {
        using var rig = LoopRig.WithCascade(Sure, Heavy);
        rig.Exchanges[0].TryBegin(0, out var slot);
        slot!.Prepare(FrameLayout.Compressed(0, 0, 100)).Fill(0x55);
        rig.Exchanges[0].Publish(new FrameStamp(0, 0, rig.Clock.NowNs(), 0));
        rig.Feed(1, 50);
        rig.Exchanges[0].FinishWriting();
        rig.Loop.Run();
        Assert.Equal([FrameEnd.Failed, FrameEnd.Exited], rig.Records.Select(r => r.End));
        Assert.True(rig.Records[0].Flags.HasFlag(TraceFlags.SignalsFailed));
        Assert.Equal(DecisionReason.FixedRoute, rig.Records[0].Decisions[0].Reason);
    }

    [Fact]
    public void The_first_frame_after_a_restart_is_marked_and_has_nothing_to_move_against()
    {
        using var rig = LoopRig.WithCascade(Sure, Heavy);
        rig.Feed(0, 100);
        rig.Exchanges[0].TryBegin(0, out var slot);
        slot!.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 16, 12)).Fill(100);
        slot.FollowsRestart = true;
        rig.Exchanges[0].Publish(new FrameStamp(0, 1, rig.Clock.NowNs(), 40_000_000));
        rig.Exchanges[0].FinishWriting();
        rig.Loop.Run();
        Assert.Equal([TraceFlags.None, TraceFlags.SourceRestarted], rig.Records.Select(r => r.Flags));
        Assert.Equal(1, rig.Records[1].Signals.Motion);
    }

    [Fact]
    public void A_stage_that_would_miss_the_deadline_is_not_started()
    {
        using var rig = LoopRig.WithCascade(Unsure, Heavy, deadlineMs: 15);
        rig.RunInStep(6, i => (byte)(i * 40));
        // The first frame finds out what heavy costs, and is late; from then on the light answer is published in time.
        Assert.Equal(FrameEnd.Escalated, rig.Records[0].End);
        Assert.True(rig.Records[0].Flags.HasFlag(TraceFlags.Late));
        Assert.All(rig.Records.Skip(1), r => Assert.Equal((FrameEnd.Exited, false), (r.End, r.Flags.HasFlag(TraceFlags.Late))));
        Assert.Equal(DecisionReason.Deadline, rig.Records[1].Decisions[1].Reason);
    }

    [Fact]
    public void A_frame_that_is_late_before_it_is_taken_gets_an_answer_of_its_own()
    {
        using var rig = LoopRig.WithCascade(Sure, Heavy, deadlineMs: 15);
        rig.Feed(0, 10);
        rig.AfterFrame = () =>
        {
            if (rig.Records.Count == 1)
            {
                rig.Feed(1, 200);
                rig.Clock.AdvanceMs(16);
                rig.Exchanges[0].FinishWriting();
            }
        };
        rig.Loop.Run();
        Assert.DoesNotContain(FrameEnd.Skipped, rig.Records.Select(r => r.End));
        Assert.Equal(DecisionReason.DeadlineMissed, rig.Records[1].Decisions[0].Reason);
    }

    [Fact]
    public void The_law_holds_when_frames_come_faster_than_they_are_taken()
    {
        var light = new ScriptedStage(n => n % 3 == 0 ? 0.6f : 0.9f, _ => 2, n => n % 7 == 0);
        using var rig = LoopRig.WithCascade(light, Heavy with { Fails = n => n % 5 == 0 }, DeliveryMode.NewestWins);
        rig.RunAll(20_000, i => (byte)(i * 37));
        var tally = rig.Streams[0].Tally;
        Assert.Equal(20_000, tally.Captured);
        Assert.Equal(0, tally.InFlight);
        Assert.Equal(rig.Records.Count, tally.Captured - tally.Dropped);
    }

    [Theory]
    [InlineData(DeliveryMode.NewestWins)]
    [InlineData(DeliveryMode.EveryFrame)]
    public void The_law_holds_when_stopped_in_the_middle(DeliveryMode delivery)
    {
        using var rig = LoopRig.WithCascade(Sure, Heavy, delivery);
        rig.AfterFrame = () =>
        {
            if (rig.Records.Count == 50)
            {
                rig.Lane.Stop();
            }
        };
        var feeder = new Thread(() =>
        {
            for (int i = 0; rig.Feed(i, (byte)(i * 37)); i++)
            {
            }
        });
        feeder.Start();
        rig.Loop.Run();
        rig.Exchanges[0].Close();
        feeder.Join();
        Assert.Equal(50, rig.Records.Count);
        Assert.Equal(0, rig.Streams[0].Tally.InFlight);
    }

    [Fact]
    public void A_frame_limit_ends_the_run_exactly()
    {
        using var rig = LoopRig.WithCascade(Sure, Heavy);
        var feeder = new Thread(() =>
        {
            for (int i = 0; rig.Feed(i, (byte)(i * 37)); i++)
            {
            }
        });
        feeder.Start();
        rig.Loop.Run(frameLimit: 25);
        rig.Exchanges[0].Close();
        feeder.Join();
        Assert.Equal(25, rig.Loop.EndedCount);
        Assert.Equal(0, rig.Streams[0].Tally.InFlight);
    }

    [Fact]
    public void Of_two_waiting_frames_the_one_due_first_is_taken()
    {
        var tree = SampleGraphs.Cascade();
        using var rig = new LoopRig(tree, LoopRig.Cascade(tree), LoopRig.LightAndHeavy(Sure, Heavy), streamCount: 2);
        rig.Feed(0, 10, stream: 1);
        rig.Clock.AdvanceMs(5);
        rig.Feed(0, 10, stream: 0);
        rig.Clock.AdvanceMs(5);
        rig.Feed(1, 200, stream: 1);
        rig.Exchanges[0].FinishWriting();
        rig.Exchanges[1].FinishWriting();
        rig.Loop.Run();
        Assert.Equal([1, 0, 1], rig.Records.Select(r => r.Stamp.SourceIndex));
    }

    [Fact]
    public void Every_decision_in_a_trace_can_be_made_again_from_the_trace_alone()
    {
        using var rig = LoopRig.WithCascade(new ScriptedStage(n => n % 2 == 0 ? 0.9f : 0.6f, _ => 2, n => n % 9 == 8), Heavy,
            deadlineMs: 30);
        rig.RunAll(200, i => (byte)(i / 3 * 37));
        var router = rig.Streams[0].Router;
        foreach (var record in rig.Records)
        {
            for (int i = 0; i < record.DecisionCount; i++)
            {
                var decision = record.Decisions[i];
                Assert.Equal((decision.OptionIndex, decision.Reason), router.DecideAgain(decision, record.Signals));
            }
        }
    }

    [Fact]
    public void A_frame_allocates_nothing()
    {
        using var rig = LoopRig.WithCascade(new ScriptedStage(n => n % 2 == 0 ? 0.9f : 0.6f, _ => 2, _ => false), Heavy);
        var windows = new AllocationWindows(625);
        rig.Records.Capacity = rig.Traced.Capacity = rig.Answers.Capacity = windows.TotalFrameCount;
        rig.AfterFrame = windows.EndFrame;
        rig.RunAll(windows.TotalFrameCount, i => (byte)(i * 37));
        Assert.Equal(0, windows.LeastBytes);
    }
}
