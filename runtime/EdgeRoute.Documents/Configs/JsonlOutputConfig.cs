using System.Globalization;
using System.Text;

namespace EdgeRoute.Documents.Configs;

/// <summary>Answers as lines of JSON.</summary>
/// <param name="File">Null for standard output.</param>
/// <param name="Disk">What the file and those kept of it may take.</param>
/// <param name="FileMinutes">A file older than this is kept and a new one begun; null for any age.</param>
public sealed record JsonlOutputConfig(string Name, ConfigPath? File, DiskConfig Disk, int? FileMinutes)
    : OutputConfig(Name, OutputKind.Jsonl)
{
    /// <summary>Written for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>Files named beside each other must not be the same, and standard output can be one output's only.</summary>
    internal override (string Key, string Value) Own => ("path", File?.Full ?? StandardOutput);

    internal static JsonlOutputConfig? Read(string name, ConfigSection section, DiskConfig disk)
    {
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
        return path is null || (isFile && file is null) ? null : new JsonlOutputConfig(name, file, own, minutes);
    }

    internal override void AddTo(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"    path: {EffectiveText.Quoted(File?.Written ?? StandardOutput)}\n");
        if (File is not null)
        {
            string minutes = FileMinutes?.ToString(CultureInfo.InvariantCulture) ?? ConfigEnums.None;
            text.Append(CultureInfo.InvariantCulture, $"    file_mb: {Disk.FileMegabytes}\n    file_minutes: {minutes}\n"
                + $"    keep_mb: {Disk.KeepMegabytes}\n    keep_days: {Disk.KeepDays}\n");
        }
    }
}
