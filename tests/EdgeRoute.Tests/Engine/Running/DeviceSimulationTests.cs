using EdgeRoute.TestBench.Simulated;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>A short part of what <c>./build.sh soak simulate</c> does for days.</summary>
public sealed class DeviceSimulationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("simulation");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_law_holds_for_hours_of_faults(int seed) => Assert.True(Run(seed, hours: 2).FaultCount > 0);

    [Fact]
    public void Equal_seeds_give_equal_runs() => Assert.Equal(Run(4, hours: 1), Run(4, hours: 1));

    private SimulationReport Run(int seed, double hours)
    {
        string journal = _folder.CreateSubdirectory(Path.GetRandomFileName()).FullName;
        string manifest = Path.Combine(TestPlaces.Repository, "models", "shapes", "manifest.json");
        using var simulation = new DeviceSimulation(seed, manifest, journal);
        return simulation.Run(TimeSpan.FromHours(hours));
    }
}
