using System.Net.Sockets;
using EdgeRoute.ControlChannel.Transport;

namespace EdgeRoute.Tests.ControlChannel.Transport;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class UnixSocketTests
{
    [Fact]
    public void Only_owner_and_group_may_open_it()
    {
        using var folder = new TemporaryFolder();
        using var socket = UnixSocketFile.Listen(folder.File("s"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(folder.File("s")));
    }

    [Fact]
    public void A_file_that_a_dead_process_left_is_replaced()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s"), kept = folder.File("kept");
        using (var dead = UnixSocketFile.Listen(path))
        {
            File.Move(path, kept);
        }

        File.Move(kept, path);
        Assert.True(File.Exists(path));
        using var socket = UnixSocketFile.Listen(path);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(path));
    }

    [Fact]
    public void A_living_process_is_not_pushed_out()
    {
        using var folder = new TemporaryFolder();
        using var first = UnixSocketFile.Listen(folder.File("s"));
        Assert.Contains("another process", Assert.Throws<ChannelException>(() => UnixSocketFile.Listen(folder.File("s"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_kind_stays()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("s", "of value");
        Assert.Contains("no socket", Assert.Throws<ChannelException>(() => UnixSocketFile.Listen(path)).Message, StringComparison.Ordinal);
        Assert.Equal("of value", File.ReadAllText(path));
    }

    [Fact]
    public void A_folder_that_is_missing_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("control.unix", Assert.Throws<ChannelException>(() => UnixSocketFile.Listen(folder.File("no", "s"))).Message,
            StringComparison.Ordinal);
    }
}
