namespace EdgeRoute.Documents.Configs;

/// <summary>An execution provider to try, in the order of the list.</summary>
/// <param name="Require">A session without it is an error instead of a fallback.</param>
/// <param name="Options">The provider's own keys and values, as written, sorted by key.</param>
public sealed record ProviderConfig(string Name, bool Require, IReadOnlyList<KeyValuePair<string, string>> Options)
{
    public const string Cpu = "CPU";

    /// <summary>Providers of the library by the names a config uses, in the spelling the effective config prints.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["TensorRT", "CUDA", Cpu, "XNNPACK", "OpenVINO", "QNN", "WebGPU", "NvTensorRtRtx", "MIGraphX", "DNNL", "ACL", "ArmNN"];
}
