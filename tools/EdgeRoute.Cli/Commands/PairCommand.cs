using System.CommandLine;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Cli.Trust;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute pair</c>: makes this laptop and a device know each other.</summary>
internal static class PairCommand
{
    private static readonly Argument<string> Host = new("host") { Description = "the device's name or address on the network, with :PORT "
        + "where it is not the usual one",
        HelpName = "HOST[:PORT]" };
    private static readonly Option<string?> Name = new("--name") { Description = "what to call the device here; default: as it calls "
        + "itself", HelpName = "NAME" };
    private static readonly Option<string?> As = new("--as") { Description = "what the device's owner sees of this laptop; default: "
        + "user@machine", HelpName = "NAME" };
    private static readonly Option<string?> Code = new("--code") { Description = "the code; without, it is asked for",
        HelpName = "DIGITS" };

    public static Command Create()
    {
        var command = new Command("pair", """
            Pairs this laptop with a device, once. Run 'edgerouted pair' on the device, and type the code that it shows here; both then keep
            each other's key, and nobody in between can take part.

            Examples:
              edgeroute pair robot.local
              edgeroute pair 192.168.1.40:7420 --name robot3
              edgeroute pair robot.local --code 31415926
            """) { Host, Name, As, Code };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => RunAsync(parsed, console).GetAwaiter().GetResult(), "stopped; nothing was paired");
        });
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, WorkConsole console)
    {
        var address = DeviceAddress.Parse(parsed.GetValue(Host)!);
        if (address.SocketPath is not null)
        {
            console.Say($"a Unix socket needs no pairing: use it with --device {address}");
            return WorkConsole.Refused;
        }

        string folder = UserFolder.Config();
        string ownName = parsed.GetValue(As) ?? DeviceClient.ClientName;
        using var laptop = LaptopIdentity.LoadOrCreate(folder, ownName);
        string? code = parsed.GetValue(Code), pinned = null;
        if (code is null)
        {
            (code, pinned) = await AskAsync(console, address, laptop, ownName);
        }

        var (device, role) = await PairAsync(address, laptop, code, pinned, parsed.GetValue(Name), ownName, console.Cancel);
        Console.Out.WriteLine($"paired with '{device.Name}' at {address} as {role}; key {device.Fingerprint![..16]}");
        Console.Out.WriteLine($"try: edgeroute top --device {device.Name}");
        return WorkConsole.Done;
    }

    /// <summary>Pairs by a code that is known, and keeps the device.</summary>
    /// <param name="pinned">Fingerprint that the device must show; null for any, which the code then proves.</param>
    /// <param name="name">What to call it; null: as it calls itself.</param>
    public static async Task<PairedDevice> PairAsync(DeviceAddress address, LaptopIdentity laptop, string code, string? pinned,
        string? name, string ownName, CancellationToken cancel)
    {
        var call = await TcpConnector.ConnectAsync(address, laptop, pinned, cancel);
        await using var client = await DeviceClient.GreetAsync(call.Stream, address.ToString(), cancel);
        var offer = await BeginAsync(client, ownName, cancel);
        await PairingExchange.RunAsync(client, offer, PlainCode(code), laptop.Fingerprint, call.DeviceFingerprint, cancel);
        string kept = name ?? (client.Welcome.Device.Length > 0 ? client.Welcome.Device : address.Host);
        var device = new KnownDevice(kept, address.ToString(), call.DeviceFingerprint, DateTime.UtcNow);
        DeviceStore.Load(UserFolder.Config()).Add(device);
        return new PairedDevice(device, offer.Role);
    }

    /// <summary>People type codes in groups.</summary>
    private static string PlainCode(string text) => text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "",
        StringComparison.Ordinal).Trim();

    private static Task<PairingOfferMessage> BeginAsync(DeviceClient client, string ownName, CancellationToken cancel) =>
        client.RequestAsync<PairingOfferMessage>(ControlMethod.PairBegin, new NamedRequest { Name = ownName }, null, cancel);

    /// <summary>
    /// Asks the person for the code that the device shows. The device is asked first whether it pairs at all, on a connection that is
    /// closed before the typing: a person may take longer than a device keeps a stranger's place.
    /// </summary>
    /// <returns>The code, and the key of the device that was asked for it, which has to be the one that gets it.</returns>
    private static async Task<(string Code, string Pinned)> AskAsync(WorkConsole console, DeviceAddress address, LaptopIdentity laptop,
        string ownName)
    {
        var call = await TcpConnector.ConnectAsync(address, laptop, null, console.Cancel);
        await using (var client = await DeviceClient.GreetAsync(call.Stream, address.ToString(), console.Cancel))
        {
            var offer = await BeginAsync(client, ownName, console.Cancel);
            Console.Error.Write($"code of {offer.DigitCount} digits that '{client.Welcome.Device}' shows: ");
        }

        var line = Task.Run(Console.In.ReadLine);
        string code = await line.WaitAsync(console.Cancel)
            ?? throw new ArgumentException("no code was typed; give it with --code where nobody can type");
        return (code, call.DeviceFingerprint);
    }
}

/// <summary>A device that this laptop was just paired with, and what it may do there.</summary>
internal sealed record PairedDevice(KnownDevice Device, string Role)
{
    public string Name => Device.Name;
}
