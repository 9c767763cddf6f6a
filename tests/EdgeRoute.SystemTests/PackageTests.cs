using System.Security.Cryptography;

namespace EdgeRoute.SystemTests;

/// <summary>The device's Debian package, made of the published binary; not compressed, for the time that takes.</summary>
public sealed class PackageTests
{
    private static readonly string[] Contents =
    [
        "./usr/bin/edgerouted", "./usr/lib/edgeroute/edgerouted", "./usr/lib/edgeroute/libonnxruntime.so",
        "./usr/lib/edgeroute/config-start",
        "./usr/lib/systemd/system/edgeroute.service", "./usr/lib/sysusers.d/edgeroute.conf", "./usr/lib/tmpfiles.d/edgeroute.conf",
        "./usr/lib/udev/rules.d/60-edgeroute.rules", "./usr/share/edgeroute/device.yaml",
        "./usr/share/edgeroute/packs/shapes/manifest.json",
        "./usr/share/edgeroute/pack.schema.json", "./usr/share/edgeroute/device.schema.json", "./usr/share/edgeroute/grafana/alerts.yml",
        "./usr/share/man/man8/edgerouted.8.gz", "./usr/share/doc/edgeroute/copyright",
        "./usr/share/doc/edgeroute/sbom.cdx.json", "./usr/share/bash-completion/completions/edgerouted",
    ];

    [SkippableFact]
    public void The_package_holds_what_a_device_needs_and_is_the_same_when_made_again()
    {
        using var folder = new TempFolder();
        string one = Make(folder, "one"), two = Make(folder, "two");
        Assert.Equal(SHA256.HashData(File.ReadAllBytes(one)), SHA256.HashData(File.ReadAllBytes(two)));
        var (_, listing, _) = HostProcess.RunBinary("dpkg-deb", null, "--contents", one);
        Assert.All(Contents, path => Assert.Contains($" {path}", listing, StringComparison.Ordinal));
        Assert.DoesNotContain(".dbg", listing, StringComparison.Ordinal);
        Assert.All(listing.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            l => Assert.Contains("root/root", l, StringComparison.Ordinal));
        var (_, depends, _) = HostProcess.RunBinary("dpkg-deb", null, "--field", one, "Depends");
        Assert.Contains("libssl3 | libssl3t64", depends, StringComparison.Ordinal);
        Assert.Matches(@"libc6 \(>= 2\.(2\d|3[0-5])\)", depends);
    }

    /// <summary>In a copy of this machine's disk that only the test writes, without a running systemd.</summary>
    [SkippableFact]
    public void Installed_and_purged_it_leaves_nothing()
    {
        using var folder = new TempFolder();
        string package = Make(folder, "one");
        Skip.IfNot(Environment.UserName == "root", "needs root: the package is installed into a copy of this machine's disk");
        string script = folder.Write("purge.sh", $"""
            set -e
            cd {folder.Path}
            mkdir upper work root
            mount -t overlay overlay -o lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work root || exit 77
            mount -t proc proc root/proc
            mount --bind /dev root/dev
            cp {package} root/edgeroute.deb
            chroot root getent group | sort >groups.before
            chroot root dpkg --force-depends -i /edgeroute.deb
            chroot root getent passwd edgeroute
            chroot root id -nG edgeroute
            chroot root install -d -o edgeroute /run/edgeroute
            chroot --userspec edgeroute root /usr/bin/edgerouted check /usr/share/edgeroute/device.yaml
            chroot root dpkg --purge edgeroute
            chroot root getent group | sort >groups.after
            cmp groups.before groups.after
            if chroot root getent passwd edgeroute; then exit 3; fi
            rm root/edgeroute.deb
            # A character device stands for a file that is gone, such as the backups that userdel makes anew.
            find upper -type f -o -type l >all
            grep -vE '^upper/(var/lib/(dpkg|systemd)|var/(log|cache)/|etc/(passwd|group|g?shadow|subuid|subgid)-?$)' all >left || true
            cat left >&2
            ! grep -q edgeroute left
            """);
        var (exitCode, output, error) = HostProcess.RunBinary("unshare", null, "--mount", "sh", script);
        Skip.If(exitCode == 77, "the kernel refuses an overlay here");
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("video", output, StringComparison.Ordinal);
    }

    private static string Make(TempFolder folder, string name)
    {
        Skip.IfNot(File.Exists("/usr/bin/dpkg-deb") && File.Exists("/usr/bin/readelf"),
            "needs dpkg-deb and readelf (Debian packages dpkg, binutils)");
        Skip.IfNot(Path.Exists(Path.Combine(HostProcess.Repository, ".git")),
            "needs the repository's history, from which the package takes its version and time");
        string to = Path.Combine(folder.Path, name), rid = "linux-" + (Environment.Is64BitProcess
            && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
            == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64");
        var (exitCode, output, error) = HostProcess.RunBinary(Path.Combine(HostProcess.Repository, "tools", "packaging", "package.sh"),
            new Dictionary<string, string?> { ["EDGEROUTE_COMPRESSION"] = "none" }, "device", rid,
            Path.GetDirectoryName(HostProcess.Binary)!, to);
        Assert.True(exitCode == 0, output + error);
        return Assert.Single(Directory.GetFiles(to, "edgeroute_*.deb"));
    }
}
