using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>A window for pairing that was opened over ssh: who may be root there need not walk to the board's screen.</summary>
/// <param name="Code">Good once.</param>
/// <param name="Port">Where the board waits for laptops.</param>
public sealed record RemoteWindow(string Code, int Port);

/// <summary>The service of a board, reached by ssh.</summary>
public static partial class RemoteService
{
    private const string Config = "/var/lib/edgeroute/device.yaml";

    /// <summary>Of the control channel, where the device's own words name no other.</summary>
    private const int UsualPort = 7420;

    /// <summary>Opens the pairing window, and calls with its code once; ends when the window has closed.</summary>
    /// <exception cref="IOException">The engine does not run, its config has no port for laptops, or nobody was paired.</exception>
    public static async Task PairAsync(SshLink link, Func<RemoteWindow, Task> pair, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var code = new TaskCompletionSource<RemoteWindow>(TaskCreationOptions.RunContinuationsAsynchronously);
        int port = UsualPort;
        var window = link.RunAsRootAsync($"edgerouted pair {Config} --admin 2>&1", line =>
        {
            port = Address().Match(line) is { Success: true } address
                ? int.Parse(address.Groups[1].Value, CultureInfo.InvariantCulture) : port;
            if (Digits().Match(line) is { Success: true } digits)
            {
                code.TrySetResult(new RemoteWindow(digits.Groups[1].Value.Replace(" ", "", StringComparison.Ordinal), port));
            }
        }, stop.Token);
        if (await Task.WhenAny(window, code.Task) == window && !code.Task.IsCompletedSuccessfully)
        {
            throw new IOException($"{link.Address} opens no pairing window: {(await window).Output.Trim()}");
        }

        try
        {
            await pair(await code.Task);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }

        await window;
    }

    /// <summary>What there is of EdgeRoute on the board: a line a thing, with its size.</summary>
    public static async Task<IReadOnlyList<string>> RemainsAsync(SshLink link, CancellationToken cancel)
    {
        var answer = await link.RunAsRootAsync("""
            dpkg-query -W -f 'package edgeroute ${Version}, ${db:Status-Status}\n' edgeroute 2>/dev/null
            for place in /etc/edgeroute /var/lib/edgeroute /var/cache/edgeroute /usr/lib/edgeroute /usr/share/edgeroute; do
              [ ! -e $place ] || printf '%s, %s\n' $place "$(du -sh $place | cut -f 1)"
            done
            getent passwd edgeroute >/dev/null && echo 'user edgeroute'
            exit 0
            """, cancel);
        return answer.ExitCode == 0 ? answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new IOException($"root is not to be had on {link.Address}: {answer.Error.Trim()}");
    }

    /// <summary>Stops the service and removes it, with all that it kept unless that is to stay.</summary>
    /// <exception cref="IOException">dpkg refuses.</exception>
    public static async Task RemoveAsync(SshLink link, bool keepsState, CancellationToken cancel)
    {
        string verb = keepsState ? "--remove" : "--purge", places = keepsState ? "" : "rm -rf /var/cache/edgeroute\n";
        var answer = await link.RunAsRootAsync($$"""
            set -e
            export DEBIAN_FRONTEND=noninteractive
            systemctl disable --now edgeroute 2>/dev/null || true
            if dpkg-query -W edgeroute >/dev/null 2>&1; then dpkg {{verb}} edgeroute 2>&1; fi
            {{places}}rm -rf -- "$HOME/.cache/edgeroute-flash"
            """, cancel);
        if (answer.ExitCode != 0)
        {
            throw new IOException($"could not remove the package from {link.Address}:\n{(answer.Output + answer.Error).Trim()}");
        }
    }

    /// <summary>Whether the package of a version lies on the board.</summary>
    public static async Task<bool> HasKeptAsync(SshLink link, string version, string architecture, CancellationToken cancel) =>
        (await link.RunAsRootAsync($"[ -e {SshLink.Quoted(KeptPlace(version, architecture))} ]", cancel)).ExitCode == 0;

    /// <summary>Installs a version whose package was kept, and starts it.</summary>
    /// <exception cref="IOException">dpkg or the service refuses.</exception>
    public static async Task GoBackAsync(SshLink link, string version, string architecture, Action<string> told, CancellationToken cancel)
    {
        var answer = await link.RunAsRootAsync($"""
            set -e
            export DEBIAN_FRONTEND=noninteractive EDGEROUTE_NO_START=1
            dpkg -i -- {SshLink.Quoted(KeptPlace(version, architecture))} 2>&1
            systemctl reset-failed edgeroute 2>/dev/null || true
            systemctl restart edgeroute 2>&1
            """, told, cancel);
        if (answer.ExitCode != 0)
        {
            throw new IOException($"could not put {version} back on {link.Address}:\n{(answer.Output + answer.Error).Trim()}");
        }
    }

    private static string KeptPlace(string version, string architecture) =>
        $"{FlashRun.KeptFolder}/edgeroute_{version}_{architecture}.deb";

    /// <summary>How the service stands and what it said last, for who finds it not answering.</summary>
    public static async Task<string> TroubleAsync(SshLink link, CancellationToken cancel) => (await link.RunAsRootAsync(
        "systemctl status edgeroute --no-pager -n 0 2>&1 | head -n 5; "
        + "journalctl -u edgeroute -n 10 --no-pager -o cat 2>&1", cancel)).Output.Trim();

    [GeneratedRegex(@"edgeroute pair \S*:(\d+)")]
    private static partial Regex Address();

    [GeneratedRegex(@"^code: (\d{4} \d+)")]
    private static partial Regex Digits();
}
