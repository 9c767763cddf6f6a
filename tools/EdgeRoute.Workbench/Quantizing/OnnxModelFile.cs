using System.Globalization;
using System.Runtime.InteropServices;
using EdgeRoute.Documents.Packs;
using Google.Protobuf;
using Onnx;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>A model in memory with all of its weights, to be changed and written anew.</summary>
internal static class OnnxModelFile
{
    /// <summary>A protobuf message holds no more.</summary>
    private const long BytesMost = int.MaxValue;

    /// <summary>The first format in which weights need not be inputs as well.</summary>
    private const long LeastIrVersion = 7;

    /// <summary>Weights in files beside it come into the model, constants become weights, and weights are no inputs any more.</summary>
    /// <exception cref="InvalidDataException">It is no whole model, or too large to be changed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelProto Read(string path)
    {
        string name = Path.GetFileName(path);
        var header = OnnxHeader.Read(path);
        if (ModelFileCheck.Problems(path, name, header) is { Count: > 0 } problems)
        {
            throw new InvalidDataException(string.Join('\n', problems));
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        long bytes = new FileInfo(path).Length + header.ExternalFiles.Sum(e => new FileInfo(Path.Combine(folder, e.Location)).Length);
        if (bytes > BytesMost)
        {
            throw new InvalidDataException($"'{name}' and its weights come to {bytes} bytes; a model of more than {BytesMost} bytes "
                + "cannot be changed here: quantize it with the tool that exported it");
        }

        using var file = File.OpenRead(path);
        var model = ModelProto.Parser.ParseFrom(file);
        foreach (var tensor in TensorsOf(model.Graph))
        {
            TakeIn(tensor, folder);
        }

        Simplify(model.Graph);
        model.IrVersion = Math.Max(model.IrVersion, LeastIrVersion);
        return model;
    }

    public static void Write(ModelProto model, string path)
    {
        int bytes = model.CalculateSize();
        using var file = File.Create(path);
        using var output = new CodedOutputStream(file, Math.Clamp(bytes, 4096, 1 << 20));
        model.WriteTo(output);
    }

    /// <summary>Version of the standard operators.</summary>
    public static long OperatorSetOf(ModelProto model) =>
        model.OpsetImport.Where(o => o.Domain is "" or "ai.onnx").Select(o => o.Version).DefaultIfEmpty(0).Max();

    /// <summary>Graphs inside of a graph's operators.</summary>
    public static IEnumerable<GraphProto> InnerGraphs(NodeProto node) =>
        node.Attribute.SelectMany(a => a.Graphs.Concat(a.G is null ? [] : [a.G]));

    public static long IntOf(NodeProto node, string attribute, long usual) =>
        node.Attribute.FirstOrDefault(a => a.Name == attribute)?.I ?? usual;

    public static float FloatOf(NodeProto node, string attribute, float usual) =>
        node.Attribute.FirstOrDefault(a => a.Name == attribute)?.F ?? usual;

    public static AttributeProto Whole(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    /// <summary>Without a name, which would have to be like no other's.</summary>
    public static NodeProto Node(string operation, string[] inputs, string output, params AttributeProto[] attributes) =>
        new() { OpType = operation, Input = { inputs }, Output = { output }, Attribute = { attributes } };

    public static TensorProto Tensor<T>(string name, TensorProto.Types.DataType type, ReadOnlySpan<T> values, params long[] shape)
        where T : unmanaged =>
        new() { Name = name, DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };

    public static bool IsFloat(TensorProto tensor) => tensor.DataType == (int)TensorProto.Types.DataType.Float;

    /// <summary>The values of a float32 tensor.</summary>
    public static float[] FloatsOf(TensorProto tensor) => tensor.RawData.Length > 0
        ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];

    private static IEnumerable<TensorProto> TensorsOf(GraphProto graph) => graph.Initializer
        .Concat(graph.Node.SelectMany(n => n.Attribute).SelectMany(a => a.T is null ? a.Tensors : a.Tensors.Prepend(a.T)))
        .Concat(graph.Node.SelectMany(InnerGraphs).SelectMany(TensorsOf));

    private static void TakeIn(TensorProto tensor, string folder)
    {
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
        {
            return;
        }

        string Entry(string key, string usual) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value ?? usual;
        using var file = File.OpenRead(Path.Combine(folder, Entry("location", "")));
        file.Position = long.Parse(Entry("offset", "0"), CultureInfo.InvariantCulture);
        long rest = file.Length - file.Position;
        byte[] bytes = new byte[long.Parse(Entry("length", rest.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture)];
        file.ReadExactly(bytes);
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        tensor.ExternalData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.Default;
    }

    private static void Simplify(GraphProto graph)
    {
        var outputs = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        for (int i = graph.Node.Count - 1; i >= 0; i--)
        {
            var node = graph.Node[i];
            if (node.OpType == "Constant" && node.Attribute is [{ Name: "value", T: { } value }] && !outputs.Contains(node.Output[0]))
            {
                value.Name = node.Output[0];
                graph.Initializer.Add(value);
                graph.Node.RemoveAt(i);
            }
        }

        var weights = graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        for (int i = graph.Input.Count - 1; i >= 0; i--)
        {
            if (weights.Contains(graph.Input[i].Name))
            {
                graph.Input.RemoveAt(i);
            }
        }
    }
}
