using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>One stage of a pack on its real session, from picture file to answer: the road of a frame without routing.</summary>
internal sealed class StageSession : IDisposable
{
    private readonly OrtSession _session;
    private readonly OrtRun _run;
    private readonly OrtTensor _input;
    private readonly Preprocessor _preprocessor;
    private readonly JpegUnpacker _unpacker = new();
    private readonly FrameSlot _slot = new();
    private readonly IHead _head;
    private readonly string[] _outputs;

    public StageSession(PackStage stage, ExitSpec exit)
    {
        var spec = stage.Input!.Spec;
        _session = OrtSession.Open(OrtPlace.Environment, stage.FilePath, new OrtSessionRequest());
        _preprocessor = new Preprocessor(spec, 1, FrameRegion.Full);
        _input = OrtTensor.Allocate(
            spec.Element == TensorElement.Float16 ? OrtElementType.Float16 : OrtElementType.Float, [1, spec.ChannelCount, spec.Height,
                spec.Width]);
        _run = new OrtRun(_session);
        _run.SetInput(_session.FindInput(stage.Input.TensorName), _input);
        _head = HeadFactory.Create(exit);
        _outputs = [.. exit.OutputNames];
        Answer = new Answer(_head.Task, _head.DetectionLimit, _head.ValueLimit);
    }

    public Answer Answer { get; }

    public static IReadOnlyList<StageTensors> Tensors(Pack pack) => [.. pack.Stages.Select(TensorsOf)];

    /// <summary>Fills <see cref="Answer"/> from a JPEG file.</summary>
    public ExitSignals Run(string jpegPath)
    {
        Assert.True(_unpacker.TryUnpack(File.ReadAllBytes(jpegPath), 0, 0, _slot), $"{jpegPath}: {_unpacker.ErrorText}");
        _preprocessor.Run(_slot.Bytes, _slot.Layout, _input.Bytes);
        _run.Run();
        var tensors = _outputs.Select(Output).ToArray();
        return _head.Decode(new EdgeRoute.Tests.Engine.Stages.Heads.ArrayTensors(tensors), _preprocessor.Mapping, Answer);
    }

    public void Dispose()
    {
        _run.Dispose();
        _input.Dispose();
        _session.Dispose();
        _unpacker.Dispose();
        _slot.Dispose();
    }

    private (long[] Shape, float[] Values) Output(string name)
    {
        using var tensor = _run.TakeOutput(_session.FindOutput(name));
        float[] values = tensor.ElementType == OrtElementType.Float16 ? [.. tensor.Halves.ToArray().Select(h => (float)h)]
            : tensor.Floats.ToArray();
        return (tensor.Shape.ToArray(), values);
    }

    private static StageTensors TensorsOf(PackStage stage)
    {
        using var session = OrtSession.Open(OrtPlace.Environment, stage.FilePath, new OrtSessionRequest());
        return new StageTensors([.. session.Inputs.Select(Declared)], [.. session.Outputs.Select(Declared)]);
    }

    private static ModelTensor Declared(OrtTensorSpec spec) =>
        new(spec.Name, spec.ElementType == OrtElementType.Float ? "float32" : spec.ElementType.ToString().ToLowerInvariant(), spec.Shape);
}
