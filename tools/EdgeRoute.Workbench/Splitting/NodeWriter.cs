using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>Adds operators to a graph, with names that no other has.</summary>
/// <param name="model">Whose operator set decides how an operator is written.</param>
internal sealed class NodeWriter(GraphProto graph, ModelProto model, string prefix)
{
    /// <summary>From here on means and extremes take their axes as an input.</summary>
    private const int AxesAsInput = 18;

    private readonly long _operatorSet = OnnxModelFile.OperatorSetOf(model);
    private int _count;

    public string Add(string operation, params string[] inputs) => Add(operation, inputs, Array.Empty<AttributeProto>());

    public string Add(string operation, string[] inputs, AttributeProto[] attributes)
    {
        string output = NewName(operation);
        graph.Node.Add(OnnxModelFile.Node(operation, inputs, output, attributes));
        return output;
    }

    public string Add(string operation, string[] inputs, params (string Name, long Value)[] attributes) =>
        Add(operation, inputs, [.. attributes.Select(a => OnnxModelFile.Whole(a.Name, a.Value))]);

    public string Floats(float[] values, params long[] shape) => Constant<float>(values, TensorProto.Types.DataType.Float, shape);

    /// <summary>A row of whole numbers.</summary>
    public string Wholes(params long[] values) => Constant<long>(values, TensorProto.Types.DataType.Int64, values.Length);

    public string Whole(long value) => Constant<long>([value], TensorProto.Types.DataType.Int64);

    public string Reshape(string input, params long[] shape) => Add("Reshape", input, Wholes(shape));

    public string Transpose(string input, params long[] order) => Add("Transpose", [input], [Ints("perm", order)]);

    public string Slice(string input, long axis, long from, long to = long.MaxValue) =>
        Add("Slice", input, Wholes(from), Wholes(to), Wholes(axis));

    public string Concat(long axis, params string[] inputs) => Add("Concat", inputs, ("axis", axis));

    public string Cast(string input, TensorProto.Types.DataType to) => Add("Cast", [input], ("to", (long)to));

    public string Reduce(string operation, string input, bool keepsAxes, params long[] axes)
    {
        var keep = OnnxModelFile.Whole("keepdims", keepsAxes ? 1 : 0);
        return _operatorSet >= AxesAsInput || operation == "ReduceSum" ? Add(operation, [input, Wholes(axes)], [keep])
            : Add(operation, [input], [Ints("axes", axes), keep]);
    }

    /// <summary>A product with weights.</summary>
    public string Linear(string input, float[] weights, int from, int to, float[]? bias)
    {
        string product = Add("MatMul", input, Floats(weights, from, to));
        return bias is null ? product : Add("Add", product, Floats(bias, to));
    }

    public IReadOnlyList<string> Split(string input, long axis, params long[] sizes)
    {
        string[] outputs = [.. sizes.Select(_ => NewName("Split"))];
        var node = OnnxModelFile.Node("Split", [input, Wholes(sizes)], outputs[0], OnnxModelFile.Whole("axis", axis));
        node.Output.AddRange(outputs.Skip(1));
        graph.Node.Add(node);
        return outputs;
    }

    /// <summary>Gives the operator that was added last a second output.</summary>
    public string Second()
    {
        string output = NewName("second");
        graph.Node[^1].Output.Add(output);
        return output;
    }

    /// <summary>Gives a tensor another name.</summary>
    public void Name(string tensor, string name) => graph.Node.Add(OnnxModelFile.Node("Identity", [tensor], name));

    /// <param name="shape">Sizes; -1 where one is open; none where nothing is said.</param>
    public static ValueInfoProto Declared(string name, params long[] shape) =>
        Declared(name, TensorProto.Types.DataType.Float, shape);

    public static ValueInfoProto Declared(string name, TensorProto.Types.DataType type, params long[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type };
        if (shape.Length > 0)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(shape.Select((s, i) => s >= 0 ? new TensorShapeProto.Types.Dimension { DimValue = s }
                : new TensorShapeProto.Types.Dimension { DimParam = FormattableString.Invariant($"{name}_{i}") }));
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static AttributeProto Ints(string name, long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private string Constant<T>(T[] values, TensorProto.Types.DataType type, params long[] shape)
        where T : unmanaged
    {
        string name = NewName("const");
        graph.Initializer.Add(OnnxModelFile.Tensor<T>(name, type, values, shape));
        return name;
    }

    private string NewName(string operation) => FormattableString.Invariant($"{prefix}{operation.ToLowerInvariant()}_{_count++}");
}
