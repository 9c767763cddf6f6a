using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>A transformer's graph with the shape that each of its tensors has for one picture.</summary>
internal sealed class VitGraph
{
    /// <summary>Operators that move values about and compute none; dropouts do nothing once a model is trained.</summary>
    private static readonly HashSet<string> Layout = ["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity", "Flatten", "Dropout",
        "Cast", "Split", "Slice", "Gather"];

    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, int> _producers = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, long[]> _shapes;

    /// <param name="shapes">By tensor.</param>
    public VitGraph(ModelProto model, IReadOnlyDictionary<string, long[]> shapes)
    {
        (Model, _shapes, _graph) = (model, shapes, new OnnxGraph(model.Graph));
        for (int i = 0; i < Nodes.Count; i++)
        {
            foreach (string output in Nodes[i].Output)
            {
                _producers[output] = i;
            }
        }
    }

    public ModelProto Model { get; }

    public IReadOnlyList<NodeProto> Nodes => _graph.Nodes;

    public TensorProto? Weight(string name) => _graph.Weight(name);

    public NodeProto? Producer(string name) => _producers.TryGetValue(name, out int index) ? Nodes[index] : null;

    public int ProducerIndex(string name) => _producers.GetValueOrDefault(name, -1);

    public IReadOnlyList<NodeProto> Readers(string name) => [.. _graph.Readers(name).Select(i => Nodes[i])];

    /// <summary>Empty for what is no tensor.</summary>
    public long[] ShapeOf(string name) => Weight(name) is { } weight ? [.. weight.Dims] : _shapes.GetValueOrDefault(name, []);

    public long CountOf(string name) => ShapeOf(name).Aggregate(1L, (a, b) => a * b);

    public static bool IsLayout(NodeProto node) => Layout.Contains(node.OpType);

    /// <summary>How people find an operator in a viewer.</summary>
    public static string NameOf(NodeProto node) => $"'{(node.Name.Length > 0 ? node.Name : node.Output[0])}' ({node.OpType})";

    /// <summary>The tensor that a chain of operators which only move values about starts from.</summary>
    public string BeforeLayout(string name)
    {
        while (Producer(name) is { } node && IsLayout(node) && Weight(node.Input[0]) is null)
        {
            name = node.Input[0];
        }

        return name;
    }

    /// <summary>A product with weights, where an operator is one.</summary>
    public Linear? LinearAt(NodeProto node)
    {
        if (node.OpType is not ("MatMul" or "Gemm") || Weight(node.Input[1]) is not { Dims.Count: 2 } weight)
        {
            return null;
        }

        if (!OnnxModelFile.IsFloat(weight))
        {
            throw new InvalidDataException($"the weights of node {NameOf(node)} are no float32; export the model in float32, split it, and "
                + "quantize what comes of it");
        }

        bool isTurned = node.OpType == "Gemm" && OnnxModelFile.IntOf(node, "transB", 0) != 0;
        var (from, to) = isTurned ? ((int)weight.Dims[1], (int)weight.Dims[0]) : ((int)weight.Dims[0], (int)weight.Dims[1]);
        float[] values = OnnxModelFile.FloatsOf(weight);
        string bias = node.OpType == "Gemm" && node.Input.Count > 2 ? node.Input[2] : "";
        return new Linear(node, isTurned ? Turned(values, to, from) : values,
            Weight(bias) is { } tensor ? OnnxModelFile.FloatsOf(tensor) : null, from, to);
    }

    /// <summary>Products with weights that were left to be turned, and copies of weights, become weights themselves.</summary>
    public static void FoldWeights(GraphProto graph)
    {
        var weights = graph.Initializer.GroupBy(t => t.Name).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            var node = graph.Node[i];
            bool isTurned = node.OpType == "Transpose";
            if ((isTurned || node.OpType == "Identity") && weights.TryGetValue(node.Input[0], out var weight)
                && (!isTurned || (weight.Dims.Count == 2 && OnnxModelFile.IsFloat(weight))))
            {
                var folded = isTurned ? OnnxModelFile.Tensor<float>(node.Output[0], TensorProto.Types.DataType.Float,
                    Turned(OnnxModelFile.FloatsOf(weight), (int)weight.Dims[0], (int)weight.Dims[1]), weight.Dims[1], weight.Dims[0])
                    : weight.Clone();
                folded.Name = node.Output[0];
                graph.Initializer.Add(folded);
                weights[folded.Name] = folded;
                graph.Node.RemoveAt(i--);
            }
        }
    }

    /// <summary>Rows become columns.</summary>
    private static float[] Turned(float[] values, int rows, int columns)
    {
        float[] turned = new float[values.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                turned[(c * rows) + r] = values[(r * columns) + c];
            }
        }

        return turned;
    }
}

/// <summary>A product with weights.</summary>
/// <param name="Weights">A row for each value that comes in, a column for each that goes out.</param>
internal sealed record Linear(NodeProto Node, float[] Weights, float[]? Bias, int From, int To)
{
    public string Input => Node.Input[0];

    public string Output => Node.Output[0];
}
