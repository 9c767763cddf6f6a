namespace EdgeRoute.Cli.Page;

/// <summary>The built page, read once: a few files of some hundred kilobytes.</summary>
internal sealed class PageFiles
{
    public const string Index = "/index.html";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private readonly Dictionary<string, PageFile> _files;

    private PageFiles(Dictionary<string, PageFile> files) => _files = files;

    /// <exception cref="IOException">It is not there; the message says how to get it.</exception>
    public static PageFiles Read(string folder)
    {
        if (!File.Exists(folder + Index))
        {
            throw new IOException($"the page is not in {folder}: it is built with npm, which './build.sh tools' found none of, or could "
                + "not use; install Node.js 20 or newer with npm, and run './build.sh tools' again. 'edgeroute top' shows the same on a "
                + "terminal");
        }

        return new PageFiles(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(p => Types.ContainsKey(Path.GetExtension(p)))
            .ToDictionary(p => "/" + Path.GetRelativePath(folder, p).Replace('\\', '/'),
                p => new PageFile(Types[Path.GetExtension(p)], File.ReadAllBytes(p)), StringComparer.Ordinal));
    }

    /// <summary>Null: there is none of that path.</summary>
    public PageFile? Find(string path) => _files.GetValueOrDefault(path == "/" ? Index : path);
}

internal sealed record PageFile(string ContentType, byte[] Bytes);
