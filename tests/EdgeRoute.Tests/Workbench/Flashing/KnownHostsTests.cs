using System.Security.Cryptography;
using System.Text;
using EdgeRoute.Workbench.Flashing;

namespace EdgeRoute.Tests.Workbench.Flashing;

/// <summary>What this user's ssh knows of a host's key.</summary>
public sealed class KnownHostsTests : IDisposable
{
    private static readonly byte[] Key = Blob("ssh-ed25519", 1), Another = Blob("ssh-ed25519", 2);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("robot.local KIND KEY", "robot.local", 22, "Known")]
    [InlineData("robot.local KIND KEY", "robot.local", 2200, "Unknown")]
    [InlineData("[robot.local]:2200 KIND KEY", "robot.local", 2200, "Known")]
    [InlineData("a.local,Robot.local,b KIND KEY a comment", "ROBOT.local", 22, "Known")]
    [InlineData("*.local KIND KEY", "robot.local", 22, "Known")]
    [InlineData("*.local,!robot.local KIND KEY", "robot.local", 22, "Unknown")]
    [InlineData("10.0.0.? KIND KEY", "10.0.0.7", 22, "Known")]
    [InlineData("10.0.0.? KIND KEY", "10x0.0.7", 22, "Unknown")]
    [InlineData("robot.local KIND OTHER", "robot.local", 22, "Other")]
    [InlineData("robot.local KIND OTHER\nrobot.local KIND KEY", "robot.local", 22, "Known")]
    [InlineData("robot.local KIND KEY\n@revoked * KIND KEY", "robot.local", 22, "Revoked")]
    [InlineData("@cert-authority *.local KIND OTHER", "robot.local", 22, "Unknown")]
    [InlineData("# robot.local KIND KEY\n\nrobot.local KIND", "robot.local", 22, "Unknown")]
    public void A_line_names_hosts_as_ssh_has_it(string lines, string host, int port, string verdict)
    {
        string text = lines.Replace("KIND", "ssh-ed25519", StringComparison.Ordinal)
            .Replace("OTHER", Convert.ToBase64String(Another), StringComparison.Ordinal)
            .Replace("KEY", Convert.ToBase64String(Key), StringComparison.Ordinal);
        var hosts = KnownHosts.Load(_folder.Write("known_hosts", text));
        Assert.Equal(verdict, hosts.Judge(host, port, Key, out string place).ToString());
        Assert.Equal(verdict != "Unknown", place.Length > 0);
    }

    /// <summary>As HashKnownHosts of ssh writes them; the line was made by ssh-keygen -H.</summary>
    [Fact]
    public void Hashed_names_are_found()
    {
        byte[] salt = [.. Enumerable.Range(1, 20).Select(i => (byte)i)];
#pragma warning disable CA5350 // The format has it so.
        string hash = Convert.ToBase64String(HMACSHA1.HashData(salt, "[robot.local]:2200"u8));
#pragma warning restore CA5350
        string line = $"|1|{Convert.ToBase64String(salt)}|{hash} ssh-ed25519 {Convert.ToBase64String(Key)}\n|1|damaged ssh-ed25519 x\n";
        var hosts = KnownHosts.Load(_folder.Write("known_hosts", line));
        Assert.Equal(HostKeyVerdict.Known, hosts.Judge("robot.local", 2200, Key, out _));
        Assert.Equal(HostKeyVerdict.Unknown, hosts.Judge("robot.local", 22, Key, out _));
        Assert.Equal(["ssh-ed25519"], hosts.KindsOf("robot.local", 2200));
    }

    [Fact]
    public void A_host_that_was_agreed_to_is_known_from_then_on()
    {
        string file = _folder.Write("known_hosts", "other ssh-rsa AAAA");
        KnownHosts.Load(file).Add("robot.local", 2200, Key);
        Assert.Equal(HostKeyVerdict.Known, KnownHosts.Load(file).Judge("robot.local", 2200, Key, out string place));
        Assert.Equal(file + ":2", place);
    }

    [Theory]
    [InlineData("nvidia@robot.local", "nvidia", "robot.local", 22)]
    [InlineData("pi@10.0.0.7:2200", "pi", "10.0.0.7", 2200)]
    [InlineData("pi@[fe80::1]:2200", "pi", "fe80::1", 2200)]
    [InlineData("pi@fe80::1", "pi", "fe80::1", 22)]
    public void An_address_is_written_as_for_ssh(string text, string user, string host, int port) =>
        Assert.Equal(new SshAddress(user, host, port), SshAddress.Parse(text));

    [Theory]
    [InlineData("@robot")]
    [InlineData("pi@")]
    [InlineData("pi@robot:0")]
    [InlineData("pi@robot:x")]
    [InlineData("pi@-oProxyCommand=x")]
    [InlineData("pi@a b")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<ArgumentException>(() => SshAddress.Parse(text));

    private static byte[] Blob(string kind, byte filling) =>
        [0, 0, 0, (byte)kind.Length, .. Encoding.ASCII.GetBytes(kind), 0, 0, 0, 32, .. Enumerable.Repeat(filling, 32)];
}
