using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// Follows one attention from its softmax, or from the operator that holds all of it, to the products with weights around it. How exporters
/// cut, turn and name what lies between differs; what it computes is told by <see cref="AttentionChoice"/>, by numbers.
/// </summary>
internal sealed class AttentionTrace(VitGraph graph, NodeProto centre)
{
    private static readonly HashSet<string> Products = ["MatMul", "Einsum", "FusedMatMul"];

    private static readonly HashSet<string> Whole = ["Attention", "MultiHeadAttention"];

    /// <summary>Whether an operator is where an attention over tokens may be; one row of weights is a pooling head's.</summary>
    public static bool IsCentre(VitGraph graph, NodeProto node) => Whole.Contains(node.OpType)
        || (node.OpType == "Softmax" && graph.ShapeOf(node.Output[0]) is { Length: >= 3 } shape && shape[^2] > 1);

    /// <exception cref="InvalidDataException">It is none that is known; the message names the operator.</exception>
    public TracedAttention Run()
    {
        var (query, key, value, context) = Whole.Contains(centre.OpType) ? FromWhole() : FromSoftmax();
        string input = graph.BeforeLayout(query.Linear.Input);
        foreach (var other in new[] { key, value })
        {
            if (graph.BeforeLayout(other.Linear.Input) != input)
            {
                throw Refused(other.Linear.Node, "reads other tokens than the queries do: attention across two inputs is not known");
            }
        }

        var projection = Projection(context);
        string output = AsTokens(projection.Output, input);
        if (graph.ShapeOf(input) is not [1, var count, var width] || graph.ShapeOf(output) is not [1, var rows, _] || rows != count)
        {
            throw Refused(centre, $"is no attention from tokens to tokens: [{string.Join(",", graph.ShapeOf(input))}] becomes "
                + $"[{string.Join(",", graph.ShapeOf(output))}]");
        }

        return new TracedAttention(centre, input, output, query, key, value, projection.Linear, projection.Bias, HeadCount(count))
        {
            TokenCount = (int)count, Width = (int)width,
        };
    }

    private (Operand Query, Operand Key, Operand Value, string Context) FromSoftmax()
    {
        string weights = centre.Output[0];
        var product = Only(weights, n => Products.Contains(n.OpType), "its softmax");
        string value = product.Input.First(i => i != weights && graph.BeforeLayout(i) != weights);
        var logits = Up(centre.Input[0], n => Products.Contains(n.OpType));
        return (Source(logits.Input[0]), Source(logits.Input[1]), Source(value), product.Output[0]);
    }

    /// <summary>An exporter's or optimizer's operator that holds all of it but the last product.</summary>
    private (Operand Query, Operand Key, Operand Value, string Context) FromWhole()
    {
        bool isPacked = centre.OpType == "Attention" && centre.Domain == "com.microsoft";
        if (isPacked)
        {
            var weight = graph.Weight(centre.Input[1]) ?? throw Refused(centre, "has weights that are computed");
            int width = (int)weight.Dims[0], outputs = (int)weight.Dims[1];
            float[]? bias = graph.Weight(centre.Input.ElementAtOrDefault(2) ?? "") is { } tensor ? OnnxModelFile.FloatsOf(tensor) : null;
            var all = new Operand(new Linear(centre, OnnxModelFile.FloatsOf(weight), null, width, outputs), bias);
            RequireAbsent(3);
            return (all, all, all, centre.Output[0]);
        }

        var operands = Enumerable.Range(0, 3).Select(i => Source(centre.Input[i])).ToArray();
        bool hasBias = centre.OpType == "MultiHeadAttention" && centre.Input.Count > 3 && centre.Input[3].Length > 0;
        if (hasBias)
        {
            float[] bias = OnnxModelFile.FloatsOf(graph.Weight(centre.Input[3]) ?? throw Refused(centre, "has a bias that is computed"));
            int part = bias.Length / operands.Length;
            operands = [.. operands.Select((o, i) => o with { Bias = bias[(i * part)..((i + 1) * part)] })];
        }

        RequireAbsent(hasBias ? 4 : 3);
        return (operands[0], operands[1], operands[2], centre.Output[0]);
    }

    private void RequireAbsent(int from)
    {
        if (centre.Input.Skip(from).Any(i => i.Length > 0))
        {
            throw Refused(centre, "has a mask, a bias or earlier keys, which are not known");
        }
    }

    private int HeadCount(long tokenCount)
    {
        if (Whole.Contains(centre.OpType))
        {
            long heads = OnnxModelFile.IntOf(centre, "num_heads", OnnxModelFile.IntOf(centre, "q_num_heads", 0));
            heads = heads > 0 || graph.ShapeOf(centre.Input[0]) is not { Length: 4 } shape ? heads : shape[1];
            return heads > 0 ? (int)heads : throw Refused(centre, "does not tell its number of heads");
        }

        long[] seen = graph.ShapeOf(centre.Output[0]);
        long count = graph.CountOf(centre.Output[0]);
        return seen[^1] == tokenCount && seen[^2] == tokenCount ? (int)(count / (tokenCount * tokenCount))
            : throw Refused(centre, $"looks at [{string.Join(",", seen)}] where there are {tokenCount} tokens: windows, and keys of "
                + "another number than queries, are not known");
    }

    /// <summary>The product with weights that queries, keys or values come from.</summary>
    private Operand Source(string name)
    {
        float[]? bias = null;
        while (true)
        {
            var node = graph.Producer(name) ?? throw Refused(centre, $"reads '{name}', which no product with weights makes");
            if (graph.LinearAt(node) is { } linear)
            {
                return new Operand(linear, bias ?? linear.Bias);
            }

            if (node.OpType == "Add" && ConstantOf(node) is { } added && bias is null)
            {
                bias = OnnxModelFile.FloatsOf(added);
                name = node.Input.First(i => i != added.Name);
                continue;
            }

            name = Above(node);
        }
    }

    /// <summary>The operator above a chain that only moves and scales.</summary>
    private NodeProto Up(string name, Func<NodeProto, bool> isFound)
    {
        while (true)
        {
            var node = graph.Producer(name) ?? throw Refused(centre, $"reads '{name}', which no operator makes");
            if (isFound(node))
            {
                return node;
            }

            name = Above(node);
        }
    }

    private string Above(NodeProto node)
    {
        if (VitGraph.IsLayout(node))
        {
            return node.Input[0];
        }

        bool isScale = node.OpType is "Mul" or "Div" && node.Input.Any(i => graph.CountOf(i) == 1);
        return isScale ? node.Input.MaxBy(graph.CountOf)! : throw Refused(node, $"stands between the product with weights and the softmax "
            + $"of {VitGraph.NameOf(centre)}: a bias by position, a mask, a turn by position or a norm of queries is not known");
    }

    private (Linear Linear, float[]? Bias, string Output) Projection(string context)
    {
        var node = Only(context, n => graph.LinearAt(n) is not null, "the attention");
        var linear = graph.LinearAt(node)!;
        var readers = graph.Readers(linear.Output);
        if (readers is [{ OpType: "Add" } add] && ConstantOf(add) is { } bias)
        {
            return (linear, OnnxModelFile.FloatsOf(bias), add.Output[0]);
        }

        return (linear, linear.Bias, linear.Output);
    }

    /// <summary>Some exporters keep tokens in front of the picture, or flat: the tensor that has the shape of the input again.</summary>
    private string AsTokens(string name, string input)
    {
        long[] wanted = graph.ShapeOf(input);
        while (!(graph.ShapeOf(name) is [1, var rows, _] && rows == wanted[1]) && graph.Readers(name) is [var only]
            && VitGraph.IsLayout(only))
        {
            name = only.Output[0];
        }

        return name;
    }

    /// <summary>Goes down a chain of single readers to an operator.</summary>
    private NodeProto Only(string name, Func<NodeProto, bool> isFound, string after)
    {
        while (true)
        {
            var readers = graph.Readers(name);
            if (readers.FirstOrDefault(isFound) is { } found && readers.Count == 1)
            {
                return found;
            }

            if (readers is not [var next] || !VitGraph.IsLayout(next))
            {
                throw Refused(readers.FirstOrDefault() ?? centre, $"comes after {after} of {VitGraph.NameOf(centre)}, where a product was "
                    + "looked for");
            }

            name = next.Output[0];
        }
    }

    /// <summary>The operand that is one row of weights.</summary>
    private TensorProto? ConstantOf(NodeProto add) => add.Input.Select(graph.Weight).FirstOrDefault(w => w is not null
        && OnnxModelFile.IsFloat(w) && w.Dims.Count > 0 && w.Dims[^1] == w.Dims.Aggregate(1L, (a, b) => a * b));

    internal static InvalidDataException Refused(NodeProto node, string why) => new($"node {VitGraph.NameOf(node)} {why}");
}

/// <summary>What queries, keys or values come from.</summary>
internal sealed record Operand(Linear Linear, float[]? Bias);

/// <summary>One attention as it stands in the graph.</summary>
/// <param name="Centre">Its softmax, or the operator that holds it.</param>
/// <param name="Input">Tokens that it reads, [1, tokens, width].</param>
/// <param name="Output">Tokens that it adds.</param>
internal sealed record TracedAttention(NodeProto Centre, string Input, string Output, Operand Query, Operand Key, Operand Value,
    Linear Projection, float[]? ProjectionBias, int HeadCount)
{
    public required int TokenCount { get; init; }

    public required int Width { get; init; }

    /// <summary>Queries, keys and values come from one product.</summary>
    public bool IsPacked => ReferenceEquals(Query.Linear.Node, Key.Linear.Node);
}
