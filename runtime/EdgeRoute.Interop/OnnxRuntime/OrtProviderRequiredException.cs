namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>A provider that was required is not used; the message holds the report of every provider.</summary>
public sealed class OrtProviderRequiredException(string path, IReadOnlyList<OrtProviderReport> reports)
    : Exception($"{path}: a required execution provider is not used:\n  {string.Join("\n  ", reports)}\n"
        + "Next step: install what the report names, choose a library that has the provider, or take `require` from it.")
{
    public IReadOnlyList<OrtProviderReport> Reports { get; } = reports;
}
