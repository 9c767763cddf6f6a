using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// Requires that all of a block but its attention does the same to each token, however many there are, so that tokens can be left out.
/// </summary>
internal sealed class TokenCheck(VitGraph graph, string tokens)
{
    private static readonly HashSet<string> Single = ["Erf", "Tanh", "Sigmoid", "Relu", "Gelu", "FastGelu", "QuickGelu", "BiasGelu",
        "Sqrt", "Exp", "Neg", "Abs", "Identity", "Cast", "Dropout", "Reciprocal", "HardSigmoid", "HardSwish", "Softplus", "Clip", "Elu",
        "Mish", "Celu", "LeakyRelu"];

    private static readonly HashSet<string> Paired = ["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"];

    private static readonly HashSet<string> Norms = ["LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization",
        "SkipLayerNormalization", "SkipSimplifiedLayerNormalization"];

    private readonly HashSet<string> _words = new(StringComparer.Ordinal);
    private readonly int _rank = graph.ShapeOf(tokens).Length;

    /// <summary>How the layers were exported.</summary>
    public IReadOnlyList<string> Words => [.. _words.Order(StringComparer.Ordinal)];

    /// <exception cref="InvalidDataException">An operator mixes tokens, or is not known; the message names it.</exception>
    public void Require(VitBlock block)
    {
        foreach (var node in block.Nodes.Where(n => n.OpType != VitFinder.AttentionMark))
        {
            if (Problem(node) is { } problem)
            {
                throw AttentionTrace.Refused(node, $"stands in a block and {problem}; only what treats every token alike can be cut");
            }
        }

        Describe(block);
    }

    private string? Problem(NodeProto node)
    {
        if (Single.Contains(node.OpType))
        {
            return null;
        }

        if (Paired.Contains(node.OpType))
        {
            return node.Input.All(IsAlike) ? null : "adds or multiplies what differs from token to token";
        }

        if (Norms.Contains(node.OpType))
        {
            return IsLast(OnnxModelFile.IntOf(node, "axis", -1)) ? null : "is a norm over tokens";
        }

        return node.OpType switch
        {
            "MatMul" => graph.LinearAt(node) is null ? "is a product of two computed tensors" : null,
            "ReduceMean" or "ReduceSum" or "ReduceSumSquare" => AxesOf(node) is [var axis] && IsLast(axis) ? null
                : "is a mean or sum over tokens",
            "Split" or "Concat" or "Softmax" => IsLast(OnnxModelFile.IntOf(node, "axis", 0)) ? null : "parts or joins tokens",
            _ => "is not known",
        };
    }

    /// <summary>Computed for each token, or the same for all.</summary>
    private bool IsAlike(string input) => graph.Weight(input) is not { } weight
        || weight.Dims.Count < 2 || weight.Dims.Take(weight.Dims.Count - 1).All(d => d == 1);

    private bool IsLast(long axis) => axis == -1 || axis == _rank - 1;

    private long[] AxesOf(NodeProto node) => node.Attribute.FirstOrDefault(a => a.Name == "axes") is { } axes ? [.. axes.Ints]
        : WholesOf(graph.Weight(node.Input.ElementAtOrDefault(1) ?? ""));

    private static long[] WholesOf(TensorProto? tensor)
    {
        if (tensor is null)
        {
            return [];
        }

        return tensor.RawData.Length == 0 ? [.. tensor.Int64Data]
            : [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(tensor.RawData.Span)];
    }

    private void Describe(VitBlock block)
    {
        bool Has(params string[] operations) => block.Nodes.Any(n => operations.Contains(n.OpType));
        _words.Add(Has([.. Norms]) ? "norms in one operator" : "norms in single steps");
        string activation = block.Nodes.Select(n => n.OpType).FirstOrDefault(o => o is "Gelu" or "FastGelu" or "QuickGelu" or "BiasGelu"
            or "Erf" or "Tanh" or "Sigmoid" or "Relu") ?? "another function";
        _words.Add($"activation by {activation}");
        if (block.Nodes.Any(n => n.OpType == "Mul" && n.Input.Any(i => graph.Weight(i) is { Dims.Count: > 0 } w && w.Dims[^1] > 1))
            && Has([.. Norms]))
        {
            _words.Add("layers scaled");
        }
    }
}
