using System.CommandLine;
using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary>Single requests: <c>clients</c>, <c>doctor</c>, <c>shutdown</c>, <c>episode</c>, <c>snapshot</c>.</summary>
internal static class DeviceCommands
{
    private static readonly Argument<string> Client = new("client") { Description = "name of the client, or the beginning of its "
        + "fingerprint" };
    private static readonly Argument<string> Role = new("role") { Description = "viewer, operator or admin" };
    private static readonly Argument<string?> Stream = StreamArguments.OptionalStream();
    private static readonly Option<bool> Restart = new("--restart") { Description = "start again, with the config file as it is then" };
    private static readonly Option<bool> Plain = new("--plain") { Description = "the picture as captured, without boxes, path and reason" };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "the JPEG file to write; an existing one is replaced",
        HelpName = "FILE.jpg", Required = true };

    public static Command Clients() => DeviceVerb.Create("clients", """
        Lists the laptops that a device knows. 'revoke' makes it forget one, 'role' lets one see only, or change things as well.

        Examples:
          edgeroute clients
          edgeroute clients revoke old-laptop
          edgeroute clients role anna viewer
        """, call => call.ShowAsync<ClientList>(ControlMethod.Clients, null, ShowClients),
        DeviceVerb.Create("list", """
            Lists the laptops that a device knows.

            Examples:
              edgeroute clients list --json
            """, call => call.ShowAsync<ClientList>(ControlMethod.Clients, null, ShowClients)),
        DeviceVerb.Create("revoke", """
            Makes the device forget a laptop, and closes its connections.

            Examples:
              edgeroute clients revoke old-laptop
            """, call => call.ShowAsync<DoneReply>(ControlMethod.ClientRevoke, new NamedRequest { Name = call.Get(Client)! }, ShowDone),
            Client),
        DeviceVerb.Create("role", """
            Changes what a laptop may do: a viewer sees, an operator sets budgets and policies and records, an
            admin also replaces config and packs.

            Examples:
              edgeroute clients role anna viewer
            """, call => call.ShowAsync<DoneReply>(
                ControlMethod.ClientRole, new ClientRoleRequest { Name = call.Get(Client)!, Role = call.Get(Role)! }, ShowDone),
                Client, Role));

    public static Command Doctor() => DeviceVerb.Create("doctor", """
        Asks the device to examine itself: libraries, providers, cameras, sensors, packs, and what to do where something is wrong.

        Examples:
          edgeroute doctor
          edgeroute doctor --json
        """, DoctorAsync);

    public static Command Shutdown() => DeviceVerb.Create("shutdown", """
        Ends the runtime cleanly: recordings are closed, the tally is written. With --restart it starts again.

        Examples:
          edgeroute shutdown
          edgeroute shutdown --restart --reason "new camera"
        """, call => call.ShowAsync<DoneReply>(
            ControlMethod.Shutdown, new ShutdownRequest { Restarts = call.Get(Restart), Reason = call.Get(ChangeCall.Reason) ?? "" },
            ShowDone), Restart, ChangeCall.Reason);

    public static Command Episode() => DeviceVerb.Create("episode", """
        Begins an episode of a stream with its next frame: what it may spend per episode starts anew.
        Another instruction does so by itself.

        Examples:
          edgeroute episode
          edgeroute episode arm
        """, call => call.ShowAsync<DoneReply>(ControlMethod.EpisodeBegin, new StreamRequest { Stream = call.Get(Stream) ?? "" },
            ShowDone), Stream);

    public static Command Snapshot() => DeviceVerb.Create("snapshot", """
        Saves the next frame that ends as a JPEG, with boxes or labels, path and reason drawn in.

        Examples:
          edgeroute snapshot --out now.jpg
          edgeroute snapshot front --out front.jpg --plain
        """, SnapshotAsync, Stream, Out, Plain);

    public static void ShowDone(DoneReply reply) => Console.Out.WriteLine(reply.Text.Length == 0 ? "done" : reply.Text);

    private static void ShowClients(ClientList list)
    {
        var table = new TextTable("client", "role", "paired", "connected", "fingerprint");
        list.Clients.ForEach(c => table.Add(c.Name, c.Role, FigureText.Date(c.PairedUtcNs), c.IsConnected ? "yes" : "no",
            c.Fingerprint[..Math.Min(16, c.Fingerprint.Length)]));
        table.Show("no laptop is paired; 'edgerouted pair' on the device shows a code, 'edgeroute pair HOST' takes it");
    }

    private static async Task<int> SnapshotAsync(DeviceCall call)
    {
        string path = call.Get(Out)!;
        await using var client = await call.ConnectAsync();
        var request = new SnapshotRequest { Stream = call.Get(Stream) ?? "", IsAnnotated = !call.Get(Plain) };
        var reply = await client.RequestAsync<SnapshotReply>(ControlMethod.Snapshot, request, null, call.Cancel);
        await File.WriteAllBytesAsync(path, reply.Jpeg, call.Cancel);
        if (call.WantsJson)
        {
            // The picture is in the file; as text it would only bury the rest.
            reply.Jpeg = [];
            Console.Out.WriteLine(DeviceCall.JsonOf(reply));
            return WorkConsole.Done;
        }

        Console.Out.WriteLine($"wrote {path}: frame {reply.Sequence} of '{reply.Stream}', {reply.Path}, "
            + $"{FigureText.Bytes(new FileInfo(path).Length)}");
        return WorkConsole.Done;
    }

    private static async Task<int> DoctorAsync(DeviceCall call)
    {
        await using var client = await call.ConnectAsync();
        var reply = await client.RequestAsync<JsonReply>(ControlMethod.Doctor, null, DeviceClient.LongTimeLimit, call.Cancel);
        if (call.WantsJson)
        {
            Console.Out.WriteLine(reply.Json);
            return WorkConsole.Done;
        }

        using var document = JsonDocument.Parse(reply.Json);
        JsonText.Lines(document.RootElement).ForEach(Console.Out.WriteLine);
        return WorkConsole.Done;
    }
}
