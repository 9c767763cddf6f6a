namespace EdgeRoute.Interop.OnnxRuntime;

public sealed record OrtSessionRequest
{
    /// <summary>A session tries every subset with one left out when it cannot open, so the list stays short.</summary>
    public const int MaxProviderCount = 8;

    /// <summary>Providers in order of preference. The CPU takes what is left, named or not.</summary>
    public IReadOnlyList<OrtProviderRequest> Providers { get; init; } = [];

    /// <summary>
    /// Weights stay as they are in the file. With external weight files they are then mapped once and shared between sessions (a second session
    /// of an 84 MB network costs 3 MB instead of 101 MB), for about 10 % more time in matrix products.
    /// </summary>
    public bool DisablePrepacking { get; init; }

    public OrtOptimizationLevel OptimizationLevel { get; init; } = OrtOptimizationLevel.All;

    /// <summary>Further session configuration entries, in the library's own words, for example session.dynamic_block_base = 4.</summary>
    public IReadOnlyDictionary<string, string> Entries { get; init; } = new Dictionary<string, string>();
}
