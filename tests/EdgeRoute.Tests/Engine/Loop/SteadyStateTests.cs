using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Tracing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Engine.Stages;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>The whole road of a frame, with tracing and tallies, leaves nothing for the garbage collector.</summary>
public sealed class SteadyStateTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Ten_thousand_frames_of_the_shipped_pack_on_every_path_allocate_nothing()
    {
        var frames = Twice(TableFrames.Mixed(40));
        var paths = Measure(PackRig.Shapes, TableFrames.Layout, frames, new AllocationWindows(625));
        Assert.All(["light", "light>heavy_1", "light>heavy_1>heavy_2", "previous"],
            path => Assert.True(paths[path] > 0, $"no frame took {path}"));
    }

    [SkippableFact]
    public void Frames_of_a_cascade_of_two_published_detectors_allocate_nothing()
    {
        var pack = PackReader.Read(TestPlaces.Fixture("packs", "coco-fastestdet-yolox"), TestPlaces.NeedData());
        var paths = Measure(pack, TableFrames.Layout, Twice(TableFrames.Mixed(20)), new AllocationWindows(125));
        Assert.True(paths["previous"] > 0 && paths.Values.Count(count => count > 0) >= 2, string.Join(", ", paths));
    }

    /// <summary>Every frame two times in a row: the second is reused.</summary>
    private static List<byte[]> Twice(IEnumerable<byte[]> frames) => [.. frames.SelectMany(f => new[] { f, f })];

    private Dictionary<string, long> Measure(Pack pack, FrameLayout layout, List<byte[]> frames, AllocationWindows windows)
    {
        TraceSink? sink = null;
        RunTally? tally = null;
        using var rig = new PackRig(pack, PackRig.CascadeOf(pack), consumers: tree =>
        {
            sink = new TraceSink(Stream.Null, SessionOf(pack, tree), new SinkSettings { TraceCapacity = 1024 }, Fail);
            tally = new RunTally("s0", tree);
            return [new TraceConsumer(sink, withFrames: false), new TallyConsumer(_ => tally)];
        });
        int count = windows.TotalFrameCount;
        for (int i = 0; i < count; i++)
        {
            rig.Feed(layout, frames[i % frames.Count]);
            windows.EndFrame();
        }

        var totals = sink!.Close(1, [rig.Stream.Tally]);
        output.WriteLine($"{windows.LeastBytes} bytes; paths "
            + $"{string.Join(", ", rig.Tree.PathNames.Select(p => $"{p} {rig.CountOf(p)}"))}; {totals}");

        Assert.Equal(0, windows.LeastBytes);
        Assert.Equal(count, totals.TraceWrittenCount + totals.TraceLostCount);
        Assert.Equal(count, tally!.Latency.Count);
        Assert.Equal(count, rig.Stream.Tally.Captured);
        Assert.Equal(0, rig.Stream.Tally.InFlight);
        Assert.Equal(0, rig.Stream.Tally.Failed);
        return rig.Tree.PathNames.ToDictionary(p => p, rig.CountOf);
    }

    private static SessionStart SessionOf(Pack pack, RouteTree tree) => new(0, 0, "test", new byte[32],
        [new SessionSource("s0", "memory", pack.Name, Convert.FromHexString(pack.ManifestSha256), "cascade", SessionSource.NodesOf(tree))]);

    private static void Fail(string text) => throw new InvalidOperationException(text);
}
