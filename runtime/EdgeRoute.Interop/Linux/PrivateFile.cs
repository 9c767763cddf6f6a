using System.Runtime.Versioning;
using System.Text;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// Small files that only their owner may read, replaced as a whole: written beside, flushed to the disk, then renamed, and the folder
/// flushed. Whoever reads, and whatever power cut comes, finds the old or the new content; once a call has returned, the new.
/// </summary>
public static class PrivateFile
{
    /// <summary>Read and write for the owner, nothing for others.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode FolderMode = Mode | UnixFileMode.UserExecute;
    private const UnixFileMode WritingOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const uint Root = 0;

    /// <summary>Of files that hold a key.</summary>
    private const string KeyEnding = ".pem";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    /// <summary>The whole text; null where there is no such file.</summary>
    /// <exception cref="TrustException">It cannot be read, is not UTF-8, or is longer than the maximum.</exception>
    public static string? TryRead(string path, int bytesMax)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true)
                .GetString(RegularFile.Read(path, bytesMax));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TrustException($"'{path}' cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Refuses a secret that others than its owner may read or write.</summary>
    /// <exception cref="TrustException">Its mode is too wide.</exception>
    public static void CheckMode(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) is not UnixFileMode.None and var wide)
        {
            throw new TrustException($"'{path}' holds a secret and is open to others ({wide}). "
                + $"Run: chmod 600 '{path}'. If others had access to this machine, remove it and pair again.");
        }
    }

    /// <summary>The secret in a file that is for this user, or root, alone; without the end of its line.</summary>
    /// <exception cref="TrustException">It is missing, no regular file, another user's, open to others, too long, or no text.</exception>
    public static string ReadSecret(string path, int bytesMax)
    {
        string text = TryRead(path, bytesMax) ?? throw new TrustException($"there is no file '{path}'");
        if (OperatingSystem.IsLinux())
        {
            var facts = FactsOf(path);
            if (facts.Owner != FileStatus.CurrentUser && facts.Owner != Root)
            {
                throw new TrustException($"'{path}' holds a secret and belongs to user {facts.Owner}. Run: chown "
                    + $"{FileStatus.CurrentUser} '{path}'");
            }

            // systemd gives a service its credentials so: root's own, and by a rule of the file system the service's user may read them.
            bool isCredential = facts is { Owner: Root, Group: Root, Mode: UnixFileMode.UserRead | UnixFileMode.GroupRead };
            var wide = facts.Mode & Others;
            if (wide != 0 && !isCredential)
            {
                throw new TrustException($"'{path}' holds a secret and is open to others ({wide}). Run: chmod 600 '{path}'");
            }
        }

        return text.TrimStart('\uFEFF').TrimEnd('\r', '\n');
    }

    /// <summary>Takes from others what they may do with a file of this user's; false where there is nothing to take.</summary>
    public static bool TryNarrow(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var facts = FileStatus.Of(path);
        bool isWide = facts.IsRegular && facts.Owner == FileStatus.CurrentUser && (facts.Mode & Others) != 0;
        if (isWide)
        {
            File.SetUnixFileMode(path, facts.Mode & Mode);
        }

        return isWide;
    }

    /// <summary>Writes or replaces a file; its folder is made where it is missing.</summary>
    /// <exception cref="TrustException">It cannot be written; what was there before still is.</exception>
    public static void Write(string path, string text) => Write(path, text, overwrite: true);

    /// <summary>Writes a file that must not exist yet; false where it does, and it is left alone.</summary>
    /// <exception cref="TrustException">It cannot be written.</exception>
    public static bool TryCreate(string path, string text)
    {
        if (File.Exists(path))
        {
            return false;
        }

        try
        {
            Write(path, text, overwrite: false);
            return true;
        }
        catch (TrustException) when (File.Exists(path))
        {
            return false;
        }
    }

    /// <summary>Makes the folder where it is missing, for the owner only.</summary>
    /// <exception cref="TrustException">It cannot be made.</exception>
    public static void MakeFolder(string folder)
    {
        try
        {
            MakeMissing(Path.GetFullPath(folder));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            string why = failure.Message.TrimEnd('.');
            throw new TrustException($"the folder '{folder}' cannot be made: {why}. Give this user a folder that it may write.", failure);
        }
    }

    /// <summary>
    /// Makes the folder where it is missing, and refuses one that somebody else could put files into: whoever can write here can add a key
    /// that is let in. One that holds files of ours already, and no other user's in their place, is closed to others instead, and so are
    /// those files; a key stays as it is, because whoever reads it has to refuse one that was open.
    /// </summary>
    /// <param name="isOurs">Whether a name is one of those that this program reads here; no other file is touched.</param>
    /// <param name="told">Told of what was closed.</param>
    /// <exception cref="TrustException">It cannot be made, or it or a file of ours in it is another user's, or may be.</exception>
    public static void MakeOwnFolder(string folder, Func<string, bool> isOurs, Action<string> told)
    {
        MakeFolder(folder);
        OwnFolder(folder, isOurs, told);
    }

    /// <summary>What <see cref="MakeOwnFolder"/> would refuse; nothing is made or closed.</summary>
    /// <inheritdoc cref="MakeOwnFolder"/>
    public static void CheckOwnFolder(string folder, Func<string, bool> isOurs) => OwnFolder(folder, isOurs, null);

    private static void OwnFolder(string folder, Func<string, bool> isOurs, Action<string>? told)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            string[] ours = [.. Directory.EnumerateFiles(folder).Where(f => isOurs(Path.GetFileName(f)))];
            var wide = CheckFolder(folder, ours.Length > 0);
            Array.ForEach(ours, CheckOwner);
            if (told is null)
            {
                return;
            }

            CloseFolder(folder, wide, told);
            string[] narrowed = [.. ours.Where(f => !f.EndsWith(KeyEnding, StringComparison.Ordinal)).Where(TryNarrow)];
            if (narrowed.Length > 0)
            {
                told($"{narrowed.Length} files in '{folder}' were open to others, such as {Path.GetFileName(narrowed[0])}; they are "
                    + "this user's alone now");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TrustException($"the folder '{folder}' cannot be closed to others: {failure.Message}", failure);
        }
    }

    /// <summary>
    /// Folders above that are made on the way are the owner's alone too: who may write them could put another in its place.
    /// </summary>
    private static void MakeMissing(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        if (Path.GetDirectoryName(folder) is { } above)
        {
            MakeMissing(above);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, FolderMode);
            File.SetUnixFileMode(folder, FolderMode);
        }
    }

    [SupportedOSPlatform("linux")]
    private static UnixFileMode CheckFolder(string folder, bool isInUse)
    {
        var facts = FactsOf(folder);
        if (facts.Owner != FileStatus.CurrentUser)
        {
            throw new TrustException($"the folder '{folder}' belongs to user {facts.Owner} and not to this one ({FileStatus.CurrentUser}), "
                + $"who could put keys into it. Run: chown -R {FileStatus.CurrentUser} '{folder}', or give this user a folder of its own.");
        }

        var wide = facts.Mode & WritingOthers;
        if (wide != 0 && !isInUse)
        {
            throw new TrustException($"the folder '{folder}' may be written by others ({wide}), who could put keys "
                + $"into it. Look at what lies there, then run: chmod 700 '{folder}'.");
        }

        return wide;
    }

    [SupportedOSPlatform("linux")]
    private static void CloseFolder(string folder, UnixFileMode wide, Action<string> told)
    {
        if (wide != 0)
        {
            File.SetUnixFileMode(folder, FactsOf(folder).Mode & ~WritingOthers);
            told($"the folder '{folder}' could be written by others ({wide}); it is closed to them now");
        }
    }

    private static void CheckOwner(string path)
    {
        var facts = FactsOf(path);
        if (facts.Owner != FileStatus.CurrentUser && facts.Owner != Root)
        {
            throw new TrustException($"'{path}' belongs to user {facts.Owner} and not to this one ({FileStatus.CurrentUser}), and its "
                + $"folder holds who is let in. Look at it; then remove it, or run: chown {FileStatus.CurrentUser} '{path}'.");
        }
    }

    /// <summary>Removes a file, or finds it gone, for good: a power cut does not bring it back.</summary>
    /// <exception cref="IOException">It cannot be removed, or the disk refused.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder may not be written.</exception>
    public static void Delete(string path)
    {
        File.Delete(path);
        Settle(path);
    }

    /// <summary>What was renamed or removed at this place is so after a power cut.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Settle(string path)
    {
        // NTFS keeps a journal of names; elsewhere names are as durable as their folder.
        if (!OperatingSystem.IsWindows())
        {
            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    private static FileFacts FactsOf(string path)
    {
        try
        {
            return FileStatus.Of(path, followsLink: true);
        }
        catch (IOException unknown)
        {
            throw new TrustException($"'{path}' cannot be looked at: {unknown.Message}", unknown);
        }
    }

    private static void Write(string path, string text, bool overwrite)
    {
        MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string beside = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            WriteThrough(beside, Encoding.UTF8.GetBytes(text));
            if (overwrite)
            {
                File.Move(beside, path, overwrite: true);
            }
            else
            {
                FreeName.Take(beside, path);
            }

            Settle(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Remove(beside);
            throw new TrustException($"'{path}' cannot be written: {failure.Message}. Its folder must be writable for this user and have "
                + "room.", failure);
        }
    }

    private static void WriteThrough(string path, byte[] bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        using var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
        {
            // The process's mask can take the owner's own rights away.
            File.SetUnixFileMode(file.SafeFileHandle, Mode);
        }

        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The folder went away or became read-only; the first failure is the one to tell.
        }
    }
}

/// <summary>
/// A file of keys or paired clients cannot be used or written. Consequence: it stays as it is and nobody is let in by it; the message says
/// what to do.
/// </summary>
public sealed class TrustException(string message, Exception? inner = null) : Exception(message, inner);
