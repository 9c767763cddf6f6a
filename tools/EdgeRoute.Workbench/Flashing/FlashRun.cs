using System.Globalization;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>Something to be done on a board, and whether it needs doing.</summary>
/// <param name="Key">One word, for programs.</param>
/// <param name="Words">What it does, for people.</param>
public sealed record FlashStep(string Key, string Words, bool IsNeeded);

/// <summary>Told while a board is worked on.</summary>
/// <param name="Begins">A step begins.</param>
/// <param name="Progress">How far it is, not to be kept.</param>
public sealed record FlashTelling(Action<FlashStep> Begins, Action<string> Progress);

/// <summary>
/// Brings a package, a config and packs to a board and starts the service. Each step looks at what is there: run again after it was cut
/// anywhere, it goes on.
/// </summary>
public sealed class FlashRun
{
    /// <summary>Earlier packages, to go back to.</summary>
    public const string KeptFolder = "/var/cache/edgeroute";

    /// <summary>This version and two before it.</summary>
    private const int KeptMost = 3;

    private const string Seed = "/etc/edgeroute/device.yaml", InForce = "/var/lib/edgeroute/device.yaml";

    private readonly SshLink _link;
    private readonly BoardFacts _facts;
    private readonly FlashBundle _bundle;
    private readonly RemoteFiles _files;
    private readonly OutgoingFile? _config;
    private readonly List<PackFile> _packFiles;
    private readonly bool _isInstalled, _hasConfig, _isDowngrade;

    private FlashRun(SshLink link, BoardFacts facts, FlashBundle bundle, OutgoingFile? config, List<PackFile> packFiles, RootFacts there)
    {
        (_link, _facts, _bundle) = (link, facts, bundle);
        _files = new RemoteFiles(link, facts);
        (_config, _packFiles) = (config, packFiles);
        _isInstalled = facts.Installed == bundle.Version && !facts.IsHalfInstalled;
        _hasConfig = config is null || (there.Hashes.GetValueOrDefault(Seed) == config.Sha256
            && there.Hashes.GetValueOrDefault(InForce) == config.Sha256);
        _isDowngrade = there.IsDowngrade;
    }

    /// <summary>What the installed version is newer than; null where this is no step back.</summary>
    public string? DowngradeFrom => _isDowngrade ? _facts.Installed : null;

    private bool HasChange => !_isInstalled || !_hasConfig || _packFiles.Count > 0;

    /// <summary>Looks at what is on the board already; nothing is changed.</summary>
    /// <param name="scratch">A folder of this laptop for the config as it goes to the board.</param>
    /// <exception cref="IOException">The connection is lost, or root is not to be had.</exception>
    public static async Task<FlashRun> PlanAsync(SshLink link, BoardFacts facts, FlashBundle bundle, string scratch,
        CancellationToken cancel)
    {
        OutgoingFile? config = null;
        if (bundle.ConfigText is { } text)
        {
            string path = Path.Combine(scratch, "device.yaml");
            await File.WriteAllTextAsync(path, text, cancel);
            config = OutgoingFile.Of(path);
        }

        var there = await RootFacts.AskAsync(link, bundle.Version, cancel);
        var missing = bundle.PackFiles.Where(p => there.Hashes.GetValueOrDefault(p.Target) != p.File.Sha256).ToList();
        return new FlashRun(link, facts, bundle, config, missing, there);
    }

    /// <summary>In the order in which they are done.</summary>
    public IReadOnlyList<FlashStep> Steps =>
    [
        new("copy", $"copy {Path.GetFileName(_bundle.Package.Path)} ({_bundle.Package.Bytes >> 20} MB)", !_isInstalled),
        new("install", _facts.Installed is { } before && before != _bundle.Version ? $"install {_bundle.Version} over {before}"
            : $"install {_bundle.Version}", !_isInstalled),
        new("packs", $"copy {_packFiles.Count} of {_bundle.PackFiles.Count} files of packs to {FlashBundle.PackFolder}",
            _packFiles.Count > 0),
        new("config", $"put the config into {Seed}", !_hasConfig),
        new("start", HasChange ? "start the service anew" : "start the service", HasChange || !_facts.IsActive),
    ];

    /// <summary>Does what is needed.</summary>
    /// <exception cref="IOException">A step fails; what was done stays.</exception>
    public async Task RunAsync(FlashTelling tell, CancellationToken cancel)
    {
        foreach (var step in Steps.Where(s => s.IsNeeded))
        {
            tell.Begins(step);
            await (step.Key switch
            {
                "copy" => CopyAsync([_bundle.Package], tell, cancel),
                "install" => InstallAsync(tell, cancel),
                "packs" => PutPacksAsync(tell, cancel),
                "config" => PutConfigAsync(tell, cancel),
                _ => StartAsync(tell, cancel),
            });
        }

        await _files.ClearAsync(cancel);
    }

    private async Task CopyAsync(IReadOnlyList<OutgoingFile> files, FlashTelling tell, CancellationToken cancel)
    {
        long all = files.Sum(f => f.Bytes), done = 0;
        var pace = new CopyPace(all);
        foreach (var file in files)
        {
            await _files.SendAsync(file, bytes => tell.Progress(pace.Text(done + bytes)), cancel);
            done += file.Bytes;
        }
    }

    /// <summary>
    /// By apt, which brings what the package needs; without a network by dpkg, which says what is missing. The package is kept, so that
    /// there is one to go back to after the next.
    /// </summary>
    private async Task InstallAsync(FlashTelling tell, CancellationToken cancel)
    {
        string kept = $"{KeptFolder}/{Path.GetFileName(_bundle.Package.Path)}";
        string script = $$"""
            set -e
            export DEBIAN_FRONTEND=noninteractive EDGEROUTE_NO_START=1
            mkdir -p {{KeptFolder}}
            cp -- {{SshLink.Quoted(_files.PlaceOf(_bundle.Package))}} {{SshLink.Quoted(kept + ".new")}}
            mv -f -- {{SshLink.Quoted(kept + ".new")}} {{SshLink.Quoted(kept)}}
            dpkg --configure -a 2>&1 || true
            options="-y -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 --allow-downgrades --reinstall"
            get() { apt-get $options install {{SshLink.Quoted(kept)}} 2>&1; }
            if command -v apt-get >/dev/null; then
              get || { apt-get update 2>&1 && get; } || dpkg -i -- {{SshLink.Quoted(kept)}} 2>&1
            else
              dpkg -i -- {{SshLink.Quoted(kept)}} 2>&1
            fi
            ls -t {{KeptFolder}}/*.deb | tail -n +{{KeptMost + 1}} | xargs -r rm -f --
            """;
        await RootAsync("install the package", script, tell, cancel);
    }

    private async Task PutPacksAsync(FlashTelling tell, CancellationToken cancel)
    {
        await CopyAsync([.. _packFiles.Select(p => p.File)], tell, cancel);
        // A manifest comes last: what it names is there by then.
        var lines = _packFiles.OrderBy(p => p.Target.EndsWith("manifest.json", StringComparison.Ordinal)).Select(p =>
            $"install -D -o edgeroute -g edgeroute -m 0600 -- {SshLink.Quoted(_files.PlaceOf(p.File))} {SshLink.Quoted(p.Target + ".new")} "
            + $"&& mv -f -- {SshLink.Quoted(p.Target + ".new")} {SshLink.Quoted(p.Target)}");
        await RootAsync("put the packs in place",
            $"set -e\n{string.Join('\n', lines)}\nchown -R edgeroute:edgeroute {FlashBundle.PackFolder}",
            tell, cancel);
    }

    private async Task PutConfigAsync(FlashTelling tell, CancellationToken cancel)
    {
        await CopyAsync([_config!], tell, cancel);
        await RootAsync("put the config in place", $$"""
            set -e
            [ ! -e {{Seed}} ] || cp -p -- {{Seed}} {{Seed}}.before
            install -D -o root -g edgeroute -m 0640 -- {{SshLink.Quoted(_files.PlaceOf(_config!))}} {{Seed}}.new
            mv -f -- {{Seed}}.new {{Seed}}
            rm -f -- {{InForce}}.seed
            """, tell, cancel);
    }

    /// <summary>Waits until systemd calls it started, which is with the first frame, or failed.</summary>
    private Task StartAsync(FlashTelling tell, CancellationToken cancel) => RootAsync("start the service", """
        systemctl enable edgeroute 2>&1
        systemctl reset-failed edgeroute 2>/dev/null
        systemctl restart --no-block edgeroute || exit 1
        while :; do
          state=$(systemctl is-active edgeroute)
          case $state in
            active) exit 0 ;;
            failed | inactive) journalctl -u edgeroute -n 20 --no-pager -o cat; exit 1 ;;
          esac
          systemctl show -p StatusText --value edgeroute
          sleep 1
        done
        """, tell, cancel);

    private async Task RootAsync(string what, string script, FlashTelling tell, CancellationToken cancel)
    {
        var result = await _link.RunAsRootAsync(script, line => tell.Progress(line.Trim()), cancel);
        if (result.ExitCode != 0)
        {
            string said = string.Join('\n', (result.Output + result.Error).Trim().Split('\n').TakeLast(20));
            throw new IOException($"could not {what} on {_link.Address} (exit code {result.ExitCode}):\n{said}");
        }
    }

    /// <summary>What only root sees of a board.</summary>
    private sealed record RootFacts(IReadOnlyDictionary<string, string> Hashes, bool IsDowngrade)
    {
        public static async Task<RootFacts> AskAsync(SshLink link, string version, CancellationToken cancel)
        {
            var answer = await link.RunAsRootAsync($$"""
                sha256sum {{Seed}} {{InForce}} 2>/dev/null
                [ ! -d {{FlashBundle.PackFolder}} ] || find {{FlashBundle.PackFolder}} -type f -exec sha256sum {} + 2>/dev/null
                now=$(dpkg-query -W -f '${Version}' edgeroute 2>/dev/null)
                [ -z "$now" ] || ! dpkg --compare-versions "$now" gt {{SshLink.Quoted(version)}} || echo downgrade
                exit 0
                """, cancel);
            if (answer.ExitCode != 0)
            {
                throw new IOException($"root is not to be had on {link.Address}: {answer.Error.Trim()}");
            }

            string[] lines = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var hashes = lines.Where(l => l.Length > 66 && l[64] == ' ').ToDictionary(l => l[66..], l => l[..64], StringComparer.Ordinal);
            return new RootFacts(hashes, lines.Contains("downgrade"));
        }
    }
}

/// <summary>How fast a copy goes and how long it will take.</summary>
internal sealed class CopyPace(long allBytes)
{
    private readonly long _start = Environment.TickCount64;
    private long _firstBytes = -1;

    public string Text(long doneBytes)
    {
        _firstBytes = _firstBytes < 0 ? doneBytes : _firstBytes;
        double seconds = (Environment.TickCount64 - _start) / 1000.0;
        double rate = seconds > 0 ? (doneBytes - _firstBytes) / seconds : 0;
        string left = rate > 0 ? string.Create(CultureInfo.InvariantCulture, $", {(allBytes - doneBytes) / rate:0} s left") : "";
        return string.Create(CultureInfo.InvariantCulture, $"copied {doneBytes >> 20} of {allBytes >> 20} MB{left}");
    }
}
