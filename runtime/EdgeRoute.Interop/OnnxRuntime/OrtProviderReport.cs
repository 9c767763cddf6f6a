namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>What came of one <see cref="OrtProviderRequest"/>.</summary>
/// <param name="Name">As asked for.</param>
/// <param name="State">Used, refused or absent.</param>
/// <param name="Detail">The library's own words when it is not used, empty when it is.</param>
/// <param name="AcceptedOptions">All options as the provider understood them, empty where it refused them or does not tell.</param>
/// <param name="NodeCount">Graph nodes the provider got, null where the library (before 1.24) does not tell. Used with 0 nodes does nothing.</param>
public sealed record OrtProviderReport(string Name, OrtProviderState State, string Detail, string AcceptedOptions = "", int? NodeCount = null)
{
    public override string ToString()
        => $"{Name}: {State}{(NodeCount is { } count ? $", {count} nodes" : "")}{(Detail.Length > 0 ? $": {Detail}" : "")}";
}
