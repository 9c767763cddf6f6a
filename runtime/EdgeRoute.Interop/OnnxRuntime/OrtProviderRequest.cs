namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>An execution provider to try, in the order of the list.</summary>
/// <param name="Name">"TensorRT", "CUDA", "CPU", or any name of the library's generic call ("XNNPACK", "QNN", "WebGPU" ...), in any case.</param>
/// <param name="Options">Keys and values in the provider's own words, for example trt_fp16_enable = true.</param>
/// <param name="Require">A session without this provider is an error instead of a fallback.</param>
public sealed record OrtProviderRequest(string Name, IReadOnlyDictionary<string, string>? Options = null, bool Require = false)
{
    public const string TensorRt = "TensorRT";
    public const string Cuda = "CUDA";
    public const string Cpu = "CPU";

    private const string FullNameEnd = "ExecutionProvider";

    internal bool Is(string name) => string.Equals(FullName, FullNameOf(name), StringComparison.OrdinalIgnoreCase);

    /// <summary>The name used in the library's lists, for example TensorrtExecutionProvider; compare without case.</summary>
    internal string FullName => Name.EndsWith(FullNameEnd, StringComparison.OrdinalIgnoreCase) ? Name : FullNameOf(Name);

    private static string FullNameOf(string name) => name + FullNameEnd;
}
