using System.CommandLine;
using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Cli.Trust;
using EdgeRoute.Workbench.Flashing;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute uninstall</c>: shows what there is of EdgeRoute on a board, and removes it.</summary>
internal static class UninstallCommand
{
    private static readonly Option<bool> KeepState = new("--keep-state") { Description = "leave configs, keys, packs and recordings for a "
        + "later installation" };

    public static Command Create()
    {
        var command = new Command("uninstall", """
            Removes EdgeRoute from a board over ssh: shows what is there, asks, stops the service and purges the package with all that it
            kept. This laptop forgets the device.

            Exit code: 0 nothing is left, or nothing was there; 1 it failed; 2 it was not agreed to.

            Examples:
              edgeroute uninstall nvidia@robot.local
              edgeroute uninstall nvidia@robot.local --keep-state --yes
            """) { BoardAccess.Host, KeepState, BoardAccess.Identity, BoardAccess.Fingerprint, BoardAccess.DryRun, BoardAccess.Yes,
            BoardAccess.Json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => RunAsync(parsed, console).GetAwaiter().GetResult(), "stopped; run it again to go on");
        });
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, WorkConsole console)
    {
        var (link, _) = await BoardAccess.OpenAsync(parsed, console);
        using (link)
        {
            bool isDry = parsed.GetValue(BoardAccess.DryRun);
            var before = await RemoteService.RemainsAsync(link, console.Cancel);
            console.Say(before.Count == 0 ? $"there is nothing of EdgeRoute on {link.Address}" : $"on {link.Address}:");
            before.ToList().ForEach(l => console.Say("  " + ScreenText.LineOf(l)));
            if (!isDry && before.Count > 0)
            {
                if (!BoardAccess.IsAgreed(parsed, console, parsed.GetValue(KeepState) ? "remove the program?" : "remove all of this?"))
                {
                    return WorkConsole.Refused;
                }

                await RemoteService.RemoveAsync(link, parsed.GetValue(KeepState), console.Cancel);
            }

            var after = isDry ? before : await RemoteService.RemainsAsync(link, console.Cancel);
            if (!isDry && !parsed.GetValue(KeepState))
            {
                Forget(console, link.Address.Host);
            }

            if (!isDry)
            {
                console.Say(after.Count == 0 ? "nothing is left" : $"left: {ScreenText.LineOf(string.Join("; ", after))}");
            }

            if (parsed.GetValue(BoardAccess.Json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(new { dry_run = isDry, before, after }));
            }

            return isDry || parsed.GetValue(KeepState) || after.Count == 0 ? WorkConsole.Done : WorkConsole.Failed;
        }
    }

    private static void Forget(WorkConsole console, string host)
    {
        var store = DeviceStore.Load(UserFolder.Config());
        foreach (string name in store.Devices.Where(d => !d.IsUnixSocket && DeviceAddress.Parse(d.Address).Host == host).Select(d => d.Name)
            .ToList())
        {
            store.Remove(name);
            console.Say($"this laptop forgets '{name}'");
        }
    }
}
