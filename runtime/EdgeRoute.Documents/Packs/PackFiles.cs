using System.Security.Cryptography;

namespace EdgeRoute.Documents.Packs;

/// <summary>Finds the files a manifest names, and checks that each is the one meant.</summary>
internal sealed class PackFiles
{
    private readonly string _folder;
    private readonly bool _hasFolder;

    public PackFiles(string folder, PackProblems problems)
    {
        _folder = Path.GetFullPath(folder);
        _hasFolder = Directory.Exists(_folder);
        if (!_hasFolder)
        {
            problems.Add($"the folder of the pack's files, '{_folder}', does not exist");
        }
    }

    /// <summary>Full path of a file whose content has the given SHA-256. A reason is added where it is not so.</summary>
    public string Resolve(string? file, string? sha256, ManifestFields fields)
    {
        string name = fields.Text("file", file);
        string expected = fields.Text("sha256", sha256);
        bool isDigest = expected.Length == 64 && expected.All(char.IsAsciiHexDigit);
        if (expected.Length > 0 && !isDigest)
        {
            fields.Fail($"'sha256' is '{expected}'; it must be 64 hexadecimal digits");
        }

        string? path = Locate(name, fields);
        if (path is not null && OtherThan(path) is { } other)
        {
            fields.Fail($"file '{name}' is {other}");
        }
        else if (path is not null && isDigest)
        {
            CheckDigest(path, name, expected, fields);
        }

        return path ?? "";
    }

    /// <summary>Full path of a file inside the folder, or null with a reason.</summary>
    public string? Locate(string name, ManifestFields fields)
    {
        if (name.Length == 0)
        {
            return null;
        }

        // A pack may come from elsewhere: it must not be able to point at any other file of this machine.
        if (Path.IsPathRooted(name) || name.Contains('\\') || name.Split('/').Contains(".."))
        {
            fields.Fail($"file '{name}' leaves the pack's folder; paths must be relative to it, without '..' and with '/' between folders");
            return null;
        }

        string path = Path.Combine(_folder, name);
        if (_hasFolder && !File.Exists(path))
        {
            fields.Fail($"file '{name}' is not in '{_folder}'");
        }

        return _hasFolder && File.Exists(path) ? path : null;
    }

    private static void CheckDigest(string path, string name, string expected, ManifestFields fields)
    {
        try
        {
            string found = Sha256Of(path);
            if (!string.Equals(found, expected, StringComparison.OrdinalIgnoreCase))
            {
                fields.Fail($"file '{name}' has SHA-256 {found}, but the manifest says {expected}; "
                    + "fetch the file again, or write the new hash if the change is meant");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            fields.Fail($"file '{name}' cannot be read: {failure.Message}");
        }
    }

    /// <summary>What a file is that was meant to be a model and was fetched wrongly; null where nothing speaks for that.</summary>
    private static string? OtherThan(string path)
    {
        Span<byte> start = stackalloc byte[64];
        try
        {
            using var file = DocumentFile.Open(path);
            start = start[..RandomAccess.Read(file, start, 0)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        if (start.StartsWith("version https://git-lfs"u8))
        {
            return "a pointer of Git LFS, not the model itself; run 'git lfs pull' where it was cloned";
        }

        if (start.IsEmpty)
        {
            return "empty; fetch it again";
        }

        var text = start.TrimStart(" \t\r\n\ufeff"u8);
        bool isPage = text.StartsWith("<!"u8) || text.StartsWith("<html"u8) || text.StartsWith("<HTML"u8) || text.StartsWith("<?xml"u8);
        return isPage ? "a web page, not a model; fetch it again" : null;
    }

    private static string Sha256Of(string path)
    {
        using var file = new FileStream(DocumentFile.Open(path), FileAccess.Read);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
