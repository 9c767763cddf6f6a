using EdgeRoute.Cli.Trust;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Cli.Trust;

/// <summary>The laptop's list of devices and its file.</summary>
public sealed class DeviceBookTests : IDisposable
{
    private static readonly DateTime Utc = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly KnownDevice Robot = new("robot", "10.0.0.7:7420", PairingDeskTests.Fingerprint(1), Utc);
    private static readonly KnownDevice Bench = new("bench", "/run/edgeroute/control.sock", null, Utc);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Devices_survive_and_are_found_by_name_or_address()
    {
        var book = DeviceBook.Load(_folder.Path);
        Assert.Null(book.Default);
        book.Add(Robot);
        Assert.Equal(Robot, book.Default);
        book.Add(Bench);
        Assert.Null(book.Default);
        book.SetDefault("bench");
        var again = DeviceBook.Load(_folder.Path);
        Assert.Equal([Robot, Bench], again.Devices);
        Assert.Equal(Bench, again.Default);
        Assert.Equal(Robot, again.Find("10.0.0.7:7420"));
        Assert.Null(again.Find("nobody"));
        Assert.Equal(PrivateFile.Mode, FileModes.Of(Place));
    }

    [Fact]
    public void Pairing_again_replaces_and_removing_forgets_the_default()
    {
        var book = DeviceBook.Load(_folder.Path);
        book.Add(Robot);
        book.Add(Bench);
        book.Add(Robot with { Fingerprint = PairingDeskTests.Fingerprint(2) });
        Assert.Equal(PairingDeskTests.Fingerprint(2), book.Find("robot")!.Fingerprint);
        book.SetDefault("robot");
        Assert.True(book.Remove("robot"));
        Assert.False(book.Remove("robot"));
        Assert.Equal(Bench, DeviceBook.Load(_folder.Path).Default);
    }

    [Fact]
    public void Two_runs_of_the_tool_lose_nothing_of_each_other()
    {
        Parallel.For(0, 16, i => DeviceBook.Load(_folder.Path).Add(Robot with { Name = $"robot{i}" }));
        Assert.Equal(16, DeviceBook.Load(_folder.Path).Devices.Count);
    }

    [Fact]
    public void What_cannot_be_dialled_is_not_kept()
    {
        var book = DeviceBook.Load(_folder.Path);
        KnownDevice[] wrong =
        [
            Robot with { Address = "10.0.0.7" }, Robot with { Address = ":7420" }, Robot with { Address = "robot:0" },
            Robot with { Fingerprint = null },
            Robot with { Fingerprint = "ab" }, Robot with { Name = "" }, Robot with { Name = "/etc" }, Robot with { Name = "--json" },
            Robot with { Name = "a\u001bb" },
        ];
        Assert.All(wrong, device => Assert.Throws<TrustException>(() => book.Add(device)));
        Assert.Throws<TrustException>(() => book.SetDefault("nobody"));
        Assert.False(File.Exists(Place));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_and_stays()
    {
        DeviceBook.Load(_folder.Path).Add(Robot);
        string whole = File.ReadAllText(Place).TrimEnd();
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllText(Place, whole[..length]);
            Assert.Contains("pair each device again", Assert.Throws<TrustException>(() => DeviceBook.Load(_folder.Path)).Message,
                StringComparison.Ordinal);
            Assert.Equal(whole[..length], File.ReadAllText(Place));
        }
    }

    private string Place => Path.Combine(_folder.Path, DeviceBook.FileName);
}
