using System.Globalization;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>How the user who came in may become root.</summary>
public enum RootWay
{
    IsRoot,
    Freely,
    ByPassword,
    Never,
}

/// <summary>What a board says of itself before anything is done to it.</summary>
public sealed record BoardFacts(IReadOnlyDictionary<string, string> Words)
{
    /// <summary>Prints a word and its value a line; what a board does not have is left out. Nothing is changed.</summary>
    private const string Script = """
        say() { [ -z "$2" ] || printf '%s=%s\n' "$1" "$2"; }
        say arch "$(dpkg --print-architecture 2>/dev/null)"
        say os "$(. /etc/os-release 2>/dev/null; echo "$PRETTY_NAME")"
        say model "$(tr -d '\0' </proc/device-tree/model 2>/dev/null || cat /sys/class/dmi/id/product_name 2>/dev/null)"
        say jetpack "$(head -n 1 /etc/nv_tegra_release 2>/dev/null)"
        say glibc "$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)"
        say disk_kb "$(df -Pk /var/lib 2>/dev/null | awk 'NR == 2 { print $4 }')"
        say memory_kb "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)"
        say clock "$(date +%s)"
        say home "$HOME"
        say systemd "$([ -d /run/systemd/system ] && echo yes)"
        say apt "$(command -v apt-get)"
        say installed "$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' edgeroute 2>/dev/null | sed -n 's/^ii *//p')"
        say half_installed "$(dpkg-query -W -f '${db:Status-Abbrev}' edgeroute 2>/dev/null | grep -vE '^(ii|un|rc|pn)')"
        say active "$(systemctl is-active edgeroute 2>/dev/null)"
        say cameras "$(ls -d /dev/video* 2>/dev/null | tr '\n' ' ')"
        say libraries "$(ls -d /opt/onnxruntime/lib/libonnxruntime.so* /usr/local/lib/libonnxruntime.so* 2>/dev/null | tr '\n' ' ')"
        if [ "$(id -u)" = 0 ]; then say root is; elif sudo -n true 2>/dev/null; then say root free
        elif command -v sudo >/dev/null; then say root password; else say root never; fi
        """;

    /// <summary>Clocks of boards without a battery begin years ago; minutes between two machines hurt nothing.</summary>
    private const int ClockSecondsMost = 600;

    private const long MemoryKilobytesLeast = 300_000;

    public string Architecture => this["arch"];

    public string? Installed => Words.GetValueOrDefault("installed");

    public bool IsHalfInstalled => Words.ContainsKey("half_installed");

    public bool IsActive => this["active"] is "active" or "activating";

    public string Home => this["home"];

    public RootWay Root => this["root"] switch
    {
        "is" => RootWay.IsRoot,
        "free" => RootWay.Freely,
        "password" => RootWay.ByPassword,
        _ => RootWay.Never,
    };

    private string this[string word] => Words.GetValueOrDefault(word, "");

    /// <exception cref="IOException">The connection is lost, or the board has no shell that answers.</exception>
    internal static async Task<BoardFacts> AskAsync(SshLink link, CancellationToken cancel)
    {
        var answer = await link.RunAsync(Script, cancel);
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in answer.Output.Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal)))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            words[line[..equals]] = line[(equals + 1)..].Trim();
        }

        return words.ContainsKey("root") ? new BoardFacts(words)
            : throw new IOException($"{link.Address} runs no usual shell: {answer.Error.Trim()}");
    }

    /// <summary>A line a fact, for people.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"board: {Or("model", "unknown model")}, {Or("os", "unknown system")}, {Or("arch", "no dpkg")}, "
            + $"glibc {Or("glibc", "unknown")}";
        if (Words.ContainsKey("jetpack"))
        {
            yield return $"JetPack: {this["jetpack"].TrimStart('#', ' ')}";
        }

        yield return $"free: {Megabytes("disk_kb")} on disk, {Megabytes("memory_kb")} of memory; "
            + $"cameras: {Or("cameras", "none that V4L2 shows")}";
        yield return $"EdgeRoute: {Installed ?? "not installed"}{(Installed is null ? "" : $", service {this["active"]}")}";
    }

    /// <summary>What makes it useless to begin; each with what to do.</summary>
    /// <param name="packageBytes">Of the package to install; 0 for none.</param>
    public IEnumerable<string> Obstacles(string architecture, long packageBytes)
    {
        if (Architecture.Length == 0)
        {
            yield return "the board has no dpkg: Debian, Ubuntu, JetPack and Raspberry Pi OS have it";
        }
        else if (architecture.Length > 0 && Architecture != architecture)
        {
            yield return $"the board is {Architecture} and the package is for {architecture}; take edgeroute_*_{Architecture}.deb";
        }

        if (!Words.ContainsKey("systemd"))
        {
            yield return "systemd does not run on the board, which starts and watches the service";
        }

        if (Root == RootWay.Never)
        {
            yield return "the user may not become root: come in as root, or install sudo and add the user to its group";
        }

        long neededKb = packageBytes / 1024 * 8;
        if (Number("disk_kb") is { } free && free < neededKb)
        {
            yield return $"{free / 1024} MB are free on the disk of /var/lib; {neededKb / 1024} MB are needed";
        }
    }

    /// <summary>What is worth knowing and stops nothing.</summary>
    public IEnumerable<string> Doubts(DateTime nowUtc)
    {
        long apart = Number("clock") is { } clock ? Math.Abs(clock - (long)(nowUtc - DateTime.UnixEpoch).TotalSeconds) : 0;
        if (apart > ClockSecondsMost)
        {
            yield return $"the board's clock is {apart} s from this laptop's: times in its journal and recordings will be wrong. "
                + "'sudo timedatectl set-ntp true' sets it where there is a network";
        }

        if (Number("memory_kb") is < MemoryKilobytesLeast and { } memory)
        {
            yield return $"{memory / 1024} MB of memory are free: the small packs run in 150 MB, others may not";
        }

        if (Words.ContainsKey("jetpack") && !Words.ContainsKey("libraries"))
        {
            yield return "no ONNX Runtime with CUDA or TensorRT lies in /opt/onnxruntime/lib or /usr/local/lib: models run on the CPU. "
                + "Put the build for this JetPack there (1.17 or newer), and name it in runtime.library of the config";
        }
    }

    private string Or(string word, string otherwise) => Words.GetValueOrDefault(word, otherwise);

    private string Megabytes(string word) => Number(word) is { } kb ? $"{kb / 1024} MB" : "unknown";

    private long? Number(string word) =>
        long.TryParse(this[word], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
}
