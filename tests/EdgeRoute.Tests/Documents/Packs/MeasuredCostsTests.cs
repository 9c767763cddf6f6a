using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Documents.Packs;

/// <summary>What was measured of a pack lies beside its manifest; it counts for the machine and the version it was measured with.</summary>
public sealed class MeasuredCostsTests : IDisposable
{
    private readonly SamplePack _sample = new();

    private string Manifest => _sample.Folder.File("manifest.json");

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_profile_is_written_and_read_back()
    {
        var pack = Store(Profile("here"));
        var tree = new RouteTree(pack.Graph);
        var costs = new CostTable(tree);
        Assert.Equal(0, pack.FillCosts(tree, costs, "here", "CPU", 2));
        Assert.Equal(new StageCost(3, 4), costs.OfVariant(tree.FindPath("light>heavy@keep=0.5")!.VariantIndex));
        var found = MeasuredCosts.Find(Manifest, "here", "cpu", spin: false, out _)!;
        Assert.Equal([new ThreadTime(1, 8), new ThreadTime(2, 5)], found.Times);
        Assert.Equal("light>heavy", found.Path);
    }

    [Fact]
    public void The_costs_of_the_threads_in_use_are_taken_and_else_those_of_the_best_count()
    {
        var pack = Store(Profile("here"));
        Assert.Equal(7, LightCost(pack, "here", "CPU", 1));
        Assert.Equal(6, LightCost(pack, "here", "CPU", 2));
        Assert.Equal(6, LightCost(pack, "here", "CPU", 0));
        Assert.Equal(6, LightCost(pack, "here", "CPU", 9));
    }

    [Fact]
    public void A_profile_of_another_machine_or_provider_is_not_taken()
    {
        var pack = Store(Profile("here"));
        var tree = new RouteTree(pack.Graph);
        Assert.Equal(tree.Variants.Count, pack.FillCosts(tree, new CostTable(tree), "there", "CPU", 2));
        Assert.Equal(tree.Variants.Count, pack.FillCosts(tree, new CostTable(tree), "here", "CUDA", 2));
        // The manifest's own profile says nothing of providers and threads.
        Assert.Equal(2, LightCost(pack, "desk", "CUDA", 4));
        Assert.Null(MeasuredCosts.Find(Manifest, "there", "CPU", spin: false, out string why));
        Assert.Contains("is not measured on 'there' with CPU", why, StringComparison.Ordinal);
        Assert.Null(MeasuredCosts.Find(Manifest, "here", "CPU", spin: true, out why));
        Assert.Contains("spinning", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_of_another_version_of_the_pack_is_not_taken()
    {
        Store(Profile("here"));
        _sample.Set("version", "\"2\"");
        var changed = _sample.Read();
        var tree = new RouteTree(changed.Graph);
        Assert.Equal(tree.Variants.Count, changed.FillCosts(tree, new CostTable(tree), "here", "CPU", 2));
        Assert.Null(MeasuredCosts.Find(Manifest, "here", "CPU", spin: false, out string why));
        Assert.Contains("has changed since", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_is_measured_again_replaces_its_own_profile_only()
    {
        var costs = new MeasuredCosts { Pack = "sample" }.With(Profile("here")).With(Profile("there")).With(Profile("here", spin: true));
        var again = costs.With(Profile("here", path: "light"));
        Assert.Equal(["there light>heavy False", "here light>heavy True", "here light False"],
            again.Machines.Select(m => $"{m.Device} {m.Path} {m.Spin}"));
    }

    [Theory]
    [InlineData("{", "costs.json' cannot be used")]
    [InlineData("null", "it is empty")]
    [InlineData("""{ "costs": 2, "pack": "sample", "machines": [] }""", "format version 2")]
    [InlineData("""{ "costs": 1, "pack": "sample", "machines": [null] }""", "null")]
    [InlineData("""{ "costs": 1, "pack": "sample", "machines": [], "colour": 1 }""", "colour")]
    [InlineData("""{ "costs": 1, "machines": [{ "device": "d", "runs": [{ "threads": 0, "path_ms": 1, "options": [] }] }] }""", "threads")]
    [InlineData("""{ "costs": 1, "machines": [{ "runs": [{ "threads": 1, "path_ms": 1, "options": [ORDER] }] }] }""", "no time")]
    public void A_damaged_file_is_refused_with_what_to_do(string text, string words)
    {
        const string Wrong = """{ "option": "light", "ms_p50": 2, "ms_p95": 1 }""";
        _sample.Folder.Write(MeasuredCosts.UsualName, text.Replace("ORDER", Wrong, StringComparison.Ordinal));
        string reason = Assert.Single(_sample.Reasons());
        Assert.Contains(words, reason, StringComparison.Ordinal);
        Assert.Contains("Remove the file, and make it anew with 'edgeroute measure'", reason, StringComparison.Ordinal);
    }

    private Pack Store(MachineCosts profile)
    {
        new MeasuredCosts { Pack = "sample" }.With(profile).WriteBeside(Manifest);
        Assert.Empty(Directory.GetFiles(_sample.Folder.Path, "*.part"));
        return _sample.Read();
    }

    private MachineCosts Profile(string device, bool spin = false, string path = "light>heavy") => new()
    {
        Device = device, Provider = "CPU", Spin = spin, Threads = 2, Path = path, ManifestSha256 = _sample.Read().ManifestSha256,
        Runs = [Run(1, 8, 7), Run(2, 5, 6)],
    };

    private static ThreadCosts Run(int threads, float pathMs, float lightMs) => new()
    {
        Threads = threads, PathMs = pathMs,
        Options = [new("light", lightMs, lightMs), new("heavy", 2, 9), new("heavy@keep=0.5", 3, 4)],
    };

    private static float LightCost(Pack pack, string device, string provider, int threads)
    {
        var tree = new RouteTree(pack.Graph);
        var costs = new CostTable(tree);
        pack.FillCosts(tree, costs, device, provider, threads);
        return costs.OfVariant(tree.FindPath("light")!.VariantIndex).MsP50;
    }
}
