using System.Security.Cryptography;
using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Documents.Packs;

/// <summary>Reads a manifest into a <see cref="Pack"/>, or refuses it with every reason found.</summary>
public sealed class PackReader
{
    /// <summary>The manifest format that this build reads.</summary>
    public const int ManifestVersion = 1;

    /// <summary>Size of a manifest: 100 times that of one with a thousand labels. More is another file by mistake.</summary>
    public const int ManifestLimitBytes = 4 * 1024 * 1024;

    /// <summary>Labels of one pack: ImageNet-21k fits twice.</summary>
    public const int LabelLimit = 65536;

    /// <summary>Size of a file of labels: as many as there may be, each 64 bytes long.</summary>
    public const int LabelsLimitBytes = 64 * LabelLimit;

    /// <summary>An hour, as for a source's own.</summary>
    private const float MaxAgeMsMost = 3_600_000;

    private readonly PackProblems _problems = new();
    private readonly string _manifestPath;
    private readonly string _filesFolder;

    private PackReader(string manifestPath, string filesFolder) => (_manifestPath, _filesFolder) = (manifestPath, filesFolder);

    /// <param name="manifestPath">The manifest, or the folder that holds <c>manifest.json</c>.</param>
    /// <param name="filesFolder">Where the stage files are; null for beside the manifest.</param>
    /// <exception cref="PackRefusedException">The pack cannot be used; all reasons are in it.</exception>
    public static Pack Read(string manifestPath, string? filesFolder = null)
    {
        string path = PathOf(manifestPath);
        var reader = new PackReader(path, filesFolder ?? Path.GetDirectoryName(path)!);
        var pack = reader.Read();
        return pack is null || reader._problems.Any ? throw new PackRefusedException(path, reader._problems.ToList()) : pack;
    }

    /// <summary>Full path of a manifest.</summary>
    /// <param name="manifestPath">The manifest, or the folder that holds <c>manifest.json</c>.</param>
    public static string PathOf(string manifestPath) =>
        Path.GetFullPath(Directory.Exists(manifestPath) ? Path.Combine(manifestPath, "manifest.json") : manifestPath);

    /// <summary>Of a manifest's file, as packs tell it.</summary>
    public static string Sha256Of(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(WithoutMark(file)));

    private Pack? Read()
    {
        byte[]? json = Load();
        if (json is null || !ManifestShape.Check(json, _problems))
        {
            return null;
        }

        var document = JsonSerializer.Deserialize(json, ManifestJson.Default.ManifestDocument)!;
        ManifestChecksums.Check(json, document.Checksums, _problems);
        if (document.Manifest is not ManifestVersion)
        {
            string given = document.Manifest is { } version ? $"is {version}" : "is missing";
            _problems.Add($"'manifest' (the version of the format) {given}; this build reads {ManifestVersion}");
            return null;
        }

        return Build(document, Sha256Of(json));
    }

    /// <summary>Editors write a byte order mark that is no part of the JSON.</summary>
    private static byte[] WithoutMark(byte[] file) => file.AsSpan().StartsWith("\uFEFF"u8) ? file[3..] : file;

    private byte[]? Load()
    {
        try
        {
            byte[] bytes = DocumentFile.Read(_manifestPath, ManifestLimitBytes);
            if (PackFiles.OtherThan(_manifestPath) is { } other)
            {
                _problems.Add($"the manifest is {other}");
                return null;
            }

            return WithoutMark(bytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"the manifest cannot be read: {failure.Message}");
            return null;
        }
    }

    private Pack? Build(ManifestDocument document, string manifestSha256)
    {
        var fields = new ManifestFields(_problems, "manifest");
        string name = fields.Identifier("name", document.Name);
        var task = fields.Choice("task", document.Task, ManifestEnums.Tasks);
        TaskKind? knownTask = ManifestEnums.Tasks.Any(t => t.Text == document.Task) ? task : null;
        bool areNeeded = knownTask is TaskKind.Classification or TaskKind.Detection or TaskKind.Segmentation or TaskKind.Text;
        var labels = Labels(new LabelSource(document.Labels, document.LabelsFile, areNeeded), fields);
        var files = new PackFiles(_filesFolder, _problems);
        var crops = new CropBuilder(_problems, files, document, Labels);
        var cropNames = crops.StageNames;
        List<ManifestDocument.StagePart> parts = [.. (document.Stages ?? []).Where(p => !cropNames.Contains(p.Name ?? ""))];
        if (parts.Count == 0)
        {
            fields.Fail("'stages' is missing or empty");
        }

        var stages = new StageBuilder(_problems, files, new ExitBuilder(knownTask, labels.Count), parts).BuildAll();
        var tasks = new TaskBuilder(_problems, files, stages);
        var (language, plan) = (tasks.Language(document.Language), tasks.Plan(document.Plan, knownTask));
        var built = crops.Build(knownTask, labels);
        files.CheckExternalData();
        var graph = new RouteBuilder(_problems, stages, parts, cropNames).Build(document.Edges ?? []);
        var licence = new PackLicence(
            fields.Text("licence.spdx", document.Licence?.Spdx), fields.Text("licence.origin", document.Licence?.Origin));
        string version = fields.Text("version", document.Version), title = fields.Text("title", document.Title);
        if (graph is null || Tree(graph) is not { } tree)
        {
            return null;
        }

        var policies = new PolicyBuilder(_problems, stages, tree);
        var pack = new Pack(name, version, title, task, licence, labels, stages, graph,
            [.. MeasuredProfiles(manifestSha256), .. policies.Costs(document.CostProfiles ?? [])])
        {
            FixedRoute = policies.FixedRoute(document.Policies),
            Cascade = policies.Cascade(document.Policies?.Cascade),
            Language = language,
            Plan = plan,
            MaxAgeMs = document.MaxAgeMs is null ? null
                : fields.Number("max_age_ms", (float)document.MaxAgeMs, 1, MaxAgeMsMost),
            Carry = Carry(fields, document.Carry, task),
            MultiplyAdds = policies.MultiplyAdds(document.MultiplyAdds ?? []),
            ManifestPath = _manifestPath,
            ManifestSha256 = manifestSha256,
        };
        return pack with { Crops = crops.Of(pack, built) };
    }

    private static CarryKind Carry(ManifestFields fields, string? written, TaskKind task)
    {
        var carry = fields.Choice("carry", written, ManifestEnums.Carries, CarryKind.Motion);
        if (carry == CarryKind.Picture && task != TaskKind.Detection)
        {
            fields.Fail($"'carry' is 'picture', and a task of '{ManifestEnums.Of(ManifestEnums.Tasks, task)}' has no boxes to find again; "
                + "leave it out");
        }

        return carry;
    }

    /// <summary>Those of other versions of the pack say nothing about this one.</summary>
    private IReadOnlyList<CostProfile> MeasuredProfiles(string manifestSha256)
    {
        try
        {
            var machines = MeasuredCosts.ReadBeside(_manifestPath)?.Machines ?? [];
            return [.. machines.Where(m => m.ManifestSha256 == manifestSha256).SelectMany(m => m.Profiles())];
        }
        catch (InvalidDataException refused)
        {
            _problems.Add(refused.Message);
            return [];
        }
    }

    private RouteTree? Tree(RouteGraph graph)
    {
        try
        {
            return new RouteTree(graph);
        }
        catch (ArgumentException tooMuch)
        {
            _problems.Add("edges: " + tooMuch.Message);
            return null;
        }
    }

    private IReadOnlyList<string> Labels(LabelSource source, ManifestFields fields)
    {
        if (source.Labels is not null && source.File is not null)
        {
            fields.Fail("'labels' and 'labels_file' are both given; give one of them");
        }

        IReadOnlyList<string> labels = source.Labels ?? (source.File is null ? [] : LabelsFromFile(source.File, fields));
        if (labels.Count > LabelLimit)
        {
            fields.Fail($"there are {labels.Count} labels; at most {LabelLimit} are possible");
        }

        if (labels.Count == 0 && source.AreNeeded && source.File is null)
        {
            fields.Fail("'labels' or 'labels_file' is missing: it names the classes in the order of their indices");
        }

        CheckNames(labels, fields);
        return labels;
    }

    /// <summary>
    /// A name goes into every answer, onto pictures and terminals. A space may be one, where the labels are characters; nothing may not.
    /// </summary>
    private static void CheckNames(IReadOnlyList<string> labels, ManifestFields fields)
    {
        for (int i = 0; i < labels.Count; i++)
        {
            int control = labels[i] is null ? -1 : labels[i].AsSpan().IndexOfAnyInRange('\0', '\x1f');
            if (string.IsNullOrEmpty(labels[i]) || control >= 0)
            {
                string what = control < 0 ? "is empty; give the class a name, such as 'unused'"
                    : $"holds the control character 0x{(int)labels[i][control]:x2}; write its name without";
                fields.Fail($"label {i + 1} of {labels.Count} {what}");
                return;
            }
        }
    }

    /// <summary>Whether before every label stands its number, as in '0: person'.</summary>
    public static bool AreNumbered(IReadOnlyList<string> lines) => lines.Count > 1
        && lines.Select((l, i) => l.StartsWith(FormattableString.Invariant($"{i}:"), StringComparison.Ordinal)).All(b => b);

    /// <summary>
    /// One label per line, beside the manifest: labels belong to the manifest even where the stage files are kept elsewhere.
    /// </summary>
    private IReadOnlyList<string> LabelsFromFile(string name, ManifestFields fields)
    {
        string? path = new PackFiles(Path.GetDirectoryName(_manifestPath)!, _problems).Locate(name, fields.Within("labels_file"));
        if (path is null)
        {
            return [];
        }

        try
        {
            if (PackFiles.OtherThan(path) is { } other)
            {
                fields.Fail($"labels file '{name}' is {other}");
                return [];
            }

            string[] lines = DocumentFile.ReadText(path, LabelsLimitBytes).ReplaceLineEndings("\n").Split('\n');
            lines = lines[..(Array.FindLastIndex(lines, l => l.Length > 0) + 1)];
            if (AreNumbered(lines) || lines is ["names:", ..])
            {
                fields.Fail($"labels file '{name}' begins with '{lines[0]}'; write the names alone, one a line");
            }

            return lines;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            fields.Fail($"labels file '{name}' cannot be read: {failure.Message}");
            return [];
        }
    }
}
