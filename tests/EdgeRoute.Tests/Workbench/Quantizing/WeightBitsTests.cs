using System.Text.Json.Nodes;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>A processor that cuts sums of 8-bit products off gets weights of 7 bits, or is told.</summary>
public sealed class WeightBitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>This machine's kind of processor with other features.</summary>
    private static BoardIdentity With(string architecture, params string[] features) =>
        BoardIdentity.Read(new SystemFiles()) with { Architecture = architecture, CpuFeatures = features };

    [Fact]
    public void Seven_bits_are_taken_where_eight_overflow_unless_eight_are_asked_for()
    {
        var plain = With("x64", "avx2", "fma");
        var able = new[] { With("x64", "avx2", "avx_vnni"), With("x64", "avx512f", "avx512_vnni"), With("arm64", "asimd") };
        var request = new QuantizeRequest("pack", null, "footage", []);
        Assert.Equal(7, request.WeightBitsOn(plain));
        Assert.All(able, b => Assert.Equal(8, request.WeightBitsOn(b)));
        Assert.Equal(8, (request with { WeightBits = 8 }).WeightBitsOn(plain));
        Assert.All(able, b => Assert.Equal(7, (request with { WeightBits = 7 }).WeightBitsOn(b)));
    }

    /// <summary>A pack says of its stages where they run right, and a start on another processor warns.</summary>
    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    public void A_pack_remembers_its_bits_and_a_start_warns_where_they_do_not_do(int bits, bool isWarned)
    {
        string folder = SmallPacks.Write(_folder, SmallPacks.Convolutions());
        var manifest = JsonNode.Parse(File.ReadAllText(_folder.File("manifest.json")))!;
        manifest["stages"]![0]!["quantized"] = new JsonObject
        {
            ["from_stage"] = "other", ["method"] = "minmax", ["float_layers"] = 0, ["agreement"] = 1, ["frame_count"] = 4,
            ["weight_bits"] = bits,
        };
        _folder.Write("manifest.json", manifest.ToJsonString());
        var pack = PackReader.Read(folder);
        Assert.Equal(bits, pack.Stages[0].Quantized!.WeightBits);
        var graphs = new PackGraphs(pack);
        Assert.Empty(graphs.Doubts(With("x64", "avx2", "avx_vnni")));
        var doubts = graphs.Doubts(With("x64", "avx2")).ToList();
        Assert.Equal(isWarned, doubts.Exists(d => d.Contains("stage 'main': its weights have 8 bits", StringComparison.Ordinal)
            && d.Contains("--weight-bits 7 --replace", StringComparison.Ordinal)));
        Assert.Equal(isWarned ? 1 : 0, doubts.Count);
    }

    [Theory]
    [InlineData(7, true, "run right on every processor; for a board with an ARM processor or VNNI", "")]
    [InlineData(8, true, "not on x64 without VNNI, as this one", "this processor has no VNNI")]
    [InlineData(8, false, "not on x64 without VNNI; --weight-bits 7 runs right everywhere", "")]
    public void Words_tell_where_the_stages_may_run(int bits, bool cuts, string places, string doubt)
    {
        var report = new QuantizeReport("manifest.json", "footage", "here", [], []) { WeightBits = bits, CutsSumsHere = cuts };
        Assert.Contains(places, QuantizeText.Places(report), StringComparison.Ordinal);
        var doubts = QuantizeText.Doubts(report);
        Assert.Equal(doubt.Length > 0 ? 1 : 0, doubts.Count(d => d.StartsWith(doubt, StringComparison.Ordinal)));
    }
}
