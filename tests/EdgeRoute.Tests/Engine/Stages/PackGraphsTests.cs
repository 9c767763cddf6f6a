using System.Text.Json.Nodes;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>What a file says of itself is what its session says of it.</summary>
public sealed class PackGraphsTests
{
    public static TheoryData<string> Models =>
    [
        .. Directory.GetFiles(TestPlaces.Fixture("onnx"), "*.onnx").Concat(Directory.GetFiles(
            Path.Combine(TestPlaces.Repository, "models"), "*.onnx", SearchOption.AllDirectories))
            .Where(p => OnnxHeader.Read(p).ExternalFiles.All(e => File.Exists(Path.Combine(Path.GetDirectoryName(p)!, e.Location))))
            .Select(p => Path.GetRelativePath(TestPlaces.Repository, p)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_header_and_a_session_declare_the_same(string model) => Compare(Path.Combine(TestPlaces.Repository, model));

    [SkippableTheory]
    [InlineData("detectors")]
    [InlineData("classifiers")]
    [InlineData("policies")]
    [InlineData("trackers")]
    public void A_header_and_a_session_of_a_real_model_declare_the_same(string folder) =>
        Assert.All(Directory.GetFiles(TestPlaces.NeedData(folder), "*.onnx"), Compare);

    /// <summary>Manifests that were written by hand and run well give no doubt.</summary>
    [SkippableFact]
    public void Nothing_speaks_against_packs_that_answer()
    {
        string data = TestPlaces.NeedData();
        var shipped = Directory.GetFiles(Path.Combine(TestPlaces.Repository, "models"), "manifest.json", SearchOption.AllDirectories)
            .Select(m => PackReader.Read(m));
        var real = Directory.GetFiles(TestPlaces.Fixture("packs"), "manifest.json", SearchOption.AllDirectories)
            .Select(m => PackReader.Read(m, data));
        Assert.All(shipped.Concat(real), p => Assert.Empty(new PackGraphs(p).Doubts()));
    }

    [Fact]
    public void The_library_is_asked_how_new_a_model_it_takes()
    {
        var limits = OrtLimits.Of(OrtPlace.Environment);
        Assert.InRange(limits.OperatorSet, OrtLimits.OldestOperatorSet + 1, 60);
        Assert.InRange(limits.IrVersion, OrtLimits.OldestIrVersion + 1, 60);
    }

    /// <summary>More tokens than the network has are found without running it; the ratio counts, not the declared number alone.</summary>
    [Theory]
    [InlineData(144, "[1.0]", false)]
    [InlineData(200, "[0.5]", false)]
    [InlineData(200, "[1.0, 0.5]", true)]
    public void More_tokens_than_the_graph_chooses_among_are_refused(int tokens, string ratios, bool isRefused)
    {
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(TestPlaces.Repository, "models", "tabletop", "manifest.json")))!;
        var stage = manifest["stages"]!.AsArray().Single(s => s!["keep_input"] is not null)!;
        stage["keep_input"]!["tokens"] = tokens;
        foreach (var edge in manifest["edges"]!.AsArray().Where(e => (string)e!["to"]! == (string)stage["name"]!))
        {
            edge!["keep"] = JsonNode.Parse(ratios);
        }

        manifest["policies"] = new JsonObject { ["fixed_route"] = "light" };
        manifest.AsObject().Remove("multiply_adds");
        using var folder = new TemporaryFolder();
        string path = folder.Write("manifest.json", manifest.ToJsonString());
        var pack = PackReader.Read(path, Path.Combine(TestPlaces.Repository, "models", "tabletop"));
        var refused = Record.Exception(() => new PackGraphs(pack).Require(null));
        Assert.Equal(isRefused, refused is PackRefusedException);
        Assert.Equal(isRefused, refused?.Message.Contains("would be asked for 200 of 200 tokens, but the model chooses among 144",
            StringComparison.Ordinal) ?? false);
    }

    private static void Compare(string path)
    {
        var header = OnnxHeader.Read(path);
        Assert.Null(header.Fault);
        using var session = OrtSession.Open(OrtPlace.Environment, path, new OrtSessionRequest());
        Compare(session.Inputs, StageTensors.Of(header).Inputs);
        Compare(session.Outputs, StageTensors.Of(header).Outputs);
    }

    /// <summary>A session may know more sizes than the file: it works them out.</summary>
    private static void Compare(IReadOnlyList<OrtTensorSpec> session, IReadOnlyList<ModelTensor> file)
    {
        Assert.Equal(session.Select(s => s.Name), file.Select(f => f.Name));
        Assert.Equal(session.Select(s => OnnxStageSet.ElementName(s.ElementType)), file.Select(f => f.ElementType));
        Assert.All(session.Zip(file), p => Assert.True(p.Second.Fits(p.First.Shape), $"{p.First} {p.Second.ShapeText}"));
    }
}
