using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Cli.Trust;

/// <summary>
/// Keeps other runs of the tool from changing the laptop's files meanwhile. The kernel lets go of it when a process dies.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const string FileName = "lock";
    private const int WaitMs = 20;

    /// <summary>Holders write a file or two: 5 s of waiting means that one is stopped in a debugger or on a dead network folder.</summary>
    private const int WaitCountMax = 250;

    private readonly FileStream _held;

    private FolderLock(FileStream held) => _held = held;

    /// <exception cref="TrustException">The folder cannot be written, or another run holds it for too long.</exception>
    public static FolderLock Hold(string folder)
    {
        PrivateFile.MakeFolder(folder);
        string path = Path.Combine(folder, FileName);
        for (int wait = 0; ; wait++)
        {
            try
            {
                return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (Exception failure) when (failure is UnauthorizedAccessException || wait == WaitCountMax)
            {
                throw new TrustException($"the folder '{folder}' cannot be locked: {failure.Message}. Is another 'edgeroute' running, or "
                    + "is it not writable?", failure);
            }
            catch (IOException)
            {
                Thread.Sleep(WaitMs);
            }
        }
    }

    public void Dispose() => _held.Dispose();
}
