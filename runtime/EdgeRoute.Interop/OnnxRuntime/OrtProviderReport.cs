namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>What came of one <see cref="OrtProviderRequest"/>.</summary>
/// <param name="Name">As asked for.</param>
/// <param name="State">Used, refused or absent.</param>
/// <param name="Detail">The library's own words when it is not used, empty when it is.</param>
/// <param name="AcceptedOptions">All options as the provider understood them, empty where it refused them or does not tell.</param>
/// <param name="NodeCount">Graph nodes the provider got, null where the library (before 1.25) does not tell. Used with 0 nodes does
/// nothing.</param>
public sealed record OrtProviderReport(string Name, OrtProviderState State, string Detail, string AcceptedOptions = "",
    int? NodeCount = null)
{
    public override string ToString()
        => $"{Name}: {State}{(NodeCount is { } count ? $", {count} nodes" : "")}{(Detail.Length > 0 ? $": {Detail}" : "")}";
}

/// <summary>What came of asking for an execution provider.</summary>
public enum OrtProviderState
{
    /// <summary>The session runs with it.</summary>
    Used,

    /// <summary>It is there but did not work: options it does not accept, a missing vendor library, no device.</summary>
    Refused,

    /// <summary>The library was not compiled with it, or its provider library is not beside the library.</summary>
    Absent,
}

/// <summary>A provider that was required is not used; the message holds the report of every provider.</summary>
public sealed class OrtProviderRequiredException(string path, IReadOnlyList<OrtProviderReport> reports)
    : Exception($"{path}: a required execution provider is not used:\n  {string.Join("\n  ", reports)}\n"
        + "Next step: install what the report names, choose a library that has the provider, or take `require` from it.")
{
    public IReadOnlyList<OrtProviderReport> Reports { get; } = reports;
}
