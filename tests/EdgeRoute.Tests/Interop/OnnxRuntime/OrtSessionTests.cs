using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

public sealed class OrtSessionTests
{
    [SkippableFact]
    public void Inputs_and_outputs_are_described_with_free_sizes()
    {
        using OrtSession session = OrtPlace.Open("tokens.onnx");
        Assert.Equal(["x: Float[1,tokens,4]", "score: Float[1,tokens]", "k: Int64[1]"], session.Inputs.Select(spec => spec.ToString()));
        Assert.Equal(["kept", "kept_score"], session.Outputs.Select(spec => spec.Name));
        Assert.Equal([1, -1, 4], session.Inputs[0].Shape);
        Assert.Equal(["", "tokens", ""], session.Inputs[0].Symbols);
        Assert.Equal(1, session.FindInput("score"));
        Assert.Equal(-1, session.FindOutput("score"));
    }

    [SkippableFact]
    public void Every_element_type_is_described()
    {
        using OrtSession session = OrtPlace.Open("types.onnx");
        Assert.Equal(
            [
                OrtElementType.Float, OrtElementType.Float16, OrtElementType.UInt8, OrtElementType.Int8,
                OrtElementType.Int32, OrtElementType.Int64, OrtElementType.Bool, OrtElementType.Double,
            ],
            session.Inputs.Select(spec => spec.ElementType));
    }

    [SkippableFact]
    public void Metadata_is_read_with_letters_outside_ascii()
    {
        using OrtSession session = OrtPlace.Open("metadata.onnx");
        OrtModelMetadata metadata = session.ReadMetadata();
        Assert.Equal(("atelier é", "réseau", "org.example"), (metadata.ProducerName, metadata.GraphName, metadata.Domain));
        Assert.Equal(("décrit ainsi", 7L), (metadata.Description, metadata.Version));
        Assert.Equal(new Dictionary<string, string> { ["étiquettes"] = "chat,chien,猫", ["empty"] = "" }, metadata.Custom);
        Assert.Equal("entrée: Float[lot,2]", session.Inputs[0].ToString());
    }

    [SkippableFact]
    public void A_name_outside_ascii_can_be_run()
    {
        using OrtSession session = OrtPlace.Open("metadata.onnx");
        using var run = new OrtRun(session);
        using OrtTensor input = OrtTensor.Allocate(OrtElementType.Float, [1, 2]);
        (input.Floats[0], input.Floats[1]) = (-1, 3);
        run.SetInput(0, input);
        run.Run();
        using OrtTensor output = run.TakeOutput(0);
        Assert.Equal([0, 3], output.Floats.ToArray());
    }

    [SkippableFact]
    public void A_model_is_opened_from_a_path_outside_ascii()
    {
        using var folder = new TemporaryFolder();
        File.Copy(OrtPlace.Model("half.onnx"), folder.File("modèle 猫.onnx"));
        using OrtSession session = OrtSession.Open(OrtPlace.Environment, folder.File("modèle 猫.onnx"), new OrtSessionRequest());
        Assert.Equal(OrtElementType.Float16, session.Inputs[0].ElementType);
    }

    [SkippableFact]
    public void A_missing_file_and_a_broken_one_keep_their_codes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("broken.onnx"), "this is not a model");
        Assert.Equal(OrtErrorCode.NoSuchFile, CodeOfOpening(folder.File("gone.onnx")));
        Assert.Equal(OrtErrorCode.InvalidProtobuf, CodeOfOpening(folder.File("broken.onnx")));
        Assert.Equal(OrtErrorCode.NoSuchFile, CodeOfOpening(folder.File("gone.onnx"), new OrtProviderRequest("CUDA")));
    }

    [SkippableFact]
    public void A_missing_weights_file_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        File.Copy(OrtPlace.Model("external_a.onnx"), folder.File("external_a.onnx"));
        var error = Assert.Throws<OrtException>(() => OrtSession.Open(OrtPlace.Environment, folder.File("external_a.onnx"),
            new OrtSessionRequest()));
        Assert.Contains("external.weights", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(OrtOptimizationLevel.None)]
    [InlineData(OrtOptimizationLevel.Basic)]
    [InlineData(OrtOptimizationLevel.Extended)]
    [InlineData(OrtOptimizationLevel.Layout)]
    [InlineData(OrtOptimizationLevel.All)]
    public void Every_optimization_level_gives_the_same_result(OrtOptimizationLevel level)
    {
        float[] plain = Logits(new OrtSessionRequest { OptimizationLevel = OrtOptimizationLevel.None });
        float[] optimized = Logits(new OrtSessionRequest { OptimizationLevel = level });
        Assert.All(plain.Zip(optimized), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [SkippableFact]
    public void Entries_reach_the_library()
    {
        // This entry forbids the CPU as fallback; without another provider the library must then refuse to open anything.
        var entries = new Dictionary<string, string> { ["session.disable_cpu_ep_fallback"] = "1" };
        var request = new OrtSessionRequest { Entries = entries };
        Assert.Throws<OrtException>(() => OrtSession.Open(OrtPlace.Environment, OrtPlace.Model("half.onnx"), request));
    }

    [SkippableFact]
    public void A_disposed_session_cannot_be_used()
    {
        OrtSession session = OrtPlace.Open("half.onnx");
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new OrtRun(session));
        Assert.Throws<ObjectDisposedException>(session.ReadMetadata);
    }

    [SkippableFact]
    public void A_run_keeps_its_session_until_it_is_disposed()
    {
        OrtSession session = OrtPlace.Open("stage_a.onnx");
        using var run = new OrtRun(session);
        using OrtTensor image = OrtPlace.Filled(1, 3, 8, 8);
        run.SetInput(0, image);
        session.Dispose();
        run.Run();
        using OrtTensor features = run.TakeOutput(0);
        Assert.Equal([1, 16], features.Shape.ToArray());
    }

    private static OrtErrorCode CodeOfOpening(string path, params OrtProviderRequest[] providers)
        => Assert.Throws<OrtException>(() => OrtSession.Open(OrtPlace.Environment, path,
            new OrtSessionRequest { Providers = providers })).Code;

    private static float[] Logits(OrtSessionRequest request)
    {
        using OrtSession session = OrtSession.Open(OrtPlace.Environment, OrtPlace.Model("whole.onnx"), request);
        using var run = new OrtRun(session);
        using OrtTensor image = OrtPlace.Filled(1, 3, 8, 8);
        run.SetInput(0, image);
        run.Run();
        using OrtTensor logits = run.TakeOutput(session.FindOutput("logits"));
        return logits.Floats.ToArray();
    }
}
