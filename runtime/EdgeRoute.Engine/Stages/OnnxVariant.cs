using System.Diagnostics;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// One variant of a stage, ready to run: its tensors allocated at their exact shapes and bound, features bound where the producing variant
/// leaves them.
/// </summary>
internal sealed class OnnxVariant : IDisposable
{
    private readonly PackStage _stage;
    private readonly OrtTensor[] _outputs;
    private readonly List<ChangingRows> _changing = [];
    private readonly IReadOnlyList<string> _handedOn;
    private readonly OrtTensor[] _handedOnTensors;
    private readonly List<OrtTensor> _inputs = [];
    private readonly List<BoundTensor> _bound = [];
    private readonly Lock _runGate = new();
    private readonly RemoteCall? _remote;
    private OrtSession _session;
    private OrtRun _run;

    /// <param name="session">The stage's session.</param>
    /// <param name="stage">Its declaration in the pack.</param>
    /// <param name="variant">Keep ratio, scale and region.</param>
    /// <param name="producers">By stage index, the variants whose features this one consumes.</param>
    /// <param name="handedOn">Its outputs that other stages go on with.</param>
    /// <param name="task">What the stages are told.</param>
    /// <param name="first">Watches the first run.</param>
    /// <param name="remote">The engine that has the stage too; null for none.</param>
    /// <exception cref="StageFailedException">The first run, which finds the output shapes, failed.</exception>
    public OnnxVariant(OrtSession session, PackStage stage, RouteVariant variant, IReadOnlyDictionary<int, OnnxVariant> producers,
        IReadOnlyList<string> handedOn, TaskTensors task, FirstRuns first, RemoteStage? remote = null)
    {
        (_session, _stage, _run) = (session, stage, new OrtRun(session));
        _handedOn = handedOn;
        if (stage.Input is { } input)
        {
            Input = new VariantInput(input.Spec, variant.InputScale, variant.Region) { Windows = variant.Windows };
            FrameTensor = AddInput(input.TensorName, Input.TensorShape);
        }

        if (stage.Keep is { } keep)
        {
            var spec = session.Inputs[session.FindInput(keep.TensorName)];
            AddInput(keep.TensorName, spec.Shape.Length == 0 ? [] : [1]).Longs[0] = keep.CountFor(variant.KeepRatio);
        }

        if (stage.SizeTensorName is { } size)
        {
            ReadOnlySpan<long> sides = [Input!.TensorWidth, Input.TensorHeight];
            sides.CopyTo(AddInput(size, [1, 2]).Longs);
        }

        if (stage.MaskTensorName is { } mask)
        {
            CoverAll(mask, Input!);
        }

        foreach (var feature in stage.Features)
        {
            Bind(feature.TensorName, producers[feature.FromStageIndex].Output(feature.FromTensorName));
        }

        foreach (var instruction in stage.Instruction)
        {
            Bind(instruction.TensorName, task.Feature(instruction.FromTensorName));
        }

        if (stage.State is { } state)
        {
            Bind(state.TensorName, task.State);
        }

        _outputs = BindOutputs(first);
        _handedOnTensors = [.. handedOn.Select(Output)];
        HeadTensors = stage.Exit is { } exit ? new OnnxHeadTensors([.. exit.OutputNames.Select(Output)]) : null;
        string[] wanted = [.. handedOn.Concat(stage.Exit?.OutputNames ?? []).Distinct()];
        _remote = remote?.Engine.Add(remote.Config,
            [.. _bound.Select(b => new RemoteTensor(b.InputName, b.Tensor, PictureOf(b.Tensor, remote.Engine)))],
            [.. wanted.Select(name => new RemoteTensor(name, Output(name)))]);
    }

    public VariantInput? Input { get; }

    public OrtTensor? FrameTensor { get; }

    public OnnxHeadTensors? HeadTensors { get; }

    public OrtTensor Output(string name) => _outputs[_session.FindOutput(name)];

    /// <param name="deadlineNs">When the frame is to be answered; the largest value for whenever.</param>
    /// <exception cref="StageFailedException">In the library's words; or what it hands on makes no answer.</exception>
    public RunPlace Run(long deadlineNs = long.MaxValue)
    {
        var place = _remote?.Ask(deadlineNs) ?? RunPlace.Here;
        if (place != RunPlace.Server)
        {
            RunHere();
        }

        for (int i = 0; i < _handedOnTensors.Length; i++)
        {
            if (!OnnxHeadTensors.AreNumbers(_handedOnTensors[i]))
            {
                throw new StageFailedException(_stage.Name, $"its features '{_handedOn[i]}' hold values that are not numbers");
            }
        }

        return place;
    }

    /// <summary>A run before the first frame.</summary>
    /// <exception cref="StageFailedException">It failed, or did not return in time.</exception>
    public void WarmUp(FirstRuns first)
    {
        long start = Stopwatch.GetTimestamp();
        first.Run(_run, _stage.Name);
        _remote?.NoteHere(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>
    /// Goes on with another session of the same model. Tensors stay where they are, so that the variants beside this one notice nothing. On
    /// the loop's thread, between two runs.
    /// </summary>
    public void GoOnWith(OrtSession session)
    {
        var run = new OrtRun(session);
        foreach (var (name, tensor) in _bound)
        {
            run.SetInput(session.FindInput(name), tensor);
        }

        for (int i = 0; i < _outputs.Length; i++)
        {
            int output = i;
            run.SetOutput(i, _changing.Exists(c => c.Output == output) ? null : _outputs[i]);
        }

        lock (_runGate)
        {
            _run.Dispose();
            (_run, _session) = (run, session);
        }
    }

    public void Terminate()
    {
        lock (_runGate)
        {
            _run.Terminate();
        }
    }

    public void ClearTermination() => _run.ClearTermination();

    public void Dispose()
    {
        _remote?.Dispose();
        _run.Dispose();
        _inputs.ForEach(t => t.Dispose());
        Array.ForEach(_outputs, t => t.Dispose());
    }

    /// <summary>How a tensor goes to a server that takes pictures; null for as it is.</summary>
    private WirePicture? PictureOf(OrtTensor tensor, RemoteEngine engine) =>
        tensor == FrameTensor ? engine.PictureOf(Input!.Spec, Input.TensorWidth, Input.TensorHeight) : null;

    private void RunHere()
    {
        try
        {
            long start = Stopwatch.GetTimestamp();
            _run.Run();
            TakeChangingRows();
            _remote?.NoteHere(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (OrtException fault)
        {
            throw new StageFailedException(_stage.Name, fault.Message, fault);
        }
    }

    /// <summary>Heads find the rows of this frame where they find those of every frame, with zeros after them.</summary>
    private void TakeChangingRows()
    {
        int most = 0;
        foreach (var changing in _changing)
        {
            int rows = _run.CopyRows(changing.Output, _outputs[changing.Output], changing.Axis);
            if (rows > changing.Limit || (most > 0 && rows != most))
            {
                throw new StageFailedException(_stage.Name, Unfit(changing, rows, most));
            }

            most = rows;
        }
    }

    private string Unfit(ChangingRows changing, int rows, int before)
    {
        string name = _session.Outputs[changing.Output].Name;
        return rows > changing.Limit
            ? $"output '{name}' has {rows} rows for this frame, and 'row_limit' of its exit is {changing.Limit}; raise it in the manifest"
            : $"output '{name}' has {rows} rows for this frame, and the list before it has {before}";
    }

    private OrtTensor AddInput(string name, ReadOnlySpan<long> shape)
    {
        int index = _session.FindInput(name);
        var tensor = OrtTensor.Allocate(_session.Inputs[index].ElementType, shape);
        Bind(name, tensor);
        _inputs.Add(tensor);
        return tensor;
    }

    /// <summary>Sizes that the model leaves open are those of the input tensor; every element is a one.</summary>
    private void CoverAll(string name, VariantInput input)
    {
        var declared = _session.Inputs[_session.FindInput(name)].Shape;
        long height = declared[1] > 0 ? declared[1] : input.TensorHeight, width = declared[2] > 0 ? declared[2] : input.TensorWidth;
        var tensor = AddInput(name, [1, height, width]);
        switch (tensor.ElementType)
        {
            case OrtElementType.Int64:
                tensor.Longs.Fill(1);
                break;
            case OrtElementType.Float:
                tensor.Floats.Fill(1);
                break;
            default:
                tensor.Bytes.Fill(1);
                break;
        }
    }

    private void Bind(string name, OrtTensor tensor)
    {
        _run.SetInput(_session.FindInput(name), tensor);
        _bound.Add(new BoundTensor(name, tensor));
    }

    /// <summary>
    /// One run with unbound outputs tells their shapes at this variant; those that keep it are bound then, and not allocated anew.
    /// </summary>
    private OrtTensor[] BindOutputs(FirstRuns first)
    {
        WarmUp(first);
        var outputs = new OrtTensor[_session.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            using var found = _run.TakeOutput(i);
            long[] shape = found.Shape.ToArray();
            if (ChangingRows.Of(_stage.Exit, _session.Outputs[i], i, shape.Length) is { } changing)
            {
                shape[changing.Axis] = changing.Limit;
                _changing.Add(changing);
            }

            outputs[i] = OrtTensor.Allocate(found.ElementType, shape);
            _run.SetOutput(i, _changing.Exists(c => c.Output == i) ? null : outputs[i]);
        }

        return outputs;
    }

    private sealed record BoundTensor(string InputName, OrtTensor Tensor);

    /// <summary>An output that the library allocates on each run, because the picture decides how many rows it has.</summary>
    private readonly record struct ChangingRows(int Output, int Axis, int Limit)
    {
        /// <summary>Null where the number of rows stays: the model says so, or the head reads no such list.</summary>
        public static ChangingRows? Of(ExitSpec? exit, OrtTensorSpec declared, int output, int rank)
        {
            int place = exit?.OutputNames.ToList().IndexOf(declared.Name) ?? -1;
            int axis = place < 0 ? -1 : HeadShapes.RowAxis(exit!, place, rank);
            bool isOpen = axis >= 0 && (declared.Shape.Length != rank || declared.Shape[axis] < 0);
            return isOpen ? new ChangingRows(output, axis, exit!.RowLimit) : null;
        }
    }
}
