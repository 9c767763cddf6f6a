using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Tests.Simulation.PickPlace;

public sealed class PickPlaceWorldTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.5f)]
    [InlineData(1)]
    public void The_expert_always_succeeds(float clutter)
    {
        var world = new PickPlaceWorld(7, TabletopClutter.Fixed(clutter));
        for (int episode = 0; episode < 400; episode++)
        {
            Play(world);
            Assert.Equal(PickPlaceOutcome.Placed, world.Outcome);
            Assert.InRange(world.TickCount, 1, 60);
            world.LayNextTable();
        }
    }

    /// <summary>Plans are carried out in part: after eight steps of one the next must go on, not begin anew.</summary>
    [Fact]
    public void The_expert_succeeds_in_chunks()
    {
        var world = new PickPlaceWorld(8, TabletopClutter.Uniform());
        var plan = new float[PickPlaceRules.PlanSteps * PickPlaceRules.ActionLength];
        for (int episode = 0; episode < 300; episode++)
        {
            while (world.Outcome == PickPlaceOutcome.Running)
            {
                PickPlaceExpert.WritePlan(PickPlaceSituation.Of(world), plan);
                for (int step = 0; step < PickPlaceRules.PlanSteps / 2; step++)
                {
                    world.Act(plan.AsSpan(step * PickPlaceRules.ActionLength, PickPlaceRules.ActionLength));
                }
            }

            Assert.Equal(PickPlaceOutcome.Placed, world.Outcome);
            world.LayNextTable();
        }
    }

    [Fact]
    public void The_same_seed_and_actions_give_the_same_pictures()
    {
        Assert.Equal(Film(3), Film(3));
        Assert.NotEqual(Film(3), Film(4));
    }

    /// <summary>An instruction must name one thing and one pad, or nobody could carry it out.</summary>
    [Fact]
    public void Instructions_name_exactly_one_thing_and_one_pad()
    {
        var world = new PickPlaceWorld(5, TabletopClutter.Uniform());
        for (int episode = 0; episode < 1000; episode++)
        {
            var objects = world.Scene.Objects;
            var target = objects[world.TargetIndex];
            Assert.Equal(1, Count(objects, o => o.ColorIndex == target.ColorIndex && o.Shape == target.Shape));
            Assert.Equal(1, Count(objects, o => o.ColorIndex == world.Scene.Objects[0].ColorIndex && o.Shape == ShapeKind.Pad));
            Assert.Contains($" {TabletopPalette.ColorOf(target.ColorIndex)} {TabletopPalette.ShapeOf(target.Shape)} ", world.Instruction);
            Assert.EndsWith($"the {TabletopPalette.ColorOf(world.Scene.Objects[0].ColorIndex)} pad", world.Instruction);
            Assert.All(world.Instruction.Split(' '), word => Assert.Contains(word, PickPlaceInstruction.Words));
            world.LayNextTable();
        }
    }

    [Fact]
    public void Clutter_brings_distractors_and_pads()
    {
        var calm = new PickPlaceWorld(5, TabletopClutter.Fixed(0));
        Assert.Equal((1, 3), (calm.PadCount, calm.Scene.Count));
        var busy = new PickPlaceWorld(5, TabletopClutter.Fixed(1));
        Assert.Equal(3, busy.PadCount);
        Assert.True(busy.Scene.Count > 8);
    }

    [Fact]
    public void Taking_another_thing_and_putting_it_down_fails()
    {
        var world = new PickPlaceWorld(5, TabletopClutter.Fixed(1));
        var other = world.Scene.Objects[world.TargetIndex + 1];
        Go(world, other.X, other.Y, 0);
        world.Act([0, 0, 1]);
        Assert.True(world.IsHolding);
        Assert.NotEqual(world.TargetIndex, world.HeldIndex);
        world.Act([0, 0, 0]);
        Assert.Equal(PickPlaceOutcome.WrongThing, world.Outcome);
    }

    [Fact]
    public void The_wrong_pad_fails_and_the_bare_table_does_not()
    {
        var world = new PickPlaceWorld(5, TabletopClutter.Fixed(1));
        var (target, pad) = (world.Scene.Objects[world.TargetIndex], world.Scene.Objects[1]);
        Go(world, target.X, target.Y, 0);
        world.Act([0, 0, 1]);
        world.Act([0, 0, 0]);
        Assert.Equal(PickPlaceOutcome.Running, world.Outcome);
        world.Act([0, 0, 1]);
        Go(world, pad.X, pad.Y, 1);
        world.Act([0, 0, 0]);
        Assert.Equal(PickPlaceOutcome.WrongPad, world.Outcome);
    }

    [Fact]
    public void Waiting_ends_the_episode_in_time_and_what_is_held_stays_held()
    {
        var world = new PickPlaceWorld(6, TabletopClutter.Fixed(0));
        var target = world.Scene.Objects[world.TargetIndex];
        Go(world, target.X, target.Y, 0);
        world.Act([0, 0, 1]);
        while (world.Outcome == PickPlaceOutcome.Running)
        {
            Assert.True(world.IsHolding);
            world.Wait();
        }

        Assert.Equal((PickPlaceOutcome.OutOfTime, PickPlaceRules.EpisodeTickLimit), (world.Outcome, world.TickCount));
    }

    [Fact]
    public void Actions_that_are_not_numbers_move_nothing()
    {
        var world = new PickPlaceWorld(6, TabletopClutter.Fixed(0));
        var (x, y) = (world.GripperX, world.GripperY);
        world.Act([float.NaN, float.PositiveInfinity, float.NaN]);
        Assert.Equal((x, y, false), (world.GripperX, world.GripperY, world.IsHolding));
    }

    [Fact]
    public void Movements_are_no_longer_than_a_step()
    {
        var world = new PickPlaceWorld(6, TabletopClutter.Fixed(0));
        Go(world, 0.5f, 0.5f, 0);
        world.Act([30, 40, 0]);
        Assert.Equal(0.5f + (0.6f * PickPlaceRules.StepLength), world.GripperX, 4);
        Assert.Equal(0.5f + (0.8f * PickPlaceRules.StepLength), world.GripperY, 4);
    }

    private static void Play(PickPlaceWorld world)
    {
        Span<float> action = stackalloc float[PickPlaceRules.ActionLength];
        while (world.Outcome == PickPlaceOutcome.Running)
        {
            PickPlaceExpert.WritePlan(PickPlaceSituation.Of(world), action);
            world.Act(action);
        }
    }

    private static void Go(PickPlaceWorld world, float x, float y, float grip)
    {
        for (int i = 0; i < 40; i++)
        {
            world.Act([(x - world.GripperX) / PickPlaceRules.StepLength, (y - world.GripperY) / PickPlaceRules.StepLength, grip]);
        }
    }

    private static int Count(ReadOnlySpan<TabletopObject> objects, Func<TabletopObject, bool> test)
    {
        int count = 0;
        foreach (ref readonly var thing in objects)
        {
            count += test(thing) ? 1 : 0;
        }

        return count;
    }

    private static byte[] Film(ulong seed)
    {
        var world = new PickPlaceWorld(seed, TabletopClutter.Uniform());
        var renderer = new TabletopRenderer(96, 96, seed);
        var pictures = new byte[3 * 96 * 96 * 3];
        for (int i = 0; i < 3; i++)
        {
            renderer.Draw(world.Scene, pictures.AsSpan(i * 96 * 96 * 3, 96 * 96 * 3));
            Play(world);
            world.LayNextTable();
        }

        return pictures;
    }
}
