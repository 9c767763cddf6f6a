using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// A prepared run of a session: inputs and outputs are bound by index, then <see cref="Run"/> allocates nothing. The tensor that is an
/// output of one run may be the input of the next: features pass from stage to stage without a copy. One thread at a time.
/// </summary>
public sealed unsafe class OrtRun : SafeHandle
{
    private readonly OrtSession _session;
    [SuppressMessage("Usage", "CA2213", Justification = "Disposed in ReleaseHandle, when nothing can use it any more.")]
    private readonly OrtIoBinding _binding;
    [SuppressMessage("Usage", "CA2213", Justification = "Disposed in ReleaseHandle, when nothing can use it any more.")]
    private readonly RunOptions _options;
    private readonly bool _bindsAnew;
    private readonly nint _cpuMemory = OrtMemoryInfo.DefaultInstance.DangerousGetHandle();

    private readonly OrtTensor?[] _inputs;
    private readonly OrtTensor?[] _outputs;

    /// <summary>Zero-terminated names in UTF-8, those of the inputs first, encoded once so that binding allocates nothing.</summary>
    private readonly byte*[] _names;

    /// <summary>By output: it was left to the library in the last run, and its result was not taken yet.</summary>
    private readonly bool[] _hasResult;

    public OrtRun(OrtSession session)
        : base(0, ownsHandle: true)
    {
        _session = session;
        session.Keep();
        _inputs = new OrtTensor?[session.Inputs.Count];
        _outputs = new OrtTensor?[session.Outputs.Count];
        _hasResult = new bool[_outputs.Length];
        _names = new byte*[_inputs.Length + _outputs.Length];
        for (int i = 0; i < _names.Length; i++)
        {
            _names[i] = NewUtf8(i < _inputs.Length ? session.Inputs[i].Name : session.Outputs[i - _inputs.Length].Name);
        }
        _bindsAnew = session.UsesDevice;
        _binding = session.NewBinding();
        _options = new RunOptions();
        // Released by this handle alone: the tensors must outlive the binding, and the session both.
        GC.SuppressFinalize(_binding);
        GC.SuppressFinalize(_options);
        SetHandle(_binding.DangerousGetHandle());
        for (int i = 0; i < _outputs.Length; i++)
        {
            LeaveToLibrary(i);
        }
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Binds an input. The tensor stays alive while it is bound.</summary>
    /// <exception cref="OrtException">The model takes no such type or shape, as far as the library tells before it runs.</exception>
    public void SetInput(int index, OrtTensor tensor)
    {
        RequireIndex(index, _inputs.Length);
        tensor.Keep();
        _inputs[index]?.DangerousRelease();
        _inputs[index] = tensor;
        BindInput(index);
    }

    /// <summary>
    /// Binds an output to a tensor of exactly the shape the run will produce, or, with null, leaves it to the library (see
    /// <see cref="TakeOutput"/>).
    /// </summary>
    public void SetOutput(int index, OrtTensor? tensor)
    {
        RequireIndex(index, _outputs.Length);
        tensor?.Keep();
        _hasResult[index] = false;
        if (tensor is null)
        {
            LeaveToLibrary(index);
        }
        else
        {
            OrtTable.Bind(OrtTable.BindOutput, handle, _names[_inputs.Length + index], tensor.Native);
        }
        _outputs[index]?.DangerousRelease();
        _outputs[index] = tensor;
    }

    /// <summary>Runs the session on what is bound.</summary>
    /// <exception cref="OrtException">An input is not bound, or the library refused (shape, type) or was terminated.</exception>
    public void Run()
    {
        bool added = false;
        DangerousAddRef(ref added);
        try
        {
            PrepareInputs();
            PrepareOutputs();
            // Not the managed call: it loses the words of errors that it has no name for, such as a device reset.
            OrtTable.RunBound(_session.Native, _options.DangerousGetHandle(), handle);
            MarkResults();
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
        if (!_hasResult[index])
        {
            throw new InvalidOperationException($"output {index} ({_session.Outputs[index].Name}) has no result: call Run first, and take "
                + "a result once");
        }
        // Of all outputs, in the order in which they were first bound, which is that of the model.
        var values = _binding.GetOutputValues();
        for (int i = 0; i < values.Count; i++)
        {
            if (i != index)
            {
                values[i].Dispose();
            }
        }
        OrtTensor taken = OrtTensor.Adopt(values[index]);
        _hasResult[index] = false;
        return taken;
    }

    /// <summary>
    /// Copies the result of an output that was left to the library into a tensor with room for more rows, whose rest becomes zeros. It may
    /// be called on every frame: it allocates nothing managed.
    /// </summary>
    /// <param name="into">Of the result's shape but for its rows.</param>
    /// <param name="rowAxis">The side that counts rows; the sides before it are ones.</param>
    /// <returns>The rows of the result; nothing is copied where there is no room for them.</returns>
    /// <exception cref="OrtException">The result has another shape.</exception>
    public int CopyRows(int index, OrtTensor into, int rowAxis)
    {
        RequireIndex(index, _outputs.Length);
        nint* values = stackalloc nint[_outputs.Length];
        var all = new Span<nint>(values, _outputs.Length);
        all.Clear();
        OrtTable.BoundValues(handle, all);
        try
        {
            return CopyRows(index, all[index], into, rowAxis);
        }
        finally
        {
            foreach (nint value in all)
            {
                OrtTable.Release(value);
            }
        }
    }

    private int CopyRows(int index, nint value, OrtTensor into, int rowAxis)
    {
        Span<long> sizes = stackalloc long[OrtTensor.MaxRank];
        int rank = OrtTable.ShapeOf(value, sizes);
        var room = into.Shape;
        bool fits = rank == room.Length;
        for (int i = 0; fits && i < rank; i++)
        {
            fits = i == rowAxis || sizes[i] == room[i];
        }

        if (!fits)
        {
            throw new OrtException(OrtErrorCode.InvalidArgument, $"output {index} ({_session.Outputs[index].Name}) has shape "
                + $"[{string.Join(",", sizes[..Math.Min(rank, sizes.Length)].ToArray())}], "
                + $"where it had [{string.Join(",", room.ToArray())}]");
        }

        long rows = sizes[rowAxis];
        if (rows <= room[rowAxis])
        {
            int length = (int)(into.ByteCount / room[rowAxis] * rows);
            new ReadOnlySpan<byte>(OrtTable.DataOf(value), length).CopyTo(into.Bytes);
            into.Bytes[length..].Clear();
        }

        return (int)Math.Min(rows, int.MaxValue);
    }

    /// <summary>
    /// Ends the run in progress, from another thread, and every later one, with an <see cref="OrtException"/>, until
    /// <see cref="ClearTermination"/>.
    /// </summary>
    public void Terminate() => SetTermination(true);

    public void ClearTermination() => SetTermination(false);

    protected override bool ReleaseHandle()
    {
        _binding.Dispose();
        _options.Dispose();
        ReleaseTensors(_inputs);
        ReleaseTensors(_outputs);
        foreach (byte* name in _names)
        {
            NativeMemory.Free(name);
        }
        _session.DangerousRelease();
        return true;
    }

    private void SetTermination(bool terminate)
    {
        bool added = false;
        DangerousAddRef(ref added);
        try
        {
            _options.Terminate = terminate;
        }
        finally
        {
            DangerousRelease();
        }
    }

    private void BindInput(int index) => OrtTable.Bind(OrtTable.BindInput, handle, _names[index], _inputs[index]!.Native);

    /// <summary>A device gets its copy of an input when it is bound, so there each run binds what the frame has written since.</summary>
    private void PrepareInputs()
    {
        for (int i = 0; i < _inputs.Length; i++)
        {
            if (_inputs[i] is null)
            {
                throw new OrtException(OrtErrorCode.InvalidArgument,
                    $"input {i} ({_session.Inputs[i].Name}) of {_session.Path} is not bound: call SetInput first");
            }
            if (_bindsAnew)
            {
                BindInput(i);
            }
        }
    }

    /// <summary>Outputs left to the library are left to it anew: it would take the last results for buffers of this run.</summary>
    private void PrepareOutputs()
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            _hasResult[i] = false;
            if (_outputs[i] is null)
            {
                LeaveToLibrary(i);
            }
        }
    }

    private void MarkResults()
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            _hasResult[i] = _outputs[i] is null;
        }
    }

    private void LeaveToLibrary(int index)
        => OrtTable.Bind(OrtTable.BindOutputToDevice, handle, _names[_inputs.Length + index], _cpuMemory);

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

    private static byte* NewUtf8(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        var copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
        copy[length] = 0;
        return copy;
    }
}
