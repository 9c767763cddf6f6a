using EdgeRoute.Workbench.Quantizing;
using Onnx;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>Where a transformer is cut, and where tokens stay behind. Places are numbers of blocks that come before.</summary>
/// <param name="Sites">Before these blocks tokens stay behind, in order.</param>
/// <param name="Exits">After so many blocks a stage ends with an answer, in order.</param>
internal sealed record SplitPlan(IReadOnlyList<int> Sites, IReadOnlyList<ExitHead> Exits, TokenForm Form, TokenRank Rank)
{
    public static SplitPlan Whole { get; } = new([], [], TokenForm.Drop, TokenRank.FeatureNorm);

    /// <summary>The stage that takes the number of tokens to keep; -1 where none does.</summary>
    public int KeepStage => Sites.Count == 0 ? -1 : Exits.Count(e => e.At <= Sites[0]);
}

/// <summary>
/// A head that was fitted: from the class token and the mean of the picture's to where the model's own tail has no tokens.
/// </summary>
/// <param name="At">Blocks before it.</param>
/// <param name="Weights">A row for each feature.</param>
internal sealed record ExitHead(int At, float[] Weights, float[] Bias);

/// <summary>A model of one stage.</summary>
/// <param name="Features">What it takes from the stage before, under the names that it has there.</param>
internal sealed record StageModel(ModelProto Model, IReadOnlyList<string> Features, bool TakesKeep);

/// <summary>Writes the stages of a plan as models of their own.</summary>
internal sealed class StageWriter
{
    public const string KeepName = "keep";

    private const string KeepHanded = "keep_of";

    private readonly VitModel _vit;
    private readonly SplitPlan _plan;
    private readonly ModelProto _model;
    private readonly NodeWriter _writer;
    private readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private TokenState _state;

    private StageWriter(VitModel vit, SplitPlan plan, int index)
    {
        (_vit, _plan) = (vit, plan);
        _model = new ModelProto
        {
            IrVersion = vit.Model.IrVersion, ProducerName = "edgeroute",
            Graph = new GraphProto { Name = FormattableString.Invariant($"stage_{index}") },
        };
        _model.OpsetImport.AddRange(vit.Model.OpsetImport);
        _writer = new NodeWriter(_model.Graph, vit.Model, "er_");
        _state = new TokenState(vit.Blocks[0].Input, null, null, null);
    }

    /// <summary>All stages, in order.</summary>
    public static IReadOnlyList<StageModel> Write(VitModel vit, SplitPlan plan)
    {
        int[] bounds = [0, .. plan.Exits.Select(e => e.At), vit.Blocks.Count];
        return [.. Enumerable.Range(0, bounds.Length - 1).Select(i => new StageWriter(vit, plan, i).Write(i, bounds[i], bounds[i + 1]))];
    }

    /// <summary>The whole model, with no token left out, and tensors beside its outputs.</summary>
    /// <param name="tap">Adds outputs: given the writer, the number of blocks before, their tokens and the last attention.</param>
    public static ModelProto Tapped(VitModel vit, Action<NodeWriter, ModelProto, int, string, WrittenAttention?> tap)
    {
        var stage = new StageWriter(vit, SplitPlan.Whole, 0) { _tap = tap };
        return stage.Write(0, 0, vit.Blocks.Count).Model;
    }

    private Action<NodeWriter, ModelProto, int, string, WrittenAttention?>? _tap;

    private StageModel Write(int index, int from, int to)
    {
        var features = Begin(index, from);
        for (int block = from; block < to; block++)
        {
            if (_plan.Sites.Contains(block))
            {
                _state = new TokenDrop(_writer, _vit).Write(_state, _plan.Form);
            }

            Block(block);
        }

        if (to == _vit.Blocks.Count)
        {
            _renamed[_vit.End] = _state.Tokens;
            Copy(_vit.Tail);
        }
        else
        {
            Exit(_plan.Exits[index]);
            End(to);
        }

        foreach (var output in _vit.Model.Graph.Output)
        {
            _model.Graph.Output.Add(output.Clone());
        }

        TakeWeights();
        return new StageModel(_model, features, _plan.KeepStage == index);
    }

    private List<string> Begin(int index, int from)
    {
        var features = new List<string>();
        if (from == 0)
        {
            _model.Graph.Input.Add(_vit.Model.Graph.Input[0].Clone());
            Copy(_vit.Stem);
            _tap?.Invoke(_writer, _model, 0, _state.Tokens, null);
        }
        else
        {
            string Take(string name, params long[] shape)
            {
                _model.Graph.Input.Add(NodeWriter.Declared(name, shape));
                features.Add(name);
                return name;
            }

            _state = new TokenState(Take(Named("tokens", from), 1, -1, _vit.Width),
                _plan.Sites.Contains(from) ? Take(Named("ranks", from), 1, -1) : null,
                HasSizes(from) ? Take(Named("sizes", from), 1, -1) : null,
                HandsKeep(from) ? _writer.Cast(Take(Named(KeepHanded, from), 1), TensorProto.Types.DataType.Int64) : null);
        }

        if (_plan.KeepStage == index)
        {
            _model.Graph.Input.Add(NodeWriter.Declared(KeepName, TensorProto.Types.DataType.Int64, 1));
            _state = _state with { Keep = KeepName };
        }

        return features;
    }

    private static string Named(string what, int at) => FormattableString.Invariant($"{what}_{at}");

    private bool HasSizes(int at) => _plan.Form == TokenForm.Merge && _plan.Sites.Any(s => s < at);

    /// <summary>A later stage has sites, too.</summary>
    private bool HandsKeep(int at) => _plan.Sites.Any(s => s < at) && _plan.Sites.Any(s => s >= at);

    /// <summary>The same operators on other tokens, the attention for any number of them.</summary>
    private void Block(int index)
    {
        var block = _vit.Blocks[index];
        _renamed[block.Input] = _state.Tokens;
        WrittenAttention? attention = null;
        foreach (var node in block.Nodes)
        {
            if (node.OpType != VitFinder.AttentionMark)
            {
                Copy([node]);
                continue;
            }

            attention = AttentionWriter.Write(_writer, block.Attention, Renamed(node.Input[0]), _state.Sizes);
            _renamed[node.Output[0]] = attention.Output;
        }

        string tokens = Renamed(block.Output);
        bool isRanked = _plan.Sites.Contains(index + 1);
        _state = _state with { Tokens = tokens, Ranks = isRanked ? Ranks(tokens, attention!) : null };
        _tap?.Invoke(_writer, _model, index + 1, tokens, attention);
    }

    private string Ranks(string tokens, WrittenAttention attention)
    {
        var drop = new TokenDrop(_writer, _vit);
        return _plan.Rank == TokenRank.ClassAttention ? drop.ByClassAttention(attention.Weights) : drop.ByNorm(tokens);
    }

    /// <summary>The answer of a stage that is not the last: the fitted head, then the model's own.</summary>
    private void Exit(ExitHead head)
    {
        var pooled = _vit.Pooled!;
        string features = PooledFeatures(_writer, _vit, _state.Tokens);
        string made = _writer.Linear(features, head.Weights, head.Bias.Length == 0 ? 0 : head.Weights.Length / head.Bias.Length,
            head.Bias.Length, head.Bias);
        _renamed[pooled.Tensor] = _writer.Reshape(made, [.. pooled.Shape]);
        Copy(pooled.Rest);
    }

    /// <summary>The class token where there is one, and the mean of the picture's: [1, features].</summary>
    public static string PooledFeatures(NodeWriter writer, VitModel vit, string tokens)
    {
        string mean = writer.Reduce("ReduceMean", writer.Slice(tokens, 1, vit.PrefixCount), false, 1);
        return vit.HasClassToken ? writer.Concat(1, writer.Reshape(writer.Slice(tokens, 1, 0, 1), 1, -1), mean) : mean;
    }

    private void End(int at)
    {
        void Give(string? tensor, string what, params long[] shape)
        {
            if (tensor is not null)
            {
                _writer.Name(tensor, Named(what, at));
                _model.Graph.Output.Add(NodeWriter.Declared(Named(what, at), shape));
            }
        }

        Give(_state.Tokens, "tokens", 1, -1, _vit.Width);
        Give(_state.Ranks, "ranks", 1, -1);
        Give(HasSizes(at) ? _state.Sizes : null, "sizes", 1, -1);
        Give(HandsKeep(at) ? _writer.Cast(_state.Keep!, TensorProto.Types.DataType.Float) : null, KeepHanded, 1);
    }

    private void Copy(IEnumerable<NodeProto> nodes)
    {
        foreach (var node in nodes)
        {
            var copy = node.Clone();
            for (int i = 0; i < copy.Input.Count; i++)
            {
                copy.Input[i] = Renamed(copy.Input[i]);
            }

            _model.Graph.Node.Add(copy);
        }
    }

    private string Renamed(string name) => _renamed.GetValueOrDefault(name, name);

    private void TakeWeights()
    {
        var read = _model.Graph.Node.SelectMany(n => n.Input.Concat(OnnxModelFile.InnerGraphs(n).SelectMany(g => g.Node)
            .SelectMany(m => m.Input))).ToHashSet(StringComparer.Ordinal);
        _model.Graph.Initializer.AddRange(_vit.Model.Graph.Initializer.Where(t => read.Contains(t.Name)));
    }
}
