using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Tests.Documents.Packs;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>Where the count of threads comes from: the config, else what was measured on this machine, else the library.</summary>
public sealed class ThreadPickTests : IDisposable
{
    private readonly SamplePack _one = new(), _other = new();

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("3", 3, "3, as runtime.threads says")]
    [InlineData("0", 0, "one per core, as runtime.threads: 0 says")]
    public void What_the_config_says_stands(string threads, int count, string reason)
    {
        Measure(_one, "board", (1, 5), (2, 9));
        Assert.Equal(new ThreadPick(count, reason), Pick($"threads: {threads}"));
    }

    [Fact]
    public void A_measured_pack_gets_its_best_count()
    {
        Measure(_one, "board", (1, 10), (2, 6), (4, 5.9f));
        Assert.Equal(new ThreadPick(2, "2, measured on 'board': the heaviest path of pack 'one' takes 6.00 ms (best 5.90 ms with 4)"),
            Pick("threads: auto"));
        Measure(_one, "board", (1, 5), (2, 9));
        Assert.Equal(new ThreadPick(1, "1, measured on 'board': the heaviest path of pack 'one' takes 5.00 ms, its best"), Pick(""));
    }

    [Theory]
    [InlineData("desk", "", "is not measured on 'board' with CPU; 'edgeroute measure' does that")]
    [InlineData("board", "spin: true", "is not measured on 'board' with CPU and spinning threads")]
    public void Without_a_profile_that_fits_the_library_chooses(string device, string runtime, string words)
    {
        Measure(_one, device, (1, 5), (2, 9));
        var pick = Pick(runtime);
        Assert.Equal(0, pick.Count);
        Assert.Contains($"one per core: pack 'one' {words}", pick.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_provider_of_the_config_that_was_measured_counts()
    {
        Measure(_one, "board", (1, 10), (2, 5));
        Assert.Equal(2, Pick("providers: [tensorrt, cuda, cpu]").Count);
    }

    [Fact]
    public void Two_packs_share_one_pool()
    {
        Measure(_one, "board", (1, 10), (2, 12), (4, 18));
        _other.Read();
        Assert.Equal("one per core: pack 'other' is not measured on 'board' with CPU; 'edgeroute measure' does that",
            Pick("", _one, _other).Reason);
        Measure(_other, "board", (1, 25), (2, 14), (4, 10));
        var pick = Pick("", _one, _other);
        Assert.Equal(2, pick.Count);
        Assert.Contains("pack 'one' takes 12.00 ms (best 10.00 ms with 1); the heaviest path of pack 'other' takes 14.00 ms (best 10.00 "
            + "ms with 4)", pick.Reason, StringComparison.Ordinal);
        Measure(_other, "board", (8, 10));
        Assert.Equal(new ThreadPick(0, "one per core: no count of threads was measured with all packs"), Pick("", _one, _other));
    }

    [Fact]
    public void A_damaged_file_leaves_the_choice_to_the_library_and_is_told()
    {
        Measure(_one, "board", (1, 10));
        _one.Folder.Write(MeasuredCosts.UsualName, "{");
        Assert.StartsWith("one per core: pack 'one' cannot be looked at: the measured costs", Pick("").Reason, StringComparison.Ordinal);
    }

    private ThreadPick Pick(string runtime) => Pick(runtime, _one);

    private static ThreadPick Pick(string runtime, params SamplePack[] packs)
    {
        string[] names = ["one", "other"];
        string text = $"runtime: {{ {runtime} }}\npacks:\n"
            + string.Concat(packs.Select((p, i) => $"  {names[i]}: {{ manifest: '{p.Folder.File("manifest.json")}' }}\n"))
            + "sources: { s: { open: 'sim://tabletop', pack: one } }\n";
        var reading = DeviceConfigReader.ReadText(text, "/board.yaml");
        Assert.Empty(reading.Problems);
        return ThreadPick.Of(reading.Config!, "board");
    }

    private static void Measure(SamplePack pack, string device, params (int Threads, float Ms)[] times) => new MeasuredCosts().With(new()
    {
        Device = device, Provider = "CPU", ManifestSha256 = pack.Read().ManifestSha256,
        Runs = [.. times.Select(t => new ThreadCosts { Threads = t.Threads, PathMs = t.Ms })],
    }).WriteBeside(pack.Folder.File("manifest.json"));
}
