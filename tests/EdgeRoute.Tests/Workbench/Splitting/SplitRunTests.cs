using System.Text.Json.Nodes;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Workbench.Quantizing;
using EdgeRoute.Workbench.Packs;
using EdgeRoute.Workbench.Splitting;

namespace EdgeRoute.Tests.Workbench.Splitting;

/// <summary>Small transformers become packs, on real sessions.</summary>
public sealed class SplitRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Target => _folder.File("made");

    private SplitRequest Request(SmallVit vit)
    {
        string pack = SmallPacks.Write(_folder, vit.Build());
        return new SplitRequest(pack, SmallPacks.Footage)
        {
            Folder = Target, Library = TestPlaces.OnnxRuntimeLibrary, ThreadCount = 1, RandomCount = 1,
        };
    }

    private static SplitReport Run(SplitRequest request, Action<string>? progress = null, CancellationToken cancel = default) =>
        SplitRun.Run(request, (_, _) => { }, progress ?? (_ => { }), cancel);

    private static string Problems(string manifest) =>
        string.Join('\n', PackVerification.Problems(manifest, null, TestPlaces.OnnxRuntimeLibrary, _ => { }));

    [Fact]
    public void A_pack_with_exits_and_keep_ratios_checks_and_is_routed()
    {
        var request = Request(new SmallVit(VitStyle.Packed)) with
        {
            Sites = [1, 2, 3], Exits = [1], Form = TokenForm.Drop, Rank = TokenRank.ClassAttention, Ratios = [0.5, 0.25],
        };
        var report = Run(request);
        Assert.Equal("", Problems(report.Manifest));
        var pack = PackReader.Read(report.Manifest);
        Assert.Equal(["part_1", "part_2"], pack.Stages.Select(s => s.Name));
        string[] paths = ["part_1", "part_1>part_2", "part_1>part_2@keep=0.25", "part_1>part_2@keep=0.5", "previous"];
        Assert.Equal(paths, new RouteTree(pack.Graph).PathNames.Order(StringComparer.Ordinal));
        Assert.Equal(16, pack.Stages[1].Keep!.TokenCount);
        Assert.Equal("part_2", pack.Cascade!.Rules[0].NextName);
        var all = report.Paths.Single(p => p.Path == "part_1>part_2");
        Assert.Equal((1.0, 1.0), (all.Quality, Math.Round(all.Arithmetic, 6)));
        Assert.True(report.Paths.Single(p => p.Path.EndsWith("0.25", StringComparison.Ordinal)).Arithmetic < 0.6);
        Assert.Equal(4, report.Blocks.Count);
        Assert.All(report.Blocks, b => Assert.InRange(b, 1, 24));
        Assert.True(Assert.Single(report.Exits).IsKept);
        Assert.Equal(["README.md", "device.yaml", "manifest.json", "part_1.onnx", "part_2.onnx"],
            Directory.EnumerateFileSystemEntries(Target).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
        Assert.Contains("edgeroute pack split", File.ReadAllText(Path.Combine(Target, "README.md")), StringComparison.Ordinal);
        var json = JsonNode.Parse(report.ToJson())!;
        Assert.Equal("drop", (string?)json["chosen"]!["form"]);

        string plot = _folder.File("report");
        var points = SplitFrontier.Run(request, report, plot, (_, _) => { }, _ => { }, CancellationToken.None);
        Assert.Contains(points, p => p.Family == "value");
        Assert.Equal(3, points.Count(p => p.Family == "fixed" && p.Name.StartsWith("part_1>", StringComparison.Ordinal)));
        Assert.True(new FileInfo(plot + ".png").Length > 1000 && File.Exists(plot + ".svg"));
        Assert.True(File.Exists(Path.Combine(Target, CalibrationFile.UsualName)));
        Assert.False(Directory.Exists(Path.Combine(Target, ".split-sweep")));
    }

    [Fact]
    public void Sites_and_forms_are_tried_at_the_same_arithmetic()
    {
        var lines = new List<string>();
        var report = Run(Request(new SmallVit(VitStyle.Parted, 13) { PrefixCount = 0 }), lines.Add);
        Assert.Equal(["even", "even", "rank", "random"], report.Tried.Select(t => t.How));
        Assert.Equal([TokenForm.Drop, TokenForm.Merge], report.Tried.Take(2).Select(t => t.Form));
        Assert.All(report.Tried, t => Assert.InRange(t.Arithmetic, 0.5, 0.8));
        Assert.All(report.Tried, t => Assert.Equal(TokenRank.FeatureNorm, t.Rank));
        Assert.Equal([1, 2, 3], report.Exits.Select(e => e.At));
        Assert.True(report.Exits.Count(e => e.IsKept) <= 1);
        Assert.Equal("", Problems(report.Manifest));
        Assert.Contains(lines, l => l.StartsWith("trying sites", StringComparison.Ordinal)
            && l.EndsWith("s left", StringComparison.Ordinal));
        Assert.Equal("the whole model", report.Reference);
        Assert.Equal((4, 24, 3, 16, 0), (report.Found.Depth, report.Found.Width, report.Found.Heads, report.Found.Tokens,
            report.Found.TokensInFront));
    }

    [Fact]
    public void A_model_file_is_recognised_first_and_gets_the_labels_that_fit()
    {
        var vit = new SmallVit(VitStyle.Whole);
        var request = Request(vit) with { Model = _folder.File("model.onnx"), Sites = [2], Exits = [], Form = TokenForm.Merge };
        var report = Run(request);
        Assert.Equal("", Problems(report.Manifest));
        var pack = PackReader.Read(report.Manifest);
        Assert.Equal("model-split", pack.Name);
        Assert.Equal(SmallVit.Classes, pack.Labels.Count);
        Assert.Equal("main", Assert.Single(pack.Stages).Name);
        Assert.Equal([TokenRank.ClassAttention, TokenRank.FeatureNorm], report.Tried.Select(t => t.Rank));
        Assert.Contains("holds a pack already", Assert.Throws<InvalidDataException>(() => Run(request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_stopped_leaves_nothing_behind()
    {
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run(Request(new SmallVit(VitStyle.Packed)), line =>
        {
            if (line.StartsWith("trying", StringComparison.Ordinal))
            {
                cancel.Cancel();
            }
        }, cancel.Token));
        Assert.False(Directory.Exists(Target));
    }

    [Theory]
    [InlineData(4, 1, "--sites has 4; the model has 4 blocks")]
    [InlineData(1, 4, "--exits has 4; the model has 4 blocks")]
    public void Places_that_are_none_are_refused(int site, int exit, string message)
    {
        var request = Request(new SmallVit(VitStyle.Packed)) with { Sites = [site], Exits = [exit], Form = TokenForm.Drop };
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Run(request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ridge_finds_a_map_with_more_features_than_frames()
    {
        const int Frames = 60, From = 80, To = 3;
        float[] map = SmallNetwork.Noise(5 * To, 21);
        var rows = Enumerable.Range(0, Frames + 20).Select(i => SmallNetwork.Noise(From, 100 + i)).ToList();
        float Sum(float[] row, int o) => Enumerable.Range(0, 5).Sum(i => row[i] * map[(i * To) + o]);
        float[] Wanted(float[] row) => [.. Enumerable.Range(0, To).Select(o => 2 + Sum(row, o))];
        var goals = rows.ConvertAll(Wanted);
        var (weights, bias) = RidgeFit.Run(rows[..Frames], goals[..Frames]);
        double off = 0, spread = 0;
        for (int f = Frames; f < rows.Count; f++)
        {
            for (int o = 0; o < To; o++)
            {
                double made = bias[o] + Enumerable.Range(0, From).Sum(i => (double)rows[f][i] * weights[(i * To) + o]);
                off += Math.Pow(made - goals[f][o], 2);
                spread += Math.Pow(goals[f][o] - 2, 2);
            }
        }

        Assert.True(off < spread / 2, $"off by {off} of {spread}");
    }
}
