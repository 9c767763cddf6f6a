namespace EdgeRoute.Documents.Configs;

/// <summary>How answers leave the device beside the control channel.</summary>
public enum OutputKind
{
    /// <summary>A line of JSON for each frame, into a file or to standard output.</summary>
    Jsonl,
}

/// <summary>One output of answers, as the config names it.</summary>
/// <param name="File">Null for standard output.</param>
/// <param name="Disk">What the file and those kept of it may take.</param>
/// <param name="FileMinutes">A file older than this is kept and a new one begun; null for any age.</param>
public sealed record OutputConfig(string Name, OutputKind Kind, ConfigPath? File, DiskConfig Disk, int? FileMinutes)
{
    /// <summary>Written for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>Files named beside each other must not be the same, and standard output can be one output's only.</summary>
    internal static List<OutputConfig> ReadAll(ConfigSection? section, DiskConfig disk)
    {
        var outputs = new List<OutputConfig>();
        foreach (var (name, group) in section?.NamedGroups(ConfigLimits.OutputCount, "outputs") ?? [])
        {
            if (Read(name, group, disk) is not { } output)
            {
                continue;
            }

            if (outputs.Find(o => o.File?.Full == output.File?.Full) is { } other)
            {
                group.Report("path", $"is that of the output '{other.Name}' too; each needs its own");
            }

            outputs.Add(output);
        }

        return outputs;
    }

    private static OutputConfig? Read(string name, ConfigSection section, DiskConfig disk)
    {
        var kind = section.Choice("kind", ConfigEnums.Outputs, OutputKind.Jsonl, isRequired: true);
        string? path = section.Text("path", isRequired: true);
        bool isFile = path != StandardOutput;
        var file = path is not null && isFile ? section.PathFrom("path", path, PathNeed.WritableFile) : null;
        var own = disk with { Group = section.Name };
        if (isFile)
        {
            own = own with
            {
                KeepMegabytes = section.Integer("keep_mb", ConfigLimits.DiskMegabytes, disk.KeepMegabytes),
                KeepDays = section.Integer("keep_days", ConfigLimits.KeepDays, disk.KeepDays),
            };
            own = own with
            {
                FileMegabytes = section.Integer("file_mb", ConfigLimits.DiskMegabytes, Math.Min(disk.FileMegabytes, own.KeepMegabytes)),
            };
            own.ReportIfTooLong(section);
        }

        int? minutes = isFile ? section.IntegerOrNone("file_minutes", ConfigLimits.FileMinutes) : null;
        section.Close();
        return path is null || (isFile && file is null) ? null : new OutputConfig(name, kind, file, own, minutes);
    }
}
