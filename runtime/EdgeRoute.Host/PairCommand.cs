using System.CommandLine;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Host;

/// <summary>
/// <c>edgerouted pair CONFIG</c>: opens the pairing window of the running engine and shows the code, until a laptop is paired.
/// </summary>
internal static class PairCommand
{
    private const int LookMs = 300;

    public static Command Create()
    {
        var config = new Argument<string>("config") { Description = "the device config that the engine runs (YAML)" };
        var viewer = new Option<bool>("--viewer") { Description = "the laptop may look, and change nothing" };
        var admin = new Option<bool>("--admin") { Description = "the laptop may also replace config, packs and libraries, and so run any "
            + "code on this device" };
        var command = new Command("pair", """
            Opens the pairing window of the running engine for five minutes and shows the code to type on the laptop
            ('edgeroute pair ADDRESS'). Ends when a laptop is paired. Ctrl-C closes the window.
            Exit code 0: paired, 1: not, 2: the config has no control channel.

            Examples:
              edgerouted pair /etc/edgeroute/device.yaml
              edgerouted pair robot.yaml --viewer
            """) { config, viewer, admin };
        command.SetAction(parse => Run(parse.GetRequiredValue(config), RoleOf(parse.GetValue(viewer), parse.GetValue(admin))));
        return command;
    }

    private static string RoleOf(bool isViewer, bool isAdmin)
    {
        if (isViewer)
        {
            return ControlRole.Viewer;
        }

        return isAdmin ? ControlRole.Admin : ControlRole.Operator;
    }

    private static int Run(string path, string role)
    {
        var reading = DeviceConfigReader.ReadFile(path, checkPaths: false);
        if (reading.Config?.Control is not { Unix: { } socket, Tcp: not null })
        {
            Console.Error.WriteLine(reading.Config is null ? string.Join('\n', reading.Problems)
                : $"{path}: pairing needs a 'control' group with 'unix', 'tcp' and 'state'; see device-configs/README.md");
            return ExitCodes.WrongConfig;
        }

        try
        {
            using var call = new LocalCall(socket.Full);
            return Show(call, role);
        }
        catch (RpcRefusedException refused)
        {
            Console.Error.WriteLine(refused.Error.Hint is { } hint ? $"{refused.Message}; {hint}" : refused.Message);
            return ExitCodes.Missing;
        }
        catch (IOException broken)
        {
            Console.Error.WriteLine(broken.Message);
            return ExitCodes.Missing;
        }
    }

    private static int Show(LocalCall call, string role)
    {
        using var stopped = new ManualResetEventSlim();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stopped.Set();
        };
        string shown = "";
        for (var window = call.Call<PairingWindow>(ControlMethod.PairingOpen, new PairingOpenRequest { Role = role }); ;
            window = call.Call<PairingWindow>(ControlMethod.PairingStatus, new NoParameters()))
        {
            if (!window.IsOpen || window.PairedName is not null)
            {
                Console.Out.WriteLine(window.PairedName is { } name
                    ? $"paired with {name} ({role})" : "the pairing window is closed; nobody was paired");
                return window.PairedName is null ? ExitCodes.Missing : ExitCodes.Done;
            }

            if (window.Code.Length > 0 && window.Code != shown)
            {
                Console.Out.WriteLine($"{(shown.Length > 0 ? "the last code was used and is worth nothing now; " : "")}on the laptop: "
                    + $"edgeroute pair {Address(window)}");
                Console.Out.WriteLine($"code: {window.Code[..4]} {window.Code[4..]}   (once, within {window.SecondsLeft:0} s)");
                shown = window.Code;
            }

            if (stopped.Wait(LookMs))
            {
                call.Call<PairingWindow>(ControlMethod.PairingClose, new NoParameters());
                Console.Out.WriteLine("the pairing window was closed");
                return ExitCodes.Missing;
            }
        }
    }

    private static string Address(PairingWindow window) => window.Addresses.Count > 0 ? string.Join(" | ", window.Addresses) : "ADDRESS";
}
