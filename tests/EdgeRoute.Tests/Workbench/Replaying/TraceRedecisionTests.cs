using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Protocol.Recording;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Workbench.Replaying;

public sealed class TraceRedecisionTests
{
    private const int FrameCount = 500;

    [Fact]
    public void The_same_policy_chooses_the_same_again()
    {
        var run = Redecide(RecordFile(), RecordingSamples.Policy());
        Assert.Null(run.FirstDifference);
        Assert.True(run.ComparedCount > FrameCount && run.DifferentCount == 0 && run.ForcedCount == 0, $"{run.ComparedCount} compared");
    }

    [Fact]
    public void Another_policy_shows_its_first_difference()
    {
        var run = Redecide(RecordFile(), RecordingSamples.Policy(threshold: 0.9f));
        Assert.InRange(run.DifferentCount, 1, run.ComparedCount - 1);
        Assert.Equal(("light", "stop", "heavy"), (run.FirstDifference!.PathName, run.FirstDifference.RecordedOption,
            run.FirstDifference.NewOption));
        Assert.Contains("decision 1 at 'light': recorded 'stop' (Policy), now 'heavy' (Policy)", run.FirstDifference.ToString());
    }

    [Fact]
    public void Forced_choices_are_not_the_policys()
    {
        var run = new TraceRedecision(RecordingSamples.Cascade, RecordingSamples.Policy());
        var router = RecordingSamples.NewRouter(RecordingSamples.Policy());
        router.LockNodeIndex = RecordingSamples.Cascade.FindPath("heavy")!.Index;
        for (int i = 0; i < 20; i++)
        {
            run.Decide(RecordingSamples.Trace(router, i, i));
        }

        Assert.Equal((0, true), (run.ComparedCount, run.ForcedCount >= 20));
    }

    [Fact]
    public void Another_route_tree_is_refused_by_name()
    {
        var other = new RouteTree(new RouteGraph([new RouteStage("tiny", true, true, [])],
            [new RouteEdge(RouteGraph.Frame, 0, [1], [1], FrameRegion.Full)]));
        var reader = new RecordReader(new MemoryStream(RecordFile()));
        string message = Assert.Throws<ArgumentException>(() => TraceRedecision.Run(reader, 0, other,
            new FixedPolicy(other, "tiny"))).Message;
        Assert.Contains("node 0 was 'frame' (previous, light, heavy) and is 'frame' (tiny)", message);
    }

    private static TraceRedecision Redecide(byte[] file, IRoutePolicy policy)
    {
        var reader = new RecordReader(new MemoryStream(file));
        var run = TraceRedecision.Run(reader, 0, RecordingSamples.Cascade, policy);
        Assert.Equal(ReadStop.Complete, reader.Stop);
        return run;
    }

    private static byte[] RecordFile()
    {
        var file = new MemoryStream();
        var writer = new RecordWriter(file, RecordingSamples.Session);
        var router = RecordingSamples.NewRouter(RecordingSamples.Policy());
        var tally = default(EndTally);
        for (int i = 0; i < FrameCount; i++)
        {
            var trace = RecordingSamples.Trace(router, i, i);
            writer.WriteTrace(trace);
            tally = tally.With(trace.End) with { Captured = i + 1 };
        }

        writer.WriteEnd(new SessionEnd(0, 0, 0, 0, [tally, default]));
        return file.ToArray();
    }
}
