using System.Globalization;
using EdgeRoute.Engine.Sweeping;
using Onnx;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// What values the tensors of a stage's float model have on footage. The model is run with them as outputs, so many at a time as fit into
/// a given memory; the rest comes in further passes.
/// </summary>
internal sealed class RangeCapture(QuantizeScene scene, string stage, ModelProto model)
{
    /// <summary>Of tensors that are kept at a time. Those of networks that boards run fit in one or two passes.</summary>
    private const long BytesMost = 512 << 20;

    private const string SizeEnding = "_element_count", CopyEnding = "_seen";

    private readonly HashSet<string> _inputs = model.Graph.Input.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs = model.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>Frames that the ranges come from.</summary>
    public int FrameCount { get; private set; }

    /// <summary>By tensor: how many sizes it has.</summary>
    public Dictionary<string, int> Ranks { get; } = new(StringComparer.Ordinal);

    /// <summary>Of the tensors whose means were asked for.</summary>
    public Dictionary<string, ChannelMeans> Means { get; } = new(StringComparer.Ordinal);

    /// <param name="ranged">Tensors whose values are counted.</param>
    /// <param name="meant">Tensors whose channels' means are taken.</param>
    /// <param name="paired">Inputs of layers, each with what counts their pairs of values.</param>
    /// <exception cref="InvalidDataException">A tensor has values that are not numbers.</exception>
    public Dictionary<string, ValueHistogram> Run(IReadOnlyList<string> ranged, IReadOnlyList<string> meant,
        ILookup<string, InputMoments> paired)
    {
        var seen = ranged.ToDictionary(t => t, _ => new ValueHistogram(), StringComparer.Ordinal);
        meant.Distinct().ToList().ForEach(t => Means[t] = new ChannelMeans());
        string[] tensors = [.. ranged.Concat(meant).Concat(paired.Select(p => p.Key)).Distinct()];
        var groups = InGroups(tensors, SizesOf(tensors));
        for (int i = 0; i < groups.Count; i++)
        {
            string part = groups.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $", part {i + 1} of {groups.Count}") : "";
            var group = groups[i];
            var copies = group.Where(_inputs.Contains).Select(t => OnnxModelFile.Node("Identity", [t], t + CopyEnding));
            FrameCount = Pass($"ranges of '{stage}'{part}", With(copies, group.Select(NameSeen)), int.MaxValue, (session, variant) =>
            {
                foreach (string tensor in group)
                {
                    var values = session.Values(variant, NameSeen(tensor));
                    var shape = session.Shape(variant, NameSeen(tensor));
                    Ranks[tensor] = shape.Length;
                    Means.GetValueOrDefault(tensor)?.Add(values, shape);
                    foreach (var moments in paired[tensor])
                    {
                        moments.Add(values, shape);
                    }

                    if (seen.TryGetValue(tensor, out var histogram))
                    {
                        Add(histogram, values, tensor);
                    }
                }
            });
        }

        return seen;
    }

    /// <summary>Bytes of each tensor on the first frame.</summary>
    private Dictionary<string, long> SizesOf(IReadOnlyList<string> tensors)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var to = OnnxModelFile.Whole("to", (long)TensorProto.Types.DataType.Float);
        var nodes = tensors.SelectMany(t => new[]
        {
            OnnxModelFile.Node("Size", [t], t + SizeEnding + "_whole"),
            OnnxModelFile.Node("Cast", [t + SizeEnding + "_whole"], t + SizeEnding, to),
        });
        Pass($"sizes in '{stage}'", With(nodes, tensors.Select(t => t + SizeEnding)), 1, (session, variant) =>
        {
            foreach (string tensor in tensors)
            {
                sizes[tensor] = (long)session.Values(variant, tensor + SizeEnding)[0] * sizeof(float);
            }
        });
        return sizes;
    }

    private static List<List<string>> InGroups(IReadOnlyList<string> tensors, Dictionary<string, long> sizes)
    {
        var groups = new List<List<string>>();
        long bytes = BytesMost;
        foreach (string tensor in tensors)
        {
            if (bytes + sizes[tensor] > BytesMost)
            {
                groups.Add([]);
                bytes = 0;
            }

            groups[^1].Add(tensor);
            bytes += sizes[tensor];
        }

        return groups;
    }

    /// <summary>A graph's input cannot be its output as well.</summary>
    private string NameSeen(string tensor) => _inputs.Contains(tensor) ? tensor + CopyEnding : tensor;

    private ModelProto With(IEnumerable<NodeProto> nodes, IEnumerable<string> outputs)
    {
        var tapped = model.Clone();
        tapped.Graph.Node.AddRange(nodes);
        tapped.Graph.Output.AddRange(outputs.Where(o => !_outputs.Contains(o)).Select(Declared));
        return tapped;
    }

    private static ValueInfoProto Declared(string name) => new()
    {
        Name = name,
        Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
    };

    /// <summary>Every variant of the stage counts: they are what runs on the device.</summary>
    private int Pass(string what, ModelProto tapped, int frameMost, Action<SweepSession, int> take)
    {
        string path = Path.Combine(scene.WorkFolder, "tapped.onnx");
        OnnxModelFile.Write(tapped, path);
        var manifest = SiblingManifest.Alone(scene.Manifest, stage, scene.Pack.Labels);
        SiblingManifest.Replace(manifest, stage, scene.Written(stage, path));
        return scene.Pass(what, manifest, FrameRole.Calibrates, (session, frame) =>
        {
            var pack = session.Pack;
            var ran = pack.Tree.Variants.Where(v => pack.Pack.Stages[v.StageIndex].Name == stage
                && float.IsFinite(frame.Variants[v.Index].Ms)).ToList();
            ran.ForEach(v => take(session, v.Index));
            return ran.Count > 0;
        }, frameMost);
    }

    private void Add(ValueHistogram seen, ReadOnlySpan<float> values, string tensor)
    {
        if (!seen.TryAdd(values))
        {
            throw new InvalidDataException($"the float model of stage '{stage}' has values in '{tensor}' that are not numbers, on the "
                + $"footage '{scene.Request.Source}'; a model that overflows cannot be quantized: mend its input or its export");
        }
    }
}
