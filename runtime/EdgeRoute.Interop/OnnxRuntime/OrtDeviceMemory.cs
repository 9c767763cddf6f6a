namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>A kind of memory that an output can be left in, so that the next stage on the same device takes it from there.</summary>
public sealed unsafe class OrtDeviceMemory : OrtHandle
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
