using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Trust;

namespace EdgeRoute.Tests.Cli.Connecting;

public sealed class NearbyDevicesTests
{
    private const string Found = """
        +;eth0;IPv4;robot\0323;_edgeroute._tcp;local
        =;eth0;IPv6;robot\0323;_edgeroute._tcp;local;robot3.local;fe80::1;7420;"key=0123456789abcdef"
        =;lo;IPv4;robot\0323;_edgeroute._tcp;local;robot3.local;127.0.0.1;7420;"key=0123456789abcdef"
        =;eth0;IPv4;robot\0323;_edgeroute._tcp;local;robot3.local;10.0.0.7;7420;"key=0123456789abcdef"
        =;eth0;IPv6;K\195\188che\;\027[31m;_edgeroute._tcp;local;k.local;2001:db8::2;7421;"other=1" "key=ffff"
        =;eth0;IPv4;bare;_edgeroute._tcp;local;b.local;10.0.0.9;7420;
        """;

    [Fact]
    public void Each_device_is_there_once_with_the_address_that_reaches_it()
    {
        var devices = NearbyDevices.Read(Found.Replace(@"\;", @"\059", StringComparison.Ordinal));
        Assert.Equal([("Küche;?[31m", "[2001:db8::2]:7421", null), ("bare", "10.0.0.9:7420", null),
            ("robot 3", "10.0.0.7:7420", "0123456789abcdef")], devices.Select(d => (d.Name, d.Address, d.Key)));
    }

    [Fact]
    public void A_device_is_known_by_its_key_and_not_by_its_name()
    {
        KnownDevice[] known = [new("mine", "1.2.3.4:7420", "0123456789abcdef" + new string('0', 48), default),
            new("local", "/run/x", null, default)];
        Assert.Equal("mine", new NearbyDevice("other", "10.0.0.7:7420", "0123456789abcdef").KnownAs(known));
        Assert.Null(new NearbyDevice("mine", "1.2.3.4:7420", "ffffffffffffffff").KnownAs(known));
        Assert.Null(new NearbyDevice("mine", "1.2.3.4:7420", null).KnownAs(known));
    }

    [Fact]
    public void A_machine_without_Avahi_says_what_to_install()
    {
        using var folder = new TemporaryFolder();
        var missing = Assert.Throws<IOException>(() => NearbyDevices.Look(folder.File("avahi-browse")));
        Assert.Contains("apt-get install avahi-utils", missing.Message, StringComparison.Ordinal);
        var silent = Assert.Throws<IOException>(() => NearbyDevices.Look("/bin/false"));
        Assert.Contains("is avahi-daemon running?", silent.Message, StringComparison.Ordinal);
        Assert.Empty(NearbyDevices.Look("/bin/true"));
    }
}
