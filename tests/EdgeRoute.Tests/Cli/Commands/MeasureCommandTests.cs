using System.Text.Json.Nodes;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Cli.Commands;

/// <summary><c>edgeroute measure</c> as a process: what it refuses, stores, and ends with.</summary>
public sealed class MeasureCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MeasureCommandTests()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(TestPlaces.Repository, "models", "shapes")))
        {
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        }

        File.Delete(Costs);
    }

    private string Costs => _folder.File(MeasuredCosts.UsualName);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--seconds is 0; it must be above 0", "--seconds", "0")]
    [InlineData("--threads is 0 2; counts of threads are 1 to 64", "--threads", "0", "2")]
    [InlineData("--batch is 0; batches are 1 to 256 frames", "--batch", "0")]
    [InlineData("--providers names 'cdua'; did you mean 'CUDA'?", "--providers", "cdua")]
    [InlineData("'sim://tabletop?width=x'", "--source", "sim://tabletop?width=x")]
    [InlineData("/nowhere", "--files", "/nowhere")]
    public void What_cannot_be_measured_is_refused_with_the_reason(string words, params string[] arguments)
    {
        var run = Measure(arguments);
        Assert.Equal(WorkConsole.Refused, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Costs));
    }

    [Fact]
    public void A_forced_measurement_is_stored_and_a_dry_run_is_not()
    {
        var dry = Measure("--seconds", "0.2", "--threads", "1", "--force", "--dry-run");
        Assert.True(dry.ExitCode == WorkConsole.Done, dry.Error);
        Assert.Contains("heaviest path: heavy_1>heavy_2", dry.Output, StringComparison.Ordinal);
        Assert.Contains("best with CPU: 1 thread, ", dry.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Costs));
        var stored = Measure("--seconds", "0.2", "--threads", "1", "--force", "--json");
        Assert.True(stored.ExitCode == WorkConsole.Done, stored.Error);
        Assert.Contains($"wrote {Costs}", stored.Error, StringComparison.Ordinal);
        var report = JsonNode.Parse(stored.Output)!;
        var machine = Assert.Single(MeasuredCosts.ReadBeside(_folder.File("manifest.json"))!.Machines);
        Assert.Equal((string?)report["device"], machine.Device);
        Assert.Equal((float)report["choices"]![0]!["ms"]!, Assert.Single(machine.Runs).PathMs);
    }

    [Fact]
    public void Figures_that_cannot_be_relied_on_are_not_stored()
    {
        // One run of each path is none that has a p95, on any machine.
        var run = Measure("--seconds", "0.000001", "--threads", "1", "--source", "sim://tabletop?width=4096&height=4096");
        Assert.Equal(WorkConsole.Failed, run.ExitCode);
        Assert.Contains("nothing is stored, because these figures cannot be relied on; --force", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Costs));
    }

    [Fact]
    public async Task An_interrupt_shows_what_was_measured_and_stores_nothing()
    {
        var run = await LaptopTool.Interrupt("measure", _folder.Path, "--onnxruntime", TestPlaces.OnnxRuntimeLibrary, "--seconds", "3600",
            "--threads", "1", "--force");
        Assert.Equal(WorkConsole.Interrupted, run.ExitCode);
        Assert.Contains("stopped; nothing is stored", run.Error, StringComparison.Ordinal);
        Assert.Contains("heaviest path: ", run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Costs));
    }

    private (int ExitCode, string Output, string Error) Measure(params string[] arguments) => LaptopTool.Run(_folder.Path, "", [],
        ["measure", _folder.Path, "--onnxruntime", TestPlaces.OnnxRuntimeLibrary, .. arguments]);
}
