using EdgeRoute.TestBench.Verdicts;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>A check accepts exactly what a start accepts; <c>./build.sh soak verdicts</c> tries many more of the same.</summary>
public sealed class CheckVerdictTests : IDisposable
{
    private const int SeedCount = 300;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bent_manifests_and_odd_configs_are_judged_alike()
    {
        var fuzz = new VerdictFuzz(TestPlaces.Repository, _folder.Path, TestPlaces.OnnxRuntimeLibrary);
        var tried = Enumerable.Range(1, SeedCount).Select(fuzz.Try).ToList();
        Assert.True(tried.TrueForAll(t => t.Agree), string.Join("\n\n", tried.Where(t => !t.Agree)));
        Assert.InRange(tried.Count(t => t.Start is { IsAccepted: true }), SeedCount / 10, SeedCount * 9 / 10);
    }
}
