using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;
using EdgeRoute.Tests.Core.Tracking;
using EdgeRoute.Tests.Engine.Loop;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>From the pixels of frames to the boxes that are published again.</summary>
public sealed class FollowedBoxesTests : IDisposable
{
    /// <summary>Pixels of a frame for one of the picture that boxes are followed in.</summary>
    private const int Scale = 3;

    private static readonly Detection Thing = Box(0.4f, 0.4f, 0.15f);

    private readonly FramePixels _pixels;
    private readonly FrameSlot _slot = new();
    private readonly AnswerCarrier _carrier = new(TaskKind.Detection, new TrackerSettings(Limit, 0.3f, 0.1f), 0);
    private int _frameCount;

    public FollowedBoxesTests()
    {
        var tree = SampleGraphs.Cascade();
        var script = ScriptedStage.Steady(0.9f, 1);
        _pixels = new FramePixels(new ScriptedStageSet(tree, LoopRig.LightAndHeavy(script, script)), tree.Variants, null,
            followsBoxes: true);
    }

    public void Dispose()
    {
        _pixels.Dispose();
        _slot.Dispose();
    }

    [Fact]
    public void A_box_that_is_carried_goes_where_its_object_went()
    {
        See(0);
        Answer();
        See(2);
        See(5);
        Assert.Equal(Thing.Left + (5f / PatchFollower.Width), Carried().Left, 0.003f);
        Assert.Equal(Thing.Top, Carried().Top, 0.003f);
    }

    /// <summary>A frame whose signals nobody reads is not looked at, so what moved over it is not known.</summary>
    [Fact]
    public void After_a_frame_that_was_not_looked_at_boxes_stay_until_the_next_answer()
    {
        See(0);
        Answer();
        Begin(2);
        _pixels.LoadOnly(_slot, _carrier.Answer);
        See(4);
        Assert.Equal(Thing.Left, Carried().Left, 1e-5f);
        See(0);
        Answer();
        See(2);
        Assert.Equal(Thing.Left + (2f / PatchFollower.Width), Carried().Left, 0.003f);
    }

    [Fact]
    public void After_a_restart_of_the_source_nothing_is_followed()
    {
        See(0);
        Answer();
        Begin(3);
        _slot.FollowsRestart = true;
        _pixels.Measure(_slot, _carrier.Answer, _carrier);
        Assert.Equal(Thing.Left, Carried().Left, 1e-5f);
    }

    [Fact]
    public void Following_boxes_allocates_nothing()
    {
        See(0);
        Answer();
        See(1);
        byte[] frame = FrameOf(2);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Begin(frame);
        _pixels.Measure(_slot, _carrier.Answer, _carrier);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private Detection Carried() => Assert.Single(_carrier.Answer.Detections.ToArray());

    private void See(double move)
    {
        Begin(move);
        _pixels.Measure(_slot, _carrier.Answer, _carrier);
    }

    private void Answer()
    {
        var answer = Seen(0, Thing);
        answer.Stamp = _slot.Stamp;
        _carrier.Observe(answer, default, 1);
        _pixels.MarkAnswered(answer);
    }

    private void Begin(double move) => Begin(FrameOf(move));

    private void Begin(byte[] frame)
    {
        frame.CopyTo(_slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, Scale * PatchFollower.Width, Scale * PatchFollower.Height)));
        _slot.Commit(new FrameStamp(0, _frameCount, 0, 30_000_000L * _frameCount++));
        _carrier.Advance(_slot.Stamp);
    }

    private static byte[] FrameOf(double move)
    {
        byte[] picture = GreyScene.At(Thing, move, 0), frame = new byte[Scale * Scale * picture.Length];
        int width = Scale * PatchFollower.Width;
        for (int i = 0; i < frame.Length; i++)
        {
            frame[i] = picture[(i / width / Scale * PatchFollower.Width) + (i % width / Scale)];
        }

        return frame;
    }
}
