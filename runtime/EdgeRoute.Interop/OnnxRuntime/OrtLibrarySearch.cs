using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// Where to look for the library, in this order: the path from the configuration, the environment variable, beside the binary (and in
/// <c>lib/</c> there, or where a build without a runtime identifier puts natives), the system's loader. A path may name the library file
/// or the folder that holds it.
/// </summary>
public sealed record OrtLibrarySearch
{
    public const string EnvironmentVariable = "EDGEROUTE_ONNXRUNTIME";

    internal const string ConfiguredOrigin = "configured path";

    /// <summary>The development name and the name of the ABI; packages ship one or the other.</summary>
    public static readonly IReadOnlyList<string> FileNames = ["libonnxruntime.so", "libonnxruntime.so.1"];

    public string? ConfiguredPath { get; init; }
    public string? EnvironmentPath { get; init; }
    public required string BinaryFolder { get; init; }

    /// <summary>Digest that the library must have, in lower-case digits; null for any.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Names handed to the system's loader (its cache and LD_LIBRARY_PATH).</summary>
    public IReadOnlyList<string> SystemNames { get; init; } = FileNames;

    /// <summary>The search of this process.</summary>
    public static OrtLibrarySearch Default(string? configuredPath, string? sha256 = null) => new()
    {
        ConfiguredPath = configuredPath,
        Sha256 = sha256,
        EnvironmentPath = Environment.GetEnvironmentVariable(EnvironmentVariable),
        BinaryFolder = AppContext.BaseDirectory,
    };

    /// <summary>Every place in order, as (origin, file).</summary>
    public IEnumerable<(string Origin, string Path)> Places()
    {
        IEnumerable<(string, string)> named = Named(ConfiguredOrigin, ConfiguredPath).Concat(Named(EnvironmentVariable, EnvironmentPath));
        string[] folders = ["", "lib", Path.Combine("runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
        var beside = folders.SelectMany(folder => InFolder("beside the binary", Path.Combine(BinaryFolder, folder)));
        return named.Concat(beside).Concat(SystemNames.Select(name => ("system loader", name)));
    }

    private static IEnumerable<(string Origin, string Path)> Named(string origin, string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return [];
        }
        return Directory.Exists(path) ? InFolder(origin, path) : [(origin, Path.GetFullPath(path))];
    }

    private static IEnumerable<(string Origin, string Path)> InFolder(string origin, string folder)
        => FileNames.Select(name => (origin, Path.Combine(Path.GetFullPath(folder), name)));
}

/// <summary>A place where the library was looked for and what came of it. <c>Origin</c> says why this place was on the list.</summary>
public sealed record OrtLibraryPlace(string Origin, string Path, string Failure)
{
    /// <summary>
    /// Somebody named this place, in the configuration or the environment; the rest of the list is where one looks anyway.
    /// </summary>
    public bool IsNamed => Origin is OrtLibrarySearch.ConfiguredOrigin or OrtLibrarySearch.EnvironmentVariable;

    public override string ToString() => $"{Origin}: {Path}: {Failure}";
}
