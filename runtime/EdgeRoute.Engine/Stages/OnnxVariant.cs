using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// One variant of a stage, ready to run: its tensors allocated at their exact shapes and bound, features bound where the producing variant
/// leaves them.
/// </summary>
internal sealed class OnnxVariant : IDisposable
{
    private readonly PackStage _stage;
    private readonly OrtSession _session;
    private readonly OrtRun _run;
    private readonly OrtTensor[] _outputs;
    private readonly List<OrtTensor> _inputs = [];

    /// <param name="session">The stage's session.</param>
    /// <param name="stage">Its declaration in the pack.</param>
    /// <param name="variant">Keep ratio, scale and region.</param>
    /// <param name="producers">By stage index, the variants whose features this one consumes.</param>
    /// <param name="task">What the stages are told.</param>
    /// <exception cref="StageFailedException">The first run, which finds the output shapes, failed.</exception>
    public OnnxVariant(OrtSession session, PackStage stage, RouteVariant variant, IReadOnlyDictionary<int, OnnxVariant> producers,
        TaskTensors task)
    {
        (_session, _stage, _run) = (session, stage, new OrtRun(session));
        if (stage.Input is { } input)
        {
            Input = new VariantInput(input.Spec, variant.InputScale, variant.Region);
            FrameTensor = AddInput(input.TensorName, Input.TensorShape);
        }

        if (stage.Keep is { } keep)
        {
            var spec = session.Inputs[session.FindInput(keep.TensorName)];
            AddInput(keep.TensorName, spec.Shape.Length == 0 ? [] : [1]).Longs[0] = keep.CountFor(variant.KeepRatio);
        }

        foreach (var feature in stage.Features)
        {
            _run.SetInput(session.FindInput(feature.TensorName), producers[feature.FromStageIndex].Output(feature.FromTensorName));
        }

        foreach (var instruction in stage.Instruction)
        {
            _run.SetInput(session.FindInput(instruction.TensorName), task.Feature(instruction.FromTensorName));
        }

        if (stage.State is { } state)
        {
            _run.SetInput(session.FindInput(state.TensorName), task.State);
        }

        _outputs = BindOutputs();
        HeadTensors = stage.Exit is { } exit ? new OnnxHeadTensors([.. exit.OutputNames.Select(Output)]) : null;
    }

    public VariantInput? Input { get; }

    public OrtTensor? FrameTensor { get; }

    public OnnxHeadTensors? HeadTensors { get; }

    public OrtTensor Output(string name) => _outputs[_session.FindOutput(name)];

    /// <exception cref="StageFailedException">In the library's words.</exception>
    public void Run()
    {
        try
        {
            _run.Run();
        }
        catch (OrtException fault)
        {
            throw new StageFailedException(_stage.Name, fault.Message, fault);
        }
    }

    public void Terminate() => _run.Terminate();

    public void ClearTermination() => _run.ClearTermination();

    public void Dispose()
    {
        _run.Dispose();
        _inputs.ForEach(t => t.Dispose());
        Array.ForEach(_outputs, t => t.Dispose());
    }

    private OrtTensor AddInput(string name, ReadOnlySpan<long> shape)
    {
        int index = _session.FindInput(name);
        var tensor = OrtTensor.Allocate(_session.Inputs[index].ElementType, shape);
        _run.SetInput(index, tensor);
        _inputs.Add(tensor);
        return tensor;
    }

    /// <summary>One run with unbound outputs tells their shapes at this variant; then they are bound, and no later run allocates.</summary>
    private OrtTensor[] BindOutputs()
    {
        Run();
        var outputs = new OrtTensor[_session.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            using var found = _run.TakeOutput(i);
            outputs[i] = OrtTensor.Allocate(found.ElementType, found.Shape);
            _run.SetOutput(i, outputs[i]);
        }

        return outputs;
    }
}
