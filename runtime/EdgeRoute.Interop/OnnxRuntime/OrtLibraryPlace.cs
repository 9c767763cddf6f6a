namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>A place where the library was looked for and what came of it. <c>Origin</c> says why this place was on the list.</summary>
public sealed record OrtLibraryPlace(string Origin, string Path, string Failure)
{
    public override string ToString() => $"{Origin}: {Path}: {Failure}";
}
