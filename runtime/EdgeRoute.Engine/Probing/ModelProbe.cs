using System.Numerics.Tensors;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Probing;

/// <summary>A model file on its own, without a manifest: what it declares, and what it yields for a grey picture.</summary>
public sealed class ModelProbe : IDisposable
{
    private readonly OrtEnvironment _environment;
    private readonly OrtSession _session;

    private ModelProbe(OrtEnvironment environment, OrtSession session, OnnxHeader header)
    {
        (_environment, _session, Header) = (environment, session, header);
        Inputs = [.. session.Inputs.Select(FactsOf)];
        Outputs = [.. session.Outputs.Select(FactsOf)];
        var metadata = session.ReadMetadata();
        (Producer, Description, Custom) = (metadata.ProducerName, metadata.Description, metadata.Custom);
    }

    /// <summary>What the file says of itself.</summary>
    public OnnxHeader Header { get; }

    public IReadOnlyList<TensorFacts> Inputs { get; }

    public IReadOnlyList<TensorFacts> Outputs { get; }

    public string Producer { get; }

    public string Description { get; }

    /// <summary>What the exporter wrote about the model, by key.</summary>
    public IReadOnlyDictionary<string, string> Custom { get; }

    /// <param name="library">The ONNX Runtime library or its folder; null searches the usual places.</param>
    /// <param name="optimized">Where the library writes the graph that it runs instead of the model's own; null for nowhere.</param>
    /// <exception cref="EngineRefusedException">The library or the model cannot be opened.</exception>
    public static ModelProbe Open(string path, string? library, EngineReporter report, string? optimized = null) =>
        EngineParts.Refusing(() => Opened(path, library, report, optimized));

    private static ModelProbe Opened(string path, string? library, EngineReporter report, string? optimized)
    {
        string name = Path.GetFileName(path);
        var header = OnnxHeader.Read(path);
        Require(ModelFileCheck.Problems(path, name, header));
        var place = library is null ? null : new ConfigPath(library, Path.GetFullPath(library), PathNeed.FileOrFolder, default!);
        var runtime = RuntimeConfig.Default with { Library = place };
        var parts = new EngineParts(runtime, new Dictionary<string, SourceMaker>(), TimeProvider.System, report);
        var environment = parts.OpenEnvironment();
        try
        {
            Require([.. PackGraphs.TooNew(name, header, environment)]);
            return new ModelProbe(environment, OrtSession.Open(environment, path, new OrtSessionRequest { OptimizedModelPath = optimized }),
                header);
        }
        catch
        {
            environment.Dispose();
            throw;
        }
    }

    /// <summary>One run on inputs that hold the numbers given, over and over.</summary>
    /// <param name="inputs">One for each input of the model, in its order, without sizes that are open.</param>
    /// <exception cref="EngineRefusedException">The model takes no such inputs, or fails on them.</exception>
    public IReadOnlyList<ProbedOutput> Run(IReadOnlyList<ProbeInput> inputs) => EngineParts.Refusing(() =>
    {
        using var run = new OrtRun(_session);
        var tensors = new List<OrtTensor>();
        try
        {
            for (int i = 0; i < inputs.Count; i++)
            {
                tensors.Add(OrtTensor.Allocate(_session.Inputs[i].ElementType, [.. inputs[i].Shape]));
                Fill(tensors[i], inputs[i]);
                run.SetInput(i, tensors[i]);
            }

            new FirstRuns(FirstRuns.UsualLimitMs).Run(run, Path.GetFileName(_session.Path));
            return (IReadOnlyList<ProbedOutput>)[.. Enumerable.Range(0, Outputs.Count).Select(i => Take(run, i))];
        }
        finally
        {
            tensors.ForEach(t => t.Dispose());
        }
    });

    public void Dispose()
    {
        _session.Dispose();
        _environment.Dispose();
    }

    private static void Require(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join('\n', problems));
        }
    }

    private static TensorFacts FactsOf(OrtTensorSpec spec) => new(spec.Name, OnnxStageSet.ElementName(spec.ElementType), spec.Shape);

    private static void Fill(OrtTensor tensor, ProbeInput input)
    {
        switch (tensor.ElementType)
        {
            case OrtElementType.Float:
                Repeat(input.Values, tensor.Floats, v => v);
                break;
            case OrtElementType.Float16:
                Repeat(input.Values, tensor.Halves, v => (Half)v);
                break;
            case OrtElementType.UInt8 or OrtElementType.Bool:
                Repeat(input.Values, tensor.Bytes, v => (byte)v);
                break;
            case OrtElementType.Int64:
                for (int i = 0; i < tensor.Longs.Length; i++)
                {
                    tensor.Longs[i] = (long)input.Values[Math.Min(i, input.Values.Count - 1)];
                }

                break;
            default:
                throw new ArgumentException($"an input of {tensor.ElementType} cannot be filled from a picture");
        }
    }

    private static void Repeat<T>(IReadOnlyList<float> values, Span<T> tensor, Func<float, T> written)
    {
        for (int i = 0; i < tensor.Length; i++)
        {
            tensor[i] = written(values[i % values.Count]);
        }
    }

    private ProbedOutput Take(OrtRun run, int index)
    {
        using var tensor = run.TakeOutput(index);
        long[] shape = tensor.Shape.ToArray();
        switch (tensor.ElementType)
        {
            case OrtElementType.Float:
                return new ProbedOutput(Outputs[index].Name, shape, tensor.Floats.ToArray());
            case OrtElementType.Float16:
                float[] widened = new float[tensor.Halves.Length];
                TensorPrimitives.ConvertToSingle(tensor.Halves, widened);
                return new ProbedOutput(Outputs[index].Name, shape, widened);
            case OrtElementType.Int64:
                return new ProbedOutput(Outputs[index].Name, shape, [.. tensor.Longs.ToArray().Select(v => (float)v)]);
            case OrtElementType.Int32:
                return new ProbedOutput(Outputs[index].Name, shape, [.. tensor.Ints.ToArray().Select(v => (float)v)]);
            case OrtElementType.UInt8:
                return new ProbedOutput(Outputs[index].Name, shape, [.. tensor.Bytes.ToArray().Select(v => (float)v)]);
            default:
                return new ProbedOutput(Outputs[index].Name, shape, []);
        }
    }
}

/// <summary>A graph input or output as the model file declares it.</summary>
/// <param name="Element">As ONNX names it: <c>float32</c>, <c>float16</c>, <c>uint8</c>, <c>int64</c>.</param>
/// <param name="Shape">Sizes; -1 where the size is decided at run time.</param>
public sealed record TensorFacts(string Name, string Element, IReadOnlyList<long> Shape)
{
    /// <summary>[1,3,640,640], with '?' for sizes decided at run time.</summary>
    public string ShapeText => ModelTensor.ShapeTextOf(Shape);
}

/// <summary>What an input is filled with.</summary>
/// <param name="Values">Repeated over the tensor; of whole numbers the last one only.</param>
public sealed record ProbeInput(IReadOnlyList<long> Shape, IReadOnlyList<float> Values);

/// <summary>What a run yielded; no values where the type is none that heads read.</summary>
public sealed record ProbedOutput(string Name, IReadOnlyList<long> Shape, float[] Values);
