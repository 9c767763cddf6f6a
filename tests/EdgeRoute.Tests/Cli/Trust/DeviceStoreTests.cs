using EdgeRoute.Cli.Trust;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Cli.Trust;

/// <summary>The laptop's list of devices and its file.</summary>
public sealed class DeviceStoreTests : IDisposable
{
    private static readonly DateTime Utc = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly KnownDevice Robot = new("robot", "10.0.0.7:7420", PairingAuthorityTests.Fingerprint(1), Utc);
    private static readonly KnownDevice Bench = new("bench", "/run/edgeroute/control.sock", null, Utc);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Devices_survive_and_are_found_by_name_or_address()
    {
        var store = DeviceStore.Load(_folder.Path);
        Assert.Null(store.Default);
        store.Add(Robot);
        Assert.Equal(Robot, store.Default);
        store.Add(Bench);
        Assert.Null(store.Default);
        store.SetDefault("bench");
        var again = DeviceStore.Load(_folder.Path);
        Assert.Equal([Robot, Bench], again.Devices);
        Assert.Equal(Bench, again.Default);
        Assert.Equal(Robot, again.Find("10.0.0.7:7420"));
        Assert.Null(again.Find("nobody"));
        Assert.Equal(PrivateFile.Mode, FileModes.Of(Place));
    }

    [Fact]
    public void Pairing_again_replaces_and_removing_forgets_the_default()
    {
        var store = DeviceStore.Load(_folder.Path);
        store.Add(Robot);
        store.Add(Bench);
        store.Add(Robot with { Fingerprint = PairingAuthorityTests.Fingerprint(2) });
        Assert.Equal(PairingAuthorityTests.Fingerprint(2), store.Find("robot")!.Fingerprint);
        store.SetDefault("robot");
        Assert.True(store.Remove("robot"));
        Assert.False(store.Remove("robot"));
        Assert.Equal(Bench, DeviceStore.Load(_folder.Path).Default);
    }

    [Fact]
    public void Two_runs_of_the_tool_lose_nothing_of_each_other()
    {
        Parallel.For(0, 16, i => DeviceStore.Load(_folder.Path).Add(Robot with { Name = $"robot{i}" }));
        Assert.Equal(16, DeviceStore.Load(_folder.Path).Devices.Count);
    }

    [Fact]
    public void What_cannot_be_dialled_is_not_kept()
    {
        var store = DeviceStore.Load(_folder.Path);
        KnownDevice[] wrong =
        [
            Robot with { Address = "10.0.0.7" }, Robot with { Address = ":7420" }, Robot with { Address = "robot:0" },
            Robot with { Fingerprint = null },
            Robot with { Fingerprint = "ab" }, Robot with { Name = "" }, Robot with { Name = "/etc" }, Robot with { Name = "--json" },
            Robot with { Name = "a\u001bb" },
        ];
        Assert.All(wrong, device => Assert.Throws<TrustException>(() => store.Add(device)));
        Assert.Throws<TrustException>(() => store.SetDefault("nobody"));
        Assert.False(File.Exists(Place));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_and_stays()
    {
        DeviceStore.Load(_folder.Path).Add(Robot);
        string whole = File.ReadAllText(Place).TrimEnd();
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllText(Place, whole[..length]);
            Assert.Contains("pair each device again", Assert.Throws<TrustException>(() => DeviceStore.Load(_folder.Path)).Message,
                StringComparison.Ordinal);
            Assert.Equal(whole[..length], File.ReadAllText(Place));
        }
    }

    private string Place => Path.Combine(_folder.Path, DeviceStore.FileName);
}
