using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Workbench.Flashing;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute upgrade</c>: another version on a board that runs, taken back where it does not serve as well.</summary>
internal static class UpgradeCommand
{
    private static readonly Option<string> Trial = new("--trial") { Description = "how long the new version is watched",
        HelpName = "DURATION",        DefaultValueFactory = _ => "60s" };
    private static readonly Option<bool> NoWayBack = new("--no-way-back") { Description = "also where the package of the version before is "
        + "not kept on the board" };

    /// <summary>A fifth of the trial, but no longer: how the version before serves.</summary>
    private static readonly TimeSpan BeforeMost = TimeSpan.FromSeconds(10);

    /// <summary>A device that starts answers again within seconds; one that does not has failed its trial.</summary>
    private static readonly TimeSpan SilenceMost = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var command = new Command("upgrade", """
            Installs another version over ssh on a board that runs one, and watches it over the control channel: frames must flow as fast as
            before, no later, and no more of them may fail. Else the version before is installed again. Config, keys and packs stay.

            Exit code: 0 the new version serves; 1 something is missing or failed; 2 refused; 5 the version before was put back.

            Examples:
              edgeroute upgrade nvidia@robot.local
              edgeroute upgrade nvidia@robot.local --package out/packages --trial 5m --yes
            """) { BoardAccess.Host, FlashCommand.Package, Trial, NoWayBack, FlashCommand.Downgrade, BoardAccess.Identity,
            BoardAccess.Fingerprint, BoardAccess.DryRun, BoardAccess.Yes, BoardAccess.Json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => RunAsync(parsed, console).GetAwaiter().GetResult(),
                "stopped; run it again to go on, or 'edgeroute flash' with the version that is to stay");
        });
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, WorkConsole console)
    {
        double trialSeconds = DurationText.Seconds(parsed.GetValue(Trial)!);
        var (link, facts) = await BoardAccess.OpenAsync(parsed, console);
        using var open = link;
        string before = facts.Installed ?? throw new IOException($"{link.Address} has no EdgeRoute; 'edgeroute flash' installs it");
        var bundle = FlashBundle.Of(FlashCommand.FindPackage(parsed.GetValue(FlashCommand.Package), facts.Architecture), null);
        string[] obstacles = [.. facts.Obstacles(bundle.Architecture, bundle.Package.Bytes)];
        if (obstacles.Length > 0)
        {
            throw new IOException(string.Join('\n', obstacles));
        }

        var plan = await FlashRun.PlanAsync(link, facts, bundle, Path.GetTempPath(), console.Cancel);
        bool canGoBack = await RemoteService.HasKeptAsync(link, before, facts.Architecture, console.Cancel);
        console.Say($"{link.Address}: {before} runs; "
            + $"{(before == bundle.Version ? "that is the package's version" : $"{bundle.Version} comes")}"
            + $"{(canGoBack ? "" : "; the package of before is not kept there")}");
        if (before == bundle.Version && !facts.IsHalfInstalled)
        {
            return Tell(parsed, before, before, null, WorkConsole.Done);
        }

        bool isAllowed = (canGoBack || parsed.GetValue(NoWayBack))
            && (plan.DowngradeFrom is null || parsed.GetValue(FlashCommand.Downgrade));
        if (!isAllowed)
        {
            console.Say(plan.DowngradeFrom is not null ? "that is older: say --allow-downgrade"
                : "there would be nothing to go back to: 'edgeroute flash' it once, which keeps its package, or say --no-way-back");
            return WorkConsole.Refused;
        }

        if (parsed.GetValue(BoardAccess.DryRun))
        {
            return Tell(parsed, before, before, null, WorkConsole.Done);
        }

        if (!BoardAccess.IsAgreed(parsed, console, $"install {bundle.Version}?"))
        {
            return WorkConsole.Refused;
        }

        string device = await FlashCommand.PairAsync(parsed, console, link);
        string? fault = await TryAsync(console, plan, device, trialSeconds);
        if (fault is not null && !canGoBack)
        {
            console.Say($"{ScreenText.Of(fault)}; there is no package of before to put back");
            return Tell(parsed, before, bundle.Version, fault, WorkConsole.Failed);
        }

        return await SettleAsync(parsed, console, link, facts, bundle, fault);
    }

    private static async Task<int> SettleAsync(ParseResult parsed, WorkConsole console, SshLink link, BoardFacts facts, FlashBundle bundle,
        string? fault)
    {
        string before = facts.Installed!;
        if (fault is null)
        {
            console.Say($"{bundle.Version} serves as well as {before} did");
            return Tell(parsed, before, bundle.Version, null, WorkConsole.Done);
        }

        console.Say($"{ScreenText.Of(fault)}; {before} is put back");
        await RemoteService.GoBackAsync(link, before, facts.Architecture, console.Show, console.Cancel);
        console.Say($"{before} runs again");
        return Tell(parsed, before, before, fault, WorkConsole.RolledBack);
    }

    private static int Tell(ParseResult parsed, string before, string now, string? fault, int code)
    {
        if (parsed.GetValue(BoardAccess.Json))
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new { before, now, fault }));
        }

        return code;
    }

    /// <summary>Why the new version does not serve; null where it does.</summary>
    private static async Task<string?> TryAsync(WorkConsole console, FlashRun plan, string device, double trialSeconds)
    {
        var dial = new DeviceFinder().Find(device);
        console.Say("==> look how the version before serves");
        var before = await WatchAsync(console, dial, Math.Min(trialSeconds / 5, BeforeMost.TotalSeconds));
        try
        {
            await plan.RunAsync(new FlashTelling(s => console.Say($"==> {s.Words}"), console.Show), console.Cancel);
            console.Say(string.Create(CultureInfo.InvariantCulture, $"==> watch it for {trialSeconds:0} s"));
            return UpgradeJudge.FindFault(before, await WatchAsync(console, dial, trialSeconds));
        }
        catch (Exception failed) when (failed is IOException or InvalidDataException)
        {
            return failed.Message;
        }
    }

    /// <exception cref="IOException">The device does not answer for long, or starts again and again.</exception>
    private static async Task<IReadOnlyList<StreamHealth>> WatchAsync(WorkConsole console, Func<CancellationToken, Task<DeviceClient>> dial,
        double seconds)
    {
        var clock = Stopwatch.StartNew();
        DeviceStatus? first = null, last = null;
        for (var silence = new Stopwatch(); first is null || last!.UptimeS - first.UptimeS < seconds;)
        {
            try
            {
                await using var client = await dial(console.Cancel);
                last = await client.RequestAsync<DeviceStatus>(ControlMethod.Status, null, null, console.Cancel);
                if (first is not null && last.UptimeS < first.UptimeS)
                {
                    throw new InvalidDataException($"the device started again after {first.UptimeS:0} s");
                }

                first ??= last;
                silence.Reset();
                console.Show(string.Create(CultureInfo.InvariantCulture, $"watched for {clock.Elapsed.TotalSeconds:0} of {seconds:0} s"));
            }
            catch (DeviceLostException lost)
            {
                silence.Start();
                if (silence.Elapsed > SilenceMost)
                {
                    throw new IOException(lost.Message, lost);
                }
            }

            await Task.Delay(Pause, console.Cancel);
        }

        return UpgradeJudge.Measure(first, last!);
    }
}
