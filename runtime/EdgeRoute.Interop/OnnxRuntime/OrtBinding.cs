using System.Diagnostics.CodeAnalysis;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// A run whose inputs and outputs may lie in device memory (I/O binding). Every output must be bound, to a tensor or to a kind of memory.
/// One thread at a time.
/// </summary>
internal sealed unsafe class OrtBinding : OrtHandle
{
    private readonly OrtSession _session;
    [SuppressMessage("Usage", "CA2213", Justification = "Freed in ReleaseHandle, when no call can use the names any more.")]
    private readonly OrtTextTable _names;

    private readonly OrtTensor?[] _tensors;

    /// <summary>Outputs in the order they were first bound: the order in which the library lists their results.</summary>
    private readonly List<int> _boundOutputs = [];

    public OrtBinding(OrtSession session)
        : base(OrtSlots.ReleaseIoBinding)
    {
        _session = session;
        _names = new OrtTextTable(session.Inputs.Concat(session.Outputs).Select(spec => spec.Name));
        _tensors = new OrtTensor?[session.Inputs.Count + session.Outputs.Count];
        SetHandle(OrtNative.Get(OrtSlots.CreateIoBinding, session.Native));
        session.Keep();
    }

    /// <summary>
    /// Binds an input. A tensor in CPU memory is copied to the device now, so bind again (or <see cref="OrtRun"/>) for every new content.
    /// </summary>
    public void BindInput(int index, OrtTensor tensor)
    {
        RequireIndex(index, _session.Inputs.Count);
        Bind(OrtSlots.BindInput, index, tensor.Native, tensor);
    }

    public void BindOutput(int index, OrtTensor tensor) => BindOutput(index, tensor.Native, tensor, OrtSlots.BindOutput);

    /// <summary>Leaves the memory of the output to the library, on that device; <see cref="TakeOutput"/> gives it after a run.</summary>
    public void BindOutput(int index, OrtDeviceMemory memory)
    {
        BindOutput(index, memory.Native, null, OrtSlots.BindOutputToDevice);
        GC.KeepAlive(memory);
    }

    public void Run() => OrtNative.Check(OrtNative.RunBinding(_session.Native, 0, Native));

    /// <summary>Waits until bound inputs have arrived on the device.</summary>
    public void SynchronizeInputs() => OrtNative.Call(OrtSlots.SynchronizeBoundInputs, Native);

    /// <summary>Waits until bound outputs are complete; needed before the host reads them.</summary>
    public void SynchronizeOutputs() => OrtNative.Call(OrtSlots.SynchronizeBoundOutputs, Native);

    /// <summary>The result of an output, wherever it lies, as a tensor that can be bound as an input elsewhere. It allocates.</summary>
    public OrtTensor TakeOutput(int index)
    {
        int position = _boundOutputs.IndexOf(index);
        nint* values = OrtNative.TakeBoundOutputs(Native, out int count);
        try
        {
            if (position < 0 || position >= count || values[position] == 0)
            {
                throw new InvalidOperationException($"output {index} of {_session.Path} has no result: bind it and call Run first");
            }
            nint taken = values[position];
            values[position] = 0;
            return OrtTensor.Adopt(taken);
        }
        finally
        {
            for (int i = 0; i < count; i++)
            {
                OrtNative.Release(OrtSlots.ReleaseValue, values[i]);
            }
            OrtNative.Free(values);
        }
    }

    protected override bool ReleaseHandle()
    {
        base.ReleaseHandle();
        foreach (OrtTensor? tensor in _tensors)
        {
            tensor?.DangerousRelease();
        }
        _names.Dispose();
        _session.DangerousRelease();
        return true;
    }

    private void BindOutput(int index, nint target, OrtTensor? tensor, int slot)
    {
        RequireIndex(index, _session.Outputs.Count);
        Bind(slot, _session.Inputs.Count + index, target, tensor);
        if (!_boundOutputs.Contains(index))
        {
            _boundOutputs.Add(index);
        }
    }

    private void Bind(int slot, int place, nint target, OrtTensor? tensor)
    {
        OrtNative.Bind(slot, Native, _names[place], target);
        tensor?.Keep();
        _tensors[place]?.DangerousRelease();
        _tensors[place] = tensor;
    }

    private static void RequireIndex(int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
    }
}

/// <summary>A kind of memory that an output can be left in, so that the next stage on the same device takes it from there.</summary>
internal sealed unsafe class OrtDeviceMemory : OrtHandle
{
    private OrtDeviceMemory(nint memory)
        : base(OrtSlots.ReleaseMemoryInfo) => SetHandle(memory);

    /// <summary>The library's name of the memory, such as Cpu or Cuda.</summary>
    public string Name => OrtNative.GetMemoryName(Native);

    public static OrtDeviceMemory Cpu() => Create("Cpu", deviceIndex: 0);

    /// <summary>Memory of the GPU with this index, for sessions with the CUDA or TensorRT provider.</summary>
    public static OrtDeviceMemory Cuda(int deviceIndex) => Create("Cuda", deviceIndex);

    private static OrtDeviceMemory Create(string name, int deviceIndex)
    {
        _ = OrtLibrary.Required;
        using var text = new OrtTextTable([name]);
        return new OrtDeviceMemory(OrtNative.NewMemory(text[0], OrtAllocatorType.Device, deviceIndex));
    }
}
