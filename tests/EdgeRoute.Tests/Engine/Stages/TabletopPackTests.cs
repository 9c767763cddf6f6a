using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Simulation.PickPlace;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>The policy pack that the demo shows.</summary>
public sealed class TabletopPackTests
{
    /// <summary>What the whole pack may take of a robot's disk.</summary>
    private const long PackBytesMost = 12 << 20;

    private static readonly string Folder = Path.Combine(TestPlaces.Repository, "models", "tabletop");

    [Fact]
    public void It_reads_and_has_a_light_path_three_heavy_exits_and_kept_tokens()
    {
        var pack = PackReader.Read(Folder);
        var tree = new RouteTree(pack.Graph);
        Assert.Equal(TaskKind.Policy, pack.Task);
        Assert.All(
            ["light", "heavy_1", "heavy_1>heavy_2", "heavy_1>heavy_2>heavy_3", "light>heavy_1>heavy_2@keep=0.25>heavy_3", "previous"],
            path => Assert.NotNull(tree.FindPath(path)));
        Assert.Equal("heavy_1>heavy_2>heavy_3", pack.FixedRoute);
        _ = new CascadePolicy(tree, pack.Cascade!);
    }

    [Fact]
    public void It_understands_every_instruction_that_the_world_gives()
    {
        var language = PackReader.Read(Folder).Language!;
        Assert.All(PickPlaceInstruction.Words, word => Assert.Contains(word, language.Words));
        Assert.Null(language.Tokenize("put the red star on the blue pad", new long[language.Length]));
        Assert.Contains("'stra'", language.Tokenize("put the red stra on the blue pad", new long[language.Length]));
    }

    [Fact]
    public void The_arithmetic_of_every_path_that_runs_something_is_told()
    {
        var pack = PackReader.Read(Folder);
        var paths = new RouteTree(pack.Graph).PathNames.Where(name => name != "previous").ToList();
        Assert.Equal(paths.Order(StringComparer.Ordinal), pack.MultiplyAdds.Keys.Order(StringComparer.Ordinal));
        Assert.True(pack.MultiplyAdds["light"] < pack.MultiplyAdds["heavy_1>heavy_2>heavy_3"] / 10);
    }

    [Fact]
    public void It_is_small() => Assert.InRange(new DirectoryInfo(Folder).EnumerateFiles().Sum(f => f.Length), 1, PackBytesMost);
}
