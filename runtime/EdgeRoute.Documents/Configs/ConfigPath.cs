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
}

/// <summary>
/// A path of a config file: as written, which is what the hash covers, and resolved against the folder of the config file.
/// </summary>
public sealed record ConfigPath(string Written, string Full, PathNeed Need, ConfigPlace At)
{
    /// <summary>Why the path cannot be used now, with what to do; null when it can.</summary>
    public string? FindProblem() => Need switch
    {
        PathNeed.File when Directory.Exists(Full) => $"'{Written}' is a folder; a file is needed",
        PathNeed.File when !File.Exists(Full) => $"no file '{Written}'{Resolved}",
        PathNeed.Folder when !Directory.Exists(Full) => $"no folder '{Written}'{Resolved}",
        PathNeed.FileOrFolder when !Path.Exists(Full) => $"no file or folder '{Written}'{Resolved}",
        PathNeed.WritableFile when !Directory.Exists(Path.GetDirectoryName(Full)) =>
            $"no folder to write '{Written}' into{Resolved}; create it first",
        PathNeed.WritableFile when Directory.Exists(Full) => $"'{Written}' is a folder; name a file in it",
        _ => null,
    };

    private string Resolved => Written == Full ? "" : $" (looked for {Full}; paths are relative to the config file)";
}
