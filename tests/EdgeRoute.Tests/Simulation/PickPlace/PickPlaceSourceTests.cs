using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Tests.Simulation.PickPlace;

public sealed class PickPlaceSourceTests
{
    private static readonly ActionOrigin Origin = new(default, default, 0, "test", 1, false);

    [Fact]
    public void Each_frame_waits_for_the_action_of_the_one_before()
    {
        using var source = Open("fps=0");
        using var slot = new FrameSlot();
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        Assert.Equal(ReadOutcome.Nothing, source.Read(slot, 0, out _));
        float before = slot.State[0];
        source.Act(Origin, [before > 0 ? -1 : 1, 0, 0]);
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        Assert.Equal(2 * PickPlaceRules.StepLength, MathF.Abs(slot.State[0] - before), 4);
        Assert.Equal(ReadOutcome.Nothing, source.Read(slot, 0, out _));
    }

    [Fact]
    public void Frames_carry_the_state_and_the_instruction()
    {
        using var source = Open("fps=0");
        using var slot = new FrameSlot();
        source.Read(slot, 0, out _);
        Assert.Equal(PickPlaceRules.StateLength, slot.State.Length);
        Assert.Equal(-1, slot.State[2]);
        string first = slot.Instruction!;
        Assert.Contains(" pad", first);
        source.Act(Origin, [0, 0, 0]);
        source.Read(slot, 0, out _);
        Assert.Same(first, slot.Instruction);
    }

    [Fact]
    public void The_expert_moves_the_arm_through_whole_episodes()
    {
        using var source = Open("fps=0&pilot=expert&episodes=20&clutter=uniform");
        var ended = new List<PickPlaceEpisode>();
        source.EpisodeEnded += ended.Add;
        using var slot = new FrameSlot();
        long frames = 0;
        while (source.Read(slot, 0, out _) == ReadOutcome.Frame)
        {
            frames++;
        }

        Assert.Equal(20, ended.Count);
        Assert.All(ended, e => Assert.Equal(PickPlaceOutcome.Placed, e.Outcome));
        Assert.Equal(frames, ended.Sum(e => e.FrameCount));
        Assert.Equal(frames, ended[^1].FirstFrame + ended[^1].FrameCount);
        Assert.All(ended, e => Assert.Equal(e.TickCount, e.FrameCount));
    }

    [Fact]
    public void A_paced_arm_does_not_wait_and_counts_the_ticks_without_an_action()
    {
        var clock = new ScriptedClock(1_000_000_000);
        using var source = new PickPlaceSource(Settings("fps=10"), clock);
        PickPlaceEpisode? ended = null;
        source.EpisodeEnded += e => ended = e;
        source.Open();
        using var slot = new FrameSlot();
        while (ended is null)
        {
            Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
            clock.AdvanceMs(100);
        }

        Assert.Equal((PickPlaceOutcome.OutOfTime, PickPlaceRules.EpisodeTickLimit), (ended.Outcome, ended.WaitCount));
    }

    [Fact]
    public void A_hold_keeps_what_is_held()
    {
        using var source = Open("fps=0&clutter=0&seed=6");
        using var slot = new FrameSlot();
        source.Read(slot, 0, out _);
        // Which of the places near the gripper holds the thing is not told by the source: the expert's twin knows the same world.
        var twin = new PickPlaceWorld(6, TabletopClutter.Fixed(0));
        Span<float> action = stackalloc float[PickPlaceRules.ActionLength];
        while (!twin.IsHolding)
        {
            PickPlaceExpert.WritePlan(PickPlaceSituation.Of(twin), action);
            twin.Act(action);
            source.Act(Origin, action);
            source.Read(slot, 0, out _);
        }

        Assert.Equal(1, slot.State[2]);
        source.Act(Origin with { IsHold = true }, [0, 0, 0]);
        source.Read(slot, 0, out _);
        Assert.Equal(1, slot.State[2]);
    }

    [Theory]
    [InlineData("task=juggle", "task")]
    [InlineData("task=pick_place&width=96&height=128", "square")]
    [InlineData("task=pick_place&pilot=cat", "pilot")]
    [InlineData("pilot=expert", "pick_place")]
    [InlineData("task=pick_place&episodes=-1", "episodes")]
    public void What_the_address_cannot_mean_is_refused_by_name(string keys, string word)
    {
        Assert.Null(TabletopSettings.Parse($"sim://tabletop?{keys}", out var problems));
        Assert.Contains(word, string.Join('\n', problems));
    }

    [Fact]
    public void One_side_given_is_both()
    {
        var settings = Settings("width=96");
        Assert.Equal((96, 96), (settings.Width, settings.Height));
        Assert.Equal((384, 384), (Settings("").Width, Settings("").Height));
    }

    [Fact]
    public void Nv12_comes_from_the_same_world()
    {
        using var source = new PickPlaceSource(Settings("fps=0&format=nv12&width=96"));
        source.Open();
        using var slot = new FrameSlot();
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        Assert.Equal(PixelFormat.Nv12, slot.Layout.Format);
    }

    private static PickPlaceSource Open(string keys)
    {
        var source = new PickPlaceSource(Settings(keys));
        source.Open();
        return source;
    }

    private static TabletopSettings Settings(string keys) => TabletopSettings.Parse($"sim://tabletop?task=pick_place&{keys}", out _)!;
}
