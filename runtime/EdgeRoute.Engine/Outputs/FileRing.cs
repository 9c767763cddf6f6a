using System.Globalization;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Files of one kind in a folder, held to a size and an age: beyond them the oldest are deleted, and that is told. One thread at a time.
/// </summary>
/// <param name="isMember">Whether a file of this name is one of them; all others are left alone.</param>
internal sealed class FileRing(string folder, Func<string, bool> isMember, DiskConfig disk, Action<string> report)
{
    private bool _hasRefused;

    /// <summary>Deletes what is too much or too old.</summary>
    /// <param name="open">Full paths of files that are being written, which count and stay.</param>
    public void Trim(IReadOnlyCollection<string> open, DateTime utcNow)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Delete([.. Excess(open, utcNow)]);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            if (!_hasRefused)
            {
                report($"old files in {folder} cannot be deleted: {refused.Message} They go on to take room.");
            }

            _hasRefused = true;
        }
    }

    private IEnumerable<FileInfo> Excess(IReadOnlyCollection<string> open, DateTime utcNow)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles().Where(f => isMember(f.Name)).OrderBy(f => f.LastWriteTimeUtc)
            .ThenBy(f => f.Name, StringComparer.Ordinal).ToList();
        long total = files.Sum(f => f.Length), most = disk.KeepMegabytes * DiskConfig.Megabyte;
        var oldest = utcNow - TimeSpan.FromDays(disk.KeepDays);
        foreach (var file in files.Where(f => !open.Contains(f.FullName)).TakeWhile(f => total > most || f.LastWriteTimeUtc < oldest))
        {
            total -= file.Length;
            yield return file;
        }
    }

    private void Delete(List<FileInfo> files)
    {
        if (files.Count == 0)
        {
            return;
        }

        long bytes = files.Sum(f => f.Length);
        files.ForEach(f => f.Delete());
        string names = files.Count == 1 ? files[0].Name : $"{files.Count} files from {files[0].Name} to {files[^1].Name}";
        report(string.Create(CultureInfo.InvariantCulture,
            $"deleted {names} in {folder}, {bytes} bytes: more than {disk.KeepMegabytes} MB or {disk.KeepDays} days are not kept "
                + $"(disk.keep_mb, disk.keep_days)"));
    }
}
