using System.Text.Json.Nodes;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;
using EdgeRoute.TestBench.Robots;

namespace EdgeRoute.Tests.Cli.Commands;

/// <summary><c>edgeroute pack measure</c> as a process, against a scripted device.</summary>
public sealed class PackMeasureCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static MeasureTurnsReply Turns(double ms, float each, double others) => new()
    {
        Stream = "front", Pack = "shapes", ManifestSha256 = "ab", ManifestPath = "/packs/shapes/manifest.json", Machine = "orin",
        CoreCount = 6, OnnxRuntime = "1.24.1", Provider = "CPU", Threads = 4, TurnMs = ms, LongestTurnMs = 52, OthersPercent = others,
        EndedCount = 10, DroppedCount = 3, LateCount = 1,
        Variants = [new MeasuredVariant { Name = "light", Option = "light", Stage = "light", Ms = [.. Enumerable.Repeat(each, 30)] }],
        Paths = [new MeasuredPath { Name = "light", Variants = [0] }],
    };

    private async Task<(int ExitCode, string Output, string Error)> Run(ScriptedDevice device, params string[] arguments)
    {
        var environment = new Dictionary<string, string?> { ["XDG_CONFIG_HOME"] = _folder.Path, ["EDGEROUTE_DEVICE"] = null };
        return await Task.Run(() => LaptopTool.Run(_folder.Path, "", environment,
            ["pack", "measure", "front", "--device", "unix:" + device.Path, .. arguments]));
    }

    [Fact]
    public async Task It_asks_until_the_time_is_over_and_tells_what_became_of_frames()
    {
        await using var device = new ScriptedDevice(_folder.File("s"));
        device.Answer<MeasureTurnsRequest>(ControlMethod.Measure, request => Turns(request.Ms, 2, 1));
        var run = await Run(device, "--seconds", "1.2", "--json");
        Assert.True(run.ExitCode == WorkConsole.Done, run.Error);
        Assert.Equal(3, device.Requests.Count(r => r.Method == ControlMethod.Measure));
        var report = JsonNode.Parse(run.Output)!;
        Assert.Equal(("orin", 2f), ((string?)report["device"], (float)report["settings"]![0]!["path_ms_p50"]!));
        Assert.Contains("meanwhile 30 frames of all streams ended, of which 9 had been replaced", run.Error, StringComparison.Ordinal);
        var other = await Run(device, "--seconds", "0.5", "--into", Path.Combine(TestPlaces.Repository, "models", "shapes"));
        Assert.Equal(WorkConsole.Refused, other.ExitCode);
        Assert.Contains("is another pack than the one that was measured", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_measured_is_stored_on_the_device_where_that_is_asked_for()
    {
        await using var device = new ScriptedDevice(_folder.File("s"));
        device.Answer<MeasureTurnsRequest>(ControlMethod.Measure, request => Turns(request.Ms, 2, 1));
        CostsPutRequest? stored = null;
        device.Answer<CostsPutRequest>(ControlMethod.CostsPut, request =>
        {
            stored = request;
            return new DoneReply { Text = "kept over there" };
        });
        var run = await Run(device, "--seconds", "0.5", "--store");
        Assert.True(run.ExitCode == WorkConsole.Done, run.Error);
        Assert.Contains("kept over there", run.Error, StringComparison.Ordinal);
        Assert.Equal(("front", "ab", "CPU", 4, "light", 2.0), (stored!.Stream, stored.ManifestSha256, stored.Provider, stored.Threads,
            stored.Path, stored.PathMs));
        Assert.Equal(("light", 2.0, 2.0), (stored.Options[0].Option, stored.Options[0].MsP50, stored.Options[0].MsP95));
        device.Answer<MeasureTurnsRequest>(ControlMethod.Measure, request => Turns(request.Ms, 2, 40));
        stored = null;
        var busy = await Run(device, "--seconds", "0.5", "--store");
        Assert.Equal(WorkConsole.Failed, busy.ExitCode);
        Assert.Contains("and are not stored; --force stores them all the same", busy.Error, StringComparison.Ordinal);
        Assert.Null(stored);
    }

    [Fact]
    public async Task A_busy_device_is_told_and_not_relied_on()
    {
        await using var device = new ScriptedDevice(_folder.File("s"));
        device.Answer<MeasureTurnsRequest>(ControlMethod.Measure, request => Turns(request.Ms, 2, 40));
        var run = await Run(device, "--seconds", "0.5");
        Assert.Equal(WorkConsole.Failed, run.ExitCode);
        Assert.Contains("other processes took 40 % of the processor meanwhile", run.Error, StringComparison.Ordinal);
        Assert.Contains("these figures cannot be relied on", run.Error, StringComparison.Ordinal);
    }
}
