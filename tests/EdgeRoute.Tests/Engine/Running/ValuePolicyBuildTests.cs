using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.Workbench.Sweeps;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>What a device config with the value policy needs before an engine starts.</summary>
public sealed class ValuePolicyBuildTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Without_a_calibration_the_engine_is_refused_and_told_how_to_make_one()
    {
        string message = Refusal("kind: value");
        Assert.Contains("source 'table'", message, StringComparison.Ordinal);
        Assert.Contains(_folder.File("pack", "calibration.json"), message, StringComparison.Ordinal);
        Assert.Contains("'edgeroute calibrate'", message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_calibration_that_is_none_is_refused_by_its_name()
    {
        string path = _folder.Write("mine.json", "{}");
        string message = Refusal("kind: value, calibration: mine.json");
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("format version 0", message, StringComparison.Ordinal);
    }

    private string Refusal(string policy)
    {
        string shapes = ShapesSweeps.ShapesFolder;
        foreach (string name in new[] { "manifest.json", "labels.txt" })
        {
            _folder.Write("pack/" + name, File.ReadAllText(Path.Combine(shapes, name)));
        }

        string config = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}} }
            packs: { shapes: { manifest: pack/manifest.json, files: {{shapes}} } }
            sources: { table: { open: "sim://tabletop?frames=2", pack: shapes, policy: { {{policy}} } } }
            """);
        var reading = DeviceConfigReader.ReadFile(config);
        Assert.Empty(reading.Problems);
        var builder = new EngineBuilder(reading.Config!, new EngineOptions(2, null, null, SimulatedSources.Schemes), ShapesSweeps.Report);
        var refused = Assert.Throws<EngineRefusedException>(() => builder.Build());
        Assert.Equal(RefusalCause.Config, refused.Cause);
        return refused.Message;
    }
}
