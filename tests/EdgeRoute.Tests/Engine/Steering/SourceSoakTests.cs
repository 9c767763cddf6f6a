using EdgeRoute.TestBench.Sources;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>The short form of <c>./build.sh soak sources</c>.</summary>
public sealed class SourceSoakTests
{
    [SkippableFact]
    public async Task A_source_that_comes_and_goes_costs_another_no_frame_and_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var figures = await SourceSoak.Run(TestPlaces.Repository, TestPlaces.OnnxRuntimeLibrary, folder.Path, 30, _ => { });
        string words = $"{figures}: {string.Join('\n', figures.Said)}";
        Assert.True(figures is { GapCount: 0, IsLawKept: true, DroppedCount: 0, FailedCount: 0 }, words);
        Assert.True(figures.FrameCount > 0 && figures.GuestFrameCount >= 30, words);

        // The other tests of this process come and go with threads and descriptors of their own.
        Assert.True(figures.After.DescriptorCount < figures.Settled.DescriptorCount + 100, words);
    }
}
