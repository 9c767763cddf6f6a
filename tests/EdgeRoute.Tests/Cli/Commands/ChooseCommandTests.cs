using System.Text.Json.Nodes;
using EdgeRoute.Cli;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Workbench.Choosing;

namespace EdgeRoute.Tests.Cli.Commands;

/// <summary><c>edgeroute pack choose</c> and <c>frontier --write</c> as processes: what they refuse, write, and end with.</summary>
public sealed class ChooseCommandTests : IDisposable
{
    private const string Footage = "sim://tabletop?seed=11&frames=40&clutter=0.9&width=160&height=120";

    private readonly ShapesCandidates _candidates = new();

    public void Dispose() => _candidates.Dispose();

    [Theory]
    [InlineData("--under has 'latency_p95<=30'; write a number above 0 in ms", "--under", "latency_p95<=30")]
    [InlineData("--threads is 0; counts of threads are 1 to 64", "--threads", "0")]
    [InlineData("--frames 2 at least", "--frames", "1")]
    [InlineData("'Out!' is no name for a pack", "--name", "Out!")]
    [InlineData("'light' holds a pack already; give another folder with --out, or --replace", "--out", "light", "--name", "light")]
    [InlineData("no picture", "--labels", "names", "--source", ".")]
    [InlineData("'sim://tabletop?width=x'", "--source", "sim://tabletop?width=x")]
    public void What_cannot_be_chosen_is_refused_with_the_reason(string words, params string[] arguments)
    {
        string[] source = arguments.Contains("--source") ? [] : ["--source", Footage];
        var run = Choose([.. source, .. arguments]);
        Assert.Equal(WorkConsole.Refused, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_candidates.Folder, "chosen")));
    }

    [Fact]
    public void The_chosen_point_is_told_drawn_and_written()
    {
        var run = Choose("--source", Footage, "--under", "latency_p95<=1000s,memory<=100GB", "--plot", "frontier", "--out", "packs/street",
            "--no-calibration", "--json", "--teacher", "full");
        Assert.True(run.ExitCode == WorkConsole.Done, run.Error);
        var report = JsonNode.Parse(run.Output)!;
        Assert.Equal(["latency_p95 <= 1000000 ms", "memory <= 100000 MB"], report["constraints"]!.AsArray().Select(c => (string)c!));
        Assert.Equal(40, (int)report["chosen"]!["figures"]!["frame_count"]!);
        Assert.Null(report["nearest"]);
        Assert.InRange((double)report["chosen"]!["figures"]!["look_share"]!, 0.01, 1);
        Assert.Contains(report["frontier"]!.AsArray(), r => r!["carry"]?["age_ms_at_most"] is not null);
        Assert.Equal("street", PackReader.Read(Path.Combine(_candidates.Folder, "packs", "street")).Name);
        Assert.Contains("packs/street/device.yaml' runs it", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_candidates.Folder, "frontier.png")));
        var again = Choose("--source", Footage, "--dry-run", "--under", "latency_p95<=1000s", "--teacher", "full");
        Assert.True(again.ExitCode == WorkConsole.Done, again.Error);
        Assert.Contains("right is what full/heavy_2 says; wanted: latency_p95 <= 1000000 ms", again.Output, StringComparison.Ordinal);
        Assert.Contains("runs of a stage on a frame, where an exhaustive search takes 120", again.Output, StringComparison.Ordinal);
        Assert.Contains("\nchosen: ", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Constraints_that_nothing_keeps_end_with_the_nearest_point()
    {
        var run = Choose("--source", Footage, "--under", "memory<=1kB");
        Assert.Equal(WorkConsole.Failed, run.ExitCode);
        Assert.Contains("no point keeps all constraints, so that nothing is written", run.Error, StringComparison.Ordinal);
        Assert.Contains("\nnearest: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("  it lacks: memory is ", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_candidates.Folder, "chosen")));
    }

    [Fact]
    public void A_frontier_writes_its_winning_cascade()
    {
        string shapes = Path.Combine(TestPlaces.Repository, "models", "shapes");
        string[] frontier = ["frontier", "--pack", shapes, "--source", Footage, "--sweep", "sweep", "--onnxruntime",
            TestPlaces.OnnxRuntimeLibrary, "--threads", "1"];
        var run = Tool([.. frontier, "--write", "cascade:30", "--out", "won"]);
        Assert.True(run.ExitCode == WorkConsole.Done, run.Error);
        Assert.Contains("wrote cascade point '", run.Error, StringComparison.Ordinal);
        Assert.Equal("won", PackReader.Read(Path.Combine(_candidates.Folder, "won")).Name);
        var twice = Tool([.. frontier, "--write", "cascade:30", "--out", "won"]);
        Assert.Equal(WorkConsole.Refused, twice.ExitCode);
        Assert.Contains("'won' holds a pack already", twice.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_best_for_unseen_footage_is_told_with_its_reasons_and_written()
    {
        string shapes = Path.Combine(TestPlaces.Repository, "models", "shapes");
        string[] frontier = ["frontier", "--pack", shapes, "--source", Footage, "--sweep", "sweep", "--onnxruntime",
            TestPlaces.OnnxRuntimeLibrary, "--threads", "1", "--frames", "32", "--out", "best"];
        var run = Tool([.. frontier, "--write", "best:60", "--json"]);
        Assert.True(run.ExitCode == WorkConsole.Done, run.Error);
        var best = JsonNode.Parse(run.Output)!["best"]!;
        Assert.Equal((0.6, 32), ((double)best["asked"]!, (int)best["frame_count"]!));
        Assert.True((double)best["chosen"]!["loss"]! + (double)best["chosen"]!["margin"]! <= 0.6, run.Output);
        Assert.Contains("on footage like these 32 frames, with at most 60 points below always heavy_1>heavy_2", run.Error,
            StringComparison.Ordinal);
        Assert.Contains("\nchosen: ", run.Error, StringComparison.Ordinal);
        Assert.Equal("best", PackReader.Read(Path.Combine(_candidates.Folder, "best")).Name);
        foreach (string wrong in new[] { "best:x", "best:0", "best:101" })
        {
            var refused = Tool([.. frontier, "--replace", "--write", wrong]);
            Assert.Equal(WorkConsole.Refused, refused.ExitCode);
            Assert.Contains($"--write is '{wrong}'; after 'best:' come the points of quality that may be lost", refused.Error,
                StringComparison.Ordinal);
        }

        var twice = Tool([.. frontier, "--replace", "--write", "best", "--calibration", "c"]);
        Assert.Equal(WorkConsole.Refused, twice.ExitCode);
        Assert.Contains("--write best fits a calibration of its own", twice.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Suggestions_are_what_may_be_bounded()
    {
        var names = RootCommands.Create().Parse("pack choose --under ").GetCompletions().Select(c => c.Label).ToList();
        Assert.Contains("latency_p95<=", names);
        Assert.Contains("quality>=", names);
        Assert.Contains("look_share>=", names);
    }

    private (int ExitCode, string Output, string Error) Choose(params string[] arguments) => Tool(["pack", "choose", "--packs",
        .. _candidates.Packs.Where(p => Path.GetFileName(p) is "light" or "full"), "--onnxruntime", TestPlaces.OnnxRuntimeLibrary,
        "--sweep", "sweeps", .. arguments.Contains("--threads") ? [] : new[] { "--threads", "1" }, .. arguments]);

    private (int ExitCode, string Output, string Error) Tool(string[] arguments) =>
        LaptopTool.Run(_candidates.Folder, "", new() { ["XDG_DATA_HOME"] = _candidates.Folder }, arguments);
}
