namespace EdgeRoute.Engine.Doctor;

/// <summary>The ONNX Runtime library as found, or why none was.</summary>
/// <param name="ApiVersion">The table in use: the smaller of what the library has and what we know.</param>
/// <param name="FailedPlaces">Places earlier in the search order that did not work, each with its reason.</param>
/// <param name="Reason">Empty, or why there is no usable library.</param>
public sealed record OrtFindings(
    bool IsFound, string? Path, string? Version, int? ApiVersion, string? Build, IReadOnlyList<ProviderFinding> Providers,
    IReadOnlyList<string> FailedPlaces, string Reason)
{
    public static OrtFindings None(IReadOnlyList<string> failedPlaces, string reason) => new(false, null, null, null, null, [], failedPlaces, reason);
}
