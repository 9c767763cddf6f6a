using System.Globalization;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Files of one kind in a folder, held to a size and an age: beyond them the oldest are deleted, and that is told. One thread at a time.
/// </summary>
/// <param name="isMember">Whether a file of this name is one of them; all others are left alone.</param>
internal sealed class FileRing(string folder, Func<string, bool> isMember, DiskConfig disk, Action<string> report)
{
    private bool _hasRefused;

    /// <summary>Closes files to others that an earlier version, or whoever copied them, left open; those of other users stay.</summary>
    public void Narrow()
    {
        try
        {
            string[] narrowed = Directory.Exists(folder) ? [.. Members().Select(f => f.FullName).Where(PrivateFile.TryNarrow)] : [];
            if (narrowed.Length > 0)
            {
                report($"{narrowed.Length} files in {folder} were open to others, such as {Path.GetFileName(narrowed[0])}; they are this "
                    + "user's alone now");
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            report($"old files in {folder} cannot be looked at: {refused.Message}");
        }
    }

    /// <summary>Deletes what is too much or too old.</summary>
    /// <param name="open">Full paths of files that are being written, which count and stay.</param>
    /// <returns>Whether any was.</returns>
    public bool Trim(IReadOnlyCollection<string> open, DateTime utcNow)
    {
        try
        {
            return Directory.Exists(folder) && Delete([.. Excess(open, utcNow)]);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            if (!_hasRefused)
            {
                report($"old files in {folder} cannot be deleted: {refused.Message} They go on to take room.");
            }

            _hasRefused = true;
            return false;
        }
    }

    private IEnumerable<FileInfo> Members() => new DirectoryInfo(folder).EnumerateFiles().Where(f => isMember(f.Name));

    private IEnumerable<FileInfo> Excess(IReadOnlyCollection<string> open, DateTime utcNow)
    {
        var files = Members().OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal).ToList();
        long total = files.Sum(f => f.Length), most = disk.KeepMegabytes * DiskConfig.Megabyte;
        var oldest = utcNow - TimeSpan.FromDays(disk.KeepDays);
        foreach (var file in files.Where(f => !open.Contains(f.FullName)).TakeWhile(f => total > most || f.LastWriteTimeUtc < oldest))
        {
            total -= file.Length;
            yield return file;
        }
    }

    private bool Delete(List<FileInfo> files)
    {
        if (files.Count == 0)
        {
            return false;
        }

        long bytes = files.Sum(f => f.Length);
        files.ForEach(f => f.Delete());
        string names = files.Count == 1 ? files[0].Name : $"{files.Count} files from {files[0].Name} to {files[^1].Name}";
        report(string.Create(CultureInfo.InvariantCulture,
            $"deleted {names} in {folder}, {bytes} bytes: more than {disk.KeepMegabytes} MB or {disk.KeepDays} days are not kept "
                + $"({disk.Group}.keep_mb, {disk.Group}.keep_days)"));
        return true;
    }
}
