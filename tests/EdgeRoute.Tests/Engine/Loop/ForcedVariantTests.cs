using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Tests.Engine.Stages;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>The same frames through every preprocess kernel and every policy of the shipped pack.</summary>
public sealed class ForcedVariantTests
{
    private static readonly Lazy<List<byte[]>> _frames =
        new(() => [.. TableFrames.Mixed(80).Index().SelectMany(f => f.Index % 4 == 0 ? new[] { f.Item, f.Item } : [f.Item])]);

    public static TheoryData<string> Policies => [.. new RouteTree(PackRig.Shapes.Graph).PathNames.Where(p => p != "previous")
        .Prepend("cascade")];

    [SkippableTheory]
    [MemberData(nameof(Policies))]
    public void Every_frame_ends_and_every_kernel_leads_it_along_the_same_path(string policy)
    {
        var pack = PackRig.Shapes;
        string[] expected = PathsOf(pack, policy, PreprocessKernels.ByName("scalar"));
        Assert.Equal(100, expected.Length);
        foreach (var kernel in PreprocessKernels.All.SkipLast(1))
        {
            Assert.Equal(expected, PathsOf(pack, policy, PreprocessKernels.ByName(kernel.Name)));
        }

        Assert.All(expected, path => Assert.True(policy == "cascade" || path == policy, path));
        Assert.True(policy != "cascade" || expected.Distinct().Count() == 4, string.Join(", ", expected.Distinct()));
    }

    private static string[] PathsOf(Pack pack, string policy, IPreprocessKernel kernel)
    {
        using var rig = new PackRig(pack, tree => policy == "cascade" ? new CascadePolicy(tree, pack.Cascade!)
            : new FixedPolicy(tree, policy), kernel);
        var paths = new List<string>();
        foreach (byte[] frame in _frames.Value)
        {
            rig.Feed(TableFrames.Layout, frame);
            paths.Add(rig.LastPath);
        }

        var ends = rig.Stream.Tally;
        Assert.Equal((100, 100, 0, 0), (ends.Captured, ends.Ended, ends.Dropped, ends.Failed));
        return [.. paths];
    }
}
