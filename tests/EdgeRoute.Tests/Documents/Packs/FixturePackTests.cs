using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Documents.Packs;

/// <summary>The fixture packs against the real model files.</summary>
public sealed class FixturePackTests
{
    public static TheoryData<string> Names =>
        [.. Directory.GetDirectories(TestPlaces.Fixture("packs")).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void A_fixture_pack_reads_and_its_policies_and_heads_can_be_built(string name)
    {
        var pack = PackReader.Read(TestPlaces.Fixture("packs", name), TestPlaces.NeedData());
        var tree = new RouteTree(pack.Graph);
        Assert.Equal(name, pack.Name);
        Assert.Equal(pack.FixedRoute, new FixedPolicy(tree, pack.FixedRoute).PathName);
        if (pack.Cascade is not null)
        {
            _ = new CascadePolicy(tree, pack.Cascade);
        }

        Assert.All(pack.Stages, s => Assert.Equal(pack.Task, HeadFactory.Create(s.Exit!).Task));
    }

    [SkippableFact]
    public void The_detection_cascade_has_the_paths_that_a_robot_needs()
    {
        var pack = PackReader.Read(TestPlaces.Fixture("packs", "coco-fastestdet-yolox"), TestPlaces.NeedData());
        Assert.Equal(["heavy", "light", "light>heavy", "previous"], new RouteTree(pack.Graph).PathNames.Order(StringComparer.Ordinal));
        Assert.Equal(80, pack.Labels.Count);
    }
}
