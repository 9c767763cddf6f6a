using Onnx;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// Makes a model of operator set 11 or 12 one of 13, the first whose scales may differ from channel to channel. What changed in between
/// (the operators' changelog of ONNX): axes and parts became inputs, softmax takes one axis instead of all from one on, dropout's ratio
/// became an input.
/// </summary>
internal sealed class OperatorSetUpgrade
{
    public const int Wanted = 13;

    private const int Oldest = 11;

    private readonly GraphProto _graph;
    private int _count;

    private OperatorSetUpgrade(GraphProto graph) => _graph = graph;

    /// <exception cref="InvalidDataException">It is older, or uses what has no counterpart.</exception>
    public static void Run(ModelProto model)
    {
        long version = OnnxModelFile.OperatorSetOf(model);
        if (version >= Wanted)
        {
            return;
        }

        if (version < Oldest)
        {
            throw new InvalidDataException($"the model has operator set {version}; scales for each channel need {Wanted}, and only "
                + $"{Oldest} and {Oldest + 1} are converted. Export it again with opset {Wanted} or newer");
        }

        new OperatorSetUpgrade(model.Graph).Run();
        foreach (var set in model.OpsetImport.Where(o => o.Domain is "" or "ai.onnx"))
        {
            set.Version = Wanted;
        }
    }

    private void Run()
    {
        var nodes = _graph.Node.SelectMany(Upgraded).ToList();
        _graph.Node.Clear();
        _graph.Node.AddRange(nodes);
    }

    private IEnumerable<NodeProto> Upgraded(NodeProto node)
    {
        foreach (var inner in OnnxModelFile.InnerGraphs(node))
        {
            new OperatorSetUpgrade(inner).Run();
        }

        if (node.Domain is not ("" or "ai.onnx"))
        {
            return [node];
        }

        switch (node.OpType)
        {
            case "Squeeze" or "Unsqueeze" or "ReduceSum":
                ToInput(node, "axes");
                return [node];
            case "Split":
                ToInput(node, "split");
                return [node];
            case "Softmax" or "LogSoftmax" or "Hardmax":
                return Softmax(node);
            case "Dropout":
                return [Identity(node)];
            case "Resize" when node.Attribute.Any(a => a.S?.ToStringUtf8() == "tf_half_pixel_for_nn"):
                throw new InvalidDataException($"'{node.Output[0]}' is a Resize with 'tf_half_pixel_for_nn', which operator set {Wanted} "
                    + $"does not have; export the model again with opset {Wanted} or newer");
            default:
                return [node];
        }
    }

    private void ToInput(NodeProto node, string name)
    {
        if (node.Attribute.FirstOrDefault(a => a.Name == name) is not { } attribute)
        {
            return;
        }

        string constant = NewName(node, name);
        long[] values = [.. attribute.Ints];
        _graph.Initializer.Add(OnnxModelFile.Tensor<long>(constant, TensorProto.Types.DataType.Int64, values, values.Length));
        node.Input.Add(constant);
        node.Attribute.Remove(attribute);
    }

    /// <summary>Flattened from the axis on, which no rank needs to be known for, and given its shape again.</summary>
    private IEnumerable<NodeProto> Softmax(NodeProto node)
    {
        const long Last = -1;
        long axis = OnnxModelFile.IntOf(node, "axis", 1);
        node.Attribute.Clear();
        node.Attribute.Add(OnnxModelFile.Whole("axis", Last));
        if (axis == Last)
        {
            return [node];
        }

        string input = node.Input[0], output = node.Output[0];
        string shape = NewName(node, "shape"), flat = NewName(node, "flat"), done = NewName(node, "done");
        (node.Input[0], node.Output[0]) = (flat, done);
        return
        [
            OnnxModelFile.Node("Shape", [input], shape), OnnxModelFile.Node("Flatten", [input], flat, OnnxModelFile.Whole("axis", axis)),
            node, OnnxModelFile.Node("Reshape", [done, shape], output),
        ];
    }

    private static NodeProto Identity(NodeProto node) => node.Output.Count == 1 || node.Output[1].Length == 0
        ? OnnxModelFile.Node("Identity", [node.Input[0]], node.Output[0])
        : throw new InvalidDataException($"'{node.Output[0]}' is a Dropout whose mask is used, as in training; export the model for "
            + "inference");

    private string NewName(NodeProto node, string part) => $"{node.Output[0]}_{part}_{_count++}";
}
