using System.Formats.Tar;
using System.IO.Compression;
using EdgeRoute.Engine.Running;

namespace EdgeRoute.Workbench.Packs;

/// <summary>
/// A pack where it lies: its manifest, the folder that holds it, or an archive, which is unpacked beside the temporary files for as long as
/// it is looked at.
/// </summary>
public sealed class PackPlace : IDisposable
{
    public const string ManifestName = "manifest.json";

    /// <summary>Files of one pack. An archive of more is of something else.</summary>
    private const int EntryLimit = 10_000;

    private readonly string? _unpacked;

    private PackPlace(string manifest, string? unpacked) => (Manifest, _unpacked) = (manifest, unpacked);

    /// <summary>Full path of the manifest.</summary>
    public string Manifest { get; }

    public string Folder => Path.GetDirectoryName(Manifest)!;

    public static bool IsArchive(string path) => path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) || IsCompressed(path);

    public static bool IsCompressed(string path) => path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="InvalidDataException">There is no pack at this place.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PackPlace Open(string path)
    {
        if (Directory.Exists(path))
        {
            string inside = Path.GetFullPath(Path.Combine(path, ManifestName));
            return File.Exists(inside) ? new PackPlace(inside, null)
                : throw new InvalidDataException($"'{path}' has no {ManifestName}; name the folder of a pack, its manifest, or an archive");
        }

        if (!File.Exists(path))
        {
            throw new InvalidDataException($"there is no pack '{path}'; name its folder, its manifest, or an archive (.tar, .tar.gz)");
        }

        return IsArchive(path) ? Unpack(path) : new PackPlace(Path.GetFullPath(path), null);
    }

    /// <summary>The folders below one that hold a pack, in the order of their names.</summary>
    public static IReadOnlyList<string> FoldersIn(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new InvalidDataException($"there is no folder '{folder}'");
        }

        var inside = Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Prepend(folder);
        return [.. inside.Where(f => File.Exists(Path.Combine(f, ManifestName)))];
    }

    public void Dispose()
    {
        if (_unpacked is not null)
        {
            Directory.Delete(_unpacked, recursive: true);
        }
    }

    private static PackPlace Unpack(string path)
    {
        string folder = Directory.CreateTempSubdirectory("edgeroute-pack-").FullName;
        try
        {
            Extract(path, folder);
            string[] found = [.. Directory.EnumerateFiles(folder, ManifestName, SearchOption.AllDirectories)
                .OrderBy(f => f.Count(c => c == '/'))];
            return found.Length > 0 ? new PackPlace(found[0], folder)
                : throw new InvalidDataException($"'{path}' holds no {ManifestName}; it is no pack");
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static void Extract(string path, string folder)
    {
        using var file = File.OpenRead(path);
        using Stream plain = IsCompressed(path) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var archive = new TarReader(plain);
        int count = 0;
        while (archive.GetNextEntry() is { } entry)
        {
            if (++count > EntryLimit)
            {
                throw new InvalidDataException($"'{path}' holds more than {EntryLimit} files; it is no pack");
            }

            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
            {
                continue;
            }

            // An archive may come from elsewhere: it must not be able to write anywhere else.
            string to = Path.GetFullPath(Path.Combine(folder, entry.Name));
            if (!to.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                throw new InvalidDataException($"'{path}' holds '{entry.Name}', which leaves its folder; it is no pack");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            entry.ExtractToFile(to, overwrite: true);
        }
    }
}

/// <summary>What a start would refuse a pack for.</summary>
public static class PackVerification
{
    /// <param name="library">
    /// The ONNX Runtime library or its folder, asked only about models that are new; null searches the usual places.
    /// </param>
    /// <param name="doubt">Told of what a start would warn of.</param>
    public static IReadOnlyList<string> Problems(string manifest, string? files, string? library, Action<string> doubt) =>
        StartCheck.ProblemsOfPack(manifest, files, library, doubt);
}
