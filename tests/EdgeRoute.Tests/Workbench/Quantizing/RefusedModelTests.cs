using EdgeRoute.Documents;
using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>What cannot become int8 is refused with what to do, and the pack stays as it was.</summary>
public sealed class RefusedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Refused(SmallNetwork network, Func<QuantizeRequest, QuantizeRequest>? with = null)
    {
        var request = SmallPacks.Request(SmallPacks.Write(_folder, network));
        byte[] before = File.ReadAllBytes(_folder.File("manifest.json"));
        string message = Assert.Throws<InvalidDataException>(() => SmallPacks.Quantize(with?.Invoke(request) ?? request)).Message;
        Assert.Equal(before, File.ReadAllBytes(_folder.File("manifest.json")));
        Assert.Equal(["manifest.json", "model.onnx"],
            Directory.EnumerateFileSystemEntries(_folder.Path).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
        return message;
    }

    private static SmallNetwork OneLayer()
    {
        var network = new SmallNetwork().Input("images", 1, 3, SmallPacks.Side, SmallPacks.Side).Output("logits", 1, 4);
        string flat = network.Add("Flatten", [network.Add("GlobalAveragePool", ["images"])]);
        network.End(network.Add("MatMul", [flat, network.Weights(1, 3, 4)]), "logits");
        return network;
    }

    [Fact]
    public void An_operator_set_that_is_too_old_is_to_be_exported_anew() =>
        Assert.Contains("has operator set 9", Refused(SmallPacks.Convolutions(operatorSet: 9)), StringComparison.Ordinal);

    [Fact]
    public void A_network_of_one_layer_has_nothing_to_quantize() =>
        Assert.Contains("there is nothing to quantize", Refused(OneLayer()), StringComparison.Ordinal);

    [Fact]
    public void Half_precision_is_to_be_exported_in_float()
    {
        var network = OneLayer();
        var weight = network.Graph.Initializer[0];
        Half[] halves = [.. OnnxModelFile.FloatsOf(weight).Select(f => (Half)f)];
        network.Graph.Initializer[0] = OnnxModelFile.Tensor<Half>("half", TensorProto.Types.DataType.Float16, halves, 3, 4);
        network.Graph.Node.Insert(0, OnnxModelFile.Node("Cast", ["half"], weight.Name, OnnxModelFile.Whole("to", 1)));
        Assert.Contains("its weights are float16; export the model in float32", Refused(network), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_quantized_already_is_told()
    {
        SmallPacks.Quantize(SmallPacks.Request(SmallPacks.Write(_folder, SmallPacks.Convolutions())));
        byte[] quantized = File.ReadAllBytes(_folder.File("model_int8.onnx"));
        using var other = new TemporaryFolder();
        File.WriteAllBytes(other.File("model.onnx"), quantized);
        string pack = SmallPacks.WriteManifest(other, other.File("model.onnx"));
        var refused = Assert.Throws<InvalidDataException>(() => SmallPacks.Quantize(SmallPacks.Request(pack)));
        Assert.Contains("stage 'main' (model.onnx): it is quantized already", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_are_not_numbers_are_told_with_their_tensor()
    {
        var network = SmallPacks.Convolutions();
        network.Graph.Initializer[3] = OnnxModelFile.Tensor<float>(network.Graph.Initializer[3].Name, TensorProto.Types.DataType.Float,
            [.. Enumerable.Repeat(float.PositiveInfinity, 8)], 8);
        string message = Refused(network);
        Assert.Contains("no usable frame", message, StringComparison.Ordinal);
        Assert.Contains("not numbers", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Footage_that_is_too_short_is_told_with_what_is_needed() =>
        Assert.Contains("has no usable frame left to judge on; at least 8 are needed", Refused(SmallPacks.Convolutions(),
            r => r with { Source = "sim://tabletop?width=64&height=48&frames=3" }), StringComparison.Ordinal);

    [Fact]
    public void A_stage_that_does_not_exist_is_told_with_the_nearest() =>
        Assert.Contains("did you mean 'main'?", Refused(SmallPacks.Convolutions(), r => r with { Stages = ["mian"] }),
            StringComparison.Ordinal);

    [Fact]
    public void Footage_that_is_not_there_is_refused()
    {
        var request = SmallPacks.Request(SmallPacks.Write(_folder, SmallPacks.Convolutions())) with { Source = "nowhere.mp4" };
        Assert.Contains("nowhere.mp4", Assert.Throws<EngineRefusedException>(() => SmallPacks.Quantize(request)).Message,
            StringComparison.Ordinal);
    }
}
