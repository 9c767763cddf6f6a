using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EdgeRoute.Workbench.Flashing;

namespace EdgeRoute.Tests.Workbench.Flashing;

/// <summary>
/// A board on the loopback: a real sshd in mounts of its own, whose commands see a copy of this machine's disk that only they write
/// (overlay, chroot). dpkg is this machine's; apt has no network there and systemctl is a script, because no second systemd runs.
/// </summary>
internal sealed class SshBoard : IDisposable
{
    private const string Sshd = "/usr/sbin/sshd";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _sshd;

    private SshBoard(int port)
    {
        Port = port;
        Keygen("host");
        Keygen("id_ed25519");
        string root = Directory.CreateDirectory(Upper()).FullName;
        Directory.CreateDirectory(_folder.File("work"));
        Directory.CreateDirectory(_folder.File("root"));
        Directory.CreateDirectory(Upper("run", "systemd", "system"));
        Script("systemctl", """
            echo "$*" >>/var/log/systemctl
            case $1 in
              restart) touch /run/active ;;
              disable) rm -f /run/active ;;
              is-active) if [ -e /run/active ]; then echo active; else echo inactive; exit 3; fi ;;
            esac
            """);
        Script("apt-get", "echo 'no network here'; exit 100");
        Script("edgerouted", """
            [ -e /run/active ] || { echo 'nobody listens at /run/edgeroute/control.sock'; exit 1; }
            echo 'on the laptop: edgeroute pair 10.0.0.7:7421 | 10.0.0.8:7421'
            echo 'code: 3141 5926   (once, within 300 s)'
            while [ ! -e /run/paired ]; do sleep 0.05; done
            """);
        _folder.Write("command", $"#!/bin/sh\nexport HOME=/root PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
            + $"cd {_folder.File("root")}\n"
            + $"exec chroot {_folder.File("root")} /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n");
        Run("chmod", "0755", _folder.File("command"));
        _folder.Write("config", $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {_folder.File("host")}
            AuthorizedKeysFile {_folder.File("id_ed25519.pub")}
            StrictModes no
            UsePAM no
            PidFile none
            PermitRootLogin yes
            ForceCommand {_folder.File("command")}
            """);
        string mounts = $"mkdir -p /run/sshd "
            + $"&& mount -t overlay overlay -o lowerdir=/,upperdir={root},workdir={_folder.File("work")} "
            + $"{_folder.File("root")} && mount -t proc proc {_folder.File("root", "proc")} "
            + $"&& mount --bind /dev {_folder.File("root", "dev")} "
            + $"&& exec {Sshd} -D -e -f {_folder.File("config")}";
        _sshd = Process.Start(new ProcessStartInfo("unshare", ["--mount", "sh", "-c", mounts]) { RedirectStandardError = true })!;
    }

    public int Port { get; }

    /// <summary>Skips the calling test, with the reason, where such a board cannot be made.</summary>
    public static SshBoard Start()
    {
        Skip.IfNot(File.Exists(Sshd), "needs /usr/sbin/sshd (Debian package openssh-server)");
        Skip.IfNot(Environment.UserName == "root", "needs root: the board is a chroot with mounts of its own");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var board = new SshBoard(port);
        for (string? line; (line = board._sshd.StandardError.ReadLine()) is not null;)
        {
            if (line.Contains("listening on", StringComparison.Ordinal))
            {
                // Read to its end, so that sshd never waits for room to write.
                _ = board._sshd.StandardError.ReadToEndAsync();
                return board;
            }
        }

        board.Dispose();
        Skip.If(true, "no sshd in mounts of its own here: unshare, overlay or sshd refuses");
        return board;
    }

    /// <summary>
    /// A file that the board wrote, to be looked at. What the board has looked at already is changed over ssh alone: the kernel keeps
    /// what it saw.
    /// </summary>
    public string Upper(params string[] parts) => _folder.File(["upper", .. parts]);

    public string ReadUpper(params string[] parts) => File.ReadAllText(Upper(parts));

    public SshAddress Address => new("root", "127.0.0.1", Port);

    /// <summary>A person who agrees to everything and knows no password.</summary>
    public SshTrust Trust(string? fingerprint = null) => new((question, isSecret) => isSecret || fingerprint is not null ? null : "yes")
    {
        Folder = _folder.Path, AgentSocket = null, Fingerprint = fingerprint,
    };

    public async Task<(SshLink Link, BoardFacts Facts)> OpenAsync()
    {
        var link = await SshLink.OpenAsync(Address, Trust(), CancellationToken.None);
        return (link, await link.LookAsync(Trust(), CancellationToken.None));
    }

    /// <summary>A package of that version with a heavy file, a user, and an installation script.</summary>
    public string MakePackage(string version, string postinst = "")
    {
        string tree = _folder.File("tree-" + version), folder = Directory.CreateDirectory(_folder.File("packages")).FullName;
        string architecture = Run("dpkg", "--print-architecture").Trim();
        Directory.CreateDirectory(Path.Combine(tree, "DEBIAN"));
        Directory.CreateDirectory(Path.Combine(tree, "usr", "lib", "edgeroute"));
        byte[] bulk = new byte[6 << 20];
        new Random(version.GetHashCode(StringComparison.Ordinal)).NextBytes(bulk);
        File.WriteAllBytes(Path.Combine(tree, "usr", "lib", "edgeroute", "bulk"), bulk);
        File.WriteAllText(Path.Combine(tree, "DEBIAN", "control"), $"Package: edgeroute\nVersion: {version}\nArchitecture: {architecture}\n"
            + "Maintainer: Nobody <nobody@localhost>\nDescription: a package for a test\n");
        WriteScript(Path.Combine(tree, "DEBIAN", "postinst"), "set -e\ngetent passwd edgeroute >/dev/null || useradd -r edgeroute\n"
            + "mkdir -p /var/lib/edgeroute/packs\n" + postinst + "\n");
        WriteScript(Path.Combine(tree, "DEBIAN", "postrm"), "[ \"$1\" != purge ] "
            + "|| { rm -rf /var/lib/edgeroute /etc/edgeroute; userdel edgeroute; }\n");
        string package = Path.Combine(folder, $"edgeroute_{version}_{architecture}.deb");
        Run("dpkg-deb", "-Znone", "--root-owner-group", "--build", tree, package);
        return package;
    }

    public TemporaryFolder Folder => _folder;

    public void Dispose()
    {
        if (!_sshd.HasExited)
        {
            _sshd.Kill(entireProcessTree: true);
            _sshd.WaitForExit();
        }

        _sshd.Dispose();
        _folder.Dispose();
    }

    private void Keygen(string name) => Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder.File(name));

    private void Script(string name, string text)
    {
        Directory.CreateDirectory(Upper("usr", "local", "bin"));
        WriteScript(Upper("usr", "local", "bin", name), text);
    }

    private static void WriteScript(string path, string text)
    {
        File.WriteAllText(path, "#!/bin/sh\n" + text);
        Run("chmod", "0755", path);
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        return output;
    }
}
