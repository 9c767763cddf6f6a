using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Tests.Core.Graphs;
using EdgeRoute.Tests.Core.Tracking;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Workbench.Sweeps;

public sealed class SweptMovesTests
{
    private const double StepPixels = 3.5;

    private static readonly RouteTree Tree = SampleGraphs.Cascade();

    private static readonly Detection Thing = Box(0.2f, 0.4f, 0.1f);

    [Fact]
    public void Moves_are_those_of_a_follower_and_end_with_what_may_be_carried()
    {
        var frames = Frames(40, hasPictures: true);
        var moves = new SweptMoves(frames);
        var follower = new PatchFollower();
        follower.Begin(frames[1].Picture, frames[1].Variants[0].Answer!.Detections);
        follower.Follow(frames[2].Picture);
        follower.Follow(frames[3].Picture);
        Assert.Equal(follower.Moves.ToArray(), moves.At(3, 1, 0).ToArray());
        Assert.Equal(1, moves.At(31, 1, 0).Length);
        Assert.Equal(0, moves.At(32, 1, 0).Length);
        Assert.Equal(0, moves.At(1, 1, 0).Length);
        Assert.Equal(0, new SweptMoves(Frames(5, hasPictures: false)).At(3, 1, 0).Length);
        frames[1] = frames[1] with { Variants = [.. frames[1].Variants.Select(v => v with { Answer = null })] };
        Assert.Equal(0, new SweptMoves(frames).At(3, 1, 0).Length);
    }

    [Fact]
    public void In_play_carried_boxes_go_where_the_pictures_show_them()
    {
        Assert.Equal([1, 1, 1, 1], QualitiesOf(Frames(4, hasPictures: true)));
        Assert.Equal(0, QualitiesOf(Frames(4, hasPictures: false))[3]);
    }

    [Fact]
    public void The_oracle_over_time_carries_boxes_as_play_does()
    {
        var sweep = new SweptRecording("moving", Tree, TaskKind.Detection, Frames(12, hasPictures: true));
        var plan = new TimeOracle(sweep, JudgeOf(sweep), Tracking).Plan(pricePerMs: 0.05);
        int previous = Tree.FindPath("previous")!.Index;
        Assert.Equal([.. Enumerable.Repeat(previous, 11)], plan.Skip(1));
    }

    private static readonly TrackerSettings Tracking = new(4, 0.3f, 0.1f);

    private static float[] QualitiesOf(List<SweptFrame> frames)
    {
        var sweep = new SweptRecording("moving", Tree, TaskKind.Detection, frames);
        var (_, rule) = SkippingGrid.EveryNth(sweep).First(p => p.Name.Contains("heavy on every 4.", StringComparison.Ordinal));
        var player = new SweepPlayer(sweep, JudgeOf(sweep), Tracking);
        return [.. player.Play(new Router(Tree, sweep.Profile(), new SkippingPolicy(Tree, "heavy", rule))).Select(p => p.Quality)];
    }

    private static QualityJudge JudgeOf(SweptRecording sweep) => new(sweep, new AgreementSettings(4), [.. Tree.Nodes.Select(_ => 0f)],
        Tree.FindPath("heavy")!, null);

    private static List<SweptFrame> Frames(int count, bool hasPictures) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var stamp = new FrameStamp(0, i, i * 5_000_000L, i * 33_000_000L);
        var variants = Tree.Variants.Select(v =>
        {
            var answer = Seen(0, Thing with { Left = Thing.Left + (float)(StepPixels * i / PatchFollower.Width) });
            (answer.Stamp, answer.NodeIndex) = (stamp, Tree.Nodes.First(n => n.VariantIndex == v.Index).Index);
            return new SweptVariant(20, default, answer);
        });
        return new SweptFrame(stamp, FrameSignals.Unknown, new byte[Thumbnail.Width * Thumbnail.Height], [.. variants])
        {
            Picture = hasPictures ? GreyScene.At(Thing, StepPixels * i, 0) : [],
        };
    })];
}
