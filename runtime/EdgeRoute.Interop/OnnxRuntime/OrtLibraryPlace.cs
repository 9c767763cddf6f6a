namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>A place where the library was looked for and what came of it. <c>Origin</c> says why this place was on the list.</summary>
public sealed record OrtLibraryPlace(string Origin, string Path, string Failure)
{
    /// <summary>Somebody named this place, in the configuration or the environment; the rest of the list is where one looks anyway.</summary>
    public bool IsNamed => Origin is OrtLibrarySearch.ConfiguredOrigin or OrtLibrarySearch.EnvironmentVariable;

    public override string ToString() => $"{Origin}: {Path}: {Failure}";
}
