using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Packs;

/// <summary>Copies a pack with all that belongs to it, and nothing else, into a folder or an archive.</summary>
public static class PackExport
{
    /// <summary>Files beside a manifest that it does not name, and that belong to the pack all the same.</summary>
    private static readonly string[] Companions = [CalibrationFile.UsualName, "README.md", "LICENSE", "LICENCE", "NOTICE"];

    /// <summary>Every file, and where it stands in the copy; there all of them stand below the manifest.</summary>
    public static IReadOnlyList<PackFile> FilesOf(Pack pack, string? files = null)
    {
        string beside = Path.GetDirectoryName(pack.ManifestPath)!, folder = Path.GetFullPath(files ?? beside);
        var found = new List<PackFile> { new(PackPlace.ManifestName, pack.ManifestPath) };
        var manifest = JsonNode.Parse(File.ReadAllText(pack.ManifestPath))!;
        var labels = (manifest["crops"]?.AsArray() ?? []).Append(manifest).Select(p => (string?)p!["labels_file"]).OfType<string>();
        string[] own = [.. labels, .. Companions];
        found.AddRange(own.Select(n => new PackFile(n, Path.Combine(beside, n))).Where(f => File.Exists(f.Path)));
        var models = pack.AllStages.SelectMany(s => s.WeightPaths.Prepend(s.FilePath))
            .Concat(pack.Language is { } language ? [language.FilePath] : []);
        found.AddRange(models.Select(p => new PackFile(Path.GetRelativePath(folder, p), p)));
        return [.. found.DistinctBy(f => f.Name)];
    }

    /// <summary>Takes the stages on crops out of a manifest, for work that is about whole frames.</summary>
    internal static void RemoveCrops(JsonObject manifest)
    {
        string?[] names = [.. (manifest["crops"]?.AsArray() ?? []).Select(c => (string?)c!["stage"])];
        var stages = manifest["stages"]!.AsArray();
        foreach (var stage in stages.Where(s => names.Contains((string?)s!["name"])).ToList())
        {
            stages.Remove(stage);
        }

        manifest.Remove("crops");
    }

    /// <summary>Writes the copy, which is read once before it counts.</summary>
    /// <param name="target">A folder that holds no pack yet, or an archive: .tar, .tar.gz or .tgz.</param>
    /// <exception cref="PackRefusedException">The pack cannot be used, so that a copy could not either.</exception>
    /// <exception cref="InvalidDataException">The target is there already.</exception>
    public static IReadOnlyList<PackFile> Write(string manifest, string? files, string target, Action<string> progress,
        CancellationToken cancel)
    {
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new InvalidDataException($"'{target}' is there already; remove it first, or give another name");
        }

        var found = FilesOf(PackReader.Read(manifest, files), files);
        string part = target.TrimEnd('/') + ".part";
        try
        {
            if (PackPlace.IsArchive(target))
            {
                Archive(found, part, PackPlace.IsCompressed(target), progress, cancel);
                File.Move(part, target);
            }
            else
            {
                CopyAll(found, part, progress, cancel);
                PackReader.Read(part);
                MoveInto(part, target);
            }
        }
        finally
        {
            File.Delete(part);
            if (Directory.Exists(part))
            {
                Directory.Delete(part, recursive: true);
            }
        }

        return found;
    }

    private static void CopyAll(IReadOnlyList<PackFile> files, string folder, Action<string> progress, CancellationToken cancel)
    {
        for (int i = 0; i < files.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            progress($"copying {files[i].Name}, {i + 1} of {files.Count}");
            string to = Path.Combine(folder, files[i].Name);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(files[i].Path, to, overwrite: true);
        }
    }

    /// <summary>An empty folder of that name may be there.</summary>
    private static void MoveInto(string part, string target)
    {
        if (Directory.Exists(target))
        {
            Directory.Delete(target);
        }

        Directory.Move(part, target);
    }

    /// <summary>In one order and without times or owners, so that one pack makes one archive.</summary>
    private static void Archive(IReadOnlyList<PackFile> files, string path, bool isCompressed, Action<string> progress,
        CancellationToken cancel)
    {
        using var file = File.Create(path);
        using Stream plain = isCompressed ? new GZipStream(file, CompressionLevel.Optimal) : file;
        using var archive = new TarWriter(plain, TarEntryFormat.Pax);
        for (int i = 0; i < files.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            progress($"packing {files[i].Name}, {i + 1} of {files.Count}");
            using var content = File.OpenRead(files[i].Path);
            archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, files[i].Name)
            {
                DataStream = content, ModificationTime = DateTimeOffset.UnixEpoch,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            });
        }
    }
}

/// <summary>A file of a pack.</summary>
/// <param name="Name">Below the manifest's folder.</param>
public sealed record PackFile(string Name, string Path);
