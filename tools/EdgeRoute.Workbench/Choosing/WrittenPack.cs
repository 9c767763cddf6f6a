using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Routing;
using EdgeRoute.Workbench.Importing;
using EdgeRoute.Workbench.Packs;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>A folder that becomes a pack with a device config beside its manifest.</summary>
internal sealed class WrittenPack
{
    public const string ConfigName = "device.yaml", LabelsName = "labels.txt";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="InvalidDataException">There is a pack already that must stay, or the name is none.</exception>
    public WrittenPack(string folder, string name, bool replaces)
    {
        if (name != ModelImport.NameOf(name + ".onnx"))
        {
            throw new InvalidDataException($"'{name}' is no name for a pack: up to {ModelImport.NameLengthMost} lower-case letters, "
                + "digits, '-', '_' and '.'");
        }

        (Folder, Name) = (Path.GetFullPath(folder), name);
        if (File.Exists(Manifest) && !replaces)
        {
            throw new InvalidDataException($"'{folder}' holds a pack already; give another folder with --out, or --replace to write over "
                + "it");
        }
    }

    public string Folder { get; }

    public string Name { get; }

    public string Manifest => Path.Combine(Folder, PackPlace.ManifestName);

    /// <param name="name">Below the folder.</param>
    public void AddFile(string name, string from)
    {
        string to = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (Path.GetFullPath(from) != to)
        {
            File.Copy(from, to, overwrite: true);
        }
    }

    public void WriteText(string name, string text)
    {
        Directory.CreateDirectory(Folder);
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path + ".part", text);
        File.Move(path + ".part", path, overwrite: true);
    }

    public void WriteManifest(JsonObject manifest) => WriteText(PackPlace.ManifestName, manifest.ToJsonString(Format) + "\n");

    /// <returns>The file.</returns>
    public string WriteConfig(WrittenConfig config)
    {
        WriteText(ConfigName, config.ToYaml());
        return Path.Combine(Folder, ConfigName);
    }
}

/// <summary>A device config that runs a written pack on the footage that it was chosen on.</summary>
/// <param name="Policy">As a config writes it.</param>
internal sealed record WrittenConfig(string Source, string Pack, int Threads, string? Library, string Policy)
{
    /// <summary>Of a folder of pictures; 0 for none.</summary>
    public double FramesPerSecond { get; init; }

    /// <summary>Points that frames may lose on average; null for no such budget.</summary>
    public double? QualityLoss { get; init; }

    /// <summary>What it is, for people.</summary>
    public required string Remark { get; init; }

    public string ToYaml()
    {
        bool isAddress = Source.Contains("://", StringComparison.Ordinal);
        var text = new StringBuilder().AppendLine("# " + Remark.ReplaceLineEndings(" ").TrimEnd()).AppendLine("runtime:");
        if (Library is not null)
        {
            text.AppendLine("  library: " + Quoted(Path.GetFullPath(Library)));
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"  threads: {Threads}").AppendLine("packs:")
            .AppendLine(CultureInfo.InvariantCulture, $"  {Pack}:").AppendLine("    manifest: manifest.json")
            .AppendLine("sources:").AppendLine("  footage:")
            .AppendLine("    # Your camera goes here, such as rtsp://camera/1.")
            .AppendLine("    open: " + Quoted(isAddress ? Source : Path.GetFullPath(Source)));
        if (FramesPerSecond > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    frames_per_second: {FramesPerSecond}");
        }

        text.AppendLine("    pack: " + Pack).AppendLine("    policy: " + Policy);
        if (QualityLoss is { } points)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    budget: {{ quality_loss: {points} }}");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The policy of a path whose answers are carried.</summary>
    public static string Skipping(string path, CarryRule carry) => string.Create(CultureInfo.InvariantCulture,
        $"{{ kind: skipping, path: {Quoted(path)}, carry_ms: {carry.AgeMsAtMost}, carry_drift: {carry.DriftAtMost} }}");

    public static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
