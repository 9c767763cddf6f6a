using System.Text.Json.Nodes;
using System.Xml.Linq;
using EdgeRoute.Cli.Output;

namespace EdgeRoute.Tests.Cli.Commands;

/// <summary><c>edgeroute bench</c> as a process: what it refuses, shows, draws, and ends with. Nothing rests on how fast it is.</summary>
public sealed class BenchCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _config;

    public BenchCommandTests() => _config = _folder.Write("device.yaml", $$"""
        runtime: { library: '{{TestPlaces.OnnxRuntimeLibrary}}', threads: 1 }
        packs: { shapes: { manifest: '{{Path.Combine(TestPlaces.Repository, "models", "shapes")}}/manifest.json' } }
        sources:
          table: { open: 'sim://tabletop?frames=3', pack: shapes, policy: { kind: fixed, path: light } }
        """);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--rates is 0; rates are above 0", "--rates", "0")]
    [InlineData("--no-search leaves nothing to do without --rates", "--no-search")]
    [InlineData("--seconds is 0; it must be above 0", "--seconds", "0")]
    public void What_cannot_be_benched_is_refused_with_the_reason(string words, params string[] arguments)
    {
        var run = Bench([_config, .. arguments]);
        Assert.Equal(WorkConsole.Refused, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_that_is_not_there_is_refused() => Assert.Equal(WorkConsole.Refused, Bench(_folder.File("none.yaml")).ExitCode);

    [Fact]
    public void Rates_are_shown_and_drawn()
    {
        string picture = _folder.File("out", "latency");
        var run = Bench(_config, "--rates", "20", "5", "--no-search", "--seconds", "0.5", "--plot", picture);
        Assert.True(run.ExitCode == WorkConsole.Done, run.Error);
        Assert.StartsWith($"starting the engine of {_config}", run.Error, StringComparison.Ordinal);
        Assert.Contains("threads of the models: 1, as runtime.threads says", run.Output, StringComparison.Ordinal);
        Assert.Contains("table", run.Output, StringComparison.Ordinal);
        Assert.Contains($"wrote {picture}.svg and {picture}.png", run.Error, StringComparison.Ordinal);
        string[] texts = [.. XDocument.Load(picture + ".svg").Descendants().Where(e => e.Name.LocalName == "text")
            .Select(e => e.Value.Trim())];
        Assert.All(["table, p50", "table, p95", "table, p99", "frames per second of each source"], t => Assert.Contains(t, texts));
        var json = Bench(_config, "--rates", "5", "--no-search", "--seconds", "0.5", "--json");
        Assert.Equal(5, (double)JsonNode.Parse(json.Output)!["rates"]![0]!["frames_per_second"]!);
    }

    [Fact]
    public async Task An_interrupt_shows_what_was_measured()
    {
        var run = await LaptopTool.Interrupt("bench", _config, "--rates", "5", "--no-search", "--seconds", "600");
        Assert.Equal(WorkConsole.Interrupted, run.ExitCode);
        Assert.Contains("stopped; what is shown was measured so far", run.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was measured yet", run.Output, StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output, string Error) Bench(params string[] arguments) =>
        LaptopTool.Run(Path.GetTempPath(), "", [], ["bench", .. arguments]);
}
