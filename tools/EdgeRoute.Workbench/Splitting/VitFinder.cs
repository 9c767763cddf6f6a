using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// Finds the blocks of a vision transformer by what its operators do, whatever they are called: attentions by their softmax, and blocks by
/// the tensors that alone lead on from one part of the graph to the next.
/// </summary>
internal sealed class VitFinder
{
    /// <summary>Stands for an attention in the list of operators, until a stage is written.</summary>
    public const string AttentionMark = "edgeroute.attention";

    private readonly VitGraph _graph;
    private readonly IReadOnlyList<TracedAttention> _traced;
    private readonly List<NodeProto> _flow;

    private VitFinder(VitGraph graph, IReadOnlyList<TracedAttention> traced)
    {
        (_graph, _traced) = (graph, traced);
        _flow = Flow();
    }

    /// <param name="path">The ONNX file.</param>
    /// <param name="run">Runs a model on one picture; shapes and values by output.</param>
    /// <exception cref="InvalidDataException">It is no transformer that is known; the message names the operator.</exception>
    public static VitModel Find(string path, Func<ModelProto, IReadOnlyDictionary<string, SeenTensor>> run)
    {
        var model = OnnxModelFile.Read(path);
        OperatorSetUpgrade.Run(model);
        VitGraph.FoldWeights(model.Graph);
        if (model.Graph.Input.Count != 1)
        {
            throw new InvalidDataException($"'{Path.GetFileName(path)}' takes {model.Graph.Input.Count} inputs "
                + $"({string.Join(", ", model.Graph.Input.Select(i => $"'{i.Name}'"))}); only models of one picture are split");
        }

        var graph = new VitGraph(model, ShapesOf(model, run));
        var centres = model.Graph.Node.Where(n => AttentionTrace.IsCentre(graph, n)).ToList();
        if (centres.Count < 2)
        {
            throw new InvalidDataException($"'{Path.GetFileName(path)}' has {centres.Count} attentions over tokens; a vision transformer "
                + "of at least 2 blocks was looked for");
        }

        IReadOnlyList<TracedAttention> traced = [.. centres.Select(c => new AttentionTrace(graph, c).Run())];
        if (traced.FirstOrDefault(t => t.TokenCount != traced[0].TokenCount || t.Width != traced[0].Width) is { } other)
        {
            throw AttentionTrace.Refused(other.Centre, FormattableString.Invariant($"has {other.TokenCount} tokens of {other.Width} where ")
                + FormattableString.Invariant($"the first block has {traced[0].TokenCount} of {traced[0].Width}: blocks that differ in ")
                + "size are not known");
        }

        var forms = AttentionChoice.Choose(model, traced, m => run(m).ToDictionary(p => p.Key, p => p.Value.Values,
            StringComparer.Ordinal));
        return new VitFinder(graph, traced).Cut(forms);
    }

    private static Dictionary<string, long[]> ShapesOf(ModelProto model, Func<ModelProto, IReadOnlyDictionary<string, SeenTensor>> run)
    {
        const string Ending = "_shape_seen";
        var tapped = model.Clone();
        string[] names = [.. model.Graph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0)];
        tapped.Graph.Node.AddRange(names.Select(n => OnnxModelFile.Node("Shape", [n], n + Ending)));
        tapped.Graph.Output.Clear();
        tapped.Graph.Output.AddRange(names.Select(n => NodeWriter.Declared(n + Ending, TensorProto.Types.DataType.Int64)));
        return run(tapped).ToDictionary(p => p.Key[..^Ending.Length], p => p.Value.Values.Select(v => (long)v).ToArray(),
            StringComparer.Ordinal);
    }

    /// <summary>What the outputs need, each attention as one operator.</summary>
    private List<NodeProto> Flow()
    {
        var marks = _traced.ToDictionary(t => _graph.ProducerIndex(t.Output), t => t);
        var wanted = _graph.Model.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var flow = new List<NodeProto>();
        for (int i = _graph.Nodes.Count - 1; i >= 0; i--)
        {
            var node = _graph.Nodes[i];
            if (node.Output.Any(wanted.Contains))
            {
                node = marks.TryGetValue(i, out var traced) ? OnnxModelFile.Node(AttentionMark, [traced.Input], traced.Output) : node;
                wanted.UnionWith(node.Input.Where(n => n.Length > 0));
                wanted.UnionWith(OnnxModelFile.InnerGraphs(node).SelectMany(g => g.Node).SelectMany(n => n.Input));
                flow.Insert(0, node);
            }
        }

        return flow;
    }

    private VitModel Cut(IReadOnlyList<AttentionForm> forms)
    {
        var cuts = Cuts();
        int[] marks = [.. Enumerable.Range(0, _flow.Count).Where(i => _flow[i].OpType == AttentionMark)];
        var tokens = cuts.Where(c => IsTokens(c.Tensor)).ToList();
        var starts = marks.Select(m => tokens.LastOrDefault(c => c.At < m)
            ?? throw AttentionTrace.Refused(_flow[m], "has no single tensor before it that the model could be cut at")).ToList();
        if (starts.Distinct().Count() != starts.Count)
        {
            int doubled = Enumerable.Range(1, starts.Count - 1).First(i => starts[i] == starts[i - 1]);
            throw AttentionTrace.Refused(_traced[doubled].Centre, "cannot be parted from the attention before it: nothing alone leads from "
                + "one to the other");
        }

        // As many tensors lead on alone after the last attention as after the first one.
        int rank = tokens.Count(c => c.At > marks[0] && c.At <= starts[1].At);
        var after = tokens.Where(c => c.At > marks[^1]).ToList();
        var end = after.Count >= rank ? after[rank - 1]
            : throw AttentionTrace.Refused(_traced[^1].Centre, "is not followed by what follows the first one");
        var bounds = starts.Append(end).ToList();
        var check = new TokenCheck(_graph, bounds[0].Tensor);
        var blocks = forms.Select((form, i) => new VitBlock(bounds[i].Tensor, bounds[i + 1].Tensor,
            _flow[(bounds[i].At + 1)..(bounds[i + 1].At + 1)], form)).ToList();
        blocks.ForEach(b => check.Require(b));
        var pooled = cuts.FirstOrDefault(c => c.At > end.At && !Mentions(c.Tensor));
        return new VitModel(_graph.Model, _flow[..(starts[0].At + 1)], blocks, _flow[(end.At + 1)..])
        {
            TokenCount = _traced[0].TokenCount, Width = _traced[0].Width, PrefixCount = PrefixCount(starts[0].At), Layers = check.Words,
            HasClassToken = ReadsFirstToken(end.At, end.Tensor),
            Pooled = pooled is null ? null : new PooledCut(pooled.Tensor, _graph.ShapeOf(pooled.Tensor), _flow[(pooled.At + 1)..]),
        };
    }

    private bool IsTokens(string tensor) => _graph.ShapeOf(tensor) is [1, var count, var width]
        && count == _traced[0].TokenCount && width == _traced[0].Width;

    /// <summary>Whether a tensor still has all tokens in it.</summary>
    private bool Mentions(string tensor) => _graph.CountOf(tensor) >= (long)_traced[0].TokenCount * _traced[0].Width
        || IsTokens(tensor);

    /// <summary>Tensors that alone are needed from what was computed so far, in order.</summary>
    private List<CutPlace> Cuts()
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < _flow.Count; i++)
        {
            foreach (string input in _flow[i].Input.Where(n => n.Length > 0 && _graph.Weight(n) is null))
            {
                last[input] = i;
            }
        }

        foreach (var output in _graph.Model.Graph.Output)
        {
            last[output.Name] = _flow.Count;
        }

        var live = new HashSet<string>(StringComparer.Ordinal) { _graph.Model.Graph.Input[0].Name };
        var cuts = new List<CutPlace>();
        for (int i = 0; i < _flow.Count; i++)
        {
            live.UnionWith(_flow[i].Output.Where(last.ContainsKey));
            live.RemoveWhere(n => last.GetValueOrDefault(n, -1) <= i);
            if (live.Count == 1 && (cuts.Count == 0 || cuts[^1].Tensor != live.First()))
            {
                cuts.Add(new CutPlace(live.First(), i));
            }
        }

        return cuts;
    }

    /// <summary>Tokens in front of those of the picture: what is not a place of the map that the patches come as.</summary>
    private int PrefixCount(int end)
    {
        var patches = _flow[..(end + 1)].LastOrDefault(n => n.OpType == "Conv");
        long places = patches is null ? 0 : _graph.ShapeOf(patches.Output[0]).Skip(2).Aggregate(1L, (a, b) => a * b);
        long prefix = _traced[0].TokenCount - places;
        return patches is not null && prefix is >= 0 and <= 64 ? (int)prefix : throw new InvalidDataException(FormattableString.Invariant(
            $"of {_traced[0].TokenCount} tokens {places} come from a convolution over patches; which ones are the picture's is not known"));
    }

    /// <summary>Whether the answer is read from the first token alone.</summary>
    private bool ReadsFirstToken(int end, string tensor)
    {
        for (int i = end + 1; i < _flow.Count; i++)
        {
            var node = _flow[i];
            if (node.OpType is "Gather" or "Slice" && IsTokens(node.Input[0]))
            {
                return _graph.CountOf(node.Output[0]) == _traced[0].Width && FirstIndex(node) == 0;
            }

            if (!IsTokens(node.Output[0]) && node.Input.Contains(tensor))
            {
                return false;
            }
        }

        return false;
    }

    private long FirstIndex(NodeProto node) =>
        _graph.Weight(node.Input[1]) is { } index ? WholesOf(index)[0] : 0;

    private static long[] WholesOf(TensorProto tensor) => tensor.RawData.Length == 0 ? [.. tensor.Int64Data]
        : [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(tensor.RawData.Span)];

    private sealed record CutPlace(string Tensor, int At);
}

/// <summary>What a tensor was for one picture.</summary>
internal sealed record SeenTensor(IReadOnlyList<long> Shape, float[] Values);

/// <summary>A vision transformer, cut at its blocks.</summary>
/// <param name="Stem">From the picture to the tokens of the first block.</param>
/// <param name="Tail">From the tokens of the last block to the outputs.</param>
internal sealed record VitModel(ModelProto Model, IReadOnlyList<NodeProto> Stem, IReadOnlyList<VitBlock> Blocks,
    IReadOnlyList<NodeProto> Tail)
{
    public required int TokenCount { get; init; }

    public required int Width { get; init; }

    /// <summary>Tokens in front that are never dropped: of the class, registers.</summary>
    public required int PrefixCount { get; init; }

    /// <summary>The answer is read from the first token; else from all.</summary>
    public required bool HasClassToken { get; init; }

    /// <summary>Where the tail has no tokens any more; null where it has to the end.</summary>
    public required PooledCut? Pooled { get; init; }

    /// <summary>How its layers were exported, in words.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    public int PatchCount => TokenCount - PrefixCount;

    public string End => Blocks[^1].Output;
}

/// <summary>A tensor of the tail that holds the picture without tokens, and what comes behind.</summary>
internal sealed record PooledCut(string Tensor, IReadOnlyList<long> Shape, IReadOnlyList<NodeProto> Rest)
{
    public int Count => (int)Shape.Aggregate(1L, (a, b) => a * b);
}

/// <summary>One block, from tokens to tokens.</summary>
/// <param name="Nodes">In order; the attention among them is marked.</param>
internal sealed record VitBlock(string Input, string Output, IReadOnlyList<NodeProto> Nodes, AttentionForm Attention);
