using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>The pack that the demo shows.</summary>
public sealed class ShapesPackTests
{
    private static readonly string Folder = Path.Combine(TestPlaces.Repository, "models", "shapes");

    [Fact]
    public void It_reads_and_has_the_paths_of_a_cascade_with_two_heavy_exits()
    {
        var pack = PackReader.Read(Folder);
        var tree = new RouteTree(pack.Graph);
        Assert.Equal(
            ["heavy_1", "heavy_1>heavy_2", "light", "light>heavy_1", "light>heavy_1>heavy_2", "previous"],
            tree.PathNames.Order(StringComparer.Ordinal));
        Assert.Equal("heavy_1>heavy_2", new FixedPolicy(tree, pack.FixedRoute).PathName);
        _ = new CascadePolicy(tree, pack.Cascade!);
        Assert.All(pack.Stages, s => Assert.Equal(TaskKind.Detection, HeadFactory.Create(s.Exit!).Task));
    }

    [Fact]
    public void Its_labels_are_the_classes_that_the_simulated_table_tells() =>
        Assert.Equal(Enumerable.Range(0, TabletopPalette.ClassCount).Select(TabletopPalette.LabelOf), PackReader.Read(Folder).Labels);
}
