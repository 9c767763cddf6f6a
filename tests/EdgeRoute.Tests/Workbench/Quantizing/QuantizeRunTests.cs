using System.Text.Json.Nodes;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Packs;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>Small networks become int8, on real sessions, and answer as before.</summary>
public sealed class QuantizeRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static QuantizedStage Only(QuantizeReport report) => Assert.Single(report.Stages);

    [Theory]
    [InlineData(ActivationForm.UInt8, 13, 1)]
    [InlineData(ActivationForm.Int8, 13, 1)]
    [InlineData(ActivationForm.UInt8, 11, 1)]
    [InlineData(ActivationForm.UInt8, 17, -1)]
    public void Convolutions_run_by_int8_kernels_and_answer_as_in_float(ActivationForm form, int operatorSet, int batch)
    {
        string pack = SmallPacks.Write(_folder, SmallPacks.Convolutions(operatorSet, batch));
        var stage = Only(SmallPacks.Quantize(SmallPacks.Request(pack) with { Activations = form }));
        Assert.Equal(5, stage.Layers.Count);

        // Bounds that zero does not begin go into TensorRT's kernels, not into those of the CPU.
        Assert.True(form == ActivationForm.Int8 ? stage.Int8LayersRun > 0 : stage.Int8LayersRun == stage.Int8LayerCount);
        Assert.True(stage.Kernels.GetValueOrDefault("QLinearConv") > 0, string.Join(", ", stage.Kernels));
        Assert.Equal((24, 24), (stage.Calibrated, stage.Quality.FrameCount));
        Assert.True(stage.Quality.Agreement >= 0.9, $"agreement {stage.Quality.Agreement}");
        Assert.True(stage.Float.MsP50 > 0 && stage.Int8.MsP50 > 0 && stage.Int8.Bytes > 0 && stage.Float.Bytes > 0);
        Assert.Equal("", string.Join('\n', PackVerification.Problems(PackReader.PathOf(pack), null, TestPlaces.OnnxRuntimeLibrary,
            _ => { })));
    }

    /// <summary>What lies between the layers is int8 as well, so that nothing is turned to and fro.</summary>
    [Fact]
    public void Between_convolutions_nothing_goes_back_to_float()
    {
        string pack = SmallPacks.Write(_folder, SmallPacks.Convolutions());
        var stage = Only(SmallPacks.Quantize(SmallPacks.Request(pack) with { Method = RangeMethod.MinMax, LossMost = 1 }));
        Assert.Empty(stage.FloatLayers);
        string kernels = string.Join(", ", stage.Kernels);
        Assert.Equal(1, stage.Kernels.GetValueOrDefault("QuantizeLinear"));
        Assert.Equal(1, stage.Kernels.GetValueOrDefault("DequantizeLinear"));
        Assert.All(new[] { "QLinearConv", "QLinearSigmoid", "QLinearMul", "QLinearAdd", "QLinearConcat" },
            k => Assert.True(stage.Kernels.ContainsKey(k), $"{k} is not among {kernels}"));
    }

    [Fact]
    public void The_pack_has_both_stages_with_their_costs_and_what_is_known_of_them()
    {
        string folder = SmallPacks.Write(_folder, SmallPacks.Convolutions());
        var before = File.ReadAllBytes(_folder.File("model.onnx"));
        var stage = Only(SmallPacks.Quantize(SmallPacks.Request(folder)));
        var pack = PackReader.Read(folder);
        Assert.Equal(["main", "main_int8"], pack.Stages.Select(s => s.Name));
        Assert.Equal(["main", "main_int8", "previous"], new RouteTree(pack.Graph).PathNames.Order(StringComparer.Ordinal));
        Assert.Equivalent(pack.Stages[0].Input, pack.Stages[1].Input);
        Assert.Equal("main", pack.FixedRoute);
        Assert.Null(pack.Stages[0].Quantized);
        var from = pack.Stages[1].Quantized!;
        Assert.Equal(("main", RangeChoice.WordOf(stage.Method), 24), (from.Stage, from.Method, from.FrameCount));
        Assert.Equal(stage.Quality.Agreement, from.Agreement, 3);
        var costs = pack.CostProfiles.Single(p => p.Device == Environment.MachineName);
        Assert.Equal(["main", "main_int8"], costs.Options.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(before, File.ReadAllBytes(_folder.File("model.onnx")));
        Assert.Equal(["manifest.json", "model.onnx", "model_int8.onnx"],
            Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
        Assert.Contains("int8 of main", PackSummary.Of(PackReader.PathOf(folder)).Stages[1].Quantized, StringComparison.Ordinal);
    }

    [Fact]
    public void Products_of_a_transformer_stay_int8_and_their_results_float()
    {
        string pack = SmallPacks.Write(_folder, SmallPacks.Products());
        var stage = Only(SmallPacks.Quantize(SmallPacks.Request(pack) with { LossMost = 1 }));
        Assert.Equal(9, stage.Layers.Count);
        Assert.Empty(stage.FloatLayers);
        string kernels = string.Join(", ", stage.Kernels);
        Assert.True(stage.Int8LayersRun >= 8, kernels);
        Assert.True(stage.Kernels.GetValueOrDefault("MatMulIntegerToFloat") >= 7, kernels);
    }

    [Fact]
    public void The_layer_whose_input_has_outliers_goes_back_to_float_first()
    {
        var network = SmallPacks.Products(outlier: 400);
        string outlying = network.Graph.Node.Where(n => n.OpType == "MatMul").ElementAt(4).Output[0];

        // More than can be kept is asked for, so that every share is tried.
        var request = SmallPacks.Request(SmallPacks.Write(_folder, network)) with { LossMost = -1, Method = RangeMethod.MinMax };
        var stage = Only(SmallPacks.Quantize(request));
        Assert.Equal(["None 0", "Outliers 1", "Outliers 2", "Error 2", "Error 3", "Error 5", "Error 7"],
            stage.Tried.Select(t => $"{t.Measure} {t.FloatLayers}"));
        var ranked = stage.Layers.OrderByDescending(l => l.OutlierRatio).ToList();
        Assert.Equal(outlying, ranked[0].Name);
        Assert.True(ranked[0].OutlierRatio > 1.5 * ranked[1].OutlierRatio, string.Join(", ", ranked));
        Assert.All(stage.Layers, l => Assert.True(l.Error is > 0 and < 10, $"{l}"));
    }

    /// <summary>They are more siblings than a graph has room for, so that they are judged in parts.</summary>
    [Fact]
    public void Where_nothing_suffices_every_method_is_tried_with_every_share()
    {
        var stage = Only(SmallPacks.Quantize(SmallPacks.Request(SmallPacks.Write(_folder, SmallPacks.Products())) with { LossMost = -1 }));
        int methods = Enum.GetValues<RangeMethod>().Length;
        Assert.Equal([methods, 2 * methods, 4 * methods], stage.Tried.GroupBy(t => t.Measure).Select(g => g.Count()));
        Assert.All(stage.Tried, t => Assert.InRange(t.Quality.Agreement, 0.01, 1));
    }

    [Fact]
    public void Weights_in_a_file_beside_the_model_come_along()
    {
        var network = SmallPacks.Convolutions();
        ExternalWeights.MoveOut(network.Model, _folder, "model.data");
        string model = network.Write(_folder);
        string sha256 = ExternalWeights.Sha256(_folder.File("model.data"));
        string pack = SmallPacks.WriteManifest(_folder, model, $$"""
            "weights": [{ "file": "model.data", "sha256": "{{sha256}}" }],
            """);
        var stage = Only(SmallPacks.Quantize(SmallPacks.Request(pack)));
        Assert.True(stage.Quality.Agreement >= 0.9);
        Assert.Empty(OnnxHeader.Read(_folder.File("model_int8.onnx")).ExternalFiles);
        Assert.Empty(PackReader.Read(pack).Stages[1].WeightPaths);
    }

    [Fact]
    public void A_second_time_needs_to_be_asked_for_and_leaves_one_sibling()
    {
        string pack = SmallPacks.Write(_folder, SmallPacks.Convolutions());
        SmallPacks.Quantize(SmallPacks.Request(pack));
        var refused = Assert.Throws<InvalidDataException>(() => SmallPacks.Quantize(SmallPacks.Request(pack)));
        Assert.Contains("--replace makes it anew", refused.Message, StringComparison.Ordinal);
        SmallPacks.Quantize(SmallPacks.Request(pack) with { Replaces = true, Method = RangeMethod.Entropy });
        var stages = PackReader.Read(pack).Stages;
        Assert.Equal(["main", "main_int8"], stages.Select(s => s.Name));
        Assert.Equal("entropy", stages[1].Quantized!.Method);
    }

    [Fact]
    public void A_dry_run_and_one_that_is_stopped_leave_the_pack_as_it_was()
    {
        string pack = SmallPacks.Write(_folder, SmallPacks.Convolutions());
        byte[] before = File.ReadAllBytes(_folder.File("manifest.json"));
        var dry = Only(SmallPacks.Quantize(SmallPacks.Request(pack) with { IsDryRun = true }));
        Assert.Equal("model_int8.onnx", dry.File);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => QuantizeRun.Run(SmallPacks.Request(pack), (_, _) => { }, line =>
        {
            // Once it judges, half of the work is done.
            if (line.StartsWith("judging", StringComparison.Ordinal))
            {
                cancel.Cancel();
            }
        }, cancel.Token));
        Assert.Equal(before, File.ReadAllBytes(_folder.File("manifest.json")));
        Assert.Equal(["manifest.json", "model.onnx"],
            Directory.EnumerateFileSystemEntries(pack).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Progress_tells_the_time_that_is_left()
    {
        var lines = new List<string>();
        string pack = SmallPacks.Write(_folder, SmallPacks.Convolutions());
        var report = QuantizeRun.Run(SmallPacks.Request(pack), (_, _) => { }, lines.Add, CancellationToken.None);
        Assert.Contains(lines, l => l.StartsWith("ranges of 'main': frame 1 of at most 200", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("frame 24 of 24, 0 s left", StringComparison.Ordinal));
        var json = JsonNode.Parse(report.ToJson())!;
        Assert.Equal("main_int8", (string?)json["stages"]![0]!["sibling"]);
        Assert.Contains((string?)json["stages"]![0]!["method"], new[] { "minmax", "percentile", "entropy" });
    }

    [Fact]
    public void Every_variant_of_a_pack_of_several_stages_is_judged_by_its_own()
    {
        ShapesCopy.Write(_folder);
        var request = new QuantizeRequest(_folder.Path, null, "sim://tabletop?width=320&height=240&frames=32", [])
        {
            Library = TestPlaces.OnnxRuntimeLibrary, ThreadCount = 1, Method = RangeMethod.Percentile,
        };
        var report = SmallPacks.Quantize(request);
        Assert.Equal(["light", "heavy_1", "heavy_2"], report.Stages.Select(s => s.Stage));
        Assert.All(report.Stages, s => Assert.True(s.Quality.Agreement > 0.8, $"{s.Stage}: {s.Quality.Agreement}"));
        var pack = PackReader.Read(_folder.Path);
        Assert.Equal(6, pack.Stages.Count);
        var paths = new RouteTree(pack.Graph).PathNames.ToList();
        Assert.Contains("light_int8>heavy_1>heavy_2_int8", paths);
        // The float stage's features are not the int8 stage's.
        Assert.DoesNotContain(paths, p => p.Contains("heavy_1_int8>heavy_2", StringComparison.Ordinal));
    }
}
