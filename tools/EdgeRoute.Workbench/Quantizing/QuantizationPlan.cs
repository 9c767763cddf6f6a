using Onnx;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// Which operators work on int8, and which tensors are handed on in it. Layers always take int8; what lies between two of them (sums,
/// products, activations, pools, and what only moves values) does where all that it takes comes in int8 already, so that nothing is turned
/// to and fro. What leads to no further layer decodes the answer, and stays float.
/// </summary>
internal sealed class QuantizationPlan
{
    private static readonly string[] Arithmetic = ["Add", "Mul", "Sigmoid", "LeakyRelu", "AveragePool", "GlobalAveragePool", "Concat"];

    /// <summary>They hand on values that they took, so that both sides have one range.</summary>
    private static readonly string[] Passing = ["MaxPool", "Resize", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice",
        "Split", "Gather"];

    /// <summary>They take a single number beside a tensor as well; a quotient becomes a product.</summary>
    private static readonly string[] WithNumber = ["Add", "Mul", "Div"];

    /// <summary>Their bounds go into the rounding of what comes before them.</summary>
    private static readonly string[] Bounds = ["Relu", "Clip"];

    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, string> _ranges = new(StringComparer.Ordinal);
    private readonly HashSet<string> _handedOn = new(StringComparer.Ordinal);
    private readonly HashSet<int> _operators = [];
    private readonly Dictionary<int, IReadOnlyList<string>> _ends = [];

    /// <param name="layers">Those that become int8.</param>
    /// <param name="all">Every layer that could.</param>
    public QuantizationPlan(OnnxGraph graph, IReadOnlyList<WeightedLayer> layers, IReadOnlyList<WeightedLayer> all)
    {
        (_graph, Layers) = (graph, layers);
        var byIndex = layers.ToDictionary(l => l.Index);
        bool[] leads = graph.LeadingTo(all.Select(l => l.Index).ToHashSet());
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            if (byIndex.TryGetValue(i, out var layer))
            {
                TakeLayer(layer);
            }
            else if (leads[i])
            {
                TakeBetween(i);
            }
        }

        DropIdle(byIndex.Keys.ToHashSet());
    }

    public IReadOnlyList<WeightedLayer> Layers { get; }

    /// <summary>Tensors with an int8 form, and of each the one whose range it has.</summary>
    public IReadOnlyDictionary<string, string> Ranges => _ranges;

    /// <summary>Operators that read int8.</summary>
    public bool IsInt8(int index) => _operators.Contains(index);

    /// <summary>Every reader of such a tensor gets what int8 made of it.</summary>
    public bool IsHandedOn(string tensor) => _handedOn.Contains(tensor);

    /// <summary>An operator on int8 reads this number, which is a constant of the model.</summary>
    public bool TakesNumber(int index, string tensor) => IsInt8(index) && IsNumber(_graph.Nodes[index], tensor);

    private bool IsNumber(NodeProto node, string tensor) => WithNumber.Contains(node.OpType) && _graph.Weight(tensor) is { } weight
        && OnnxModelFile.IsFloat(weight) && weight.Dims.All(d => d == 1) && OnnxModelFile.FloatsOf(weight) is [not 0];

    private void TakeLayer(WeightedLayer layer)
    {
        _operators.Add(layer.Index);
        _ranges.TryAdd(layer.Input, layer.Input);
        if (layer.IsConvolution)
        {
            HandOn(layer.Index);
        }
    }

    private void TakeBetween(int index)
    {
        var node = _graph.Nodes[index];
        if (node.Domain is not ("" or "ai.onnx"))
        {
            return;
        }

        if (IsArithmetic(node))
        {
            _operators.Add(index);
            HandOn(index);
        }
        else if (Passing.Contains(node.OpType) && _handedOn.Contains(node.Input[0]))
        {
            _operators.Add(index);
            _ends[index] = node.Output;
            _handedOn.UnionWith(node.Output);
            foreach (string output in node.Output)
            {
                _ranges[output] = _ranges[node.Input[0]];
            }
        }
    }

    private bool IsArithmetic(NodeProto node)
    {
        bool takesAll = node.Input.All(i => _handedOn.Contains(i) || IsNumber(node, i)) && node.Input.Any(_handedOn.Contains);
        return takesAll && (Arithmetic.Contains(node.OpType) || (node.OpType == "Div" && _handedOn.Contains(node.Input[0])
            && IsNumber(node, node.Input[1])));
    }

    /// <summary>Behind the bounds that follow, where nothing else reads what comes before them.</summary>
    private void HandOn(int index)
    {
        string end = _graph.Nodes[index].Output[0];
        while (_graph.Readers(end) is [var only] && !_graph.Outputs.Contains(end) && Bounds.Contains(_graph.Nodes[only].OpType))
        {
            end = _graph.Nodes[only].Output[0];
        }

        _ends[index] = [end];
        _handedOn.Add(end);
        _ranges[end] = end;
    }

    /// <summary>What lies between a layer and float operators would only be rounded once more.</summary>
    private void DropIdle(HashSet<int> layers)
    {
        for (int i = _graph.Nodes.Count - 1; i >= 0; i--)
        {
            if (!_operators.Contains(i) || layers.Contains(i) || _ends[i].SelectMany(_graph.Readers).Any(_operators.Contains))
            {
                continue;
            }

            _operators.Remove(i);
            foreach (string end in _ends[i])
            {
                _handedOn.Remove(end);
                _ranges.Remove(end);
            }
        }
    }
}
