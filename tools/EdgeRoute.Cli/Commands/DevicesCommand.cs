using System.CommandLine;
using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Cli.Trust;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute devices</c>: the devices that this laptop knows.</summary>
internal static class DevicesCommand
{
    private static readonly Argument<string> DeviceName = new("name") { Description = "the device, as 'edgeroute devices' calls it" };
    private static readonly JsonSerializerOptions JsonFormat = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true };

    public static Command Create()
    {
        var devices = Verb("devices", """
            Lists the devices that this laptop is paired with. 'near' looks for those on this network, 'default' chooses the one that
            commands mean, 'remove' forgets one.

            Examples:
              edgeroute devices
              edgeroute devices near
              edgeroute devices default robot3
              edgeroute devices remove old-robot
            """, (_, parsed) => List(parsed), DeviceVerb.Json);
        devices.Subcommands.Add(Verb("list", """
            Lists the devices that this laptop is paired with.

            Examples:
              edgeroute devices list --json
            """, (_, parsed) => List(parsed), DeviceVerb.Json));
        devices.Subcommands.Add(Verb("near", """
            Lists the devices on this network that say they are there ('control.announce' in their config), paired or not. Avahi finds them.

            Examples:
              edgeroute devices near
              edgeroute devices near --json
            """, (_, parsed) => Near(parsed), DeviceVerb.Json));
        devices.Subcommands.Add(Verb("default", """
            Chooses the device that commands mean where none is named.

            Examples:
              edgeroute devices default robot3
            """, (console, parsed) => SetDefault(console, parsed.GetValue(DeviceName)!), DeviceName));
        devices.Subcommands.Add(Verb("remove", """
            Forgets a device. The device goes on knowing this laptop until 'edgeroute clients revoke'.

            Examples:
              edgeroute devices remove old-robot
            """, (console, parsed) => Remove(console, parsed.GetValue(DeviceName)!), DeviceName));
        return devices;
    }

    private static Command Verb(string name, string help, Func<WorkConsole, ParseResult, int> work, Symbol symbol)
    {
        var command = new Command(name, help);
        if (symbol is Argument argument)
        {
            command.Arguments.Add(argument);
        }
        else
        {
            command.Options.Add((Option)symbol);
        }

        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => work(console, parsed), "stopped");
        });
        return command;
    }

    private static DeviceStore Store() => DeviceStore.Load(UserFolder.Config());

    private static int List(ParseResult parsed)
    {
        var store = Store();
        if (parsed.GetValue(DeviceVerb.Json))
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new { Default = store.Default?.Name, store.Devices }, JsonFormat));
            return WorkConsole.Done;
        }

        var table = new TextTable("device", "address", "paired", "key", "");
        foreach (var device in store.Devices)
        {
            string paired = device.PairedUtc.ToLocalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
            table.Add(device.Name, device.Address, paired, device.Fingerprint?[..16] ?? FigureText.None,
                device == store.Default ? "default" : "");
        }

        table.Show("no device is paired; run 'edgerouted pair' on one and 'edgeroute pair HOST' here");
        return WorkConsole.Done;
    }

    private static int Near(ParseResult parsed)
    {
        var store = Store();
        var found = NearbyDevices.Look();
        if (parsed.GetValue(DeviceVerb.Json))
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new
            {
                Devices = found.Select(f => new { f.Name, f.Address, f.Key, PairedAs = f.KnownAs(store.Devices) }),
            }, JsonFormat));
            return WorkConsole.Done;
        }

        var table = new TextTable("device", "address", "paired as", "");
        foreach (var device in found)
        {
            string? known = device.KnownAs(store.Devices);
            table.Add(device.Name, device.Address, known ?? FigureText.None, known is null ? $"edgeroute pair {device.Address}" : "");
        }

        table.Show("no device near says that it is there; one does with 'announce: true' under 'control' of its config");
        return WorkConsole.Done;
    }

    private static int SetDefault(WorkConsole console, string name)
    {
        Store().SetDefault(name);
        console.Say($"commands without --device now mean '{name}'");
        return WorkConsole.Done;
    }

    private static int Remove(WorkConsole console, string name)
    {
        bool isRemoved = Store().Remove(name);
        console.Say(isRemoved
            ? $"'{name}' is forgotten here; on the device this laptop is still known until 'edgeroute clients revoke'"
            : $"no device is called '{name}'");
        return isRemoved ? WorkConsole.Done : WorkConsole.Refused;
    }
}
