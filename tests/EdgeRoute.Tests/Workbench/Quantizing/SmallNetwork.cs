using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;
using EdgeRoute.Workbench.Quantizing;
using Google.Protobuf;
using Onnx;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>Builds small real networks, operator by operator, with weights that a seed decides.</summary>
internal sealed class SmallNetwork
{
    private readonly Random _random = new(7);
    private int _count;

    public SmallNetwork(int operatorSet = 13, int irVersion = 8)
    {
        Model = new ModelProto { IrVersion = irVersion, Graph = new GraphProto { Name = "small" } };
        Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = operatorSet });
    }

    public ModelProto Model { get; }

    public GraphProto Graph => Model.Graph;

    public SmallNetwork Input(string name, params long[] shape)
    {
        Graph.Input.Add(Value(name, shape));
        return this;
    }

    public SmallNetwork Output(string name, params long[] shape)
    {
        Graph.Output.Add(Value(name, shape));
        return this;
    }

    /// <summary>Weights between -scale and scale.</summary>
    public string Weights(float scale, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = scale * ((2 * (float)_random.NextDouble()) - 1);
        }

        return Constant(values, shape);
    }

    public string Constant(float[] values, params long[] shape)
    {
        string name = $"w{_count++}";
        Graph.Initializer.Add(OnnxModelFile.Tensor<float>(name, TensorProto.Types.DataType.Float, values, shape));
        return name;
    }

    public string Wholes(params long[] values)
    {
        string name = $"n{_count++}";
        Graph.Initializer.Add(OnnxModelFile.Tensor<long>(name, TensorProto.Types.DataType.Int64, values, values.Length));
        return name;
    }

    /// <summary>Adds an operator; returns the name of its output.</summary>
    public string Add(string operation, string[] inputs, params AttributeProto[] attributes)
    {
        string output = $"{operation.ToLowerInvariant()}_{_count++}";
        Graph.Node.Add(OnnxModelFile.Node(operation, inputs, output, attributes));
        return output;
    }

    /// <summary>A convolution of 3 x 3 with its bias; the sides stay.</summary>
    public string Conv(string input, int from, int to) => Add("Conv",
        [input, Weights(1.2f / from, to, from, 3, 3), Weights(0.3f, to)], Ints("pads", 1, 1, 1, 1));

    public void End(string from, string output)
    {
        var last = Graph.Node.Last(n => n.Output[0] == from);
        last.Output[0] = output;
    }

    public static AttributeProto Ints(string name, params long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    public static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public string Write(TemporaryFolder folder, string name = "model.onnx")
    {
        string path = folder.File(name);
        OnnxModelFile.Write(Model, path);
        return path;
    }

    /// <summary>One run of a model with one float input; its first output.</summary>
    public static float[] Run(string path, float[] values, params long[] shape)
    {
        using var session = OrtSession.Open(OrtPlace.Environment, path, new OrtSessionRequest());
        using var run = new OrtRun(session);
        using var input = OrtTensor.Allocate(OrtElementType.Float, shape);
        values.CopyTo(input.Floats);
        run.SetInput(0, input);
        run.Run();
        using var output = run.TakeOutput(0);
        return output.Floats.ToArray();
    }

    /// <summary>Numbers between -1 and 1 that look like none of a pattern.</summary>
    public static float[] Noise(int count, int seed = 3)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (2 * (float)random.NextDouble()) - 1)];
    }

    private static ValueInfoProto Value(string name, long[] shape)
    {
        var dims = new TensorShapeProto();
        dims.Dim.AddRange(shape.Select(s => s >= 0 ? new TensorShapeProto.Types.Dimension { DimValue = s }
            : new TensorShapeProto.Types.Dimension { DimParam = "open" }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = dims },
            },
        };
    }
}
