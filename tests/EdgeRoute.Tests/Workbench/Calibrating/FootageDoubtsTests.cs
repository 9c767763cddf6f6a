using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Tests.Core.Graphs;
using EdgeRoute.Workbench.Calibrating;
using EdgeRoute.Workbench.Sweeps;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Workbench.Calibrating;

public sealed class FootageDoubtsTests
{
    private static readonly RouteTree Tree = SampleGraphs.Cascade();

    [Fact]
    public void On_an_empty_scene_nothing_is_certified()
    {
        string refusal = Assert.IsType<string>(Refusal(Footage(_ => false)));
        Assert.Contains("sees something on 0 of the 160 frames", refusal, StringComparison.Ordinal);
        Assert.Contains("Record what the robot is to detect", refusal, StringComparison.Ordinal);
    }

    /// <summary>One object that stands there for long is one moment, however many frames it has.</summary>
    [Fact]
    public void One_thing_that_comes_once_is_not_enough_and_one_that_comes_often_is()
    {
        Assert.NotNull(Refusal(Footage(i => i < 9)));
        Assert.Null(Refusal(Footage(i => i % 8 == 0)));
    }

    [Fact]
    public void Classes_are_told_of_every_frame() =>
        Assert.Null(Refusal(new SweptRecording("classes", Tree, TaskKind.Classification, Footage(_ => false).Frames)));

    [Fact]
    public void Costs_that_spread_are_flagged()
    {
        Assert.Null(FootageDoubts.Busy(Footage(_ => true)));
        string doubt = Assert.IsType<string>(FootageDoubts.Busy(Footage(_ => true, i => i % 10 == 0 ? 50 : 20)));
        Assert.Contains("20.0 ms on the median and 50.0 ms at p95", doubt, StringComparison.Ordinal);
    }

    private static string? Refusal(SweptRecording sweep)
    {
        double[] losses = [.. sweep.Frames.Select((_, i) => i % 2 == 0 ? 0.1 : 0.2)];
        return FootageDoubts.NothingToSee(sweep, Tree.FindPath("heavy")!, BlockMeans.Plan([losses], [losses.Length]));
    }

    private static SweptRecording Footage(Func<int, bool> hasThing, Func<int, float>? ms = null) =>
        new("footage", Tree, TaskKind.Detection, [.. Enumerable.Range(0, 160).Select(i =>
        {
            var answer = hasThing(i) ? Seen(i, Box(0.2f, 0.2f, 0.3f)) : Seen(i);
            var variants = Tree.Variants.Select(_ => new SweptVariant(ms?.Invoke(i) ?? 20, default, answer));
            return new SweptFrame(answer.Stamp with { Sequence = i }, FrameSignals.Unknown, [], [.. variants]);
        })]);
}
