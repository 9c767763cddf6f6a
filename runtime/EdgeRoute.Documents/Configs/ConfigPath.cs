using System.Text;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Documents.Configs;

/// <summary>What must be at a path before the engine can start.</summary>
public enum PathNeed
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A file or a folder.</summary>
    FileOrFolder,

    /// <summary>A file that will be written: its folder.</summary>
    WritableFile,

    /// <summary>A folder that is made where it is missing: the one above it.</summary>
    WritableFolder,
}

/// <summary>
/// A path of a config file: as written, which is what the hash covers, and resolved against the folder of the config file.
/// </summary>
public sealed record ConfigPath(string Written, string Full, PathNeed Need, ConfigPlace At)
{
    /// <summary>File systems take names of 255 bytes, of which files that follow each other need 20 for their time.</summary>
    private const int NameBytes = 230;

    /// <summary>Why the path cannot be used now, with what to do; null when it can.</summary>
    public string? FindProblem() => Need switch
    {
        PathNeed.WritableFile or PathNeed.WritableFolder when Written == "-" =>
            "'-' would be a file of that name here; only answers go to standard output (edgerouted run --answers -)",
        PathNeed.File when Directory.Exists(Full) => $"'{Written}' is a folder; a file is needed",
        PathNeed.File when !File.Exists(Full) => $"no file '{Written}'{Resolved}",
        PathNeed.Folder when !Directory.Exists(Full) => $"no folder '{Written}'{Resolved}",
        PathNeed.FileOrFolder when !Path.Exists(Full) => $"no file or folder '{Written}'{Resolved}",
        PathNeed.WritableFile when !Directory.Exists(Path.GetDirectoryName(Full)) =>
            $"no folder to write '{Written}' into{Resolved}; create it first",
        PathNeed.WritableFile when Encoding.UTF8.GetByteCount(Path.GetFileName(Full)) is > NameBytes and var length =>
            $"'{Written}' has a name of {length} bytes; at most {NameBytes} are possible",
        PathNeed.WritableFile when Directory.Exists(Full) => $"'{Written}' is a folder; name a file in it",
        PathNeed.WritableFolder when File.Exists(Full) => $"'{Written}' is a file; a folder is needed",
        PathNeed.WritableFolder when !Directory.Exists(Full) && !Directory.Exists(Path.GetDirectoryName(Full)) =>
            $"no folder to make '{Written}' in{Resolved}; create it first",
        _ => null,
    };

    private string Resolved => FolderNames.IsLossy(Full) ? $" (looked for {Full}, but {FolderNames.LossyHint})" : ResolvedPlainly;

    private string ResolvedPlainly => Written == Full ? "" : $" (looked for {Full}; paths are relative to the config file)";
}
