using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// A prepared run of a session: inputs and outputs are bound by index, then <see cref="Run"/> allocates nothing. The tensor that is an
/// output of one run may be the input of the next: features pass from stage to stage without a copy. One thread at a time.
/// </summary>
public sealed unsafe class OrtRun : SafeHandle
{
    private readonly OrtSession _session;
    [SuppressMessage("Usage", "CA2213", Justification = "Freed in ReleaseHandle, when no call can use the names any more.")]
    private readonly OrtTextTable _names;

    private readonly OrtTensor?[] _inputs;
    private readonly OrtTensor?[] _outputs;
    private readonly nint* _inputValues;
    private readonly nint* _outputValues;
    private readonly nint _runOptions;

    public OrtRun(OrtSession session)
        : base(0, ownsHandle: true)
    {
        _session = session;
        session.Keep();
        _inputs = new OrtTensor?[session.Inputs.Count];
        _outputs = new OrtTensor?[session.Outputs.Count];
        _names = new OrtTextTable(session.Inputs.Concat(session.Outputs).Select(spec => spec.Name));
        _runOptions = OrtNative.Create(OrtSlots.CreateRunOptions);
        _inputValues = (nint*)NativeMemory.AllocZeroed((nuint)(_inputs.Length + _outputs.Length), (nuint)sizeof(nint));
        _outputValues = _inputValues + _inputs.Length;
        SetHandle((nint)_inputValues);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Binds an input. The tensor stays alive while it is bound.</summary>
    public void SetInput(int index, OrtTensor tensor)
    {
        RequireIndex(index, _inputs.Length);
        tensor.Keep();
        _inputs[index]?.DangerousRelease();
        _inputs[index] = tensor;
        _inputValues[index] = tensor.Native;
    }

    /// <summary>
    /// Binds an output to a tensor of exactly the shape the run will produce, or, with null, leaves it to the library (see
    /// <see cref="TakeOutput"/>).
    /// </summary>
    public void SetOutput(int index, OrtTensor? tensor)
    {
        RequireIndex(index, _outputs.Length);
        tensor?.Keep();
        ForgetOutput(index);
        _outputs[index]?.DangerousRelease();
        _outputs[index] = tensor;
        _outputValues[index] = tensor?.Native ?? 0;
    }

    /// <summary>Runs the session on what is bound.</summary>
    /// <exception cref="OrtException">An input is not bound, or the library refused (shape, type) or was terminated.</exception>
    public void Run()
    {
        bool added = false;
        DangerousAddRef(ref added);
        try
        {
            ForgetOutputs();
            RequireInputs();
            byte** names = _names.Texts;
            OrtNative.Check(OrtNative.RunSession(
                _session.Native, _runOptions, names, _inputValues, (nuint)_inputs.Length, names + _inputs.Length, (nuint)_outputs.Length,
                _outputValues));
        }
        finally
        {
            DangerousRelease();
        }
    }

    /// <summary>
    /// Takes the result of an output that was left unbound, with the shape the run gave it. For finding shapes once; it allocates.
    /// </summary>
    public OrtTensor TakeOutput(int index)
    {
        RequireIndex(index, _outputs.Length);
        if (_outputs[index] is not null)
        {
            throw new InvalidOperationException($"output {index} ({_session.Outputs[index].Name}) is bound to a tensor: read that tensor");
        }
        nint value = _outputValues[index];
        if (value == 0)
        {
            throw new InvalidOperationException($"output {index} ({_session.Outputs[index].Name}) has no result: call Run first, and take "
                + "a result once");
        }
        _outputValues[index] = 0;
        return OrtTensor.Adopt(value);
    }

    /// <summary>
    /// Ends the run in progress, from another thread, and every later one, with an <see cref="OrtException"/>, until
    /// <see cref="ClearTermination"/>.
    /// </summary>
    public void Terminate() => SetTermination(OrtSlots.RunOptionsSetTerminate);

    public void ClearTermination() => SetTermination(OrtSlots.RunOptionsUnsetTerminate);

    protected override bool ReleaseHandle()
    {
        ForgetOutputs();
        ReleaseTensors(_inputs);
        ReleaseTensors(_outputs);
        OrtNative.Release(OrtSlots.ReleaseRunOptions, _runOptions);
        NativeMemory.Free(_inputValues);
        _names.Dispose();
        _session.DangerousRelease();
        return true;
    }

    private void SetTermination(int slot)
    {
        bool added = false;
        DangerousAddRef(ref added);
        try
        {
            OrtNative.Call(slot, _runOptions);
        }
        finally
        {
            DangerousRelease();
        }
    }

    /// <summary>Results of unbound outputs that nobody took: the library would take them for buffers of the next run.</summary>
    private void ForgetOutputs()
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            ForgetOutput(i);
        }
    }

    private void ForgetOutput(int index)
    {
        if (_outputs[index] is null && _outputValues[index] != 0)
        {
            OrtNative.Release(OrtSlots.ReleaseValue, _outputValues[index]);
            _outputValues[index] = 0;
        }
    }

    private void RequireInputs()
    {
        for (int i = 0; i < _inputs.Length; i++)
        {
            if (_inputs[i] is null)
            {
                throw new OrtException(
                    OrtErrorCode.InvalidArgument, $"input {i} ({_session.Inputs[i].Name}) of {_session.Path} is not bound: call "
                        + "SetInput first");
            }
        }
    }

    private void RequireIndex(int index, int count)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
    }

    private static void ReleaseTensors(OrtTensor?[] tensors)
    {
        foreach (OrtTensor? tensor in tensors)
        {
            tensor?.DangerousRelease();
        }
    }
}
