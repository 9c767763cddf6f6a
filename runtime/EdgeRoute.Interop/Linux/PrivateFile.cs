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
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

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
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, FolderMode);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TrustException($"the folder '{folder}' cannot be made: {failure.Message}. Give this user a folder that it may write.",
                failure);
        }
    }

    /// <summary>
    /// Makes the folder where it is missing, and refuses one that somebody else could put files into: whoever can write here can add a key
    /// that is let in.
    /// </summary>
    /// <exception cref="TrustException">It cannot be made, is another user's, or may be written by others.</exception>
    public static void MakeOwnFolder(string folder)
    {
        MakeFolder(folder);
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var facts = FactsOf(folder);
        if (facts.Owner != FileStatus.CurrentUser)
        {
            throw new TrustException($"the folder '{folder}' belongs to user {facts.Owner} and not to this one ({FileStatus.CurrentUser}), "
                + $"who could put keys into it. Run: chown -R {FileStatus.CurrentUser} '{folder}', or give this user a folder of its own.");
        }

        if ((facts.Mode & WritingOthers) != 0)
        {
            throw new TrustException($"the folder '{folder}' may be written by others ({facts.Mode & WritingOthers}), who could put keys "
                + $"into it. Look at what lies there, then run: chmod 700 '{folder}'.");
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

    private static FileFacts FactsOf(string folder)
    {
        try
        {
            return FileStatus.Of(folder, followsLink: true);
        }
        catch (IOException unknown)
        {
            throw new TrustException($"the folder '{folder}' cannot be looked at: {unknown.Message}", unknown);
        }
    }

    private static void Write(string path, string text, bool overwrite)
    {
        MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string beside = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            WriteThrough(beside, Encoding.UTF8.GetBytes(text));
            File.Move(beside, path, overwrite);
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
