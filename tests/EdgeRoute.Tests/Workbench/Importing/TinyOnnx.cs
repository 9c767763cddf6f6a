using System.Text;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>
/// Writes ONNX files with the true outputs of an export and no network: each output is a constant. The fields of onnx.proto that this
/// takes are few.
/// </summary>
internal sealed class TinyOnnx
{
    public const int Float = 1, UInt8 = 2, Int8 = 3, Int64 = 7, String = 8, Half = 10, Double = 11;

    private const int GraphField = 7, NodeField = 1, InitializerField = 5, InputField = 11, OutputField = 12, MetadataField = 14;

    private readonly MemoryStream _graph = new(), _metadata = new();
    private int _nodeCount;

    public int IrVersion { get; init; } = 8;

    public int OperatorSet { get; init; } = 13;

    /// <summary>A graph input; a size of -1 is left open.</summary>
    public TinyOnnx Input(string name, int type, params long[] shape)
    {
        Bytes(_graph, InputField, Value(name, type, shape));
        return this;
    }

    /// <summary>A graph input that does not even tell how many sizes it has.</summary>
    public TinyOnnx Shapeless(string name, int type)
    {
        Bytes(_graph, InputField, Value(name, type, null));
        return this;
    }

    /// <summary>An output that always holds these values.</summary>
    public TinyOnnx Output(string name, long[] shape, float[] values)
    {
        Constant(name + "_values", shape, values);
        Node("Identity", [name + "_values"], name);
        return Declare(name, Float, shape);
    }

    public TinyOnnx Wholes(string name, long[] shape, long[] values)
    {
        using var tensor = new MemoryStream();
        Dims(tensor, shape);
        Number(tensor, 2, Int64);
        Text(tensor, 8, name + "_values");
        byte[] raw = new byte[values.Length * sizeof(long)];
        Buffer.BlockCopy(values, 0, raw, 0, raw.Length);
        Bytes(tensor, 9, raw);
        Bytes(_graph, InitializerField, tensor.ToArray());
        Node("Identity", [name + "_values"], name);
        return Declare(name, Int64, shape);
    }

    public TinyOnnx Constant(string name, long[] shape, float[] values)
    {
        using var tensor = new MemoryStream();
        Dims(tensor, shape);
        Number(tensor, 2, Float);
        Text(tensor, 8, name);
        byte[] raw = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, raw, 0, raw.Length);
        Bytes(tensor, 9, raw);
        Bytes(_graph, InitializerField, tensor.ToArray());
        return this;
    }

    /// <summary>A tensor whose values are in a file beside the model.</summary>
    public TinyOnnx External(string name, long[] shape, string location, long offset, long length)
    {
        using var tensor = new MemoryStream();
        Dims(tensor, shape);
        Number(tensor, 2, Float);
        Text(tensor, 8, name);
        foreach (var (key, value) in new[] { ("location", location), ("offset", $"{offset}"), ("length", $"{length}") })
        {
            Bytes(tensor, 13, Pair(key, value));
        }

        Number(tensor, 14, 1);
        Bytes(_graph, InitializerField, tensor.ToArray());
        return this;
    }

    /// <summary>An operator that is neither ONNX's nor the library's.</summary>
    public TinyOnnx Foreign(string domain, string operation, string input, string output)
    {
        using var node = new MemoryStream();
        Text(node, 1, input);
        Text(node, 2, output);
        Text(node, 4, operation);
        Text(node, 7, domain);
        Bytes(_graph, NodeField, node.ToArray());
        using var operators = new MemoryStream();
        Text(operators, 1, domain);
        Number(operators, 2, 1);
        Bytes(_metadata, 8, operators.ToArray());
        return this;
    }

    /// <param name="number">An attribute that is a whole number, such as the axis.</param>
    public TinyOnnx Node(string operation, string[] inputs, string output, params (string Name, int Value)[] number)
    {
        using var node = new MemoryStream();
        Array.ForEach(inputs, i => Text(node, 1, i));
        Text(node, 2, output);
        Text(node, 3, $"node_{_nodeCount++}");
        Text(node, 4, operation);
        foreach (var (name, value) in number)
        {
            using var attribute = new MemoryStream();
            Text(attribute, 1, name);
            Number(attribute, 3, value);
            Number(attribute, 20, 2);
            Bytes(node, 5, attribute.ToArray());
        }

        Bytes(_graph, NodeField, node.ToArray());
        return this;
    }

    public TinyOnnx Declare(string name, int type, params long[] shape)
    {
        Bytes(_graph, OutputField, Value(name, type, shape));
        return this;
    }

    /// <summary>An output that is a sequence of tensors.</summary>
    public TinyOnnx DeclareSequence(string name)
    {
        using MemoryStream tensor = new(), element = new(), sequence = new(), kind = new(), value = new();
        Number(tensor, 1, Float);
        Bytes(element, 1, tensor.ToArray());
        Bytes(sequence, 1, element.ToArray());
        Bytes(kind, 4, sequence.ToArray());
        Text(value, 1, name);
        Bytes(value, 2, kind.ToArray());
        Bytes(_graph, OutputField, value.ToArray());
        return this;
    }

    public TinyOnnx Metadata(string key, string value)
    {
        Bytes(_metadata, MetadataField, Pair(key, value));
        return this;
    }

    public string Write(TemporaryFolder folder, string name)
    {
        string path = folder.File(name);
        File.WriteAllBytes(path, ToBytes());
        return path;
    }

    public byte[] ToBytes()
    {
        using var model = new MemoryStream();
        Number(model, 1, IrVersion);
        Text(_graph, 2, "tiny");
        Bytes(model, GraphField, _graph.ToArray());
        using var operators = new MemoryStream();
        Number(operators, 2, OperatorSet);
        Bytes(model, 8, operators.ToArray());
        model.Write(_metadata.ToArray());
        return model.ToArray();
    }

    private static byte[] Value(string name, int type, long[]? shape)
    {
        using MemoryStream dims = new(), tensor = new(), kind = new(), value = new();
        foreach (long size in shape ?? [])
        {
            using var dim = new MemoryStream();
            if (size < 0)
            {
                Text(dim, 2, "open");
            }
            else
            {
                Number(dim, 1, size);
            }

            Bytes(dims, 1, dim.ToArray());
        }

        Number(tensor, 1, type);
        if (shape is not null)
        {
            Bytes(tensor, 2, dims.ToArray());
        }

        Bytes(kind, 1, tensor.ToArray());
        Text(value, 1, name);
        Bytes(value, 2, kind.ToArray());
        return value.ToArray();
    }

    private static byte[] Pair(string key, string value)
    {
        using var pair = new MemoryStream();
        Text(pair, 1, key);
        Text(pair, 2, value);
        return pair.ToArray();
    }

    private static void Dims(MemoryStream tensor, long[] shape) => Array.ForEach(shape, size => Number(tensor, 1, size));

    private static void Text(MemoryStream to, int field, string text) => Bytes(to, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(MemoryStream to, int field, byte[] bytes)
    {
        Varint(to, (ulong)((field << 3) | 2));
        Varint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void Number(MemoryStream to, int field, long value)
    {
        Varint(to, (ulong)(field << 3));
        Varint(to, (ulong)value);
    }

    private static void Varint(MemoryStream to, ulong value)
    {
        while (value >= 0x80)
        {
            to.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        to.WriteByte((byte)value);
    }
}
