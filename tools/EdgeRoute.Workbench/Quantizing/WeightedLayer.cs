using System.Globalization;
using Onnx;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>An operator whose arithmetic is done in int8: a convolution or a product with weights.</summary>
/// <param name="Index">Its place in the graph.</param>
/// <param name="Input">The tensor that it weighs.</param>
/// <param name="Axis">Of the weights, along which each output channel has a scale of its own.</param>
/// <param name="Bias">Empty where it has none.</param>
internal sealed record WeightedLayer(int Index, string Name, string Input, string Weight, int Axis, string Bias)
{
    /// <summary>Its result is int8 as well; that of a product stays float, which is what follows it in transformers.</summary>
    public required bool IsConvolution { get; init; }
}

/// <summary>Finds the layers of a network that may become int8.</summary>
internal static class LayerFinder
{
    /// <summary>Of weights: fewer are no layer but a piece of decoding, such as the sum over the bins of a box's side.</summary>
    private const int DecodingMost = 64;

    private static readonly string[] QuantizedOperators = ["QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul",
        "ConvInteger", "MatMulInteger"];

    /// <summary>
    /// All layers but the last ones: those that no other layer follows answer with the numbers that heads read, and stay float.
    /// </summary>
    /// <exception cref="InvalidDataException">There is none, or the model is quantized already.</exception>
    public static IReadOnlyList<WeightedLayer> Find(OnnxGraph graph)
    {
        if (graph.Nodes.FirstOrDefault(n => QuantizedOperators.Contains(n.OpType)) is { } already)
        {
            throw new InvalidDataException($"it is quantized already: '{already.Output[0]}' is a {already.OpType}; give the float model");
        }

        var all = Enumerable.Range(0, graph.Nodes.Count).Select(i => LayerAt(graph, i)).OfType<WeightedLayer>().ToList();
        var leads = graph.LeadingTo(all.Select(l => l.Index).ToHashSet());
        var found = all.Where(l => leads[l.Index]).ToList();
        return found.Count > 0 ? found : throw new InvalidDataException(WhyNone(graph, all.Count));
    }

    private static string WhyNone(OnnxGraph graph, int lastCount)
    {
        if (graph.Proto.Initializer.Any(t => t.DataType == (int)TensorProto.Types.DataType.Float16))
        {
            return "its weights are float16; export the model in float32 (Ultralytics: half=False), and quantize that";
        }

        return lastCount > 0
            ? string.Create(CultureInfo.InvariantCulture, $"it has {lastCount} layer(s) with weights, and those at its end stay float, "
                + $"because they make the answer; there is nothing to quantize")
            : "it has no convolution and no product with float32 weights; there is nothing to quantize";
    }

    private static WeightedLayer? LayerAt(OnnxGraph graph, int index)
    {
        var node = graph.Nodes[index];
        if (node.Domain is not ("" or "ai.onnx") || node.Input.Count < 2 || graph.Weight(node.Input[0]) is not null
            || graph.Weight(node.Input[1]) is not { } weight || !OnnxModelFile.IsFloat(weight)
            || weight.Dims.Aggregate(1L, (a, b) => a * b) <= DecodingMost)
        {
            return null;
        }

        string bias = node.Input.Count > 2 ? node.Input[2] : "";
        if (bias.Length > 0 && (graph.Weight(bias) is not { Dims.Count: 1 } values || !OnnxModelFile.IsFloat(values)))
        {
            return null;
        }

        return AxisOf(node, weight) is { } axis
            ? new WeightedLayer(index, NameOf(node), node.Input[0], node.Input[1], axis, bias) { IsConvolution = node.OpType == "Conv" }
            : null;
    }

    private static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output[0];

    private static int? AxisOf(NodeProto node, TensorProto weight)
    {
        switch (node.OpType)
        {
            case "Conv" when weight.Dims.Count >= 3:
                return 0;
            case "MatMul" when weight.Dims.Count == 2:
                return 1;
            case "Gemm" when OnnxModelFile.IntOf(node, "transA", 0) == 0 && OnnxModelFile.FloatOf(node, "alpha", 1) == 1
                && OnnxModelFile.FloatOf(node, "beta", 1) == 1:
                return OnnxModelFile.IntOf(node, "transB", 0) == 1 ? 0 : 1;
            default:
                return null;
        }
    }
}

/// <summary>
/// Gives the sums behind products another shape: ONNX Runtime joins a product and a sum with a row of numbers into one operator, for which
/// it has int8 kernels only where that row is rounded as well. With a size for each of the product's it is left alone.
/// </summary>
internal static class BiasShapes
{
    /// <param name="ranks">By input of a layer: how many sizes it has, which its product has too.</param>
    public static void Raise(GraphProto model, OnnxGraph graph, IReadOnlyList<WeightedLayer> layers, IReadOnlyDictionary<string, int> ranks)
    {
        foreach (var layer in layers.Where(l => graph.Nodes[l.Index].OpType == "MatMul" && ranks.GetValueOrDefault(l.Input) > 2))
        {
            string product = graph.Nodes[layer.Index].Output[0];
            if (graph.Readers(product) is not [var only] || graph.Nodes[only] is not { OpType: "Add" } sum)
            {
                continue;
            }

            int at = sum.Input[0] == product ? 1 : 0;
            if (graph.Weight(sum.Input[at]) is { Dims.Count: 1 } row)
            {
                var raised = row.Clone();
                raised.Name = $"{product}_{row.Name}_raised";
                raised.Dims.Clear();
                raised.Dims.AddRange(Enumerable.Repeat(1L, ranks[layer.Input] - 1).Append(row.Dims[0]));
                model.Initializer.Add(raised);
                sum.Input[at] = raised.Name;
            }
        }
    }
}
