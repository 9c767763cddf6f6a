using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Tests.Interop.Linux;

/// <summary>
/// Whether names survive a power cut cannot be tested without one; that the kernel is asked, and is heard where it says no, can.
/// </summary>
public sealed class FolderSyncTests
{
    [Fact]
    public void A_folder_is_flushed_and_one_that_is_missing_is_told()
    {
        using var folder = new TemporaryFolder();
        FolderSync.Flush(folder.Path);
        string missing = folder.File("größer");
        Assert.Contains($"'{missing}' cannot be flushed to the disk: No such file",
            Assert.Throws<IOException>(() => FolderSync.Flush(missing)).Message, StringComparison.Ordinal);
    }
}
