namespace EdgeRoute.Documents.Configs;

/// <summary>How much of its disk a device may fill with what it writes by itself: traces, recordings, annotated frames.</summary>
/// <param name="KeepMegabytes">Files of one name together; beyond it the oldest are deleted.</param>
/// <param name="KeepDays">Files older than this are deleted.</param>
/// <param name="FileMegabytes">A recording that is longer goes on in a new file.</param>
/// <param name="FreeMegabytes">With less free on the disk nothing more is written until there is room again.</param>
public sealed record DiskConfig(int KeepMegabytes, int KeepDays, int FileMegabytes, int FreeMegabytes)
{
    /// <summary>The group of the config that has the keys of what is kept, as messages name it.</summary>
    public string Group { get; init; } = "disk";

    /// <summary>Bytes in what the config calls a megabyte.</summary>
    public const long Megabyte = 1L << 20;

    /// <summary>
    /// 4 GB hold half a day of one camera's compressed pictures, or months of traces alone, and fit the smallest disk of a board; 512 MB
    /// free keep its system alive.
    /// </summary>
    public static DiskConfig Usual { get; } = new(4096, 30, 256, 512);

    internal static DiskConfig Read(ConfigSection? section)
    {
        if (section is null)
        {
            return Usual;
        }

        var disk = new DiskConfig(section.Integer("keep_mb", ConfigLimits.DiskMegabytes, Usual.KeepMegabytes),
            section.Integer("keep_days", ConfigLimits.KeepDays, Usual.KeepDays),
            section.Integer("file_mb", ConfigLimits.DiskMegabytes, Usual.FileMegabytes),
            section.Integer("free_mb", ConfigLimits.FreeMegabytes, Usual.FreeMegabytes));
        disk.ReportIfTooLong(section);
        section.Close();
        return disk;
    }

    internal void ReportIfTooLong(ConfigSection section)
    {
        if (FileMegabytes > KeepMegabytes)
        {
            section.Report("file_mb", $"is {FileMegabytes}, more than the {KeepMegabytes} MB that are kept (keep_mb); write less");
        }
    }
}
