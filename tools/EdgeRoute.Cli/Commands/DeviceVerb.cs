using System.CommandLine;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;

namespace EdgeRoute.Cli.Commands;

/// <summary>
/// What all commands that talk to a device have in common: which device, JSON, and refusals as one line and an exit code.
/// </summary>
internal static class DeviceVerb
{
    public static readonly Option<string?> Device = new("--device", "-d")
    {
        Description = $"paired device by name, host:port, or unix:PATH; else {DeviceFinder.Variable}, else the default or only paired "
            + "device, else this machine's own",
        HelpName = "DEVICE",
    };

    public static readonly Option<bool> Json = new("--json") { Description = "the device's whole answer as JSON on standard output" };

    /// <param name="help">What it does; its first sentence stands in lists, and lines after "Examples:" come last.</param>
    /// <param name="symbols">Its own arguments and options.</param>
    public static Command Create(string name, string help, Func<DeviceCall, Task<int>> work, params Symbol[] symbols)
    {
        var command = new Command(name, help);
        AddTo(command, symbols);
        command.Options.Add(Device);
        command.Options.Add(Json);
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => work(new DeviceCall(parsed, console, new DeviceFinder())).GetAwaiter().GetResult(), "stopped");
        });
        return command;
    }

    /// <summary>A command that only holds others; without one of them it shows its help.</summary>
    public static Command Group(string name, string help, params Command[] commands)
    {
        var group = new Command(name, help) { Action = new HelpPrinter() };
        Array.ForEach(commands, group.Subcommands.Add);
        return group;
    }

    private static void AddTo(Command command, Symbol[] symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Option option:
                    command.Options.Add(option);
                    break;
                default:
                    command.Subcommands.Add((Command)symbol);
                    break;
            }
        }
    }
}
