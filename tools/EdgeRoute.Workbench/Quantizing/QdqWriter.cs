using Onnx;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>What int8 form the activations get.</summary>
public enum ActivationForm : byte
{
    /// <summary>0 to 255 from the least value to the most: what the CPU's kernels are quickest and most exact with.</summary>
    UInt8 = 1,

    /// <summary>-127 to 127 on both sides of zero, and biases that stay float: what TensorRT takes.</summary>
    Int8 = 2,
}

/// <summary>
/// Writes int8 into a model as pairs of QuantizeLinear and DequantizeLinear around what is rounded. Runtimes that know the pairs turn them
/// and what they stand around into int8 kernels; others compute the same in float.
/// </summary>
internal sealed class QdqWriter
{
    private const TensorProto.Types.DataType FloatType = TensorProto.Types.DataType.Float;

    /// <summary>How far a rounded bias may reach in int32: room is left for the sum that it is added to.</summary>
    private const double BiasMost = 1 << 30;

    private readonly OnnxGraph _graph;
    private readonly QuantizationPlan _plan;
    private readonly Func<string, ValueRange> _rangeOf;
    private readonly ActivationForm _form;
    private readonly int _weightMost;
    private readonly IReadOnlyDictionary<string, ChannelMeans>? _means;
    private readonly Func<WeightedLayer, int, ChannelWeights?>? _fitted;
    private readonly HashSet<string> _names;
    private readonly Dictionary<string, string> _dequantized = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RangeNames> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Weight, string Bias, string Input), (string Weight, string Bias)> _layerWeights = [];
    private readonly List<NodeProto> _constants = [], _nodes = [];
    private readonly List<TensorProto> _tensors = [];

    private QdqWriter(OnnxGraph graph, QuantizationPlan plan, Func<string, ValueRange> rangeOf, ActivationForm form, int weightBits,
        IReadOnlyDictionary<string, ChannelMeans>? means, Func<WeightedLayer, int, ChannelWeights?>? fitted)
    {
        (_graph, _plan, _rangeOf) = (graph, plan, rangeOf);
        (_means, _fitted) = (means, fitted);
        (_form, _weightMost) = (form, (1 << (weightBits - 1)) - 1);
        _names = graph.Nodes.SelectMany(n => n.Output).Concat(graph.Proto.Initializer.Select(t => t.Name))
            .Concat(graph.Proto.Input.Select(i => i.Name)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Names of a scale and a zero point, and the scale itself.</summary>
    private sealed record RangeNames(string Scale, string Zero, float Step);

    /// <param name="model">Stays as it is.</param>
    /// <param name="rangeOf">Range of each tensor of the plan that has one of its own.</param>
    /// <param name="weightBits">8; 7 where a processor's products of bytes would overflow their sums.</param>
    /// <param name="means">By input of a layer; biases of layers whose inputs are among them are corrected.</param>
    /// <param name="fitted">Weights of a layer up to a largest whole number, where more is known of them than their values.</param>
    public static ModelProto Write(ModelProto model, QuantizationPlan plan, Func<string, ValueRange> rangeOf, ActivationForm form,
        int weightBits, IReadOnlyDictionary<string, ChannelMeans>? means = null, Func<WeightedLayer, int, ChannelWeights?>? fitted = null)
    {
        var copy = model.Clone();
        var graph = new OnnxGraph(copy.Graph);
        new QdqWriter(graph, plan, rangeOf, form, weightBits, means, fitted).Run();
        return copy;
    }

    private void Run()
    {
        foreach (string tensor in _plan.Ranges.Keys)
        {
            bool isAnswer = _graph.Outputs.Contains(tensor) && _plan.IsHandedOn(tensor);
            _dequantized[tensor] = isAnswer ? tensor : NewName(tensor + "_dequantized");
        }

        var layers = _plan.Layers.ToDictionary(l => l.Index);
        foreach (var input in _graph.Proto.Input.Where(i => _plan.Ranges.ContainsKey(i.Name)))
        {
            Round(input.Name, input.Name);
        }

        for (int i = 0; i < _graph.Nodes.Count; i++)
        {
            var node = _graph.Nodes[i];
            Rewire(node, i, layers.GetValueOrDefault(i));
            _nodes.Add(node);
            for (int o = 0; o < node.Output.Count; o++)
            {
                RoundOutput(node, o);
            }
        }

        Replace();
    }

    private void Replace()
    {
        var proto = _graph.Proto;
        proto.Node.Clear();
        proto.Node.AddRange(_constants.Concat(_nodes));
        proto.Initializer.AddRange(_tensors);
        var read = new OnnxGraph(proto);
        for (int i = proto.Initializer.Count - 1; i >= 0; i--)
        {
            if (read.Readers(proto.Initializer[i].Name).Count == 0 && !read.Outputs.Contains(proto.Initializer[i].Name))
            {
                proto.Initializer.RemoveAt(i);
            }
        }
    }

    private void Rewire(NodeProto node, int index, WeightedLayer? layer)
    {
        string input = layer?.Input ?? "";
        for (int i = 0; i < node.Input.Count; i++)
        {
            string tensor = node.Input[i];
            bool isRead = layer is null ? _plan.IsHandedOn(tensor) || (_plan.IsInt8(index) && _plan.Ranges.ContainsKey(tensor)) : i == 0;
            node.Input[i] = isRead ? _dequantized[tensor] : NumberOf(node, index, tensor);
            if (isRead && i == 0 && layer is null && IsRoundedAtOnce(node))
            {
                node.Input[i] = Kept(tensor);
            }
        }

        if (layer is not null)
        {
            var (weight, bias) = WeightsOf(layer, NamesOf(input).Step);
            node.Input[1] = weight;
            if (bias.Length > 0)
            {
                node.Input[2] = bias;
            }
        }
    }

    /// <summary>A float layer whose output is rounded with nothing but bounds in between, and read by nobody else.</summary>
    private bool IsRoundedAtOnce(NodeProto node)
    {
        string end = node.Output[0];
        while (_graph.Readers(end) is [var only] && _graph.Nodes[only].OpType is "Relu" or "Clip")
        {
            end = _graph.Nodes[only].Output[0];
        }

        return node.OpType is "Conv" or "ConvTranspose" or "Gemm" && _plan.Ranges.ContainsKey(end);
    }

    /// <summary>
    /// Between two pairs the library rounds float weights by itself, all in one step. Behind bounds, which dequantized values keep anyway,
    /// it leaves them.
    /// </summary>
    private string Kept(string tensor)
    {
        string kept = NewName(tensor + "_kept"), least = NewName(tensor + "_least"), most = NewName(tensor + "_most");
        _tensors.Add(OnnxModelFile.Tensor<float>(least, FloatType, [float.MinValue]));
        _tensors.Add(OnnxModelFile.Tensor<float>(most, FloatType, [float.MaxValue]));
        _nodes.Add(OnnxModelFile.Node("Clip", [_dequantized[tensor], least, most], kept));
        return kept;
    }

    /// <summary>A constant number beside int8 becomes int8 as well, in steps that meet it; another tensor stays as it is.</summary>
    private string NumberOf(NodeProto node, int index, string tensor)
    {
        if (!_plan.TakesNumber(index, tensor))
        {
            return tensor;
        }

        float number = OnnxModelFile.FloatsOf(_graph.Weight(tensor)!)[0];
        if (node.OpType == "Div")
        {
            (node.OpType, number) = ("Mul", 1 / number);
        }

        var range = Range(NewName(tensor + "_number"), new ValueRange(Math.Min(number, 0), Math.Max(number, 0)));
        string rounded = NewName(tensor + "_number_quantized"), output = NewName(tensor + "_number_dequantized");
        if (_form == ActivationForm.Int8)
        {
            _tensors.Add(OnnxModelFile.Tensor<sbyte>(rounded, TensorProto.Types.DataType.Int8, [(sbyte)(number < 0 ? -127 : 127)]));
        }
        else
        {
            _tensors.Add(OnnxModelFile.Tensor<byte>(rounded, TensorProto.Types.DataType.Uint8, [(byte)(number < 0 ? 0 : 255)]));
        }

        _constants.Add(OnnxModelFile.Node("DequantizeLinear", [rounded, range.Scale, range.Zero], output));
        return output;
    }

    private void RoundOutput(NodeProto node, int output)
    {
        string tensor = node.Output[output];
        if (!_plan.Ranges.ContainsKey(tensor))
        {
            return;
        }

        if (_dequantized[tensor] == tensor)
        {
            node.Output[output] = NewName(tensor + "_float");
        }

        Round(node.Output[output], tensor);
    }

    /// <summary>The pair behind a tensor.</summary>
    private void Round(string from, string tensor)
    {
        var range = NamesOf(tensor);
        string rounded = NewName(tensor + "_quantized");
        _nodes.Add(OnnxModelFile.Node("QuantizeLinear", [from, range.Scale, range.Zero], rounded));
        _nodes.Add(OnnxModelFile.Node("DequantizeLinear", [rounded, range.Scale, range.Zero], _dequantized[tensor]));
    }

    private RangeNames NamesOf(string tensor)
    {
        string root = _plan.Ranges[tensor];
        if (_written.TryGetValue(root, out var names))
        {
            return names;
        }

        return _written[root] = Range(root, _rangeOf(root));
    }

    /// <summary>Writes scale and zero point.</summary>
    private RangeNames Range(string name, ValueRange range)
    {
        string scale = NewName(name + "_scale"), zero = NewName(name + "_zero_point");
        float step = _form == ActivationForm.Int8 ? Math.Max(-range.Least, range.Most) / 127 : (range.Most - range.Least) / 255;
        step = step > 0 && float.IsFinite(step) ? Within(step, range) : 1;
        _tensors.Add(OnnxModelFile.Tensor<float>(scale, FloatType, [step]));
        if (_form == ActivationForm.Int8)
        {
            _tensors.Add(OnnxModelFile.Tensor<sbyte>(zero, TensorProto.Types.DataType.Int8, [0]));
        }
        else
        {
            byte at = (byte)Math.Clamp(MathF.Round(-range.Least / step), 0, 255);
            _tensors.Add(OnnxModelFile.Tensor<byte>(zero, TensorProto.Types.DataType.Uint8, [at]));
        }

        return new RangeNames(scale, zero, step);
    }

    /// <summary>
    /// So that the largest number is not beyond the range by the rounding of a step: bounds of the model (0 to 6, say) then need no
    /// operator of their own.
    /// </summary>
    private float Within(float step, ValueRange range)
    {
        bool isBeyond = _form == ActivationForm.UInt8 && 255 * step > range.Most - range.Least;
        return isBeyond ? MathF.BitDecrement(step) : step;
    }

    /// <summary>Names of the weights and the bias as they come out of int8; once for layers that share them and their input.</summary>
    private (string Weight, string Bias) WeightsOf(WeightedLayer layer, float inputStep)
    {
        var key = (layer.Weight, layer.Bias, layer.Input);
        if (_layerWeights.TryGetValue(key, out var known))
        {
            return known;
        }

        var tensor = _graph.Weight(layer.Weight)!;
        float[] bias = layer.Bias.Length > 0 ? OnnxModelFile.FloatsOf(_graph.Weight(layer.Bias)!) : [];
        bool roundsBias = bias.Length > 0 && _form == ActivationForm.UInt8;
        float[] floats = OnnxModelFile.FloatsOf(tensor);
        int most = MostOf(layer, tensor);
        var rounded = _fitted?.Invoke(layer, most) is { } fitted && (!roundsBias || fitted.LeavesRoom(bias, inputStep, BiasMost)) ? fitted
            : ChannelWeights.Round(floats, [.. tensor.Dims], layer.Axis, most, roundsBias ? bias : [], inputStep, BiasMost);
        bool corrects = bias.Length > 0 && _means?.GetValueOrDefault(layer.Input) is { Count: > 0 };
        if (corrects)
        {
            bias = BiasCorrection.Of(bias, floats, rounded, [.. tensor.Dims], layer.Axis, _means![layer.Input].Values);
        }

        string weight = Constant<sbyte>(layer.Weight, TensorProto.Types.DataType.Int8, rounded.Values, [.. tensor.Dims], rounded.Steps,
            layer.Axis);
        if (!roundsBias)
        {
            return _layerWeights[key] = (weight, corrects ? FloatBias(layer.Bias, bias) : "");
        }

        float[] steps = [.. rounded.Steps.Select(s => s * inputStep)];
        int[] whole = [.. bias.Select((b, i) => (int)Math.Round(b / (double)steps[i]))];
        string biasName = Constant<int>(layer.Bias, TensorProto.Types.DataType.Int32, whole, [whole.Length], steps, 0);
        return _layerWeights[key] = (weight, biasName);
    }

    /// <summary>
    /// Convolutions of each channel by itself sum few products, and the library's kernels for them widen before they multiply, so that
    /// nothing overflows: they have all bits, and few weights in which to hide what rounding does.
    /// </summary>
    private int MostOf(WeightedLayer layer, TensorProto weight)
    {
        bool isByChannel = layer.IsConvolution && weight.Dims[1] == 1 && weight.Dims[0] > 1
            && OnnxModelFile.IntOf(_graph.Nodes[layer.Index], "group", 1) == weight.Dims[0];
        return isByChannel ? sbyte.MaxValue : _weightMost;
    }

    private string FloatBias(string name, float[] bias)
    {
        string corrected = NewName(name + "_corrected");
        _tensors.Add(OnnxModelFile.Tensor<float>(corrected, FloatType, bias, bias.Length));
        return corrected;
    }

    /// <summary>Whole numbers with a scale for each channel, and what turns them into float.</summary>
    private string Constant<T>(string name, TensorProto.Types.DataType type, T[] values, long[] shape, float[] steps, int axis)
        where T : unmanaged
    {
        string rounded = NewName(name + "_quantized"), scale = NewName(name + "_scale"), zero = NewName(name + "_zero_point");
        string output = NewName(name + "_dequantized");
        _tensors.Add(OnnxModelFile.Tensor<T>(rounded, type, values, shape));
        _tensors.Add(OnnxModelFile.Tensor<float>(scale, FloatType, steps, steps.Length));
        _tensors.Add(OnnxModelFile.Tensor<T>(zero, type, new T[steps.Length], steps.Length));
        _constants.Add(OnnxModelFile.Node("DequantizeLinear", [rounded, scale, zero], output, OnnxModelFile.Whole("axis", axis)));
        return output;
    }

    private string NewName(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_names.Add(name); i++)
        {
            name = FormattableString.Invariant($"{wanted}_{i}");
        }

        return name;
    }
}

/// <summary>Weights in int8 about zero, with a scale for each output channel.</summary>
internal sealed record ChannelWeights(sbyte[] Values, float[] Steps)
{
    /// <summary>Rounded in these steps, the bias fits beside the products.</summary>
    public bool LeavesRoom(float[] bias, float inputStep, double biasMost) =>
        bias.Zip(Steps).All(b => Math.Abs(b.First) <= b.Second * inputStep * biasMost);

    /// <param name="most">The largest whole number.</param>
    /// <param name="bias">Empty where it is not rounded; else scales are so large that it fits beside the products.</param>
    public static ChannelWeights Round(float[] weights, long[] shape, int axis, int most, float[] bias, float inputStep, double biasMost)
    {
        int channels = (int)shape[axis], inner = (int)shape.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        float[] largest = new float[channels];
        for (int i = 0; i < weights.Length; i++)
        {
            int channel = i / inner % channels;
            largest[channel] = Math.Max(largest[channel], Math.Abs(weights[i]));
        }

        float[] steps = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double least = bias.Length > 0 ? Math.Abs(bias[c]) / (inputStep * biasMost) : 0;
            float step = (float)Math.Max(largest[c] / most, least);
            steps[c] = step > 0 && float.IsFinite(step) ? step : 1;
        }

        sbyte[] values = new sbyte[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            values[i] = (sbyte)Math.Clamp(MathF.Round(weights[i] / steps[i / inner % channels]), -most, most);
        }

        return new ChannelWeights(values, steps);
    }
}
