using System.Text.Json;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.Engine.Steering;
using EdgeRoute.Tests.Workbench.Sweeps;

namespace EdgeRoute.Tests.Cli.Commands;

/// <summary>The tool as people call it, against a device in this process.</summary>
public sealed class SourceCommandTests : IDisposable
{
    private const string Camera = "sim://tabletop?width=160&height=120&seed=2&fps=10";

    private readonly TemporaryFolder _folder = new();
    private readonly RunnerRig _device;

    public SourceCommandTests()
    {
        string config = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { shapes: { manifest: {{ShapesSweeps.ShapesFolder}}/manifest.json } }
            sources:
              table: { open: "sim://tabletop?width=160&height=120&fps=10", pack: shapes, take: newest, pace: source }   # stays
            control: { unix: s, tcp: none }
            """);
        _device = new RunnerRig(config, _folder.File("s"), ProbationTimes.Usual);
        _device.PassFrames();
    }

    [SkippableFact]
    public void A_source_is_added_listed_and_removed()
    {
        Said("would change: source: none -> sim://", 0, "add", "cam2", Camera, "pace=source", "--dry-run");
        Assert.DoesNotContain("cam2", Said("table", 0, "list"), StringComparison.Ordinal);
        Said("saved in ", 0, "add", "cam2", Camera, "--take", "newest", "pace=source", "deadline_ms=900", "--save");
        using var list = JsonDocument.Parse(Said("", 0, "list", "--json"));
        var names = list.RootElement.GetProperty("sources").EnumerateArray().Select(s => s.GetProperty("name").GetString());
        Assert.Equal(["table", "cam2"], names);
        Assert.Contains("deadline_ms: 900", File.ReadAllText(_folder.File("device.yaml")), StringComparison.Ordinal);
        Said("deadline_ms: 900 -> 800", 0, "set", "cam2", "deadline_ms=800");
        Said("already", 4, "add", "cam2", Camera);
        Said("taek", 4, "add", "cam3", Camera, "taek=every");
        Said("saved in ", 0, "remove", "cam2", "--save", "--reason", "no more wanted");
        Said("only source", 4, "remove", "table");
        Said("write an address", 2, "add", "cam3");
        Assert.Contains("pace: source }   # stays\n", File.ReadAllText(_folder.File("device.yaml")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_trial_that_is_interrupted_with_cancel_on_exit_takes_the_source_back()
    {
        var (code, _, error) = await LaptopTool.Interrupt("source", "add", "cam2", Camera, "pace=source", "--for", "600s",
            "--cancel-on-exit", "--device", "unix:" + _folder.File("s"));
        Assert.Equal(130, code);
        Assert.Contains("cancelled", error, StringComparison.Ordinal);
        Assert.Equal("table", Assert.Single(_device.Ask<DeviceStatus>(ControlMethod.Status).Streams).Name);
    }

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    private string Said(string part, int exitCode, params string[] words)
    {
        var (code, output, error) = LaptopTool.Run(_folder.Path, "", [], ["source", .. words, "--device", "unix:" + _folder.File("s")]);
        Assert.True(code == exitCode && (output + error).Contains(part, StringComparison.Ordinal),
            $"{string.Join(' ', words)}: {code}\n{output}\n{error}");
        return output;
    }
}
