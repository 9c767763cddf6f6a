using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// What the last operators of a graph say of the values that it yields, held against the head that reads them. Shapes do not tell logits
/// from probabilities, nor decoded boxes from raw ones; a head that is given the wrong ones fails on each frame, or answers nonsense.
/// </summary>
internal sealed class ExitDoubts
{
    /// <summary>Between an exponential and the end of a graph: a product, and writing the result into its place.</summary>
    private const int DecodingDepth = 4;

    /// <summary>Operators that move values and leave them as they are.</summary>
    private static readonly string[] Moving = ["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Cast", "Slice",
        "Split", "Gather", "Concat", "QuantizeLinear", "DequantizeLinear"];

    /// <summary>Operators whose values have no bounds.</summary>
    private static readonly string[] Linear = ["Conv", "Gemm", "MatMul", "QLinearConv", "ConvInteger", "MatMulInteger", "QGemm",
        "QLinearMatMul", "FusedConv", "FusedGemm", "FusedMatMul"];

    private static readonly string[] Sums = [.. Linear, "Add", "LogSoftmax", "BatchNormalization"];

    private static readonly string[] Squashing = ["Sigmoid", "HardSigmoid", "Softmax", "QLinearSigmoid", "QLinearSoftmax"];

    private readonly ExitSpec _exit;
    private readonly Dictionary<string, OnnxNode> _producers = new(StringComparer.Ordinal);

    private ExitDoubts(ExitSpec exit, OnnxHeader header)
    {
        _exit = exit;
        foreach (var node in header.Nodes)
        {
            foreach (string output in node.Outputs)
            {
                _producers[output] = node;
            }
        }
    }

    /// <summary>In words, each with what to do; empty where nothing speaks against the exit, or the operators do not tell.</summary>
    public static IReadOnlyList<string> Of(ExitSpec exit, OnnxHeader header)
    {
        var doubts = new ExitDoubts(exit, header);
        return [.. exit.Head switch
        {
            HeadKind.ProbabilityClassification => doubts.Logits(exit.OutputNames.Take(1),
                "use head 'softmax_classification', or export the model with its softmax").Concat(doubts.Twice()),
            HeadKind.SoftmaxClassification => doubts.Probabilities(exit.OutputNames.Take(1), "use head 'probability_classification'"),
            HeadKind.Detr when exit.Activation == ClassActivation.None => doubts.Logits(exit.OutputNames.Take(1),
                "set 'activation' to 'sigmoid' or 'softmax'"),
            HeadKind.Detr => doubts.Probabilities(exit.OutputNames.Take(1),
                "name the output before its sigmoid or softmax, or set 'activation' to 'none'"),
            HeadKind.CtcText when exit.Activation == ClassActivation.None =>
                doubts.Logits(exit.OutputNames, "set 'activation' to 'softmax'"),
            HeadKind.CtcText => doubts.Probabilities(exit.OutputNames, "leave 'activation' out"),
            HeadKind.DbText => doubts.Logits(exit.OutputNames, "export the model with its sigmoid"),
            HeadKind.Yolov8 or HeadKind.Yolov5 or HeadKind.Yolov5Seg =>
                doubts.RawConfidences("export the model with the sigmoid at its end").Concat(doubts.RawBoxes()),
            HeadKind.Yolox => doubts.RawConfidences("export the model with the sigmoid at its end").Concat(doubts.Coding()),
            HeadKind.Dfl => doubts.ClassMaps(),
            _ => [],
        }];
    }

    private IEnumerable<string> Logits(IEnumerable<string> outputs, string remedy) => EndingIn(Sums, outputs).Select(o =>
        $"output {o}, so that it most likely holds logits, but head '{Word}' reads probabilities; {remedy}");

    private IEnumerable<string> Probabilities(IEnumerable<string> outputs, string remedy) => EndingIn(Squashing, outputs).Select(o =>
        $"output {o}, so that it holds probabilities, but head '{Word}' reads logits; {remedy}");

    /// <summary>Probabilities that were taken for logits once more: all classes then come out nearly alike.</summary>
    private IEnumerable<string> Twice()
    {
        string name = _exit.OutputNames[0];
        var last = LastOf([name]);
        if (last.Count > 0 && last.TrueForAll(IsSoftmax) && LastOf(last.SelectMany(n => n.Inputs.Take(1))) is { Count: > 0 } before
            && before.TrueForAll(n => IsSoftmax(n) || n.Operator is "Sigmoid" or "QLinearSigmoid"))
        {
            yield return $"output '{name}' ends in Softmax after {Words(before)}, so that all classes come out nearly alike; export the "
                + "model with one of them";
        }
    }

    private static bool IsSoftmax(OnnxNode node) => node.Operator is "Softmax" or "QLinearSoftmax";

    /// <summary>The outputs that none but these operators made, with what did.</summary>
    private IEnumerable<string> EndingIn(string[] operators, IEnumerable<string> outputs)
    {
        foreach (string output in outputs)
        {
            var last = LastOf([output]);
            if (last.Count > 0 && last.TrueForAll(n => operators.Contains(n.Operator)))
            {
                yield return $"'{output}' ends in {Words(last)}";
            }
        }
    }

    /// <summary>Of boxes and confidences side by side.</summary>
    private IEnumerable<string> RawConfidences(string remedy)
    {
        var last = LastOf([_exit.OutputNames[0]]);
        if (last.Exists(n => Linear.Contains(n.Operator)) && !last.Exists(n => Squashing.Contains(n.Operator)))
        {
            yield return $"output '{_exit.OutputNames[0]}' ends in {Words(last)} without a sigmoid, so that its confidences most likely "
                + $"are logits, but head '{Word}' reads probabilities; {remedy}";
        }
    }

    /// <summary>Boxes that leave a layer as they are beside confidences that went through a sigmoid.</summary>
    private IEnumerable<string> RawBoxes()
    {
        var last = LastOf([_exit.OutputNames[0]]);
        if (last.Exists(n => Linear.Contains(n.Operator)) && last.Exists(n => Squashing.Contains(n.Operator)))
        {
            yield return $"output '{_exit.OutputNames[0]}' ends in {Words(last)}, so that its boxes most likely are not decoded, but head "
                + $"'{Word}' reads decoded ones; of YOLOX name the output before its last transposition and use head 'yolox', of others "
                + "export the model with its decoding";
        }
    }

    private IEnumerable<string> Coding()
    {
        string name = _exit.OutputNames[0];
        var last = LastOf([name]);
        bool hasExponential = HasExponential(last);
        if (!_exit.IsDecoded && hasExponential)
        {
            yield return $"output '{name}' ends in {Words(last)} after an exponential, so that the model most likely decodes its boxes "
                + "itself (decode_in_inference); the exit block then wants 'decoded': true";
        }
        else if (_exit.IsDecoded && !hasExponential && last.Exists(n => Linear.Contains(n.Operator)))
        {
            yield return $"output '{name}' ends in {Words(last)} without an exponential, so that its boxes most likely are not decoded; "
                + "leave 'decoded' out, or export the model with decode_in_inference";
        }
    }

    private IEnumerable<string> ClassMaps()
    {
        string[] maps = [.. _exit.OutputNames.Take(_exit.Strides.Count)];
        return _exit.AppliesSigmoid ? Probabilities(maps, "leave 'apply_sigmoid' out") : Logits(maps, "set 'apply_sigmoid': true");
    }

    private string Word => ManifestEnums.Of(ManifestEnums.Heads, _exit.Head);

    private static string Words(List<OnnxNode> nodes) => string.Join(" and ", nodes.Select(n => n.Operator).Distinct());

    private bool HasExponential(List<OnnxNode> nodes)
    {
        for (int depth = 0; depth < DecodingDepth && nodes.Count > 0; depth++)
        {
            if (nodes.Exists(n => n.Operator == "Exp"))
            {
                return true;
            }

            nodes = LastOf(nodes.SelectMany(n => n.Inputs));
        }

        return false;
    }

    /// <summary>The operators that made the values of some tensors, seen through those that only move them.</summary>
    private List<OnnxNode> LastOf(IEnumerable<string> tensors)
    {
        var open = new Stack<string>(tensors);
        var (seen, found) = (new HashSet<OnnxNode>(ReferenceEqualityComparer.Instance), new List<OnnxNode>());
        while (open.TryPop(out string? tensor))
        {
            if (!_producers.TryGetValue(tensor, out var node) || !seen.Add(node))
            {
                continue;
            }

            if (!Moving.Contains(node.Operator))
            {
                found.Add(node);
                continue;
            }

            // What stands behind the values are positions and scales, except where values are put side by side.
            foreach (string input in node.Operator == "Concat" ? node.Inputs : node.Inputs.Take(1))
            {
                open.Push(input);
            }
        }

        return found;
    }
}
