using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>A file of a pack, and where it goes on the board.</summary>
public sealed record PackFile(OutgoingFile File, string Target);

/// <summary>
/// What goes to a board: the package, the config, and the packs that the config names and that lie on this laptop. On the board a pack
/// has a folder of its name, so the config that goes there names that.
/// </summary>
public sealed class FlashBundle
{
    /// <summary>Of packs on the board.</summary>
    public const string PackFolder = "/var/lib/edgeroute/packs";

    private const int PackFilesMost = 1000;

    private FlashBundle(OutgoingFile package, string version, string architecture)
    {
        Package = package;
        (Version, Architecture) = (version, architecture);
    }

    public OutgoingFile Package { get; }

    /// <summary>As the package's name says.</summary>
    public string Version { get; }

    public string Architecture { get; }

    /// <summary>Null: the board keeps its own.</summary>
    public string? ConfigText { get; private init; }

    public IReadOnlyList<PackFile> PackFiles { get; private init; } = [];

    /// <param name="package">A file <c>edgeroute_VERSION_ARCH.deb</c>.</param>
    /// <param name="config">A device config of this laptop, or null.</param>
    /// <exception cref="ArgumentException">The package is none, or the config has problems.</exception>
    public static FlashBundle Of(string package, string? config)
    {
        string[] parts = Path.GetFileNameWithoutExtension(package).Split('_');
        if (parts is not ["edgeroute", { Length: > 0 } version, { Length: > 0 } architecture] || !File.Exists(package))
        {
            throw new ArgumentException($"'{package}' is no package of a device; './build.sh package' makes edgeroute_VERSION_ARCH.deb");
        }

        if (config is null)
        {
            return new FlashBundle(OutgoingFile.Of(package), version, architecture);
        }

        var reading = DeviceConfigReader.ReadFile(config, checkPaths: false);
        var read = reading.Config ?? throw new ArgumentException(string.Join('\n', reading.Problems));
        string text = DocumentFile.ReadText(config, ConfigLimits.FileBytes);
        var files = new List<PackFile>();
        foreach (var pack in read.Packs.Where(p => File.Exists(p.Manifest.Full)))
        {
            string folder = Path.GetDirectoryName(pack.Manifest.Full)!, target = $"{PackFolder}/{pack.Name}";
            files.AddRange(FilesOf(folder, target));
            text = Renamed(text, pack.Manifest, $"{target}/{Path.GetFileName(pack.Manifest.Full)}");
            if (pack.Files is { } beside && Directory.Exists(beside.Full))
            {
                files.AddRange(FilesOf(beside.Full, target + "-files"));
                text = Renamed(text, beside, target + "-files");
            }
        }

        return new FlashBundle(OutgoingFile.Of(package), version, architecture) { ConfigText = text, PackFiles = files };
    }

    /// <summary>The newest package for an architecture in folders where a build leaves them; null where there is none.</summary>
    public static string? Find(string architecture, params string[] folders) => folders.Where(Directory.Exists)
        .SelectMany(f => Directory.EnumerateFiles(f, $"edgeroute_*_{architecture}.deb")).MaxBy(File.GetLastWriteTimeUtc);

    private static IEnumerable<PackFile> FilesOf(string folder, string target)
    {
        string[] paths = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Take(PackFilesMost + 1)];
        return paths.Length <= PackFilesMost
            ? paths.Select(p => new PackFile(OutgoingFile.Of(p), $"{target}/{Path.GetRelativePath(folder, p).Replace('\\', '/')}"))
            : throw new ArgumentException($"the pack's folder {folder} holds more than {PackFilesMost} files; "
                + "a pack has a folder of its own");
    }

    /// <summary>The line that names a manifest names it as it will lie on the board; all else stays as its owner wrote it.</summary>
    private static string Renamed(string text, ConfigPath manifest, string target)
    {
        string[] lines = text.Split('\n');
        int at = (int)manifest.At.Line - 1;
        if (at < 0 || at >= lines.Length || !lines[at].Contains(manifest.Written, StringComparison.Ordinal))
        {
            at = Array.FindIndex(lines, l => l.Contains(manifest.Written, StringComparison.Ordinal));
        }

        if (at < 0)
        {
            throw new ArgumentException($"the pack's path '{manifest.Written}' is not on one line of the config, so "
                + "it cannot be written anew");
        }

        lines[at] = lines[at].Replace(manifest.Written, target, StringComparison.Ordinal);
        return string.Join('\n', lines);
    }
}
