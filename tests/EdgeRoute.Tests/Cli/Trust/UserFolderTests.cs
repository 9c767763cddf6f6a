using EdgeRoute.Cli.Output;
using EdgeRoute.Cli.Trust;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Cli.Trust;

/// <summary>Where the laptop tool keeps keys and devices: in its user's own folder, or nowhere.</summary>
public sealed class UserFolderTests : IDisposable
{
    private const UnixFileMode OwnersFolder = PrivateFile.Mode | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/does/not/exist", null, "XDG_CONFIG_HOME", "pair", "127.0.0.1:1")]
    [InlineData("/does/not/exist", "relative", "XDG_CONFIG_HOME", "devices")]
    [InlineData(".", null, "XDG_CONFIG_HOME", "devices", "remove", "robot")]
    [InlineData(".", null, "XDG_CONFIG_HOME", "status", "--device", "robot")]
    [InlineData("/does/not/exist", null, "XDG_DATA_HOME", "calibrate", "--pack", "p", "--source", "sim://tabletop")]
    [InlineData(".", null, "XDG_DATA_HOME", "frontier", "--pack", "p", "--source", "sim://tabletop", "--calibration", "c")]
    public void Who_has_no_home_is_told_so_and_nothing_is_written(string home, string? config, string named, params string[] arguments)
    {
        var environment = new Dictionary<string, string?> { ["HOME"] = home, ["XDG_CONFIG_HOME"] = config, ["XDG_DATA_HOME"] = null,
            ["EDGEROUTE_DEVICE"] = null };
        var (exitCode, output, error) = LaptopTool.Run(_folder.Path, "", environment, arguments);
        Assert.Equal((WorkConsole.Refused, ""), (exitCode, output));
        Assert.Contains($"this user has no home: set {named}", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("umask 0")]
    [InlineData("umask 022")]
    [InlineData("umask 0777")]
    public void Keys_and_their_folders_are_the_users_alone_whatever_the_mask(string mask)
    {
        // Nobody listens at that port, so that only the key is made.
        var environment = new Dictionary<string, string?> { ["XDG_CONFIG_HOME"] = _folder.File("a", "b") };
        Assert.Equal(WorkConsole.Failed, LaptopTool.Run(_folder.Path, mask, environment, "pair", "127.0.0.1:1").ExitCode);
        string folder = _folder.File("a", "b", "edgeroute");
        Assert.All([folder, _folder.File("a", "b"), _folder.File("a")], f => Assert.Equal(OwnersFolder, FileModes.Of(f)));
        Assert.All([LaptopIdentity.KeyFileName, LaptopIdentity.CertificateFileName],
            f => Assert.Equal(PrivateFile.Mode, FileModes.Of(Path.Combine(folder, f))));
    }
}
