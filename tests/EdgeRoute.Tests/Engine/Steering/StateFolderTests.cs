using System.Diagnostics;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.ControlChannel.Trust;
using EventLog = EdgeRoute.ControlChannel.Journal.EventLog;

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
    public void What_an_earlier_version_left_open_is_closed_and_told()
    {
        string state = Directory.CreateDirectory(_folder.File("state")).FullName;
        string journal = _folder.Write("state/journal.jsonl", ""), others = _folder.Write("state/notes.txt", "the owner's");
        FileModes.Set(state, Owner | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        FileModes.Set(journal, PrivateFile.Mode | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        FileModes.Set(others, PrivateFile.Mode | UnixFileMode.OtherRead);
        var events = new EventLog(TimeProvider.System);
        Open(state, events).Dispose();
        Assert.Equal((Owner, PrivateFile.Mode, PrivateFile.Mode | UnixFileMode.OtherRead),
            (FileModes.Of(state), FileModes.Of(journal), FileModes.Of(others)));
        string[] told = [.. events.After(0).Select(e => e.Text)];
        Assert.Equal(2, told.Length);
        Assert.Contains("could be written by others", told[0], StringComparison.Ordinal);
        Assert.Contains("1 files in", told[1], StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_file_of_another_user_in_it_is_refused_in_words()
    {
        Skip.If(FileStatus.CurrentUser != 0, "only root may give a file away");
        string state = Directory.CreateDirectory(_folder.File("state")).FullName, clients = _folder.Write("state/clients.json", "{}");
        FileModes.Set(state, Owner | UnixFileMode.OtherWrite);
        using (var given = Process.Start("chown", ["12345", clients]))
        {
            given.WaitForExit();
        }

        string message = Assert.Throws<EngineRefusedException>(() => Open(state)).Message;
        Assert.Contains($"'{clients}' belongs to user 12345", message, StringComparison.Ordinal);
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

    private DeviceChannel Open(string state, EventLog? events = null) => new(
        new ControlConfig(PathOf(_folder.File("control.sock")), null, PathOf(state), "robot", null),
        events ?? new EventLog(TimeProvider.System), TimeProvider.System, new WebHosts());

    private static ConfigPath PathOf(string path) => new(path, path, PathNeed.Folder, default);
}
