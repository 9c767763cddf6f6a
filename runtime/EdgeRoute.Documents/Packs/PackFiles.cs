using System.Security.Cryptography;
using System.Text;

namespace EdgeRoute.Documents.Packs;

/// <summary>Finds the files a manifest names, and checks that each is the one meant.</summary>
internal sealed class PackFiles
{
    private static readonly string[] Pages = ["<!doctype", "<!--", "<html", "<head", "<body", "<?xml", "<error"];

    private static readonly string[] Refusals = ["{", "404", "403", "401", "not found", "entry not found", "repository not found",
        "access to", "access denied", "forbidden", "unauthorized", "invalid username"];

    private readonly string _folder;
    private readonly bool _hasFolder;
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Name, ManifestFields Fields)> _models = [];

    public PackFiles(string folder, PackProblems problems)
    {
        _folder = Path.GetFullPath(folder);
        _hasFolder = Directory.Exists(_folder);
        if (!_hasFolder)
        {
            problems.Add($"the folder of the pack's files, '{_folder}', does not exist");
        }
    }

    /// <summary>Full path of a model whose content has the given SHA-256. A reason is added where it is not so.</summary>
    public string ResolveModel(string? file, string? sha256, ManifestFields fields)
    {
        string path = Resolve(file, sha256, fields, OtherThanModel);
        if (path.Length > 0)
        {
            _models.Add((path, file!, fields));
        }

        return path;
    }

    /// <summary>The same for a file of weights.</summary>
    public string ResolveWeights(string? file, string? sha256, ManifestFields fields) => Resolve(file, sha256, fields, OtherThan);

    /// <summary>
    /// Once all files are resolved: whatever a model reads is listed, so that a hash covers it, and lies in the pack.
    /// </summary>
    public void CheckExternalData()
    {
        foreach (var (path, name, fields) in _models)
        {
            foreach (var external in OnnxHeader.Read(path).ExternalFiles)
            {
                CheckExternal(external, path, name, fields);
            }
        }
    }

    private void CheckExternal(OnnxExternalFile external, string path, string name, ManifestFields fields)
    {
        string reads = $"file '{name}' reads its weights from '{external.Location}'";
        if (PathOfExternal(external, path, _folder) is not { } full)
        {
            fields.Fail($"{reads}, which is not in the pack's folder; export the model again, with its weights beside it");
        }
        else if (!_listed.Contains(full))
        {
            fields.Fail($"{reads}, which the manifest does not list: name it under the stage's 'weights', as "
                + $"'{Path.GetRelativePath(_folder, full)}' with its sha256");
        }
        else if (TooShort(external, full) is { } shortness)
        {
            fields.Fail($"{reads}, {shortness}");
        }
    }

    /// <summary>Full path of a file that a model reads; null where it lies outside of the folder.</summary>
    internal static string? PathOfExternal(OnnxExternalFile external, string model, string folder)
    {
        string full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(model))!, external.Location));
        string relative = Path.GetRelativePath(folder, full);
        bool isOutside = external.Location.Length == 0 || Path.IsPathRooted(external.Location) || relative == ".."
            || relative.StartsWith("../", StringComparison.Ordinal);
        return isOutside ? null : full;
    }

    /// <summary>How a file falls short of what the model reads of it; null where it does not.</summary>
    internal static string? TooShort(OnnxExternalFile external, string path)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length < external.LeastBytes
            ? $"which has {file.Length} bytes where the model reads {external.LeastBytes}; it is cut short or of another export: fetch or "
                + "export both again"
            : null;
    }

    private string Resolve(string? file, string? sha256, ManifestFields fields, Func<string, string?> otherThan)
    {
        string name = fields.Text("file", file);
        string expected = fields.Text("sha256", sha256);
        bool isDigest = expected.Length == 64 && expected.All(char.IsAsciiHexDigit);
        if (expected.Length > 0 && !isDigest)
        {
            fields.Fail($"'sha256' is '{expected}'; it must be 64 hexadecimal digits");
        }

        if (Locate(name, fields) is not { } path)
        {
            return "";
        }

        _listed.Add(Path.GetFullPath(path));
        if (otherThan(path) is { } other)
        {
            fields.Fail($"file '{name}' is {other}");
        }
        else if (isDigest)
        {
            CheckDigest(path, name, expected, fields);
        }

        return path;
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

    /// <summary>What a file is that was fetched wrongly; null where nothing speaks for that.</summary>
    public static string? OtherThan(string path)
    {
        // What cannot be read is told by whoever reads it.
        if (StartOf(path) is not { } start)
        {
            return null;
        }

        if (start.AsSpan().StartsWith("version https://git-lfs"u8))
        {
            return "a pointer of Git LFS, not the file itself; run 'git lfs pull' where it was cloned";
        }

        if (start.Length == 0)
        {
            return "empty; fetch it again";
        }

        return Begins(start, Pages) ? "a web page, not what its name says; fetch it again" : null;
    }

    /// <summary>A model is no archive either, nor what a server says instead of it.</summary>
    internal static string? OtherThanModel(string path)
    {
        string? other = OtherThan(path);
        if (other is not null || StartOf(path) is not { } start)
        {
            return other;
        }

        if (start.AsSpan().StartsWith("PK\u0003\u0004"u8) || start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return "an archive, such as a PyTorch checkpoint, and not an ONNX model; export the model to ONNX, or unpack it";
        }

        return Begins(start, Refusals) ? $"the answer of a server, not a model; it begins '{TextOf(start).Split('\n')[0].Trim()}'; "
            + "fetch it again" : null;
    }

    private static bool Begins(byte[] start, string[] beginnings)
    {
        string text = TextOf(start);
        return Array.Exists(beginnings, b => text.StartsWith(b, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Without white space and a byte order mark in front.</summary>
    private static string TextOf(byte[] start) =>
        Encoding.Latin1.GetString(start).TrimStart(' ', '\t', '\r', '\n', '\u00ef', '\u00bb', '\u00bf');

    private static byte[]? StartOf(string path)
    {
        byte[] start = new byte[64];
        try
        {
            using var file = DocumentFile.Open(path);
            return start[..RandomAccess.Read(file, start, 0)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Sha256Of(string path)
    {
        using var file = new FileStream(DocumentFile.Open(path), FileAccess.Read);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
