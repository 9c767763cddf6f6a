using Onnx;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>A model's graph with what joins its operators. Operators are meant by their place in the graph.</summary>
internal sealed class OnnxGraph
{
    private readonly Dictionary<string, TensorProto> _weights;
    private readonly Dictionary<string, List<int>> _readers = new(StringComparer.Ordinal);

    public OnnxGraph(GraphProto proto)
    {
        Proto = proto;
        _weights = proto.Initializer.GroupBy(t => t.Name).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        Outputs = proto.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        for (int i = 0; i < proto.Node.Count; i++)
        {
            foreach (string name in NamesReadBy(proto.Node[i]).Distinct())
            {
                (_readers.TryGetValue(name, out var readers) ? readers : _readers[name] = []).Add(i);
            }
        }
    }

    public GraphProto Proto { get; }

    public IReadOnlyList<NodeProto> Nodes => Proto.Node;

    public IReadOnlySet<string> Outputs { get; }

    public TensorProto? Weight(string name) => _weights.GetValueOrDefault(name);

    /// <summary>Operators that read a tensor, those that hold a graph which does included.</summary>
    public IReadOnlyList<int> Readers(string name) => _readers.GetValueOrDefault(name, []);

    /// <summary>Whether a tensor goes into its own sigmoid, the product of both, and nowhere else: SiLU as exporters write it.</summary>
    public bool IsGated(string tensor)
    {
        var readers = Readers(tensor).Select(r => Nodes[r]).ToList();
        return !Outputs.Contains(tensor) && readers.Count == 2 && readers.Find(n => n.OpType == "Sigmoid") is { } gate
            && readers.Exists(n => n.OpType == "Mul" && n.Input.Contains(gate.Output[0]));
    }

    /// <summary>By operator: whether one of a set comes anywhere behind it.</summary>
    public bool[] LeadingTo(IReadOnlySet<int> wanted)
    {
        var leads = new bool[Nodes.Count];
        for (int i = leads.Length - 1; i >= 0; i--)
        {
            leads[i] = Nodes[i].Output.SelectMany(Readers).Any(r => leads[r] || wanted.Contains(r));
        }

        return leads;
    }

    private static IEnumerable<string> NamesReadBy(NodeProto node) => node.Input.Where(n => n.Length > 0)
        .Concat(OnnxModelFile.InnerGraphs(node).SelectMany(g => g.Node.SelectMany(NamesReadBy).Concat(g.Output.Select(o => o.Name))));
}
