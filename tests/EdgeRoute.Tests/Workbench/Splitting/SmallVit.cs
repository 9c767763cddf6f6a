using EdgeRoute.Tests.Workbench.Quantizing;
using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Tests.Workbench.Splitting;

/// <summary>How exporters write the same block.</summary>
internal enum VitStyle
{
    /// <summary>One product for queries, keys and values, in one tensor of five axes; norms in one operator.</summary>
    Packed,

    /// <summary>The same, each head's queries, keys and values beside each other.</summary>
    PackedByHead,

    /// <summary>Three products, heads as a batch, norms in single steps, activation by tanh.</summary>
    Parted,

    /// <summary>An operator for all of the attention.</summary>
    Whole,
}

/// <summary>Builds small vision transformers with weights that a seed decides, as different exporters would write them.</summary>
internal sealed class SmallVit(VitStyle style, int operatorSet = 17)
{
    public const int Side = 32, Patch = 8, Classes = 4;

    private const int Places = Side / Patch * (Side / Patch);

    private readonly SmallNetwork _net = new(operatorSet);

    public int Width { get; init; } = 24;

    public int HeadCount { get; init; } = 3;

    public int Depth { get; init; } = 4;

    /// <summary>Tokens in front: of the class, and registers.</summary>
    public int PrefixCount { get; init; } = 1;

    public bool IsLayerScaled { get; init; }

    /// <summary>Each token looks at a part of the others only, in this block.</summary>
    public int WindowsIn { get; init; } = -1;

    /// <summary>Tokens are added to by place inside this block.</summary>
    public int PlacesIn { get; init; } = -1;

    private int TokenCount => Places + PrefixCount;

    public SmallNetwork Build()
    {
        _net.Input("images", 1, 3, Side, Side).Output("logits", 1, Classes);
        if (style == VitStyle.Whole)
        {
            _net.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        }

        string map = _net.Add("Conv", ["images", _net.Weights(0.1f, Width, 3, Patch, Patch), _net.Weights(0.1f, Width)],
            SmallNetwork.Ints("strides", Patch, Patch));
        string tokens = Transposed(_net.Add("Reshape", [map, _net.Wholes(1, Width, -1)]), 0, 2, 1);
        if (PrefixCount > 0)
        {
            tokens = _net.Add("Concat", [_net.Weights(1, 1, PrefixCount, Width), tokens], OnnxModelFile.Whole("axis", 1));
        }

        tokens = Sum(tokens, _net.Weights(1, 1, TokenCount, Width));
        for (int i = 0; i < Depth; i++)
        {
            string attended = Scaled(i == WindowsIn ? Windows(Norm(tokens)) : Attention(Norm(tokens)));
            tokens = Sum(tokens, attended);
            tokens = i == PlacesIn ? Sum(tokens, _net.Weights(0.1f, 1, TokenCount, Width)) : tokens;
            tokens = Sum(tokens, Scaled(Product(Active(Product(Norm(tokens), Width, 2 * Width)), 2 * Width, Width)));
        }

        _net.End(Head(tokens), "logits");
        return _net;
    }

    private string Head(string tokens)
    {
        string normed = Norm(tokens);
        string pooled = PrefixCount > 0
            ? _net.Add("Gather", [normed, First()], OnnxModelFile.Whole("axis", 1))
            : Mean(normed, 1, keeps: false);
        return _net.Add("Gemm", [pooled, _net.Weights(0.8f, Classes, Width), _net.Weights(0.1f, Classes)],
            OnnxModelFile.Whole("transB", 1));
    }

    private string First()
    {
        string name = _net.Wholes(0);
        _net.Graph.Initializer[^1].Dims.Clear();
        return name;
    }

    private string Mean(string input, int axis, bool keeps)
    {
        var keep = OnnxModelFile.Whole("keepdims", keeps ? 1 : 0);
        return _net.Model.OpsetImport[0].Version >= 18 ? _net.Add("ReduceMean", [input, _net.Wholes(axis)], keep)
            : _net.Add("ReduceMean", [input], SmallNetwork.Ints("axes", axis), keep);
    }

    private string Norm(string input)
    {
        string weight = _net.Constant([.. SmallNetwork.Noise(Width, 11).Select(v => 1 + (0.3f * v))], Width);
        string bias = _net.Weights(0.1f, Width);
        if (style != VitStyle.Parted)
        {
            return _net.Add("LayerNormalization", [input, weight, bias], OnnxModelFile.Whole("axis", -1));
        }

        string centred = _net.Add("Sub", [input, Mean(input, -1, keeps: true)]);
        string variance = Mean(_net.Add("Pow", [centred, Scalar(2)]), -1, keeps: true);
        string unit = _net.Add("Div", [centred, _net.Add("Sqrt", [Sum(variance, Scalar(1e-5f))])]);
        return Sum(_net.Add("Mul", [unit, weight]), bias);
    }

    private string Attention(string input) => style switch
    {
        VitStyle.Parted => Parted(input),
        VitStyle.Whole => Whole(input),
        _ => Packed(input),
    };

    private string Packed(string input)
    {
        int size = Width / HeadCount;
        bool isByHead = style == VitStyle.PackedByHead;
        string all = Product(input, Width, 3 * Width);
        string[] parts = new string[3];
        string five = isByHead ? Transposed(Shaped(all, 1, TokenCount, HeadCount, 3, size), 3, 0, 2, 1, 4)
            : Transposed(Shaped(all, 1, TokenCount, 3, HeadCount, size), 2, 0, 3, 1, 4);
        for (int i = 0; i < 3; i++)
        {
            string index = _net.Wholes(i);
            _net.Graph.Initializer[^1].Dims.Clear();
            parts[i] = _net.Add("Gather", [five, index], OnnxModelFile.Whole("axis", 0));
        }

        string root = Scalar(MathF.Pow(size, -0.25f));
        string logits = _net.Add("MatMul", [_net.Add("Mul", [parts[0], root]), _net.Add("Mul", [Transposed(parts[1], 0, 1, 3, 2), root])]);
        string context = _net.Add("MatMul", [_net.Add("Softmax", [logits], OnnxModelFile.Whole("axis", -1)), parts[2]]);
        return Product(Shaped(Transposed(context, 0, 2, 1, 3), 1, TokenCount, Width), Width, Width);
    }

    private string Parted(string input)
    {
        int size = Width / HeadCount;
        string Heads(string x) => Shaped(Transposed(Shaped(x, 1, TokenCount, HeadCount, size), 0, 2, 1, 3), HeadCount, TokenCount, size);
        string query = Heads(Product(input, Width, Width)), key = Heads(Product(input, Width, Width));
        string value = Heads(Product(input, Width, Width));
        string logits = _net.Add("Div", [_net.Add("MatMul", [query, Transposed(key, 0, 2, 1)]), Scalar(MathF.Sqrt(size))]);
        string context = _net.Add("MatMul", [_net.Add("Softmax", [logits], OnnxModelFile.Whole("axis", -1)), value]);
        string four = Shaped(context, 1, HeadCount, TokenCount, size);
        return Product(Shaped(Transposed(four, 0, 2, 1, 3), 1, TokenCount, Width), Width, Width);
    }

    private string Whole(string input)
    {
        string[] parts = [.. Enumerable.Range(0, 3).Select(_ => _net.Add("MatMul", [input, _net.Weights(0.4f, Width, Width)]))];
        string context = _net.Add("MultiHeadAttention", [.. parts, _net.Weights(0.1f, 3 * Width)],
            OnnxModelFile.Whole("num_heads", HeadCount));
        _net.Graph.Node[^1].Domain = "com.microsoft";
        return Product(context, Width, Width);
    }

    /// <summary>Tokens of half the picture each look at each other only.</summary>
    private string Windows(string input)
    {
        int half = TokenCount / 2;
        string windows = Shaped(input, 2, half, Width);
        string query = Product(windows, Width, Width), key = Product(windows, Width, Width), value = Product(windows, Width, Width);
        string weights = _net.Add("Softmax", [_net.Add("MatMul", [query, Transposed(key, 0, 2, 1)])], OnnxModelFile.Whole("axis", -1));
        return Product(Shaped(_net.Add("MatMul", [weights, value]), 1, TokenCount, Width), Width, Width);
    }

    private string Active(string input)
    {
        if (style == VitStyle.Whole)
        {
            string active = _net.Add("Gelu", [input]);
            _net.Graph.Node[^1].Domain = "com.microsoft";
            return active;
        }

        if (style != VitStyle.Parted)
        {
            string erf = _net.Add("Erf", [_net.Add("Div", [input, Scalar(MathF.Sqrt(2))])]);
            return _net.Add("Mul", [_net.Add("Mul", [input, Sum(erf, Scalar(1))]), Scalar(0.5f)]);
        }

        string cube = _net.Add("Mul", [_net.Add("Pow", [input, Scalar(3)]), Scalar(0.044715f)]);
        string tanh = _net.Add("Tanh", [_net.Add("Mul", [Sum(input, cube), Scalar(0.7978846f)])]);
        return _net.Add("Mul", [_net.Add("Mul", [input, Scalar(0.5f)]), Sum(tanh, Scalar(1))]);
    }

    private string Product(string input, int from, int to) =>
        Sum(_net.Add("MatMul", [input, _net.Weights(1.5f / MathF.Sqrt(from), from, to)]), _net.Weights(0.1f, to));

    private string Scaled(string input) => IsLayerScaled ? _net.Add("Mul", [input, _net.Weights(0.9f, Width)]) : input;

    private string Sum(string a, string b) => _net.Add("Add", [a, b]);

    private string Shaped(string input, params long[] shape) => _net.Add("Reshape", [input, _net.Wholes(shape)]);

    private string Transposed(string input, params long[] order) => _net.Add("Transpose", [input], SmallNetwork.Ints("perm", order));

    private string Scalar(float value) => _net.Constant([value]);
}
