namespace EdgeRoute.Interop.OnnxRuntime;

public sealed record OrtSessionRequest
{
    /// <summary>A session tries every subset with one left out when it cannot open, so the list stays short.</summary>
    public const int MaxProviderCount = 8;

    /// <summary>Providers in order of preference. The CPU takes what is left, named or not.</summary>
    public IReadOnlyList<OrtProviderRequest> Providers { get; init; } = [];

    /// <summary>
    /// Weights stay as they are in the file. With external weight files they are then mapped once and shared between sessions (a second
    /// session of an 84 MB network costs 3 MB instead of 101 MB), for about 10 % more time in matrix products.
    /// </summary>
    public bool DisablePrepacking { get; init; }

    public OrtOptimizationLevel OptimizationLevel { get; init; } = OrtOptimizationLevel.All;

    /// <summary>Threads of this session alone; null: those of the environment, which all sessions share.</summary>
    public OrtSessionThreads? OwnThreads { get; init; }

    /// <summary>Where the library writes the graph that it made of the model, for whoever wants to see it; null for nowhere.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>Further session configuration entries, in the library's own words, for example session.dynamic_block_base = 4.</summary>
    public IReadOnlyDictionary<string, string> Entries { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The same without the provider that does most of the work of a session: the first one that it uses, the CPU apart. Null where only
    /// the CPU works, or where that provider is required.
    /// </summary>
    /// <param name="reports">Of the session.</param>
    public OrtSessionRequest? WithoutFirstUsed(IReadOnlyList<OrtProviderReport> reports)
    {
        var first = Providers.FirstOrDefault(p => !p.Is(OrtProviderRequest.Cpu)
            && reports.Any(r => r.Name == p.Name && r is { State: OrtProviderState.Used, NodeCount: not 0 }));
        return first is null or { Require: true } ? null : this with { Providers = [.. Providers.Where(p => p != first)] };
    }
}

/// <summary>A pool of a session's own.</summary>
/// <param name="Count">Of threads, the caller's included.</param>
/// <param name="Spin">They spin while a run lasts, and wait between runs, so that they are in no other session's way.</param>
public sealed record OrtSessionThreads(int Count, bool Spin);

/// <summary>GraphOptimizationLevel of the C API, header version 31.</summary>
public enum OrtOptimizationLevel
{
    None = 0,
    Basic = 1,
    Extended = 2,
    Layout = 3,
    All = 99,
}

/// <summary>An execution provider to try, in the order of the list.</summary>
/// <param name="Name">"TensorRT", "CUDA", "CPU", or any name of the library's generic call ("XNNPACK", "QNN", "WebGPU" ...), in any
/// case.</param>
/// <param name="Options">Keys and values in the provider's own words, for example trt_fp16_enable = true.</param>
/// <param name="Require">A session without this provider is an error instead of a fallback.</param>
public sealed record OrtProviderRequest(string Name, IReadOnlyDictionary<string, string>? Options = null, bool Require = false)
{
    public const string TensorRt = "TensorRT";
    public const string Cuda = "CUDA";
    public const string Cpu = "CPU";

    private const string FullNameEnd = "ExecutionProvider";

    /// <summary>Whether it is the provider of a name, in its short or its full form.</summary>
    public bool Is(string name) => string.Equals(FullName, FullNameOf(name), StringComparison.OrdinalIgnoreCase);

    /// <summary>The name used in the library's lists, for example TensorrtExecutionProvider; compare without case.</summary>
    internal string FullName => Name.EndsWith(FullNameEnd, StringComparison.OrdinalIgnoreCase) ? Name : FullNameOf(Name);

    private static string FullNameOf(string name) => name + FullNameEnd;
}
