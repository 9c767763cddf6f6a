namespace EdgeRoute.Documents.Configs;

/// <summary>What all sessions and kernels of the process share.</summary>
/// <param name="Library">The ONNX Runtime library or its folder; null searches the usual places.</param>
/// <param name="ThreadCount">Threads of the shared pool; 0 lets the library take one per physical core.</param>
/// <param name="Spin">Idle pool threads spin: a little less latency for about 30 ms of CPU time after every frame.</param>
/// <param name="KernelName">Preprocessing kernel forced by name; <see cref="AutoKernel"/> takes the widest the machine has.</param>
/// <param name="Providers">In order; CPU is always the last.</param>
public sealed record RuntimeConfig(ConfigPath? Library, int ThreadCount, bool Spin, string KernelName, IReadOnlyList<ProviderConfig> Providers)
{
    public const string AutoKernel = "auto";

    public static IReadOnlyList<string> KernelNames { get; } = [AutoKernel, "scalar", "vector128", "vector256"];

    public static RuntimeConfig Default { get; } = new(null, 0, false, AutoKernel, [new ProviderConfig(ProviderConfig.Cpu, false, [])]);
}
