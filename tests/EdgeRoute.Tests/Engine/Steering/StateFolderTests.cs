using System.Diagnostics;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>The state folder holds who is let in: nobody but the device's own user may put anything there.</summary>
public sealed class StateFolderTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite | UnixFileMode.StickyBit)]
    public void A_folder_that_others_may_write_is_refused_in_words(UnixFileMode more)
    {
        string state = Directory.CreateDirectory(_folder.File("state")).FullName;
        FileModes.Set(state, Owner | more);
        string message = Assert.Throws<EngineRefusedException>(() => Open(state)).Message;
        Assert.Contains($"'{state}' may be written by others", message, StringComparison.Ordinal);
        Assert.Contains($"chmod 700 '{state}'", message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(state));
    }

    [Fact]
    public void A_folder_of_another_user_is_refused_in_words()
    {
        // Root may give a folder away; anybody else finds one of root's.
        string state = FileStatus.CurrentUser == 0 ? Directory.CreateDirectory(_folder.File("state")).FullName : "/usr";
        if (FileStatus.CurrentUser == 0)
        {
            using var given = Process.Start("chown", ["12345", state]);
            given.WaitForExit();
        }

        Assert.Contains("belongs to user", Assert.Throws<EngineRefusedException>(() => Open(state)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_missing_is_made_for_the_owner_alone_and_others_may_read_one()
    {
        string state = _folder.File("deep", "state");
        Open(state).Dispose();
        Assert.Equal(Owner, FileModes.Of(state));
        FileModes.Set(state, Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Open(state).Dispose();
    }

    [SkippableFact]
    public async Task Recordings_without_a_state_folder_lie_where_nobody_can_foresee()
    {
        using var rig = new SteeringRig("kind: cascade", hasState: false);
        var first = await rig.Call<RecordingStatus>(ControlMethod.RecordStart, new RecordStartRequest { Name = "drive" });
        string folder = Path.GetDirectoryName(first.Path)!;
        Assert.StartsWith(Path.Combine(Path.GetTempPath(), "edgeroute-recordings-"), folder, StringComparison.Ordinal);
        Assert.Equal(Owner, FileModes.Of(folder));
        await rig.Call<RecordingStatus>(ControlMethod.RecordStop, new NamedRequest { Name = "drive" });
        Assert.Contains((await rig.Call<RecordingList>(ControlMethod.Recordings)).Recordings, r => r.Name == "drive");
        rig.StopLoop();
        Directory.Delete(folder, recursive: true);
    }

    private DeviceChannel Open(string state) => new(
        new ControlConfig(PathOf(_folder.File("control.sock")), null, PathOf(state), "robot", null), new EventLog(TimeProvider.System),
        TimeProvider.System);

    private static ConfigPath PathOf(string path) => new(path, path, PathNeed.Folder, default);
}
